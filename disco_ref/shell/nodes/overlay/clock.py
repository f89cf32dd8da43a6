"""The clock of a node in virtual time: it stands still until it is told the time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import cast

from disco_ref.clock import Instant
from disco_ref.shell.sip.wire import Reactor

MOST_CALLS = 100_000
"""Calls that fall due within one command; more would be a node that never comes to rest."""


class _Call:
    """Something that is due."""

    __slots__ = ("_active", "at", "call")

    def __init__(self, at: Instant, call: Callable[[], object]) -> None:
        self.at = at
        self.call = call
        self._active = True

    def active(self) -> bool:
        """Whether it is still to come."""
        return self._active

    def cancel(self) -> None:
        """It shall not come."""
        self._active = False

    def happen(self) -> None:
        """It is due now."""
        self._active = False
        self.call()


class VirtualClock:
    """What of a reactor a node needs that has no sockets."""

    def __init__(self, now: Instant) -> None:
        self.now = now
        self._calls: list[tuple[Instant, int, _Call]] = []
        self._serial = 0

    def seconds(self) -> float:
        """The time."""
        return self.now

    def callLater(self, delay: float, callable: Callable[..., object], /, *args: object) -> _Call:
        """Calls something after some seconds, in the order in which it is due."""
        made = _Call(Instant(self.now + delay), lambda: callable(*args))
        self._serial += 1
        heappush(self._calls, (made.at, self._serial, made))
        return made

    @property
    def next(self) -> Instant | None:
        """When something is due."""
        while self._calls and not self._calls[0][2].active():
            heappop(self._calls)
        return self._calls[0][0] if self._calls else None

    def advance(self, now: Instant) -> None:
        """Whatever is due until ``now`` happens, each thing at its time."""
        for _ in range(MOST_CALLS):
            at = self.next
            if at is None or at > now:
                self.now = max(self.now, now)
                return
            self.now = max(self.now, at)
            heappop(self._calls)[2].happen()
        raise RuntimeError(f"more than {MOST_CALLS} things were due")

    def as_reactor(self) -> Reactor:
        """For those who ask for a whole reactor, and use its time alone."""
        return cast(Reactor, self)
