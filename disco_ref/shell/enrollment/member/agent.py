# Twisted's agent has no types of its own
# mypy: disallow-untyped-calls=False
"""One exchange over HTTPS with a server that proves a name (RFC 6940, sections 11.2 and 11.3; RFC 2818)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.internet.interfaces import (
    IOpenSSLClientConnectionCreator,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.ssl import (
    Certificate,
    optionsForClientTLS,
    platformTrust,
    trustRootFromCertificates,
)
from twisted.python.failure import Failure
from twisted.web.client import (
    URI,
    Agent,
    FileBodyProducer,
    ResponseDone,
    ResponseFailed,
)
from twisted.web.error import Error as HTTPError
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from disco_ref.shell.enrollment.files import FilesLost, read
from disco_ref.shell.sip.trouble import said

PATIENCE = 30.0
"""Seconds from the beginning of a connection to the end of an answer."""

LARGEST = 1 << 20
"""Octets of an answer."""


class NotEnrolled(Exception):
    """No configuration or no certificate was to be had; the text says why and what to do."""

    def __init__(self, why: str, token: str = "") -> None:
        super().__init__(why)
        self.token = token
        """The token of the server, where it gave one."""


class Place(NamedTuple):
    """Where a server is, and what its certificate must match."""

    url: str
    """What is asked for."""
    name: str
    """The name or address that the certificate must match."""
    host: str
    """Whom to connect to."""
    port: int


def place(url: str, name: str | None = None) -> Place:
    """The place of a URL; NotEnrolled where it is no https URL. The certificate must match ``name``, else the URL's host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    # = rfc6940:11.1/8
    if not host or parts.scheme.lower() != "https" or parts.username is not None:
        raise NotEnrolled(f"{url}: expected a URL such as https://host:port/path")
    # = rfc6940:11.2/6a
    return Place(url, name or host, host, port or 443)


class Answer(NamedTuple):
    """An answer over HTTPS, whatever its status."""

    status: int
    octets: bytes
    media_type: str
    """In lower case, without parameters."""


class _Body(TwistedProtocol):
    """Collects an answer of bounded length."""

    def __init__(self) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._stop())
        self._octets = bytearray()
        self._too_long = False

    def dataReceived(self, data: bytes) -> None:
        self._octets += data
        if len(self._octets) > LARGEST:
            self._too_long = True
            self._stop()

    def _stop(self) -> None:
        cast(_Aborting, self.transport).abortConnection()

    def connectionLost(self, reason: Failure = Failure(ResponseDone())) -> None:  # noqa: B008
        if self.done.called:
            return
        if self._too_long:
            self.done.errback(NotEnrolled(f"an answer of more than {LARGEST} octets"))
        elif reason.check(ResponseDone):
            self.done.callback(bytes(self._octets))
        else:
            self.done.errback(reason)


class _Aborting(Protocol):
    def abortConnection(self) -> None:
        """Ends the connection at once."""


@implementer(IAgentEndpointFactory)
class _Fixed:
    """Connects to one place, whatever the URL says, and believes only who proves the name."""

    def __init__(self, reactor: IReactorTime, where: Place, options: IOpenSSLClientConnectionCreator) -> None:
        self._reactor, self._where, self._options = reactor, where, options

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """The endpoint; the URI has been taken apart before."""
        where = self._where
        plain = HostnameEndpoint(self._reactor, where.host, where.port, timeout=10)
        return wrapClientTLS(self._options, plain)  # type: ignore[arg-type]


class Asking:
    """Asks servers; whom it trusts is fixed for all of them."""

    def __init__(self, reactor: IReactorTime, authorities: Path | None = None) -> None:
        """Authorities in PEM, else those of the operating system; FilesLost where the file is no good."""
        self._reactor = reactor
        self._trust: Certificate = platformTrust() if authorities is None else _roots(authorities)

    async def ask(self, where: Place, method: bytes, headers: Headers, body: bytes | None = None) -> Answer:
        """The answer to a request; NotEnrolled where there is none, or the server is not the one it should be."""
        exchange = Deferred.fromCoroutine(self._exchange(where, method, headers, body))
        try:
            return await exchange.addTimeout(PATIENCE, self._reactor)
        except (OSError, ValueError, SSL.Error, *_NETWORK) as failure:
            raise NotEnrolled(f"{where.url}: {_why(failure, where)}") from None

    async def _exchange(self, where: Place, method: bytes, headers: Headers, body: bytes | None) -> Answer:
        # = rfc6940:11.2/5
        # = rfc6940:11.2/6b
        options = optionsForClientTLS(where.name, trustRoot=self._trust)
        agent = Agent.usingEndpointFactory(self._reactor, _Fixed(self._reactor, where, options))
        producer = None if body is None else FileBodyProducer(BytesIO(body))
        # redirections are not followed: nobody else is told the password
        response = await agent.request(method, where.url.encode("ascii"), headers, producer)
        collected = _Body()
        response.deliverBody(collected)
        octets = await collected.done
        kinds = response.headers.getRawHeaders("Content-Type") or [""]
        return Answer(int(response.code), octets, kinds[0].partition(";")[0].strip().lower())


_NETWORK = (
    TimeoutError,
    CancelledError,
    VerificationError,
    ConnectError,
    ConnectionClosed,
    DNSLookupError,
    ResponseFailed,
    HTTPError,
)


def _roots(authorities: Path) -> Certificate:
    octets = read(authorities)
    try:
        found = x509.load_pem_x509_certificates(octets)
        roots = [Certificate.loadPEM(each.public_bytes(Encoding.PEM)) for each in found]
        return cast(Certificate, trustRootFromCertificates(roots))
    except (ValueError, SSL.Error):
        raise FilesLost(f"{authorities}: no certificates in PEM") from None


def _why(failure: BaseException, where: Place) -> str:
    """What failed; where it is the certificate of the server, what to do."""
    inner = failure.reasons[0].value if isinstance(failure, ResponseFailed) and failure.reasons else failure
    if isinstance(inner, VerificationError):
        return f"its certificate does not match {where.name}"
    if isinstance(inner, SSL.Error):
        text = said(inner)
        return f"{text}; name who issued its certificate with --ca FILE" if "verify failed" in text else text
    if isinstance(inner, TimeoutError | CancelledError):
        return f"no answer within {PATIENCE:g} s"
    return said(inner)
