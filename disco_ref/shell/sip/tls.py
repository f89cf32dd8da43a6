"""Certificates, keys and what a handshake has proved (RFC 3261, section 26.3; RFC 5922, from memory)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from twisted.internet.interfaces import (
    IOpenSSLClientConnectionCreator,
    IOpenSSLServerConnectionCreator,
)
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import TlsWire
from disco_ref.sip.flow import numeric


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an element shows and whom it trusts; files in PEM."""

    certificate: Path | None = None
    """Ours, with those of the authorities between it and the root behind it."""
    key: Path | None = None
    """The private key of our certificate; None: it is in the same file."""
    authorities: Path | None = None
    """The roots that are trusted; None: those of the operating system."""
    mutual: bool = False
    """Whether who calls us must show a certificate."""


SslContext = SSL.Context | None


def context(credentials: Credentials, *, server: bool) -> SSL.Context:
    """The settings of one side of TLS; Trouble where a file cannot be read or is no good."""
    made = SSL.Context(SSL.TLS_METHOD)
    made.set_min_proto_version(SSL.TLS1_2_VERSION)
    made.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    made.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    if credentials.certificate is not None:
        _show(made, credentials.certificate, credentials.key or credentials.certificate)
    elif server:
        raise Trouble("TLS needs a certificate to show: name one with --certificate, and its key with --key")
    if credentials.authorities is not None:
        _certificates(credentials.authorities, "certificates of authorities")
        made.load_verify_locations(str(credentials.authorities))
    else:
        made.set_default_verify_paths()
    # = rfc3261:26.3.1/5
    # = rfc3261:26.3.1/1b
    if not server:
        made.set_verify(SSL.VERIFY_PEER, _verified)
    elif credentials.mutual:
        made.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _verified)
        made.set_session_id(b"disco-ref")
    return made


def _verified(_connection: SSL.Connection, _certificate: object, _error: int, _depth: int, good: int) -> bool:
    return bool(good)


def _octets(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        raise Trouble(f"cannot read {what} {path}: {failure.strerror or failure}") from None


def _certificates(path: Path, what: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_octets(path, what))
    except ValueError:
        raise Trouble(f"{path} holds no {what} in PEM (-----BEGIN CERTIFICATE-----)") from None


def _show(made: SSL.Context, certificate: Path, key: Path) -> None:
    """Puts our certificate and its key into the settings."""
    first = _certificates(certificate, "certificate")[0]
    try:
        private = load_pem_private_key(_octets(key, "private key"), None)
    except TypeError:
        raise Trouble(f"the private key {key} is locked by a password; give one without") from None
    except ValueError:
        raise Trouble(f"{key} holds no private key in PEM (-----BEGIN PRIVATE KEY-----); name it with --key") from None
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != first.public_key().public_bytes(*form):
        raise Trouble(f"the private key {key} does not belong to the certificate {certificate}")
    try:
        made.use_certificate_chain_file(str(certificate))
        made.use_privatekey_file(str(key))
    except SSL.Error as failure:
        raise Trouble(f"the certificate {certificate} cannot be used: {failure}") from None


@implementer(IOpenSSLServerConnectionCreator, IOpenSSLClientConnectionCreator)
class Creator:
    """Makes the TLS side of connections from settings."""

    def __init__(self, settings: SSL.Context, name: str = "") -> None:
        self._settings = settings
        self._name = name

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """A connection that was accepted."""
        return SSL.Connection(self._settings, None)

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """A connection that is made; it says whom it looks for where that is a name."""
        connection = SSL.Connection(self._settings, None)
        if self._name and numeric(self._name) is None:
            connection.set_tlsext_host_name(self._name.encode("ascii", "ignore"))
        return connection


def proved(transport: TlsWire) -> tuple[str, ...]:
    """The names that the other side's certificate proves, in lower case; none where it showed none."""
    shown = transport.getPeerCertificate()
    return identities(shown.to_cryptography()) if shown is not None else ()


def identities(certificate: x509.Certificate) -> tuple[str, ...]:
    """The SIP domains, host names and addresses of a certificate (RFC 5922, section 7.1).

    SIP URIs without a user part come first; names of the DNS count where there are none; the common name where the
    certificate has no alternative names at all.
    """
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(each.value).lower() for each in common)
    uris = [each.partition(":") for each in names.get_values_for_type(x509.UniformResourceIdentifier)]
    # = rfc5922:7.1/0
    domains = [host.lower() for scheme, _, host in uris if scheme.lower() == "sip" and "@" not in host]
    if not domains:
        domains = [each.lower() for each in names.get_values_for_type(x509.DNSName)]
    # = rfc5922:7.1/0 exception: an address counts too, for hops that have no name
    return (*domains, *(str(each) for each in names.get_values_for_type(x509.IPAddress)))
