"""Issuing certificates, and the root that they chain to (RFC 6940, section 11.3)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.notation.context import Context
from disco_ref.reload.enrollment.request import PublicKey
from disco_ref.reload.ids import wildcard_node_id
from disco_ref.reload.security.certificates import reload_uri
from disco_ref.reload.security.signing import PrivateKey

EARLIER = Duration(300.0)
"""Seconds that a certificate is valid before it is made, for those whose clocks are late."""


class Authority(NamedTuple):
    """Who issues certificates."""

    key: PrivateKey
    """The private key of the root."""
    certificate: x509.Certificate
    """The root certificate."""


class Holder(NamedTuple):
    """Whom a certificate is for."""

    key: PublicKey
    """The key to be certified."""
    node_ids: tuple[bytes, ...]
    """At least one."""
    user_name: str | None
    """A legal one; a self-signed certificate may have none."""


class Validity(NamedTuple):
    """From when until when a certificate holds."""

    since: Instant
    until: Instant


def lasting(now: Instant, lifetime: Duration) -> Validity:
    """From a little before now for a lifetime."""
    return Validity(Instant(now - EARLIER), Instant(now + lifetime))


def make_root(key: PrivateKey, overlay_name: str, validity: Validity, entropy: Entropy) -> bytes:
    """A root certificate in DER, that may issue members' certificates and nothing below them."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{overlay_name} root"[:64])])
    usage = _usage(key.public_key(), signs_certificates=True)
    builder = (
        _builder(key.public_key(), validity, entropy)
        .subject_name(name)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(True, 0), critical=True)
        .add_extension(usage, critical=True)
    )
    return _signed(builder, key)


def issue(
    authority: Authority, holder: Holder, validity: Validity, entropy: Entropy, overlay_name: str, context: Context
) -> bytes:
    """The certificate of a member in DER; it ends with that of the root at the latest."""
    ends = Instant(min(validity.until, authority.certificate.not_valid_after_utc.timestamp()))
    builder = _member(holder, Validity(validity.since, ends), entropy, overlay_name, context)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    named = builder.issuer_name(authority.certificate.subject).add_extension(issuer, critical=False)
    return _signed(named, authority.key)


def issue_own(
    key: PrivateKey, holder: Holder, validity: Validity, entropy: Entropy, overlay_name: str, context: Context
) -> bytes:
    """A self-signed certificate in DER; its Node-IDs must follow from the key (section 11.3.1)."""
    builder = _member(holder, validity, entropy, overlay_name, context)
    return _signed(builder.issuer_name(x509.Name([])), key)


def new_node_ids(count: int, length: int, avoid: Collection[bytes], entropy: Entropy) -> tuple[bytes, ...]:
    """So many Node-IDs that nobody could foresee, none of them in ``avoid``, none with a meaning of its own."""
    found: list[bytes] = []
    reserved = {bytes(length), wildcard_node_id(length)}
    while len(found) < count:
        # = rfc6940:11.3/15
        # = rfc6940:11.3/16
        node_id = entropy(length)
        if node_id not in reserved and node_id not in avoid and node_id not in found:
            found.append(node_id)
    return tuple(found)


def _member(
    holder: Holder, validity: Validity, entropy: Entropy, overlay_name: str, context: Context
) -> x509.CertificateBuilder:
    # = rfc6940:11.3/14
    # = rfc6940:11.3/18a
    names: Sequence[x509.GeneralName] = [
        *(x509.UniformResourceIdentifier(reload_uri(each, overlay_name, context)) for each in holder.node_ids),
        *([x509.RFC822Name(holder.user_name)] if holder.user_name is not None else []),
    ]
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return (
        _builder(holder.key, validity, entropy)
        # = rfc6940:11.3/23
        .subject_name(x509.Name([]))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(_usage(holder.key, signs_certificates=False), critical=True)
        .add_extension(purposes, critical=False)
    )


def _builder(key: PublicKey, validity: Validity, entropy: Entropy) -> x509.CertificateBuilder:
    since, until = (datetime.datetime.fromtimestamp(int(each), datetime.UTC) for each in validity)
    # 159 bits and a bit that is set: positive, never 0, at most 20 octets
    serial = int.from_bytes(entropy(20), "big") >> 1 | 1 << 158
    return (
        x509.CertificateBuilder()
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(key: PublicKey, *, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=isinstance(key, rsa.RSAPublicKey) and not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> bytes:
    deterministic = True if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=deterministic).public_bytes(Encoding.DER)
