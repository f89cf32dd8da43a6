"""Requests that arrive twice on different ways (RFC 3261, section 8.2.2.2)."""

from __future__ import annotations

from disco_ref.clock import Duration, Instant
from disco_ref.sip.message import Request

_Key = tuple[str, str, int, str]

MOST = 50_000
"""Requests that are kept, twice over; the oldest half is let go of when there are more."""


class Merging:
    """The requests outside of dialogs whose transactions may be going on: those of the last 64*T1 at least."""

    __slots__ = ("_before", "_new", "_since", "_span")

    def __init__(self, span: Duration) -> None:
        self._span = span
        """64*T1, seconds: how long a transaction lasts."""
        self._new: set[_Key] = set()
        self._before: set[_Key] = set()
        self._since = Instant(0.0)

    def __len__(self) -> int:
        """How many requests are kept."""
        return len(self._new) + len(self._before)

    def is_merged(self, request: Request, now: Instant) -> bool:
        """Whether a request, which is no retransmission, has come before on another way: it is owed 482.

        Asked once for each request.  Requests with a tag in To are never merged; ACK and CANCEL are not for here.
        """
        headers = request.headers
        # = rfc3261:8.2.2.2/1
        if headers.to.tag is not None:
            return False
        if now - self._since > self._span or len(self._new) >= MOST:
            self._before = self._new if now - self._since <= 2 * self._span else set()
            self._new, self._since = set(), now
        # = rfc3261:8.2.2.2/2
        key = headers.call_id, headers.from_.tag or "", headers.cseq.number, request.method
        if key in self._new or key in self._before:
            return True
        self._new.add(key)
        return False
