"""The harness' own authority: a root that a subject is told to trust, and certificates that deserve it or do not.

Everything lies in one folder, so that the subject can be set up before the run: ``root.pem`` is to be trusted,
``subject.pem`` is a certificate with its key that the subject can show.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from conformance.errors import Misuse, said

PEM = serialization.Encoding.PEM
ROOT, ROOT_KEY, SUBJECT = "root.pem", "root.key.pem", "subject.pem"
GOOD, EXPIRED, FOREIGN, ELSEWHERE = "good", "expired", "foreign", "elsewhere"
KINDS = {
    GOOD: "good",
    EXPIRED: "expired",
    FOREIGN: "of an authority that nobody trusts",
    ELSEWHERE: "of another site",
}
"""What parties can show, as the evidence names it."""
UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate raises that is none, or an odd one."""
OTHER_SITE = "another-site.invalid"
DAY = datetime.timedelta(days=1)

_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Authority:
    """A folder with a root, its key, and what was signed with it."""

    def __init__(self, folder: Path) -> None:
        """Take up the folder, or make it; raises Misuse where it holds something else or cannot be written."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / ROOT).exists():
                _write_root(folder / ROOT, folder / ROOT_KEY, "disco-conformance test root")
        except OSError as fault:
            raise Misuse(f"--authority {folder}: {said(fault)}") from None

    @property
    def root(self) -> Path:
        """The certificate that a subject is to trust, in PEM."""
        return (self._folder / ROOT).absolute()

    @property
    def subject(self) -> Path:
        """What the subject can show, its key in the same file."""
        return (self._folder / SUBJECT).absolute()

    def certify(self, names: Sequence[str]) -> Path:
        """A certificate for the subject, with an RSA key, for the oldest suite as well."""
        self._sign(self.subject, names, rsa.generate_private_key(65537, 2048))
        return self.subject

    def shown(self, kind: str, host: str) -> Path:
        """What a party at a host shows; made anew, for what lies there may be as old as the folder."""
        path = (self._folder / f"{kind}-{host.replace(':', '_')}.pem").absolute()
        names = [OTHER_SITE] if kind == ELSEWHERE else [host, *(["localhost"] if _loopback(host) else [])]
        self._sign(path, names, ec.generate_private_key(ec.SECP256R1()), kind)
        return path

    def for_names(self, kind: str, names: Sequence[str]) -> Path:
        """What a server of the harness shows that has these names."""
        path = (self._folder / f"{kind}-of-{len(names)}-names.pem").absolute()
        chosen = [OTHER_SITE] if kind == ELSEWHERE else list(names)
        self._sign(path, chosen, ec.generate_private_key(ec.SECP256R1()), kind)
        return path

    def _sign(self, path: Path, names: Sequence[str], key: _Key, kind: str = GOOD) -> None:
        """A certificate and its key in one file."""
        root, root_key = self._foreign_root() if kind == FOREIGN else _read_root(self.root, self._folder / ROOT_KEY)
        now = datetime.datetime.now(datetime.UTC)
        end = now - DAY if kind == EXPIRED else now + 30 * DAY
        builder = (
            x509.CertificateBuilder().subject_name(_named(names[0])).issuer_name(root.subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - 20 * DAY).not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), False)
        )  # fmt: skip
        made = builder.sign(root_key, hashes.SHA256()).public_bytes(PEM)
        path.touch(mode=0o600)
        path.write_bytes(made + _private(key))

    def _foreign_root(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """Another root, of which no subject is told."""
        root, key = self._folder / "foreign-root.pem", self._folder / "foreign-root.key.pem"
        if not root.exists():
            _write_root(root, key, "disco-conformance untrusted root")
        return _read_root(root, key)


def _write_root(path: Path, key_path: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder().subject_name(_named(name)).issuer_name(_named(name)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - 30 * DAY).not_valid_after(now + 365 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )  # fmt: skip
    key_path.touch(mode=0o600)
    key_path.write_bytes(_private(key))
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(PEM))


def _read_root(path: Path, key_path: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A root with its key; raises Misuse where the files are not what was written."""
    try:
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        root = x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as fault:
        raise Misuse(f"--authority {path.parent}: {said(fault)}") from None
    except (ValueError, TypeError):
        raise Misuse(f"--authority {path.parent}: {path.name} and {key_path.name} are no root with its key") from None
    if root.not_valid_after_utc < datetime.datetime.now(datetime.UTC) + DAY:
        raise Misuse(f"--authority {path.parent}: its root is about to expire, or has; make another folder")
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Misuse(f"--authority {path.parent}: {key_path.name} is no key of ours")
    return root, key


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _private(key: _Key) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _general(name: str) -> x509.GeneralName:
    """The form that an alternative name has."""
    if name.startswith("sip:"):
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def key_of(certificate: bytes) -> str:
    """``RSA``, or another kind of key that a certificate (DER) is for."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except UNREADABLE:
        return "unknown"
    return (
        "RSA" if isinstance(key, rsa.RSAPublicKey) else "EC" if isinstance(key, ec.EllipticCurvePublicKey) else "other"
    )


def names_of(certificate: bytes) -> tuple[str, ...]:
    """Whom a certificate (DER) names, in lower case: its SIP URIs without user, DNS names and addresses; its common name where it has no others."""
    try:
        read = x509.load_der_x509_certificate(certificate)
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return tuple(str(one.value).lower() for one in read.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    except UNREADABLE:
        return ()
    uris = [
        one[4:] for one in names.get_values_for_type(x509.UniformResourceIdentifier) if one.lower().startswith("sip:")
    ]
    hosts = [one for one in uris if "@" not in one] + names.get_values_for_type(x509.DNSName)
    return (*(one.lower() for one in hosts), *(str(one) for one in names.get_values_for_type(x509.IPAddress)))
