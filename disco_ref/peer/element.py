"""A SIP element as a whole, pure: transport, location and transactions below, a core above (RFC 3261, sections 5 and 6).

Whatever happens is told to one of the methods of :class:`Element`; each returns the effects that follow, to be carried out in
their order.  No method blocks, reads a clock or raises for anything that came from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Malformed, Refusal
from disco_ref.machine.deadlines import Deadlines
from disco_ref.peer.effects import Effect, Handle, Note, Shut, Transmit
from disco_ref.peer.walk import Walk
from disco_ref.peer.ways.returning import Further, GivenUp, Returning
from disco_ref.peer.ways.sending import Sending
from disco_ref.peer.ways.streams import PONG, Streams
from disco_ref.sip.actions import Action, Heard, Owner, TimerPassed
from disco_ref.sip.flow import Flow, Transport
from disco_ref.sip.location.questions import Answers, Question
from disco_ref.sip.location.table import NOTHING, Table
from disco_ref.sip.message import LIMITS, Limits, Request
from disco_ref.sip.transaction.layer import Transactions
from disco_ref.sip.transaction.timers import Timers
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.transport.via import Own


class Core(Protocol):
    """What stands above the transactions: a user agent, a registrar, a proxy (section 5)."""

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached, told before anything is heard: what Contact and Record-Route are made of."""

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What is to be done about an event from below.

        A Refusal that this raises for a request is answered with its status (:func:`disco_ref.sip.respond.refused`).
        """

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether a request that begins something new is turned away: seconds for Retry-After, None to take it.

        ``flow`` is where the answer goes.  Asked before a transaction is made, so that overload stays cheap; never asked for ACK, CANCEL, requests inside of
        dialogs and retransmissions.  503 then goes out statelessly.
        """

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Told that octets held no message; the answer that is owed has gone out already."""


class Bounds(NamedTuple):
    """How much an element holds at once."""

    transactions: int = 50_000
    """Server transactions; beyond, requests that begin something get 503."""
    searches: int = 1_000
    """Requests whose next hop is being looked up; beyond, they fail with 503."""
    streams: int = 2_000
    """Connections."""
    buffered: int = 64 << 20
    """Octets of incomplete messages in all streams; beyond, the stream that brought them is closed."""
    retry_after: int = 5
    """Seconds, in every 503 of the element itself."""
    # = rfc3261:18.1.1/1
    datagram: int = 1300
    """Octets of the largest request that goes in a datagram where a stream is possible."""


BOUNDS = Bounds()
TIMERS = Timers()


class Element:
    """One SIP element: octets in, effects out."""

    __slots__ = (
        "_core",
        "_listening",
        "_returning",
        "_sending",
        "_streams",
        "_timers",
        "_transactions",
        "_walk",
    )

    def __init__(
        self,
        listening: Sequence[Listening],
        core: Core,
        entropy: Entropy,
        *,
        timers: Timers = TIMERS,
        limits: Limits = LIMITS,
        bounds: Bounds = BOUNDS,
        known: Table = NOTHING,
    ) -> None:
        """An element with its core above; ``known`` are hosts that need no domain name system.

        Where it listens can be told later, and anew (:meth:`listen`): ports that the operating system chooses are not known yet.
        """
        self._core = core
        self._streams = Streams(limits, bounds.streams, bounds.buffered)
        self._timers: Deadlines[tuple[Owner, str]] = Deadlines()
        self._transactions = Transactions(timers, entropy, bounds.transactions)
        self._sending = Sending(entropy, known, bounds.searches, bounds.datagram)
        self._returning = Returning(entropy, known, limits, bounds.searches)
        self._walk = Walk(
            core, self._transactions, self._sending, self._streams, self._timers, limits, bounds.retry_after
        )
        self._listening: tuple[Listening, ...] = ()
        if listening:
            self.listen(listening)

    def listen(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached from now on; the core is told."""
        self._listening = tuple(listening)
        self._sending.listen(self._listening)
        self._walk.own = Own(self._listening)
        self._core.listens(self._listening)

    @property
    def listening(self) -> tuple[Listening, ...]:
        """Where the element can be reached."""
        return self._listening

    @property
    def held(self) -> dict[str, int]:
        """How much is held, by what it is.

        Transactions, requests with hops left to try, responses that look for another place, timers of the core, connections,
        octets unfinished on them.
        """
        return {
            "transactions": len(self._transactions),
            "sending": len(self._sending),
            "returning": len(self._returning),
            "timers": len(self._timers),
            "streams": len(self._streams),
            "buffered": self._streams.buffered,
        }

    @property
    def deadline(self) -> Instant | None:
        """When :meth:`expire` is to be called next; None: not before something else happens."""
        first = self._transactions.deadline
        for at in (self._timers.next, self._streams.deadline, self._returning.deadline):
            if at is not None and (first is None or at < first):
                first = at
        return first

    def receive(self, octets: bytes, flow: Flow, now: Instant) -> list[Effect]:
        """A datagram, or the next piece of a stream however cut."""
        if flow.transport is Transport.UDP:
            # = rfc3261:7.5/0 silent: line ends alone, and octets of other protocols, keep a binding alive and mean nothing
            return self._walk.arrive(octets, flow, now) if octets.strip(b"\r\n\0") else []
        effects = self.opened((), flow, now) if flow not in self._streams else []
        if flow not in self._streams:
            return effects
        if self._streams.pinged(octets, flow):
            effects.append(Transmit(PONG, flow, None, ()))
        try:
            messages = self._streams.receive(octets, flow, now)
        except Malformed as refusal:
            return [*effects, *self._unreadable(refusal, flow, now)]
        for message in messages:
            effects += self._walk.arrive(message, flow, now)
        return effects

    def _unreadable(self, refusal: Malformed, flow: Flow, now: Instant) -> list[Effect]:
        """The place of the next message is lost: what is owed is answered and the connection closed."""
        effects = self._walk.refuse(refusal, self._streams.rest(flow), flow, now)
        self._streams.close(flow)
        return [*effects, Shut(flow)]

    def opened(self, handle: Handle, flow: Flow, now: Instant) -> list[Effect]:
        """A connection stands: one that was accepted (no handle), or made to transmit something."""
        gone: list[Effect] = []
        idle = self._streams.idle(flow, now)
        if idle is not None:
            self._streams.close(idle)
            gone.append(Shut(idle))
        if self._streams.open(flow, now):
            return gone
        return [Note("warning", "too many connections", (("from", str(flow.remote)),)), Shut(flow)]

    def closed(self, flow: Flow, why: str, now: Instant) -> list[Effect]:
        """A connection is gone.

        Requests under way on it wait on: their responses may come on another one (section 18.1.1).
        """
        self._streams.close(flow)
        return []

    def undelivered(self, handle: Handle, why: str, now: Instant, octets: bytes = b"") -> list[Effect]:
        """What was to be transmitted could not be (section 18.4); ``octets`` where the shell still has them.

        A response is tried elsewhere first (section 18.2.2).
        """
        return self._returned(self._returning.undelivered(handle, octets, now), why, now) if handle else []

    def located(self, question: Question, answers: Answers, now: Instant) -> list[Effect]:
        """The answer to a :class:`~disco_ref.peer.effects.Locate`."""
        further = self._returning.located(question, answers)
        return [
            *self._returned(further, f"no server is found for {question.name}", now),
            *self._walk.carry(self._sending.located(question, answers), now),
        ]

    def _returned(self, further: Sequence[Further], why: str, now: Instant) -> list[Effect]:
        """What becomes of responses that could not be delivered, and of what else could not be."""
        effects: list[Effect] = []
        for each in further:
            if isinstance(each, GivenUp):
                # = rfc3261:18.4/1
                # = rfc3261:18.4/3
                effects += self._walk.carry(self._transactions.failed(each.handle, why, now), now)
            else:
                effects.append(self._sending.leaving(each) if isinstance(each, Transmit) else each)
        return effects

    def perform(self, actions: Sequence[Action], now: Instant) -> list[Effect]:
        """Carries out what a transaction user wants on its own account, such as a command of its user."""
        return self._walk.carry(actions, now)

    def expire(self, now: Instant) -> list[Effect]:
        """What falls due by now."""
        self._returning.expire(now)
        effects = self._walk.carry(self._transactions.expire(now), now)
        for owner, name in self._timers.due(now):
            effects += self._walk.carry([TimerPassed(owner, name)], now)
        for flow in list(self._streams.late(now)):
            self._streams.close(flow)
            effects += [
                Note("info", "a connection is given up: nothing came in time", (("from", str(flow.remote)),)),
                Shut(flow),
            ]
        return effects
