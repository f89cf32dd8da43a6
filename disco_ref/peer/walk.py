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
from disco_ref.peer.effects import Effect, Locate, Note
from disco_ref.peer.ways.sending import Next, Ready, Sending
from disco_ref.peer.ways.streams import Streams
from disco_ref.peer.wiring import plain, stray, transmitted, unavailable, unreadable
from disco_ref.sip import actions
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Limits, Request, Response, owed, read
from disco_ref.sip.respond import refused
from disco_ref.sip.transaction import outcomes
from disco_ref.sip.transaction.layer import Transactions
from disco_ref.sip.transport.receipt import received
from disco_ref.sip.transport.unreadable import tag_of
from disco_ref.sip.transport.via import Own

if TYPE_CHECKING:
    from disco_ref.peer.element import Core

Work = actions.Action | outcomes.Outcome | Next


class Walk:
    """The steps of an element, in the order in which a message takes them."""

    __slots__ = ("_core", "_limits", "_retry_after", "_sending", "_streams", "_timers", "_transactions", "own")

    def __init__(
        self,
        core: Core,
        transactions: Transactions,
        sending: Sending,
        streams: Streams,
        timers: Deadlines[tuple[actions.Owner, str]],
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
                    return [stray(flow)]
                # = rfc3261:18.1.2/2
                # = rfc3261:18.1.2/3
                return self.carry(self._transactions.receive(message, flow, now), now)
            self._streams.alias(message.headers.via, flow)
            request, back = received(message, flow)
            if (seconds := self._shed(request, back, now)) is not None:
                return [unavailable(request, back, seconds, self._streams)]
            return self.carry(self._transactions.receive(request, back, now), now)
        except Malformed as refusal:
            return self.refuse(owed(refusal, octets), octets, flow, now)

    def refuse(self, refusal: Malformed, octets: bytes, flow: Flow, now: Instant) -> list[Effect]:
        """Octets that hold no message: the status that is owed goes out, and the core is told."""
        return [*unreadable(refusal, octets, flow), *self.carry(self._core.refused(refusal, flow, now), now)]

    def _shed(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether a request is turned away before a transaction is made: seconds for Retry-After, None to take it."""
        if request.method in ("ACK", "CANCEL") or request.headers.to.tag is not None:
            return None
        seconds = self._core.sheds(request, flow, now)
        return None if seconds is None or self._transactions.knows(request) else seconds

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
                effects.append(transmitted(message, octets, way, to, self._streams))
            case actions.Tell() | actions.CloseFlow() | Locate():
                effects.append(plain(item))
            case actions.SendResponse(transaction, response):
                return self._transactions.respond(transaction, response, now)
            case (
                actions.RequestReceived()
                | actions.AckReceived()
                | actions.StrayResponse()
                | actions.ResponseFailed()
                | actions.TimerPassed()
            ):
                return self._tell(item, effects, now)
            case actions.SetTimer(owner, name, at):
                self._timers.put((owner, name), at)
            case actions.ResponseReceived():
                return self._sending.after_response(item) or self._tell(item, effects, now)
            case actions.RequestFailed():
                return self._sending.after_failure(item) or self._tell(item, effects, now)
            case actions.SendRequest() | actions.SendAck():
                return self._sending.send(item, self._streams.alive(item.flow))
            case Ready(owner, request, octets, way, reliable):
                if owner is not None:
                    return self._transactions.request(owner, request, reliable, now, way)
                effects.append(transmitted(request, octets, way, (), self._streams))
            case actions.SendStateless(response, flow):
                effects.append(transmitted(response, bytes(response), flow, (), self._streams))
            case actions.CancelRequest(owner, headers):
                unsent = self._sending.cancel(owner)
                return self._transactions.cancel(owner, headers, now) if unsent is None else unsent
            case outcomes.Overloaded(request, flow):
                effects.append(unavailable(request, flow, self._retry_after, self._streams))
            case _:
                assert_never(item)
        return ()

    def _tell(self, event: actions.Heard, effects: list[Effect], now: Instant) -> list[actions.Action]:
        """What the core wants done; a request that it refuses by raising gets the status of the refusal."""
        try:
            return self._core.heard(event, now)
        except Refusal as refusal:
            effects.append(Note("info", f"refused: {refusal}", (("event", type(event).__name__),)))
            if not isinstance(event, actions.RequestReceived):
                return []
            response = refused(event.request, refusal, tag_of(event.request))
            return [] if response is None else [actions.SendResponse(event.transaction, response)]
