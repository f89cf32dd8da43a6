"""How long a link takes to answer, and how long to wait for it (RFC 6298, section 2, from memory; RFC 6940, 6.6.3.1, 6.6.5).

Every transmission has a sequence number of its own, so that it is always known which of them an acknowledgement answers:
each one is a measurement, those of retransmissions too.
"""

from __future__ import annotations

from math import ceil

from disco_ref.clock import Duration

ALPHA = 1 / 8
"""How much of a measurement goes into the smoothed round trip (RFC 6298, 2.3)."""

BETA = 1 / 4
"""How much of a deviation goes into the variation (RFC 6298, 2.3)."""

K = 4
"""How many variations are waited for beyond the round trip (RFC 6298, 2.3)."""

GRANULARITY = 0.001
"""Seconds that the time-out is rounded up to."""

_SLIP = 1e-6
"""Milliseconds by which arithmetic may miss a whole one."""


class RoundTrip:
    """The estimate of one link; all times in seconds."""

    __slots__ = ("_floor", "_rto", "smoothed", "variation")

    def __init__(self, first: float = 1.0, floor: float = 1.0) -> None:
        """``first`` is waited for as long as nothing is measured, and never less than ``floor``."""
        self._rto = first
        self._floor = floor
        self.smoothed: Duration | None = None
        """The smoothed round trip, SRTT; None where nothing is measured."""
        self.variation = 0.0
        """RTTVAR."""

    @property
    def rto(self) -> Duration:
        """The Retransmission TimeOut."""
        return Duration(self._rto)

    def measured(self, round_trip: float) -> None:
        """One more measurement."""
        if self.smoothed is None:
            # = rfc6940:6.6.3.1/4a
            self.smoothed = Duration(round_trip)
            self.variation = round_trip / 2
        else:
            self.variation += BETA * (abs(self.smoothed - round_trip) - self.variation)
            self.smoothed = Duration(self.smoothed + ALPHA * (round_trip - self.smoothed))
        wait = self.smoothed + max(GRANULARITY, K * self.variation)
        # = rfc6940:6.6.3.1/4b
        self._rto = max(self._floor, ceil(wait / GRANULARITY - _SLIP) * GRANULARITY)
