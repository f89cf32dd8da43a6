"""The connections of an element: what has come of the next message on each, and how long it is waited for.

A connection is given up that brings no whole message within a time, that leaves one unfinished for too long, or that is silent
for very long.  RFC 3261 is silent on all three; without them half-open peers would fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.flow import Flow
from disco_ref.sip.framing import StreamFraming
from disco_ref.sip.message import Limits

UNFINISHED = 32.0
"""Seconds from the opening of a connection, or from the begin of a message on it, to the message's end."""
SILENT = 3600.0
"""Seconds without anything on a connection that has brought a message."""
PING, PONG = b"\r\n\r\n", b"\r\n"
"""What keeps a connection alive (RFC 5626, section 3.5.1, from memory)."""


class _Stream:
    __slots__ = ("flow", "framing", "waiting")

    def __init__(self, flow: Flow, limits: Limits) -> None:
        self.flow = flow
        self.framing = StreamFraming(limits)
        self.waiting = True
        """Whether the deadline is that of a message to be finished."""


class Streams:
    """The open connections by number."""

    __slots__ = ("_buffered", "_deadlines", "_limits", "_most", "_most_buffered", "_open")

    def __init__(self, limits: Limits, most: int, most_buffered: int) -> None:
        self._limits = limits
        self._most = most
        self._most_buffered = most_buffered
        self._open: dict[int, _Stream] = {}
        self._deadlines: Deadlines[int] = Deadlines()
        self._buffered = 0

    def __contains__(self, flow: Flow) -> bool:
        """Whether the connection is open."""
        return flow.number in self._open

    def alive(self, flow: Flow | None) -> Flow | None:
        """The same where it is a connection that is open."""
        return flow if flow is not None and flow.number in self._open else None

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    @property
    def buffered(self) -> int:
        """Octets of unfinished messages, in all of them."""
        return self._buffered

    @property
    def deadline(self) -> Instant | None:
        """When one is to be given up."""
        return self._deadlines.next

    def open(self, flow: Flow, now: Instant) -> bool:
        """Takes a connection up; False where there are too many."""
        if flow.number in self._open:
            return True
        if len(self._open) >= self._most:
            return False
        self._open[flow.number] = _Stream(flow, self._limits)
        self._deadlines.set(flow.number, Instant(now + UNFINISHED))
        return True

    def close(self, flow: Flow) -> None:
        """Forgets a connection and what was unfinished on it."""
        stream = self._open.pop(flow.number, None)
        if stream is not None:
            self._deadlines.cancel(flow.number)
            self._buffered -= stream.framing.buffered

    def pinged(self, octets: bytes, flow: Flow) -> bool:
        """Whether these octets, not yet received, begin with the sign of life that wants an answer."""
        stream = self._open.get(flow.number)
        return stream is not None and not stream.framing.buffered and octets.startswith(PING)

    def receive(self, octets: bytes, flow: Flow, now: Instant) -> list[bytes]:
        """The messages that these octets complete; Malformed where no more can be read, with the status owed."""
        stream = self._open[flow.number]
        framing = stream.framing
        before = framing.buffered
        try:
            messages = framing.receive(octets)
        finally:
            self._buffered += framing.buffered - before
        unfinished = framing.buffered > 0
        if not unfinished or messages or not stream.waiting:
            stream.waiting = unfinished
            if messages or unfinished:
                self._deadlines.set(flow.number, Instant(now + (UNFINISHED if unfinished else SILENT)))
        if self._buffered > self._most_buffered:
            raise Malformed("too much is unfinished on all connections", where="stream")
        return messages

    def rest(self, flow: Flow) -> bytes:
        """What has come of the next message on a connection."""
        return self._open[flow.number].framing.rest

    def late(self, now: Instant) -> Iterator[Flow]:
        """The connections that are to be given up by now."""
        for number in self._deadlines.due(now):
            stream = self._open.get(number)
            if stream is not None:
                yield stream.flow
