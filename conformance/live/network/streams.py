"""Connections of parties: TCP, and TLS over it with certificates given or made for the run."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conformance.errors import Misuse, said
from conformance.live.network.authority import key_of, names_of
from conformance.live.network.wire import WireFault
from conformance.live.subject import Certificates, End, shown

CONNECTING = 4.0
"""Seconds that a connection and its handshake may take; sending into a full window too."""
LONGEST = 65536
"""Octets taken from a connection at once."""


@dataclass(frozen=True, slots=True)
class Dress:
    """How a party appears in TLS."""

    certificate: Path | None
    """What it shows, its key in the same file; nothing where it opens a connection and this is None."""
    suite: str = ""
    """The only one that it offers, by the name that OpenSSL gives it, with TLS 1.2; empty: as usual."""


@dataclass(slots=True, eq=False)
class Connection:
    """One connection of a party."""

    number: int
    party: str
    transport: str
    socket: socket.socket
    local: End
    remote: End
    remark: str = ""
    """What is to be told of it."""

    def send(self, octets: bytes) -> None:
        """All of it; raises WireFault where the peer does not take it."""
        try:
            self.socket.settimeout(CONNECTING)
            self.socket.sendall(octets)
        except OSError as fault:
            raise WireFault(f"the connection with {shown(self.remote)} does not take any more: {fault}") from None
        finally:
            self.socket.setblocking(False)

    def read(self) -> bytes | None:
        """What has come; empty where nothing has, None where the peer has closed."""
        try:
            octets = self.socket.recv(LONGEST)
            while isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
                octets += self.socket.recv(LONGEST)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        except OSError:
            return None
        return octets or None


class Streams:
    """Opens and accepts connections."""

    def __init__(self, local: str, family: socket.AddressFamily, certificates: Certificates) -> None:
        self._local = local
        self._family = family
        self._certificates = certificates
        self._made = 0

    def listen(self, port: int = 0) -> socket.socket:
        """A socket that accepts."""
        one = socket.socket(self._family, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((self._local, port))
            one.listen(16)
        except OSError:
            one.close()
            raise
        one.setblocking(False)
        return one

    def connect(self, party: str, transport: str, to: End, dress: Dress | None = None) -> Connection:
        """A connection to an address; raises WireFault."""
        remark = ""
        one = socket.socket(self._family, socket.SOCK_STREAM)
        one.settimeout(CONNECTING)
        try:
            one.bind((self._local, 0))
            one.connect(to)
            if transport == "tls":
                context = _dressed(client_context(self._certificates), dress)
                one = context.wrap_socket(one, server_hostname=self._certificates.name or to[0])
                remark = _seen(one)
        except OSError as fault:
            one.close()
            raise WireFault(f"no {transport.upper()} connection to {shown(to)}: {said(fault)}") from None
        return self._connection(party, transport, one, remark)

    def accept(
        self, party: str, transport: str, listening: socket.socket, dress: Dress | None = None
    ) -> Connection | str:
        """A connection that the subject opens; why, where its handshake fails."""
        try:
            one, peer = listening.accept()
            one.settimeout(CONNECTING)
            if transport == "tls":
                shown = self._certificates
                if dress is not None and dress.certificate is not None:
                    shown = Certificates(certificate=dress.certificate)
                one = server_context(shown).wrap_socket(one, server_side=True)
            return self._connection(party, transport, one, peer=peer)
        except OSError as fault:
            return said(fault)

    def _connection(
        self, party: str, transport: str, one: socket.socket, remark: str = "", peer: tuple[object, ...] = ()
    ) -> Connection:
        """Of one that was accepted the peer is known already, and may be gone again."""
        one.setblocking(False)
        self._made += 1
        local, remote = end_of(one.getsockname()), end_of(peer or one.getpeername())
        return Connection(self._made, party, transport, one, local, remote, remark)


def end_of(name: tuple[object, ...]) -> End:
    """Host and port of a socket's name."""
    return str(name[0]).partition("%")[0], int(str(name[1]))


def client_context(certificates: Certificates) -> ssl.SSLContext:
    """How the harness opens TLS: whom it trusts, and its certificate where it has one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificates.authority is not None:
        _trust(context, certificates.authority)
    if certificates.certificate is not None:
        _show(context, certificates.certificate, certificates.key)
    return context


def _dressed(context: ssl.SSLContext, dress: Dress | None) -> ssl.SSLContext:
    """The same for a party that opens a connection in a dress of its own."""
    if dress is not None and dress.certificate is not None:
        _show(context, dress.certificate, None)
    if dress is not None and dress.suite:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(dress.suite)
    return context


def offers(suite: str) -> bool:
    """Whether the harness can offer a suite."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(suite)
    except ssl.SSLError:
        return False
    return True


def _seen(one: ssl.SSLSocket) -> str:
    """Whom the certificate of the subject names, and how the octets are protected."""
    shown = one.getpeercert(binary_form=True) or b""
    names, suite = ", ".join(names_of(shown)) or "nobody", one.cipher()
    return f"the subject's certificate names {names}; key {key_of(shown)}; suite {suite[0] if suite else 'none'}"


def _trust(context: ssl.SSLContext, authority: Path) -> None:
    """Verify whom we speak with; raises Misuse."""
    try:
        context.load_verify_locations(authority)
    except ssl.SSLError:
        raise Misuse(f"--ca {authority}: no certificate in PEM (-----BEGIN CERTIFICATE-----)") from None
    except OSError as fault:
        raise Misuse(f"--ca {authority}: {said(fault)}") from None
    context.verify_mode = ssl.CERT_REQUIRED


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Have something to show; raises Misuse."""
    names = f"--certificate {certificate}" + (f" --key {key}" if key else "")
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError:
        lacks = "" if key else ", the key behind it in the same file, or named by --key"
        raise Misuse(f"{names}: no certificate in PEM with its key{lacks}") from None
    except OSError as fault:
        raise Misuse(f"{names}: {said(fault)}") from None


def server_context(certificates: Certificates) -> ssl.SSLContext:
    """How the harness accepts TLS: with its certificate, or one that is made for the run."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = (certificates.certificate, certificates.key)
    if certificate is None:
        certificate = key = _made_for_the_run()
    _show(context, certificate, key)
    return context


_folder = tempfile.TemporaryDirectory(prefix="disco-conformance-")


@cache
def _made_for_the_run() -> Path:
    """Key and certificate of nobody in particular, in one file that goes with the process."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "disco-conformance")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1")]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1)).add_extension(x509.SubjectAlternativeName(names), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = Path(_folder.name) / "harness.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
