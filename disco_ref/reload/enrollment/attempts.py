"""How often passwords may be wrong: a bounded memory of failures (RFC 6940, section 11.3, asks for authentication and says no more)."""

from __future__ import annotations

from collections import OrderedDict

from disco_ref.clock import Duration, Instant


class Attempts:
    """Failures by whoever is counted: so many at once, then one more each period.

    At most ``remembered`` are kept; beyond, the one that failed longest ago is forgotten.
    """

    __slots__ = ("_failures", "_most", "_period", "_remembered")

    def __init__(self, most: int, period: Duration, remembered: int = 10_000) -> None:
        self._most, self._period, self._remembered = most, period, remembered
        self._failures: OrderedDict[bytes, tuple[float, Instant]] = OrderedDict()

    def wait(self, who: bytes, now: Instant) -> Duration:
        """How long until this one may try; 0: at once."""
        count = self._count(who, now)
        return Duration(max(0.0, (count - self._most + 1) * self._period))

    def failed(self, who: bytes, now: Instant) -> None:
        """Counts a failure."""
        self._failures[who] = (self._count(who, now) + 1, now)
        self._failures.move_to_end(who)
        if len(self._failures) > self._remembered:
            self._failures.popitem(last=False)

    def succeeded(self, who: bytes) -> None:
        """Forgets the failures of one."""
        self._failures.pop(who, None)

    def _count(self, who: bytes, now: Instant) -> float:
        count, at = self._failures.get(who, (0.0, now))
        return max(0.0, count - max(0.0, now - at) / self._period)
