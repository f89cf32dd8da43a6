"""Keys and certificates, made for the moment; nothing here is secret or meant to last."""

from __future__ import annotations

import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from disco_ref.notation.context import Context
from disco_ref.reload.security.certificates import reload_uri
from disco_ref.reload.security.signing import PrivateKey

OVERLAY = "overlay.example"
ALICE = bytes(range(16))
BOB = bytes(range(16, 32))
NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
YEAR = datetime.timedelta(days=365)


@cache
def ecdsa_key(which: int = 0) -> ec.EllipticCurvePrivateKey:
    """One of several P-256 keys, always the same in one run."""
    return ec.derive_private_key(1000 + which, ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """An RSA key."""
    return rsa.generate_private_key(65537, 2048)


def certificate(
    key: PrivateKey,
    context: Context,
    *,
    node_ids: tuple[bytes, ...] = (ALICE,),
    user: str | None = "alice@example.com",
    issuer: tuple[str, PrivateKey] | None = None,
    name: str = "",
    authority: bool | None = None,
    uris: tuple[str, ...] = (),
    overlay: str = OVERLAY,
    lasting: datetime.timedelta = YEAR,
) -> bytes:
    """A certificate in DER, by default one that its holder issued."""
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier(reload_uri(each, overlay, context)) for each in node_ids
    ]
    names += [x509.UniformResourceIdentifier(each) for each in uris]
    names += [x509.RFC822Name(user)] if user else []
    issuer_name, issuer_key = issuer or (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer_name))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOON - YEAR)
        .not_valid_after(NOON + lasting)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    if authority is not None:
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)] if text else [])
