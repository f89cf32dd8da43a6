"""TLS over TCP with the Framing Header, without ICE (RFC 6940, section 6.6.5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol as Interface
from typing import cast

from OpenSSL import SSL
from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from disco_ref.notation.context import Context
from disco_ref.reload.actions import Link
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.link.establishing import Attempt
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.shell.overlay.wire.candidates import Way
from disco_ref.shell.overlay.wire.links import HANDSHAKE, Links
from disco_ref.shell.overlay.wire.security import shown
from disco_ref.shell.sip.sockets import bound
from disco_ref.shell.sip.tls import Creator
from disco_ref.shell.sip.trouble import said
from disco_ref.shell.sip.wire import BoundAddress, BoundPort, Reactor, Wire
from disco_ref.sip.flow import Address

UNSENT = 4 << 20
"""Octets that wait for a peer that does not read; beyond, the link is given up."""


class _TlsWire(Wire, Interface):
    def getHandle(self) -> SSL.Connection:
        """The state of TLS."""

    def getHost(self) -> BoundAddress:
        """The own end."""


class _Connector(Interface):
    def disconnect(self) -> None:
        """No connection is wanted any more."""


@implementer(IHandshakeListener, IPushProducer)
class Stream(Protocol):
    """One end of a link."""

    def __init__(self, links: Links, link: Link, context: Context | None) -> None:
        """``context`` None: it is for an application, and its octets go as they are (section 6.5.2)."""
        self._links = links
        self._link = link
        self._context = context
        self._full = False
        self._waiting = 0
        self._over = False
        self._wire: _TlsWire | None = None
        self.connector: _Connector | None = None
        """Of a link that this node makes."""

    def connectionMade(self) -> None:
        """The connection stands; TLS is still to come."""
        self._wire = wire = cast(_TlsWire, self.transport)
        if self._over:
            wire.abortConnection()
            return
        wire.setTcpNoDelay(True)
        wire.setTcpKeepAlive(True)
        wire.registerProducer(self, True)

    def handshakeCompleted(self) -> None:
        """TLS stands."""
        wire = self._wire
        if wire is not None and not self._over:
            carrier = None if self._context is None else FramedStream(self._context)
            near, far = wire.getHost(), wire.getPeer()
            ends = Address(near.host, near.port), Address(far.host, far.port)
            self._links.proven(self._link, shown(wire.getHandle()), carrier, *ends)

    def dataReceived(self, data: bytes) -> None:
        """Octets, however cut."""
        if not self._over:
            self._links.arrived(self._link, data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone."""
        self._over = True
        self._links.lost(self._link, said(reason.value))

    def send(self, octets: bytes) -> None:
        """Sends octets, or gives the link up where too many wait already."""
        if self._wire is None or self._over:
            return
        if self._full:
            self._waiting += len(octets)
            if self._waiting > UNSENT:
                self.abort()
                return
        self._wire.write(octets)

    def pauseProducing(self) -> None:
        """The peer does not read as fast as is written."""
        self._full = True

    def resumeProducing(self) -> None:
        """What was waiting has left."""
        self._full = False
        self._waiting = 0

    def stopProducing(self) -> None:
        """The connection closes."""

    def close(self) -> None:
        """Closes the link once everything has left."""
        if self._wire is None:
            self.abort()
            return
        self._wire.unregisterProducer()
        self._wire.loseConnection()

    def abort(self) -> None:
        """Closes the link at once."""
        self._over = True
        if self._wire is not None:
            self._wire.abortConnection()
        elif self.connector is not None:
            self.connector.disconnect()


class _TurnedAway(Protocol):
    """A connection too many; below TLS a factory cannot say so by making none."""

    def connectionMade(self) -> None:
        """It is closed at once."""
        cast(Wire, self.transport).abortConnection()


class _Accepted(Factory):
    noisy = False

    def __init__(self, make: Callable[[Address], Stream | None]) -> None:
        self._make = make

    def buildProtocol(self, addr: object) -> Protocol:
        """The end of a link that somebody begins, unless there are too many."""
        remote = cast(BoundAddress, addr)
        return self._make(Address(remote.host, remote.port)) or _TurnedAway()


class _Made(ClientFactory):
    noisy = False

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def buildProtocol(self, addr: object) -> Stream:
        """The end of the link that this node makes."""
        return self._stream

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        """There is no connection."""
        self._stream.connectionLost(reason)


class Streams:
    """Makes and accepts links over TLS."""

    protocol = OverlayLinkType.TLS_TCP_FH_NO_ICE

    def __init__(self, reactor: Reactor, links: Links, settings: SSL.Context, context: Context | None) -> None:
        """``context`` None: links of applications are made."""
        self._reactor = reactor
        self._links = links
        self._creator = Creator(settings)
        self._context = context
        self._ports: list[BoundPort] = []
        self._private: dict[Attempt, BoundPort] = {}
        self.ways: list[Way] = []
        """Where others can reach this node by it."""

    def listen(self, address: Address, advertised: str = "") -> Address:
        """Opens a socket, and says where others find it, if not at its own address; OSError where that cannot be."""
        port = self._bound(address, None)
        self._ports.append(port)
        at = Address(advertised or address.host, port.getHost().port)
        self.ways.append(Way(self.protocol, at))
        return at

    def listen_for(self, attempt: Attempt, host: str) -> Address:
        """Opens a socket for one attempt alone, at any port; OSError where that cannot be."""
        port = self._private[attempt] = self._bound(Address(host, 0), attempt)
        return Address(host, port.getHost().port)

    def forget(self, attempt: Attempt | None) -> None:
        """Closes the socket of an attempt, if it has one."""
        port = None if attempt is None else self._private.pop(attempt, None)
        if port is not None:
            port.stopListening()

    def _bound(self, address: Address, attempt: Attempt | None) -> BoundPort:
        factory = self._secured(_Accepted(partial(self._accepted, attempt)), False)
        with bound(address, stream=True) as made:
            return self._reactor.adoptStreamPort(made.fileno(), made.family, factory)

    def open(self, link: Link, remote: Address) -> Stream:
        """Begins a link."""
        stream = Stream(self._links, link, self._context)
        factory = self._secured(_Made(stream), True)
        connector = self._reactor.connectTCP(remote.host, remote.port, factory, HANDSHAKE)
        stream.connector = cast(_Connector, connector)
        return stream

    def stop(self) -> list[object]:
        """Closes the sockets."""
        return [port.stopListening() for port in (*self._ports, *self._private.values())]

    def _accepted(self, attempt: Attempt | None, remote: Address) -> Stream | None:
        link = self._links.accepted(remote, attempt)
        if link is None:
            return None
        stream = Stream(self._links, link, self._context)
        self._links.begun(link, stream)
        return stream

    def _secured(self, inner: Factory, client: bool) -> Factory:
        # = rfc6940:6.5.1.13/1
        # = rfc6940:6.5.1.13/2
        outer = TLSMemoryBIOFactory(self._creator, client, inner, self._reactor)  # type: ignore[arg-type]
        outer.noisy = False
        return cast(Factory, outer)
