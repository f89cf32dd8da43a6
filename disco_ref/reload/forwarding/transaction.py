"""A request under way, from end to end (RFC 6940, section 6.2.1).

Whoever sends a request sets the overlay-reliability-timer, sends the same octets again each time it fires, five times in all,
and takes the request for failed when it fires once more::

      request from a room
              |
              v           timer, sent less than 5 times
           Waiting <------------------+
            |  |  |                   |
            |  |  +-------------------+
     answer |  | timer after the fifth, or forsaken
            v  v
      Answered  Failed
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.machine.deadlines import Deadlines
from disco_ref.machine.table import Step, Table
from disco_ref.reload.actions import About, Ask, Room
from disco_ref.reload.message.destination import Destination, DestinationType

# = rfc6940:6.2.1/10
MOST_TRANSMISSIONS = 5
"""How often a request is sent at most (section 6.2.1)."""

REQUEST: Table[str, str, str] = Table(
    "RELOAD request",
    "Waiting",
    {
        ("Waiting", "timer"): Step("Waiting", ("send again", "set timer"), says="rfc6940:6.2.1/9 rfc6940:6.2.1/10"),
        ("Waiting", "timer after the fifth"): Step("Failed", ("tell of time-out",), says="rfc6940:6.2.1/11"),
        ("Waiting", "answer"): Step("Answered", ("pass up",), says="rfc6940:6.3.4/13"),
        ("Waiting", "forsaken"): Step("Failed", says="rfc6940:6.5.1.2/5"),
    },
    {("Waiting", "answer of another"): "a wrong node answers: the message is dropped, the right one may still come"},
    entry=Step("Waiting", ("send", "set timer"), says="rfc6940:6.2.1/8"),
    ends=("Answered", "Failed"),
)


class Pending:
    """A request that waits for its answer."""

    __slots__ = ("ask", "destination_list", "sealed", "sent", "transaction_id")

    def __init__(self, ask: Ask, transaction_id: int, sealed: bytes) -> None:
        self.ask = ask
        self.transaction_id = transaction_id
        self.sealed = sealed
        """Everything behind the header, the same each time."""
        self.destination_list: tuple[Destination, ...] = ask.to
        self.sent = 1
        """How often it has been sent."""


class Due(NamedTuple):
    """What a timer wants: the request again, or its end."""

    pending: Pending
    failed: bool


Closer = Callable[[bytes, bytes], bool]
"""Whether a Node-ID is at least as close to a Resource-ID as every neighbour is."""


class Requests:
    """The requests of one node, by transaction; the time per call does not grow with their number."""

    __slots__ = ("_by_subject", "_deadlines", "_entropy", "_pending")

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._pending: dict[int, Pending] = {}
        self._by_subject: dict[tuple[int, About], int] = {}
        self._deadlines: Deadlines[int] = Deadlines()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._pending)

    @property
    def deadline(self) -> Instant | None:
        """When the next timer fires."""
        return self._deadlines.next

    def new_transaction_id(self) -> int:
        """A number for a request, out of 64 random bits."""
        # = rfc6940:6.3.2/11
        while (found := int.from_bytes(self._entropy(8), "big")) in self._pending:
            pass
        return found

    def begin(self, ask: Ask, transaction_id: int, sealed: bytes, now: Instant, timer: Duration) -> Pending:
        """Wait for the answer to a request that leaves now; one of the same room about the same is forsaken."""
        self.forsake(ask.room, ask.about)
        pending = Pending(ask, transaction_id, sealed)
        self._pending[transaction_id] = pending
        self._by_subject[id(ask.room), ask.about] = transaction_id
        # = rfc6940:6.2.1/8
        self._deadlines.set(transaction_id, Instant(now + timer))
        return pending

    def forsake(self, room: Room, about: About) -> None:
        """Wait no longer."""
        found = self._by_subject.get((id(room), about))
        if found is not None:
            self._end(self._pending[found])

    def answered(self, transaction_id: int, by: bytes, wildcard: bytes, closer: Closer) -> Pending | None:
        """The request that an answer of this Node-ID ends; None where nobody waits, or not for an answer of that node."""
        pending = self._pending.get(transaction_id)
        if pending is None or not _may_answer(pending.ask.to[-1], by, wildcard, closer):
            return None
        self._end(pending)
        return pending

    def due(self, now: Instant, timer: Duration) -> list[Due]:
        """The requests whose timer has fired; those that are to be sent again have a new one."""
        found: list[Due] = []
        for transaction_id in self._deadlines.due(now):
            pending = self._pending[transaction_id]
            if pending.sent == MOST_TRANSMISSIONS:
                # = rfc6940:6.2.1/11
                self._end(pending)
                found.append(Due(pending, True))
            else:
                # = rfc6940:6.2.1/9
                pending.sent += 1
                self._deadlines.set(transaction_id, Instant(now + timer))
                found.append(Due(pending, False))
        return found

    def _end(self, pending: Pending) -> None:
        self._deadlines.cancel(pending.transaction_id)
        del self._pending[pending.transaction_id]
        del self._by_subject[id(pending.ask.room), pending.ask.about]


def _may_answer(asked: Destination, by: bytes, wildcard: bytes, closer: Closer) -> bool:
    """Whether the answer to a request for this place may come from that node (section 6.3.4)."""
    place = asked.destination_data
    if not isinstance(place, bytes):
        return False
    if asked.type is DestinationType.node:
        # = rfc6940:6.3.4/14
        return place in (by, wildcard)
    # = rfc6940:6.3.4/15
    return closer(by, place)
