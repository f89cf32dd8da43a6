"""When new calls are shed, so that those that stand are served (RFC 3261, section 21.5.4)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.sip.session.events import CallId

WINDOW = 1.0
"""Seconds that are looked at."""


class Overload:
    """Counts the calls of the last second that lack their ACK.

    Where a node falls behind, the ACKs lie in the same queue as the next INVITEs: many missing ones mean a long queue.  Older
    calls without ACK count no more, so that one who never acknowledges cannot keep everybody out.
    """

    __slots__ = ("_most", "_setting_up")

    def __init__(self, most: int) -> None:
        self._most = most
        self._setting_up: dict[CallId, Instant] = {}

    def began(self, call: CallId, now: Instant) -> None:
        """A call is being answered."""
        self._setting_up[call] = now

    def done(self, call: CallId) -> None:
        """Its ACK has come, or it is over."""
        self._setting_up.pop(call, None)

    def behind(self, now: Instant) -> bool:
        """Whether a further call is too much."""
        setting_up = self._setting_up
        while setting_up:
            first = next(iter(setting_up))
            if now - setting_up[first] <= WINDOW:
                break
            del setting_up[first]
        return len(setting_up) >= self._most
