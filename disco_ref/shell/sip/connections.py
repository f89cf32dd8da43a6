"""The connections of an element: accepted, made, reused, given up (RFC 3261, section 18; RFC 3263, section 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from twisted.internet.protocol import ClientFactory, Factory
from twisted.internet.protocol import Protocol as Twisted
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure

from disco_ref.peer.effects import Handle
from disco_ref.shell.sip.sockets import bound
from disco_ref.shell.sip.stream import TcpStream, TlsStream
from disco_ref.shell.sip.tls import Creator, SslContext
from disco_ref.shell.sip.trouble import said
from disco_ref.shell.sip.wire import BoundPort, Call, Reactor, Wire
from disco_ref.sip.flow import Address, Flow, Hop, Transport

CONNECTING = 8.0
"""Seconds for a connection to come about, handshake included."""
MOST_WAITING = 200
"""Messages that wait for one connection to come about."""

Stream = TcpStream


class Node(Protocol):
    """Who is told what happens on connections."""

    def opened(self, handle: Handle, flow: Flow) -> None:
        """A connection is ready."""

    def received(self, octets: bytes, flow: Flow) -> None:
        """Octets have come."""

    def closed(self, flow: Flow, why: str) -> None:
        """A connection is gone."""

    def undelivered(self, handle: Handle, why: str, octets: bytes = b"") -> None:
        """No connection could be made; what was to be sent, where it is still there."""


class _Made(ClientFactory):
    """Makes the one stream of a connection of ours."""

    noisy = False

    def __init__(self, stream: Stream, failed: Callable[[Stream, str], None]) -> None:
        self._stream = stream
        self._failed = failed

    def buildProtocol(self, addr: object) -> Stream:
        """The stream, once."""
        return self._stream

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        """There is no connection."""
        self._failed(self._stream, said(reason.value))


class _TurnedAway(Twisted):
    """A connection too many: below TLS no factory can say so by making none."""

    def connectionMade(self) -> None:
        """It is closed at once."""
        cast(Wire, self.transport).abortConnection()


class _Accepted(Factory):
    """Makes the streams of connections that others make."""

    noisy = False

    def __init__(self, make: Callable[[], Stream | None]) -> None:
        self._make = make

    def buildProtocol(self, addr: object) -> Twisted:
        """A stream, or where there are too many the end of it."""
        return self._make() or _TurnedAway()


class Connections:
    """All connections of one element."""

    def __init__(
        self, reactor: Reactor, node: Node, *, server: SslContext = None, client: SslContext = None, most: int = 2_000
    ) -> None:
        self._reactor = reactor
        self._node = node
        self._server = server
        self._client = client
        self._most = most
        self._count = 0
        self.unsent = 0
        """Octets that wait for peers that do not read."""
        self._ports: list[BoundPort] = []
        self._streams: dict[int, Stream] = {}
        """Every one that lives, ready or not."""
        self._limits: dict[int, Call] = {}
        """When those that are not ready are given up."""
        self._ready: dict[Hop, Stream] = {}
        """Where messages to a hop go; under TLS one entry for each name that was proved."""
        self._making: dict[Hop, tuple[Stream, list[tuple[bytes, Handle]]]] = {}
        self._hops: dict[int, Hop] = {}
        """For connections of ours, whom they are made to."""

    def listen(self, transport: Transport, address: Address) -> Address:
        """Opens a socket for connections; OSError where that cannot be."""

        def make() -> Stream | None:
            return self._new(transport, local, None)

        factory = self._secured(_Accepted(make), self._server if transport is Transport.TLS else None)
        with bound(address, stream=True) as made:
            port = self._reactor.adoptStreamPort(made.fileno(), made.family, factory)
        self._ports.append(port)
        local = Address(address.host, port.getHost().port)
        return local

    def _secured(self, inner: Factory, settings: SslContext, name: str | None = None) -> Factory:
        """The same with TLS below, where there are settings for it; a name makes it the calling side."""
        if settings is None:
            return inner
        creator = Creator(settings, name or "")
        outer = TLSMemoryBIOFactory(creator, name is not None, inner, self._reactor)  # type: ignore[arg-type]
        outer.noisy = False
        return cast(Factory, outer)

    def _new(self, transport: Transport, local: Address, wanted: str | None) -> Stream | None:
        if len(self._streams) >= self._most:
            return None
        self._count += 1
        number = self._count
        stream: Stream
        if transport is Transport.TLS:
            stream = TlsStream(self, local, number, wanted)
        else:
            stream = TcpStream(self, local, number)
        self._streams[number] = stream
        self._limits[number] = self._reactor.callLater(CONNECTING, self._late, stream)
        return stream

    def _late(self, stream: Stream) -> None:
        self._limits.pop(stream.number, None)
        if stream.connected:
            stream.abort()
        else:
            self.lost(stream, "the host does not answer")

    def send(self, octets: bytes, flow: Flow | None, hop: Hop | None, handle: Handle, local: Address | None) -> None:
        """Sends on a connection that is open, or makes one."""
        stream = self._streams.get(flow.number) if flow is not None else None
        if stream is None and hop is not None:
            stream = self._ready.get(_key(hop))
        if stream is not None and stream.flow is not None:
            stream.send(octets, handle)
        elif hop is not None and local is not None:
            self._make(octets, hop, handle, local)
        else:
            self._tell(handle, "the connection is closed", octets)

    def _tell(self, handle: Handle, why: str, octets: bytes = b"") -> None:
        if handle:
            self._node.undelivered(handle, why, octets)

    def _make(self, octets: bytes, hop: Hop, handle: Handle, local: Address) -> None:
        hop = _key(hop)
        making = self._making.get(hop)
        if making is not None:
            if len(making[1]) < MOST_WAITING:
                making[1].append((octets, handle))
            else:
                self._tell(handle, "too many messages wait for the connection", octets)
            return
        secure = hop.transport is Transport.TLS
        if secure and self._client is None:
            self._tell(handle, "there is no TLS here", octets)
            return
        stream = self._new(hop.transport, local, hop.name)
        if stream is None:
            self._tell(handle, "too many connections", octets)
            return
        stream.unheard = []
        self._making[hop] = stream, [(octets, handle)]
        self._hops[stream.number] = hop
        made = _Made(stream, self.lost)
        factory = self._secured(made, self._client if secure else None, hop.name)
        self._reactor.connectTCP(hop.address.host, hop.address.port, factory, CONNECTING)

    def ready(self, stream: Stream, flow: Flow) -> None:
        """A stream can be used."""
        self._settle(stream)
        for hop in _hops(flow):
            self._ready.setdefault(hop, stream)
        made = self._hops.get(stream.number)
        waiting: list[tuple[bytes, Handle]] = []
        if made is not None:
            self._ready[made] = stream
            _, waiting = self._making.pop(made, (stream, []))
        self._node.opened(waiting[0][1] if waiting else (), flow)
        for octets, handle in waiting:
            stream.send(octets, handle)

    def _settle(self, stream: Stream) -> None:
        limit = self._limits.pop(stream.number, None)
        if limit is not None and limit.active():
            limit.cancel()

    def arrived(self, octets: bytes, flow: Flow) -> None:
        """Octets have come on a stream."""
        self._node.received(octets, flow)

    def lost(self, stream: Stream, why: str) -> None:
        """A stream is gone, or has never come about."""
        if self._streams.pop(stream.number, None) is None:
            return
        self._settle(stream)
        hop = self._hops.pop(stream.number, None)
        self._unready(stream, hop)
        if stream.flow is not None:
            self._node.closed(stream.flow, why)
        if hop is not None:
            _, waiting = self._making.pop(hop, (stream, []))
            why = f"no connection to {hop.address} over {hop.transport}: {why}"
            for octets, handle in waiting:
                self._tell(handle, why, octets)
            for handle in stream.unheard or ():
                self._tell(handle, why)

    def _unready(self, stream: Stream, made: Hop | None) -> None:
        """No more messages to a hop go over a stream."""
        for each in (*(_hops(stream.flow) if stream.flow else ()), *([made] if made else ())):
            if self._ready.get(each) is stream:
                del self._ready[each]

    def shut(self, flow: Flow) -> None:
        """Closes a connection, once what was sent on it has left."""
        stream = self._streams.get(flow.number)
        if stream is not None and flow.number not in self._limits:
            self._unready(stream, self._hops.get(flow.number))
            stream.close()
            # A peer that does not read would keep it for ever.
            self._limits[flow.number] = self._reactor.callLater(CONNECTING, self._late, stream)

    def close(self) -> list[object]:
        """Closes all sockets and connections; the Deferreds, if any, fire when they are."""
        stopped = [port.stopListening() for port in self._ports]
        for stream in list(self._streams.values()):
            if stream.connected:
                stream.close()
            else:
                self.lost(stream, "closed")
        return stopped


def _key(hop: Hop) -> Hop:
    """Whom a connection is made to: the name matters where it has to be proved."""
    if hop.transport is Transport.TLS:
        return hop._replace(name=(hop.name or hop.address.host).lower())
    return hop._replace(name="") if hop.name else hop


def _hops(flow: Flow) -> list[Hop]:
    """The hops that a connection is as good as made to."""
    if flow.transport is Transport.TLS:
        return [Hop(flow.transport, flow.remote, name) for name in flow.identities]
    return [Hop(flow.transport, flow.remote)]
