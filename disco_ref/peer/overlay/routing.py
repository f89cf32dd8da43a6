"""Which way a SIP request takes in an overlay: that of its target, looked up and attached to where there is none yet.

A request whose target is a GRUU goes to the node that the GRUU names, whatever flow its dialog has had before; one to an
address-of-record goes by the overlay unless it has a flow (RFC 7904, from memory).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.context import Context
from disco_ref.peer.element import Core
from disco_ref.reload.registries import ApplicationId
from disco_ref.sip.actions import Action, CancelRequest, Heard, Owner, SendAck, SendRequest
from disco_ref.sip.flow import Flow, numeric
from disco_ref.sip.location.target import next_uri
from disco_ref.sip.message import Request
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri
from disco_ref.usage.address_of_record import resource_name, way_of_gruu
from disco_ref.usage.calling import Calling

MOST_HELD = 1_000
"""Requests that wait for a link; beyond, they fail as if there were none."""


class Held(NamedTuple):
    """A request that waits for a link."""

    action: SendRequest | SendAck
    target: SipUri
    application: ApplicationId


class Routing:
    """A core of an element, whose requests are given their flows; :class:`disco_ref.peer.element.Core`."""

    __slots__ = ("_calling", "_context", "_core", "_last", "fresh", "held")

    def __init__(self, core: Core, calling: Callable[[], Calling], context: Callable[[], Context]) -> None:
        self._core = core
        self._calling = calling
        self._context = context
        self._last = 0
        self.held: dict[int, Held] = {}
        """All that wait."""
        self.fresh: list[int] = []
        """Those for which nobody has looked for a link yet."""

    # --- as a core

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached."""
        self._core.listens(listening)

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What the core wants done, its requests with their flows."""
        return self.routed(self._core.heard(event, now))

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether a request is turned away."""
        return self._core.sheds(request, flow, now)

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Octets held no message."""
        return self.routed(self._core.refused(refusal, flow, now))

    # --- the way

    def routed(self, actions: Iterable[Action]) -> list[Action]:
        """The same actions, requests with the flow that they go over; those that must wait for one are held back."""
        out: list[Action] = []
        for action in actions:
            match action:
                case SendRequest() | SendAck():
                    out += self._one(action)
                case CancelRequest(owner):
                    # = rfc3261:9.1/0 silent: one that waits for a link is let go, and ends before it is sent
                    out += [*self._let_go(owner), action]
                case _:
                    out.append(action)
        return out

    def _one(self, action: SendRequest | SendAck) -> list[Action]:
        target = action.target or next_uri(action.request)
        if not isinstance(target, SipUri):
            return [action]
        secure = target.scheme == "sips"
        application = ApplicationId.SIP_5061 if secure else ApplicationId.SIP
        try:
            way = way_of_gruu(target, self._context())
            if way is None and (action.flow is not None or numeric(target.host) is not None):
                return [action]
            resource_name(target)
        except Malformed:
            return [action]
        node_id = None if way is None else way[-1].destination_data
        if isinstance(node_id, bytes):
            calling = self._calling()
            if action.flow is not None and calling.node_at(action.flow) == node_id:
                return [action]
            flow = calling.flow_to(node_id, application)
            if flow is not None:
                return [action._replace(flow=flow)]
        if len(self.held) >= MOST_HELD:
            return [action._replace(flow=None)]
        self._last += 1
        self.held[self._last] = Held(action, target, application)
        self.fresh.append(self._last)
        return []

    def _let_go(self, owner: Owner) -> list[Action]:
        for number, held in self.held.items():
            if isinstance(held.action, SendRequest) and held.action.owner == owner:
                del self.held[number]
                return [held.action._replace(flow=None)]
        return []
