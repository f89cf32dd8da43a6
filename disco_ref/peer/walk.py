"""The whole journey of a message: octets, message, receipt, transactions, core, actions, transactions, Via, effects.

No decision is made here but who is asked next; each step is a function of the room that the section is about.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, assert_never

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.machine.deadlines import Deadlines
from disco_ref.peer.effects import Deliver, Effect, Locate, Note, Shut, Transmit
from disco_ref.peer.sending import Next, Ready, Sending
from disco_ref.peer.streams import Streams
from disco_ref.sip.actions import (
    AckReceived,
    Action,
    CancelRequest,
    CloseFlow,
    Heard,
    Owner,
    RequestFailed,
    RequestReceived,
    ResponseFailed,
    ResponseReceived,
    SendAck,
    SendRequest,
    SendResponse,
    SendStateless,
    SetTimer,
    StrayResponse,
    Tell,
    TimerPassed,
)
from disco_ref.sip.flow import Flow, Hop, Transport
from disco_ref.sip.message import Limits, Request, Response, owed, read
from disco_ref.sip.respond import refused, respond
from disco_ref.sip.transaction import outcomes
from disco_ref.sip.transaction.layer import Transactions
from disco_ref.sip.transport.receipt import received
from disco_ref.sip.transport.routing import way_back
from disco_ref.sip.transport.unreadable import answer, tag_of
from disco_ref.sip.transport.via import Own

if TYPE_CHECKING:
    from disco_ref.peer.element import Core

Work = Action | outcomes.Outcome | Next


class Walk:
    """The steps of an element, in the order in which a message takes them."""

    __slots__ = ("_core", "_limits", "_retry_after", "_sending", "_streams", "_timers", "_transactions", "own")

    def __init__(
        self,
        core: Core,
        transactions: Transactions,
        sending: Sending,
        streams: Streams,
        timers: Deadlines[tuple[Owner, str]],
        limits: Limits,
        retry_after: int,
    ) -> None:
        self._core = core
        self._transactions = transactions
        self._sending = sending
        self._streams = streams
        self._timers = timers
        self._limits = limits
        self._retry_after = retry_after
        self.own = Own(())

    def arrive(self, octets: bytes, flow: Flow, now: Instant) -> list[Effect]:
        """One message, whole."""
        try:
            message = read(octets, self._limits)
            if isinstance(message, Response):
                if not self.own.sent(message.headers):
                    # = rfc3261:18.1.2/1
                    return [Note("debug", "a response whose Via is not ours is dropped", (("from", str(flow.remote)),))]
                # = rfc3261:18.1.2/2
                # = rfc3261:18.1.2/3
                return self.carry(self._transactions.receive(message, flow, now), now)
            request, back = received(message, flow)
            if (seconds := self._shed(request, back, now)) is not None:
                return self._unavailable(request, back, seconds)
            return self.carry(self._transactions.receive(request, back, now), now)
        except Malformed as refusal:
            return self.refuse(owed(refusal, octets), octets, flow, now)

    def refuse(self, refusal: Malformed, octets: bytes, flow: Flow, now: Instant) -> list[Effect]:
        """Octets that hold no message: the status that is owed goes out, and the core is told."""
        answered = answer(octets, refusal, flow)
        effects: list[Effect] = [
            Note(
                "info", f"octets that are no message: {refusal}", (("from", str(flow.remote)), ("via", flow.transport))
            )
        ]
        if answered is not None:
            text, back = answered
            effects.append(Transmit(text, back, None, ()))
        return [*effects, *self.carry(self._core.refused(refusal, flow, now), now)]

    def _shed(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether a request is turned away before a transaction is made: seconds for Retry-After, None to take it."""
        method = request.method
        if method == "ACK" or method == "CANCEL" or request.headers.to.tag is not None:
            return None
        seconds = self._core.sheds(request, flow, now)
        return None if seconds is None or self._transactions.knows(request) else seconds

    def _unavailable(self, request: Request, flow: Flow, seconds: int) -> list[Effect]:
        # = rfc3261:21.5/0
        response = respond(request, 503, lines=[f"Retry-After: {seconds}"], to_tag=tag_of(request))
        return [self._stateless(response, flow)]

    def _stateless(self, response: Response, flow: Flow) -> Effect:
        return self._transmit(response, bytes(response), flow, ())

    def _transmit(self, message: Request | Response, octets: bytes, way: Flow | Hop | None, to: Owner) -> Effect:
        if isinstance(way, Hop):
            return Transmit(octets, None, way, to)
        if (
            way is not None
            and way.transport is not Transport.UDP
            and way not in self._streams
            and isinstance(message, Response)
        ):
            # = rfc3261:18.2.2/3
            return Transmit(octets, None, way_back(message.headers.via, way), to)
        return Transmit(octets, way, None, to)

    def carry(self, work: Iterable[Work], now: Instant) -> list[Effect]:
        """Hands each thing to whom it concerns, and what comes of that likewise, until only effects are left."""
        effects: list[Effect] = []
        queue = deque(work)
        while queue:
            queue.extend(self._step(queue.popleft(), effects, now))
        return effects

    def _step(self, item: Work, effects: list[Effect], now: Instant) -> Iterable[Work]:
        """What comes of one thing; effects go to the end of the list."""
        match item:
            case outcomes.Transmit(message, to, octets, way):
                effects.append(self._transmit(message, octets, way, to))
            case SendResponse(transaction, response):
                return self._transactions.respond(transaction, response, now)
            case RequestReceived() | AckReceived() | StrayResponse() | ResponseFailed() | TimerPassed():
                return self._tell(item, effects, now)
            case SetTimer():
                self._set(item)
            case ResponseReceived():
                return self._sending.after_response(item) or self._tell(item, effects, now)
            case RequestFailed():
                return self._sending.after_failure(item) or self._tell(item, effects, now)
            case SendRequest() | SendAck():
                return self._sending.send(item, self._open(item.flow))
            case Ready(owner, request, octets, way, reliable):
                if owner is not None:
                    return self._transactions.request(owner, request, reliable, now, way)
                effects.append(self._transmit(request, octets, way, ()))
            case SendStateless(response, flow):
                effects.append(self._stateless(response, flow))
            case CancelRequest(owner, headers):
                unsent = self._sending.cancel(owner)
                return self._transactions.cancel(owner, headers, now) if unsent is None else unsent
            case Locate():
                effects.append(item)
            case Tell(event):
                effects.append(Deliver(event))
            case CloseFlow(flow):
                effects.append(Shut(flow))
            case outcomes.Overloaded(request, flow):
                effects.extend(self._unavailable(request, flow, self._retry_after))
            case _:
                assert_never(item)
        return ()

    def _tell(self, event: Heard, effects: list[Effect], now: Instant) -> list[Action]:
        """What the core wants done; a request that it refuses by raising gets the status of the refusal."""
        try:
            return self._core.heard(event, now)
        except Refusal as refusal:
            effects.append(Note("info", f"refused: {refusal}", (("event", type(event).__name__),)))
            if not isinstance(event, RequestReceived):
                return []
            response = refused(event.request, refusal, tag_of(event.request))
            return [] if response is None else [SendResponse(event.transaction, response)]

    def _set(self, timer: SetTimer) -> None:
        if timer.at is None:
            self._timers.cancel((timer.owner, timer.name))
        else:
            self._timers.set((timer.owner, timer.name), timer.at)

    def _open(self, flow: Flow | None) -> Flow | None:
        return flow if flow is not None and flow in self._streams else None
