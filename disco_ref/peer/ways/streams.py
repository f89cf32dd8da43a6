"""The connections of an element: what has come of the next message on each, and how long it is waited for.

A connection is given up that brings no whole message within a time, that leaves one unfinished for too long, or that is silent
for very long.  RFC 3261 is silent on all three; without them half-open peers would fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.flow import Address, Flow, Hop, Transport, numeric
from disco_ref.sip.framing import StreamFraming
from disco_ref.sip.header.identity.via import Via
from disco_ref.sip.message import Limits

UNFINISHED = 32.0
"""Seconds from the opening of a connection, or from the begin of a message on it, to the message's end."""
SILENT = 3600.0
"""Seconds without anything on a connection that has brought a message."""
PING, PONG = b"\r\n\r\n", b"\r\n"
"""What keeps a connection alive (RFC 5626, section 3.5.1, from memory)."""


class _Stream:
    __slots__ = ("alias", "flow", "framing", "spoke", "waiting")

    def __init__(self, flow: Flow, limits: Limits, now: Instant) -> None:
        self.flow = flow
        self.spoke = now
        """When its last message came."""
        self.framing = StreamFraming(limits)
        self.alias: Address | None = None
        self.waiting = True
        """Whether the deadline is that of a message to be finished."""


class Streams:
    """The open connections by number, the one that has been silent longest first."""

    __slots__ = ("_aliases", "_buffered", "_deadlines", "_limits", "_most", "_most_buffered", "_open")

    def __init__(self, limits: Limits, most: int, most_buffered: int) -> None:
        self._limits = limits
        self._most = most
        self._most_buffered = most_buffered
        self._open: dict[int, _Stream] = {}
        self._deadlines: Deadlines[int] = Deadlines()
        self._aliases: dict[Address, Flow] = {}
        self._buffered = 0

    def __contains__(self, flow: Flow) -> bool:
        """Whether the connection is open."""
        return flow.number in self._open

    def alive(self, flow: Flow | None) -> Flow | None:
        """The same where it is a connection that is open, or a link that carries datagrams."""
        if flow is None or (flow.transport is Transport.UDP and flow.number):
            return flow
        return flow if flow.number in self._open else None

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
        self._open[flow.number] = _Stream(flow, self._limits, now)
        self._deadlines.set(flow.number, Instant(now + UNFINISHED))
        return True

    def idle(self, flow: Flow, now: Instant) -> Flow | None:
        """The connection that makes room for another where there are too many: the one that has been silent longest, 64*T1 at least.

        Without that, who calls as often as he can and says no more than one thing would keep everybody else out.
        """
        if flow.number in self._open or len(self._open) < self._most:
            return None
        first = next(iter(self._open.values()), None)
        # = rfc3261:18/1
        # = rfc3261:18/2
        return first.flow if first is not None and now - first.spoke >= UNFINISHED else None

    def close(self, flow: Flow) -> None:
        """Forgets a connection and what was unfinished on it."""
        stream = self._open.pop(flow.number, None)
        if stream is not None:
            self._deadlines.cancel(flow.number)
            self._buffered -= stream.framing.buffered
            if stream.alias is not None and self._aliases.get(stream.alias) == stream.flow:
                del self._aliases[stream.alias]

    def alias(self, via: Via, flow: Flow) -> None:
        """Whoever has sent this Via is reached by the connection on which it came (RFC 5923, from memory).

        So is answered who calls over TLS and does not listen himself.  The sent-by has to be his: a name that his certificate
        proves, or the address that he calls from.
        """
        stream = self._open.get(flow.number)
        # = rfc5923:7/0 silent: what the parameter alias asks for is done for everybody over TLS, and for nobody over TCP
        if stream is None or flow.transport is not Transport.TLS:
            return
        host = numeric(via.host) or via.host.lower()
        if host != flow.remote.host and host not in flow.identities:
            return
        port = via.port
        name = Address(host, flow.transport.default_port if port is None else port)
        if stream.alias is None:
            stream.alias = name
            self._aliases[name] = stream.flow

    def toward(self, hop: Hop) -> Flow | None:
        """The open connection of whoever is looked for, if he has called; a name counts as he has proved it."""
        return self._aliases.get(hop.address._replace(host=hop.name or hop.address.host)) if self._aliases else None

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
        if messages:
            stream.spoke = now
            self._open[flow.number] = self._open.pop(flow.number)
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
