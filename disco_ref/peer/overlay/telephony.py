"""SIP in an overlay: an element whose ways are links of AppAttach, inside of a node (RFC 7904, from memory).

The element is that of :mod:`disco_ref.peer.element`, with any core above it; its effects become actions of the node.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import assert_never

from disco_ref.clock import Instant
from disco_ref.peer.effects import Deliver, Effect, Locate, Note, Shut, Transmit
from disco_ref.peer.element import Core, Element
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.routing import Routing
from disco_ref.reload.actions import About, Action, HangUp, Incoming, Pass, Remark, SetTimer, Tell
from disco_ref.reload.registries import ApplicationId
from disco_ref.reload.room import Quiet
from disco_ref.sip import actions as sip
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.transport.listening import listening
from disco_ref.usage.calling import Calling, NotReached, Reached


class OverlayElement(Quiet):
    """A SIP element that nothing of the network reaches but its links; :class:`disco_ref.usage.calling.SipOverLinks`."""

    __slots__ = ("_due", "_links", "_routing", "_spoken", "calling", "element")

    def __init__(self, core: Core, peer: Peer, host: str) -> None:
        """``host`` is the address of the node: what Via says; answers come back by the link in any case.

        The node takes AppAttaches for SIP from now on.
        """
        member = peer.member
        self.calling = Calling(member, peer.chord, self)
        """From addresses-of-record to flows."""
        # = rfc7904:7/0 silent: DTLS over UDP is none of the transports that a sips URI may take (RFC 3261, section 26.2.2)
        streams = member.overlay.configuration.no_ice
        self._spoken = (ApplicationId.SIP, ApplicationId.SIP_5061) if streams else (ApplicationId.SIP,)
        for application in self._spoken:
            peer.applications.register(application, self.calling)
        self._routing = Routing(core, lambda: self.calling, lambda: member.overlay.context)
        self.element = Element((), self._routing, member.entropy)
        ways = ((Transport.TCP, 5060), (Transport.TLS, 5061)) if streams else ((Transport.UDP, 5060),)
        self.element.listen([listening(each, Address(host, port), dials=True) for each, port in ways])
        self._links: dict[Address, Flow] = {}
        """The flows by the address of their other end, for what is sent to an address."""
        self._due: Instant | None = None

    def perform(self, actions: Sequence[sip.Action], now: Instant) -> list[Action]:
        """What a user of the element wants; requests find their way by their targets."""
        return self._carried(self.element.perform(self._routing.routed(actions), now), now)

    # --- as what speaks SIP over links

    def opened(self, flow: Flow, now: Instant) -> list[Action]:
        """A link is up."""
        self._links[flow.remote] = flow
        opened = [] if flow.transport is Transport.UDP else self.element.opened((), flow, now)
        return self._carried(opened, now)

    def received(self, octets: bytes, flow: Flow, now: Instant) -> list[Action]:
        """It has brought octets."""
        return self._carried(self.element.receive(octets, flow, now), now)

    def closed(self, flow: Flow, why: str, now: Instant) -> list[Action]:
        """It is gone."""
        if self._links.get(flow.remote) == flow:
            del self._links[flow.remote]
        return self._carried(self.element.closed(flow, why, now), now)

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """No request is its."""
        raise RuntimeError("no request is an element's")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """Something of the element is due."""
        self._due = None
        return self._carried(self.element.expire(now), now)

    # --- effects of the element, as actions of the node

    def _carried(self, effects: Iterable[Effect], now: Instant) -> list[Action]:
        actions: list[Action] = []
        waiting = deque(effects)
        while waiting:
            match waiting.popleft():
                case Transmit() as transmit:
                    waiting.extend(self._transmitted(transmit, actions, now))
                case Locate(question):
                    # there are no names in an overlay but those that are looked up before
                    waiting.extend(self.element.located(question, (), now))
                case Shut(flow):
                    actions.append(HangUp(flow.number, "the element closes it"))
                case Deliver(event):
                    actions.append(Tell(event))
                case Note(level, text, fields):
                    actions.append(Remark(level, text, fields))
                case _ as never:
                    assert_never(never)
        fresh, self._routing.fresh = self._routing.fresh, []
        for number in fresh:
            actions += self._sought(number, now)
        if self.element.deadline != self._due:
            self._due = self.element.deadline
            actions.append(SetTimer(self, ("element",), self._due))
        return actions

    def _sought(self, number: int, now: Instant) -> list[Action]:
        """A link for a request that waits for one."""
        held = self._routing.held.get(number)
        if held is None:
            return []
        if held.application not in self._spoken:
            del self._routing.held[number]
            why = Remark("warning", f"{held.target} is not reached: links of this overlay carry no sips")
            return [why, *self._carried(self.element.perform([held.action._replace(flow=None)], now), now)]

        def then(event: Reached | NotReached, at: Instant) -> list[Action]:
            waiting = self._routing.held.pop(number, None)
            if waiting is None:
                return []
            if isinstance(event, Reached):
                return self._carried(self.element.perform([waiting.action._replace(flow=event.flow)], at), at)
            why = Remark("warning", f"{event.target} is not reached: {event.why}")
            return [why, *self._carried(self.element.perform([waiting.action._replace(flow=None)], at), at)]

        return self.calling.reach(("sip", number), held.target, now, application=held.application, then=then)

    def _transmitted(self, transmit: Transmit, actions: list[Action], now: Instant) -> list[Effect]:
        """Octets go over a link that is up; where there is none the element hears of it."""
        flow = transmit.flow
        if flow is None or self._links.get(flow.remote) != flow:
            flow = None if transmit.hop is None else self._links.get(transmit.hop.address)
        if flow is not None:
            actions.append(Pass(flow.number, transmit.octets))
            return []
        if not transmit.handle:
            return []
        return self.element.undelivered(transmit.handle, "no link leads there", now, transmit.octets)
