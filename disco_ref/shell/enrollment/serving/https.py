"""HTTPS as far as the server of an overlay needs it: bounded requests, and TLS from files (RFC 6940, sections 11.2 and 11.3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.parse import unquote_to_bytes

from cryptography import x509
from OpenSSL import SSL
from OpenSSL.crypto import X509, Error
from twisted.internet.interfaces import IAddress, IProtocolNegotiationFactory
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import connectionDone
from twisted.internet.ssl import CertificateOptions, PrivateCertificate, TLSVersion
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from twisted.web.server import Request, Site
from zope.interface import implementer

from disco_ref.shell.enrollment.files import FilesLost, read
from disco_ref.shell.enrollment.form import LARGEST

IDLE = 15
"""Seconds that a connection may be silent."""


MOST = 256
"""Connections at one time."""

LONGEST = 60.0
"""Seconds that a connection may last, however slowly it is used."""


class Later(Protocol):
    """A call that has not been made yet."""

    def active(self) -> bool:
        """Whether it is still to be made."""

    def cancel(self) -> None:
        """It is not to be made any more."""


class Clock(Protocol):
    """Whoever calls later."""

    def callLater(self, delay: float, callable: Callable[[], object], /) -> Later:
        """Calls something after so many seconds."""


class Exchange(Protocol):
    """A request and its answer, as far as they are used here; Twisted's interface of it has no types."""

    content: BinaryIO

    def getHeader(self, key: str) -> str | None:
        """A header field of the request."""

    def setHeader(self, name: str, value: str) -> None:
        """A header field of the answer."""

    def setResponseCode(self, code: int) -> None:
        """The status of the answer."""

    def getClientAddress(self) -> object:
        """Whence the request came."""


class _Connection(ProtocolWrapper):
    """A connection that ends in time."""

    factory: BoundedConnections
    _end: Later | None = None

    def makeConnection(self, transport: object) -> None:
        """Its time begins."""
        super().makeConnection(transport)  # type: ignore[no-untyped-call]
        self._end = self.factory.clock.callLater(LONGEST, self.abortConnection)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Its time is over."""
        if self._end is not None and self._end.active():
            self._end.cancel()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class _Abortable(Protocol):
    def abortConnection(self) -> None:
        """Ends the connection at once."""


class _TurnedAway(TwistedProtocol):
    """A connection too many; below TLS a factory cannot say so by making none."""

    def connectionMade(self) -> None:
        """It is closed at once."""
        cast(_Abortable, self.transport).abortConnection()


@implementer(IProtocolNegotiationFactory)
class BoundedConnections(WrappingFactory[_Connection]):
    """Connections, as many as are good for the server, and none of them for ever."""

    protocol = _Connection

    def __init__(self, site: Site, clock: Clock) -> None:
        super().__init__(site)  # type: ignore[no-untyped-call]
        self.clock = clock

    def acceptableProtocols(self) -> list[bytes]:
        """What a client that asks by ALPN is given; with nothing to offer TLS would fail."""
        return [b"http/1.1"]

    def buildProtocol(self, addr: IAddress | None) -> _Connection:
        """A connection; it is closed at once where there are too many."""
        if len(self.protocols) < MOST:
            return super().buildProtocol(addr)
        return cast(_Connection, _TurnedAway())


class _Wire(Protocol):
    def write(self, data: bytes) -> None:
        """Sends octets."""


class _Channel(Protocol):
    transport: _Wire

    def loseConnection(self) -> None:
        """Ends the connection."""


class BoundedRequest(Request):
    """A request whose body may not grow beyond that of a form, and whose path and header are text."""

    _refused = False
    _received = 0

    def gotLength(self, length: int | None) -> None:
        """Refuses what announces itself as too long."""
        super().gotLength(0 if length is not None and length > LARGEST else length)  # type: ignore[no-untyped-call]
        if length is not None and length > LARGEST:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        """Refuses what becomes too long without having said so."""
        self._received += len(data)
        if not self._refused and self._received > LARGEST:
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Nothing more comes of a request that was refused."""
        if not self._refused:
            super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]

    def process(self) -> None:
        """Refuses octets that are no text before anybody takes them for it."""
        values = [each for _, found in self.requestHeaders.getAllRawHeaders() for each in found]
        try:
            for octets in (unquote_to_bytes(self.uri), *values):
                octets.decode("utf-8")
        except UnicodeDecodeError:
            self.setResponseCode(400)
            self.finish()  # type: ignore[no-untyped-call]
            return
        super().process()  # type: ignore[no-untyped-call]

    def _refuse(self) -> None:
        self._refused = True
        channel = cast(_Channel, self.channel)
        channel.transport.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        channel.loseConnection()


def tls_options(path: Path) -> CertificateOptions:
    """The settings of TLS from one file in PEM: key, certificate, those between it and a root; FilesLost where it is no good."""
    octets = read(path)
    try:
        shown = PrivateCertificate.loadPEM(octets)  # type: ignore[no-untyped-call]
        between = [X509.from_cryptography(each) for each in x509.load_pem_x509_certificates(octets)[1:]]
        return CertificateOptions(
            privateKey=shown.privateKey.original,
            certificate=shown.original,
            extraCertChain=between,
            raiseMinimumTo=TLSVersion.TLSv1_2,
        )
    except (SSL.Error, Error, ValueError) as failure:
        raise FilesLost(f"{path}: not a key and a certificate in PEM for TLS ({type(failure).__name__})") from None
