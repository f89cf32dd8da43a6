"""When new calls are shed, so that those that stand are served (RFC 3261, section 21.5.4)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.sip.header.identity.via import Via
from disco_ref.sip.session.events import CallId

WINDOW = 1.0
"""Seconds that are looked at."""

REMEMBERED = 32.0
"""Seconds for which one who was shed may send copies of the same request: 64*T1."""

MOST = 100_000
"""Requests that are remembered as shed; beyond, the older half is forgotten."""


class Overload:
    """Counts the calls of the last second that lack their ACK.

    Where a node falls behind, the ACKs lie in the same queue as the next INVITEs: many missing ones mean a long queue.  Older
    calls without ACK count no more, so that one who never acknowledges cannot keep everybody out.
    """

    __slots__ = ("_most", "_older", "_setting_up", "_shed", "_turned")

    def __init__(self, most: int) -> None:
        self._most = most
        self._setting_up: dict[CallId, Instant] = {}
        self._shed: dict[int, Instant] = {}
        """By the hash of the Via: a Via itself may be as large as a datagram."""
        self._older: dict[int, Instant] = {}
        """Those before: let go all at once, so that no request pays for looking through them, and a flood leaves nothing behind."""
        self._turned = Instant(0.0)

    def __len__(self) -> int:
        """How many requests are remembered as shed."""
        return len(self._shed) + len(self._older)

    def began(self, call: CallId, now: Instant) -> None:
        """A call is being answered."""
        self._setting_up[call] = now

    def done(self, call: CallId) -> None:
        """Its ACK has come, or it is over."""
        self._setting_up.pop(call, None)

    def sheds(self, via: Via, now: Instant) -> bool:
        """Whether a request for a further call is too much, told by its topmost Via.

        A copy of what was shed is shed too: its sender has its answer, and would not know of a call that begins.
        """
        key = hash(via)
        self._forget(now)
        shed = self._shed.get(key, self._older.get(key))
        if shed is not None and now - shed <= REMEMBERED:
            return True
        if not self._behind(now):
            return False
        self._shed[key] = now
        return True

    def _behind(self, now: Instant) -> bool:
        setting_up = self._setting_up
        while setting_up:
            first = next(iter(setting_up))
            if now - setting_up[first] <= WINDOW:
                break
            del setting_up[first]
        return len(setting_up) >= self._most

    def _forget(self, now: Instant) -> None:
        """Lets go what is too old, or, where there is too much, what is older."""
        if now - self._turned > REMEMBERED or len(self._shed) >= MOST // 2:
            self._shed, self._older = {}, self._shed
            self._turned = now
