"""A SIP element as a whole, pure: transport, location and transactions below, a core above (RFC 3261, sections 5 and 6).

Whatever happens is told to one of the methods of :class:`Element`; each returns the effects that follow, to be carried out in
their order.  No method blocks, reads a clock or raises for anything that came from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.peer.effects import Effect, Handle
from disco_ref.sip.actions import Action, Heard
from disco_ref.sip.flow import Flow
from disco_ref.sip.location.questions import Answers, Question
from disco_ref.sip.message import Request
from disco_ref.sip.transport.listening import Listening


class Core(Protocol):
    """What stands above the transactions: a user agent, a registrar, a proxy (section 5)."""

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached, told before anything is heard: what Contact and Record-Route are made of."""

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What is to be done about an event from below."""

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether a request that begins something new is turned away: seconds for Retry-After, None to take it.

        Asked before a transaction is made, so that overload stays cheap; never asked for ACK, CANCEL, requests inside of
        dialogs and retransmissions.  503 then goes out statelessly.
        """

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Told that octets held no message; the answer that is owed has gone out already."""


class Bounds(NamedTuple):
    """How much an element holds at once."""

    transactions: int = 50_000
    """Client and server transactions; beyond, requests from outside get 503."""
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


class Element:
    """One SIP element: octets in, effects out."""

    def __init__(self, listening: Sequence[Listening], core: Core, entropy: Entropy) -> None:
        """An element that is reachable at some addresses, with its core above; see :meth:`listen` for ports not yet known."""

    def listen(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached from now on; the core is told."""

    @property
    def deadline(self) -> Instant | None:
        """When :meth:`expire` is to be called next; None: not before something else happens."""

    def receive(self, octets: bytes, flow: Flow, now: Instant) -> list[Effect]:
        """A datagram, or the next piece of a stream however cut."""
        raise NotImplementedError

    def opened(self, handle: Handle, flow: Flow, now: Instant) -> list[Effect]:
        """A connection stands: one that was accepted (no handle), or made to transmit something."""
        raise NotImplementedError

    def closed(self, flow: Flow, why: str, now: Instant) -> list[Effect]:
        """A connection is gone."""
        raise NotImplementedError

    def undelivered(self, handle: Handle, why: str, now: Instant) -> list[Effect]:
        """What was to be transmitted could not be (section 18.4)."""
        raise NotImplementedError

    def located(self, question: Question, answers: Answers, now: Instant) -> list[Effect]:
        """The answer to a :class:`~disco_ref.peer.effects.Locate`."""
        raise NotImplementedError

    def perform(self, actions: Sequence[Action], now: Instant) -> list[Effect]:
        """Carries out what a transaction user wants on its own account, such as a command of its user."""
        raise NotImplementedError

    def expire(self, now: Instant) -> list[Effect]:
        """What falls due by now."""
        raise NotImplementedError
