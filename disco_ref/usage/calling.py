"""From an address-of-record to a way for SIP: look-up, AppAttach, flow (RFC 7904, from memory: the text is not at hand).

Application-ID 5060 is SIP as it is, 5061 SIP that calls itself secure; each has a link of its own.  Where links are streams, one
is as good as TCP or TLS; where they are datagrams, because ICE has made them, 5060 is as good as UDP, and SIP knows nothing that
5061 could be.  A link is shared by all that goes to the same node, and kept alive by the side that has wanted it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Refusal
from disco_ref.reload.actions import About, Action, ConnectApplication, HangUp, Incoming, Link, Pass, SetTimer, Tell
from disco_ref.reload.forwarding.app_attaching import ApplicationLink
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import ApplicationId
from disco_ref.reload.room import Quiet
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.uri import Uri
from disco_ref.usage.address_of_record import leading_to_a_node, way_of_gruu
from disco_ref.usage.locating import Locating, NotRegistered, Route

# = rfc6940:6.5.2.1/0
ALIVE = Duration(25.0)
"""Seconds between two signs of life on a link (section 6.5.2.1)."""

SIGN = b"\r\n\r\n"
"""What says so: line ends between messages mean nothing (RFC 3261, section 7.5)."""

TRANSPORTS = {ApplicationId.SIP: Transport.TCP, ApplicationId.SIP_5061: Transport.TLS}
"""What SIP takes a link for."""


class Reached(NamedTuple):
    """There is a way to whom was asked for."""

    about: About
    target: str
    """The URI that was asked for."""
    flow: Flow
    """What SIP goes over."""
    node_id: bytes
    """Who is there."""


class NotReached(NamedTuple):
    """There is no way to whom was asked for."""

    about: About
    target: str
    why: Refusal


Then = Callable[[Reached | NotReached, Instant], list[Action]]
"""What is done when it is known."""


def tell(event: Reached | NotReached, now: Instant) -> list[Action]:
    """Whoever runs the node is told."""
    return [Tell(event)]


class SipOverLinks(Protocol):
    """What speaks SIP over links; each method returns what the node shall do."""

    def opened(self, flow: Flow, now: Instant) -> list[Action]:
        """A link is up; the number of the flow is that of the link."""

    def received(self, octets: bytes, flow: Flow, now: Instant) -> list[Action]:
        """It has brought octets."""

    def closed(self, flow: Flow, why: str, now: Instant) -> list[Action]:
        """It is gone."""


class _Call:
    """One that is to be reached."""

    __slots__ = ("about", "application", "target", "then", "ways")

    def __init__(self, about: About, target: Uri, application: ApplicationId, then: Then) -> None:
        self.about = about
        self.target = target
        self.application = application
        self.then = then
        self.ways: list[tuple[Destination, ...]] = []
        """Ways that have not been tried yet."""


class _Open(NamedTuple):
    flow: Flow
    node_id: bytes
    application: int


class Calling(Quiet):
    """The application for SIP of a node; :class:`disco_ref.reload.forwarding.app_attaching.Application`."""

    __slots__ = ("_by_node", "_calls", "_last", "_locating", "_member", "_open", "_sip")

    def __init__(self, member: Member, topology: TopologyPlugin, sip: SipOverLinks) -> None:
        self._member = member
        self._locating = Locating(member, topology)
        self._sip = sip
        self._calls: dict[int, _Call] = {}
        self._last = 0
        self._open: dict[Link, _Open] = {}
        self._by_node: dict[tuple[int, bytes], Link] = {}

    def reach(
        self,
        about: About,
        target: Uri,
        now: Instant,
        *,
        application: ApplicationId = ApplicationId.SIP,
        then: Then = tell,
    ) -> list[Action]:
        """Have a flow to an address-of-record, or to the instance that a GRUU names; ``then`` is done, once.

        Malformed where the URI is neither.
        """
        self._last += 1
        number = self._last
        call = _Call(about, target, application, then)
        way = way_of_gruu(target, self._member.overlay.context)
        if way is not None:
            call.ways = [leading_to_a_node(way)]
            self._calls[number] = call
            return self._next(number, call, NotRegistered("no way is left"), now)

        def located(routes: tuple[Route, ...], why: Refusal | None, at: Instant) -> list[Action]:
            call.ways = [each.way for each in routes]
            return self._next(number, call, why or NotRegistered("no way leads to another node"), at)

        actions = self._locating.locate(target, located)
        self._calls[number] = call
        return actions

    def flow_to(self, node_id: bytes, application: int = ApplicationId.SIP) -> Flow | None:
        """The flow to a node, None where there is none."""
        link = self._by_node.get((application, node_id))
        return None if link is None else self._open[link].flow

    def node_at(self, flow: Flow) -> bytes | None:
        """The Node-ID at the other end of a flow, None where it is gone."""
        found = self._open.get(flow.number)
        return None if found is None else found.node_id

    def _next(self, number: int, call: _Call, why: Refusal, now: Instant) -> list[Action]:
        """The next way of a call, or the end of it."""
        while call.ways:
            way = call.ways.pop(0)
            node_id = way[-1].destination_data
            if not isinstance(node_id, bytes) or self._member.is_self(node_id):
                continue
            flow = self.flow_to(node_id, call.application)
            if flow is not None:
                del self._calls[number]
                return call.then(Reached(call.about, str(call.target), flow, node_id), now)
            return [ConnectApplication(call.application, ("sip", number), way)]
        del self._calls[number]
        return call.then(NotReached(call.about, str(call.target), why), now)

    # --- as an application

    def admits(self, application: int, node_id: bytes) -> bool:
        """Anybody may call."""
        return True

    def opened(self, link: ApplicationLink, now: Instant) -> list[Action]:
        """A link is up: SIP is told first, then who waits for it."""
        raw = link.raw
        transport = Transport.UDP if raw.datagrams else TRANSPORTS[ApplicationId(link.application)]
        flow = Flow(transport, Address(*raw.near), Address(*raw.far), raw.link)
        self._open[raw.link] = _Open(flow, link.node_id, link.application)
        self._by_node.setdefault((link.application, link.node_id), raw.link)
        actions = self._sip.opened(flow, now)
        if link.about is None:
            return actions
        call = self._calls.pop(int(link.about[1]))
        reached = Reached(call.about, str(call.target), flow, link.node_id)
        return [*actions, self._sign(raw.link, now), *call.then(reached, now)]

    def unreached(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """One way leads nowhere: the next one is tried."""
        number = int(about[1])
        return self._next(number, self._calls[number], why, now)

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Action]:
        """Octets of SIP."""
        return self._sip.received(octets, self._open[link].flow, now)

    def closed(self, link: Link, why: str, now: Instant) -> list[Action]:
        """A link is gone."""
        gone = self._open.pop(link)
        if self._by_node.get((gone.application, gone.node_id)) == link:
            del self._by_node[gone.application, gone.node_id]
        return [SetTimer(self, ("sign", link), None), *self._sip.closed(gone.flow, why, now)]

    def release(self, flow: Flow) -> list[Action]:
        """Close a flow that nobody needs any more; nothing where it is gone."""
        return [HangUp(flow.number, "nobody needs it")] if flow.number in self._open else []

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """No request is its."""
        raise RuntimeError("no request is an application's")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """A sign of life is due."""
        link = int(about[1])
        return [Pass(link, SIGN), self._sign(link, now)] if link in self._open else []

    def _sign(self, link: Link, now: Instant) -> SetTimer:
        return SetTimer(self, ("sign", link), Instant(now + ALIVE))
