"""Two carriers and the way between them, which loses, delays, copies and so reorders what it is told to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from hypothesis import strategies as st

from disco_ref.clock import Instant
from disco_ref.reload.link.carrier import Carrier

Fate = tuple[float, ...]
"""When the copies of a datagram arrive, in seconds after they leave; lost where there is none."""

PROMPT: Fate = (0.02,)

FATES = st.lists(st.lists(st.sampled_from([0.001, 0.05, 0.3, 0.7, 2.0]), max_size=2).map(tuple), max_size=40)
"""What becomes of the first datagrams; those after them arrive promptly."""

MOST_EVENTS = 20_000


class Way:
    """Carrier 0 and carrier 1, under a clock of their own."""

    def __init__(self, ends: tuple[Carrier, Carrier], fates: Iterable[Fate] = ()) -> None:
        self.ends = ends
        self.now = Instant(1000.0)
        self.heard: tuple[list[bytes], list[bytes]] = ([], [])
        """What each end has been told, in order."""
        self.sent: list[tuple[float, int, bytes]] = []
        """When which end has sent what, lost or not."""
        self._fates: Iterator[Fate] = iter(fates)
        self._flying: list[tuple[Instant, int, int, bytes]] = []
        self._serial = 0

    def leave(self, end: int, frames: Iterable[bytes]) -> None:
        """One end sends datagrams."""
        for octets in frames:
            self.sent.append((round(self.now - 1000.0, 6), end, octets))
            for delay in next(self._fates, PROMPT):
                self._serial += 1
                heappush(self._flying, (Instant(self.now + delay), self._serial, 1 - end, octets))

    def send(self, end: int, message: bytes) -> None:
        """One end has a message to send."""
        self.leave(end, self.ends[end].send(message, self.now))

    def run(self, until: float = 1e9) -> None:
        """What happens up to a time, in seconds since the beginning."""
        for _ in range(MOST_EVENTS):
            times = [(at, end) for end in (0, 1) if (at := self.ends[end].deadline) is not None]
            at, end = min(times, default=(Instant(float("inf")), -1))
            arrival = self._flying[0][0] if self._flying else Instant(float("inf"))
            if min(at, arrival) > 1000.0 + until or min(at, arrival) == float("inf"):
                if until < 1e9:
                    self.now = Instant(1000.0 + until)
                return
            self.now = max(self.now, min(at, arrival))
            if arrival <= at:
                _, _, to, octets = heappop(self._flying)
                carried = self.ends[to].receive(octets, self.now)
                self.heard[to].extend(carried.messages)
                self.leave(to, carried.replies)
            else:
                self.leave(end, self.ends[end].expire(self.now))
        raise AssertionError("the two ends never come to rest")
