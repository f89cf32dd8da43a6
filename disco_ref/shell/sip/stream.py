"""One connection over TCP or TLS (RFC 3261, section 18; RFC 5922)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from disco_ref.peer.effects import Handle
from disco_ref.shell.sip.tls import proved
from disco_ref.shell.sip.trouble import said
from disco_ref.shell.sip.wire import TlsWire
from disco_ref.sip.flow import Address, Flow, Transport

if TYPE_CHECKING:
    from disco_ref.shell.sip.connections import Connections

UNSENT = 1 << 20
"""Octets that wait for a peer that does not read; beyond, the connection is given up."""
UNSENT_ALL = 64 << 20
"""Octets that wait for all such peers together; beyond, each of them that is owed more is given up."""
UNHEARD = 200
"""Messages whose senders are told when a connection is lost before anything has come back on it."""


@implementer(IPushProducer)
class TcpStream(Protocol):
    """A connection; the first thing heard of it is that it is ready."""

    def __init__(self, owner: Connections, local: Address, number: int) -> None:
        self.owner = owner
        self.number = number
        self.local = local
        self.flow: Flow | None = None
        """Once it is ready."""
        self.unheard: list[Handle] | None = None
        """Of a connection of ours, what was sent before anything came back."""
        self._full = False
        self._waiting = 0
        self._wire: TlsWire

    kind = Transport.TCP

    def connectionMade(self) -> None:
        """The connection stands."""
        self._wire = wire = cast(TlsWire, self.transport)
        wire.setTcpNoDelay(True)
        wire.setTcpKeepAlive(True)
        wire.registerProducer(self, True)
        self.ready()

    def ready(self, identities: tuple[str, ...] = ()) -> None:
        """Messages can be sent and received."""
        peer = self._wire.getPeer()
        remote = Address(peer.host, peer.port)
        self.flow = Flow(self.kind, self.local, remote, self.number, identities)
        self.owner.ready(self, self.flow)

    def dataReceived(self, data: bytes) -> None:
        """Octets of the stream, however cut."""
        if self.flow is not None:
            self.unheard = None
            self.owner.arrived(data, self.flow)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone."""
        self._nothing_waits()
        self.owner.lost(self, said(reason.value))

    def send(self, octets: bytes, handle: Handle) -> None:
        """Sends octets, or gives the connection up where too many wait already."""
        if self.unheard is not None and handle and len(self.unheard) < UNHEARD:
            self.unheard.append(handle)
        if self._full:
            self._waiting += len(octets)
            self.owner.unsent += len(octets)
            if self._waiting > UNSENT or self.owner.unsent > UNSENT_ALL:
                self.abort()
                return
        self._wire.write(octets)

    def pauseProducing(self) -> None:
        """The peer does not read as fast as we write."""
        self._full = True

    def resumeProducing(self) -> None:
        """What was waiting has left."""
        self._full = False
        self._nothing_waits()

    def _nothing_waits(self) -> None:
        self.owner.unsent -= self._waiting
        self._waiting = 0

    def stopProducing(self) -> None:
        """The connection closes."""

    def close(self) -> None:
        """Closes the connection once everything has left."""
        self._wire.unregisterProducer()
        self._wire.loseConnection()

    def abort(self) -> None:
        """Closes the connection at once."""
        self._wire.abortConnection()


@implementer(IHandshakeListener)
class TlsStream(TcpStream):
    """A connection over TLS: ready when the handshake is over and, where we have called, the name is proved."""

    kind = Transport.TLS

    def __init__(self, owner: Connections, local: Address, number: int, wanted: str | None = None) -> None:
        super().__init__(owner, local, number)
        self._wanted = wanted
        """The name that the other side has to prove; None: it has called us."""
        self._refused = ""

    def ready(self, identities: tuple[str, ...] = ()) -> None:
        """Waits for the handshake."""

    def handshakeCompleted(self) -> None:
        """The certificates have been verified."""
        identities = proved(self._wire)
        # = rfc3261:26.3.1/5
        # = rfc3261:26.3.2.1/4
        # = rfc5922:7.3/0
        if self._wanted is not None and self._wanted.lower() not in identities:
            shown = ", ".join(identities) or "no name"
            self._refused = f"the certificate proves {shown}, not {self._wanted}"
            self.abort()
            return
        super().ready(identities)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone; a handshake that failed says why."""
        self._nothing_waits()
        self.owner.lost(self, self._refused or said(reason.value))
