"""Making and verifying signatures, whatever they are over (RFC 6940, section 6.3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from disco_ref.clock import Instant
from disco_ref.errors import Unauthorized
from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.message.signature import (
    NOT_SIGNED,
    CertHash,
    CertHashNodeId,
    HashAlgorithm,
    Signature,
    SignatureAlgorithm,
    SignatureAndHashAlgorithm,
    SignerIdentity,
    SignerIdentityType,
)
from disco_ref.reload.security.algorithms import BadSignature, UnknownAlgorithm, digest, refuse_signature
from disco_ref.reload.security.certificates import (
    BadCertificate,
    Certificate,
    Untrusted,
    public_key,
    read_certificate,
    refuse_other_names,
    refuse_plain,
    refuse_stolen_node_ids,
    refuse_untrusted,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_REMEMBERED = 1 << 14
"""Signers of which is kept how they are named."""

_SHA256 = hashes.SHA256()
_PKCS1 = padding.PKCS1v15()
_REPRODUCIBLE = ec.ECDSA(_SHA256, deterministic_signing=True)


# = rfc6940:11.1/12
SELF_SIGNED_HASHES = (HashAlgorithm.sha1, HashAlgorithm.sha256)
"""The digests that a configuration can name for self-signed certificates (section 11.1)."""


class UnknownSigner(Unauthorized):
    """No certificate at hand is the signer's (Error_Forbidden)."""

    error_code = 2


class Trust(NamedTuple):
    """What a verifier believes in."""

    roots: tuple[bytes, ...] = ()
    """The root certificates of the overlay in DER; no chain is asked for where there are none."""
    now: Instant | None = None
    """The time at which certificates must be valid; not asked for where it is None."""
    certificates: tuple[bytes, ...] = ()
    """Further certificates in DER that may have signed."""
    self_signed_hash: int | None = None
    """The digest behind Node-IDs where the overlay accepts self-signed certificates, which chain to no root; None where
    it does not say (section 11.3.1)."""
    bad_nodes: frozenset[bytes] = frozenset()
    """Node-IDs whose certificates are not valid, whoever issued them (section 11.1)."""


class SignedBy(NamedTuple):
    """Who signed, once that is certain."""

    identity_type: SignerIdentityType
    """How the signer is named."""
    certificate: Certificate | None
    """The signer's certificate; None where nobody signed."""
    node_ids: tuple[bytes, ...]
    """The Node-IDs that may be meant: the one that was named, or all of the certificate."""
    chain: tuple[bytes, ...] = ()
    """The certificates in DER between the signer's and a root."""


class Signer(NamedTuple):
    """Whoever can sign: a value, so that a key may live elsewhere and tests can sign reproducibly."""

    algorithm: SignatureAndHashAlgorithm
    """The algorithms of its signatures."""
    identity: SignerIdentity
    """Its name."""
    sign: Callable[[bytes], bytes]
    """From the octets to be signed to the signature."""


# = rfc6940:7.4.2.2/0
NOBODY = Signer(NOT_SIGNED.algorithm, NOT_SIGNED.identity, lambda signed: b"")
"""Signs values that are synthesised in place of ones that do not exist (section 7.4.2.2)."""


def signer_with_key(key: PrivateKey, certificate: Certificate, node_id: bytes | None = None) -> Signer:
    """A signer with SHA-256, reproducible (ECDSA as in RFC 6979), named by the certificate or one Node-ID of it."""
    sha256 = HashAlgorithm.sha256
    if node_id is None:
        # = rfc6940:6.3.4/8
        identity = SignerIdentity(SignerIdentityType.cert_hash, CertHash(sha256, digest(sha256, certificate.der)))
    else:
        # = rfc6940:6.3.4/9
        named = CertHashNodeId(sha256, digest(sha256, node_id + certificate.der))
        identity = SignerIdentity(SignerIdentityType.cert_hash_node_id, named)
    if isinstance(key, rsa.RSAPrivateKey):
        rsa_key = key
        return Signer(
            SignatureAndHashAlgorithm(sha256, SignatureAlgorithm.rsa),
            identity,
            lambda signed: rsa_key.sign(signed, _PKCS1, _SHA256),
        )
    ec_key = key
    return Signer(
        SignatureAndHashAlgorithm(sha256, SignatureAlgorithm.ecdsa),
        identity,
        lambda signed: ec_key.sign(signed, _REPRODUCIBLE),
    )


def signed_by(signer: Signer, before_identity: bytes, context: Context) -> Signature:
    """The signature over the octets and, after them, the signer's own identity."""
    value = signer.sign(before_identity + _identity_octets(signer.identity))
    return Signature(signer.algorithm, signer.identity, value)


@lru_cache(_REMEMBERED)
def _identity_octets(identity: SignerIdentity) -> bytes:
    """A SignerIdentity on the wire, which no overlay writes otherwise than another."""
    return encode(identity)


def identity_length(identity: SignerIdentity) -> int:
    """Octets of a SignerIdentity on the wire."""
    match identity.identity:
        case CertHash(_, octets) | CertHashNodeId(_, octets):
            return 3 + 2 + len(octets)
        case Unknown(_, raw):
            return 3 + len(raw)
        case None:
            return 3


def signature_length(signature: Signature) -> int:
    """Octets of a Signature on the wire."""
    return 2 + identity_length(signature.identity) + 2 + len(signature.signature_value)


def received_identity(octets: bytes, signature: Signature) -> bytes:
    """The octets of the signer's identity, where ``octets`` as received end with the signature."""
    end = len(octets) - 2 - len(signature.signature_value)
    return octets[end - identity_length(signature.identity) : end]


def verify(
    signature: Signature, signed: bytes, certificates: Iterable[bytes], trust: Trust, context: Context
) -> SignedBy:
    """Who signed these octets.

    ``certificates`` are those that came along.  UnknownSigner where none is the signer's, UnknownAlgorithm and
    BadSignature where the signature does not hold, BadCertificate and Untrusted where the certificate does not.
    """
    # = rfc6940:6.3.4/2
    at_hand = [*certificates, *trust.certificates]
    certificate, node_ids = _signer(signature.identity, at_hand, context)
    # = rfc6940:6.3.4/11
    # = rfc6940:13.3/5
    refuse_signature(public_key(certificate.der), signature.algorithm, signature.signature_value, signed)
    chain = refuse_certificate(certificate, at_hand, trust, context)
    return SignedBy(SignerIdentityType(signature.identity.identity_type), certificate, node_ids, chain)


def refuse_certificate(
    certificate: Certificate, at_hand: Sequence[bytes], trust: Trust, context: Context
) -> tuple[bytes, ...]:
    """BadCertificate and Untrusted where a certificate does not hold, whatever it is shown for; else its chain.

    ``at_hand`` are certificates in DER that may stand between it and a root.
    """
    # = rfc6940:11.1/19
    if trust.bad_nodes and not trust.bad_nodes.isdisjoint(certificate.node_ids):
        raise Untrusted("the certificate of a bad-node", where="GenericCertificate.certificate")
    roots = trust.roots
    if refuse_plain(certificate, roots, trust.now):
        return ()
    if not certificate.self_signed:
        refuse_other_names(certificate)
    elif certificate.der not in roots:
        permitted = trust.self_signed_hash
        # = rfc6940:11.3.1/4
        refuse_stolen_node_ids(certificate, SELF_SIGNED_HASHES if permitted is None else (permitted,), context)
        roots = roots if permitted is None else ()
    return refuse_untrusted(certificate, at_hand, roots, trust.now)


def _signer(identity: SignerIdentity, at_hand: list[bytes], context: Context) -> tuple[Certificate, tuple[bytes, ...]]:
    """The certificate that an identity names, and the Node-IDs that it may speak for."""
    match identity.identity:
        case CertHash(hash_alg, wanted):
            for der in at_hand:
                # = rfc6940:6.3.4/8
                if _fingerprint(hash_alg, der) == wanted:
                    certificate = read_certificate(der, context)
                    _refuse_ambiguous(certificate)
                    return certificate, certificate.node_ids
        case CertHashNodeId(hash_alg, wanted):
            for der in at_hand:
                try:
                    certificate = read_certificate(der, context)
                except BadCertificate:
                    continue
                for node_id in certificate.node_ids:
                    # = rfc6940:6.3.4/9
                    if _fingerprint(hash_alg, der, node_id) == wanted:
                        return certificate, (node_id,)
        case None:
            # = rfc6940:6.3.4/10
            raise UnknownSigner("nobody signed this", where="SignerIdentity.identity_type")
        case Unknown(tag, _):
            raise UnknownSigner(f"a signer named in way {tag}", where="SignerIdentity.identity_type")
    # = rfc6940:6.3.4/3
    raise UnknownSigner("no certificate at hand is the signer's", where="SignerIdentity.identity")


@lru_cache(_REMEMBERED)
def _fingerprint(hash_alg: int, der: bytes, node_id: bytes = b"") -> bytes:
    """The hash by which a signer names itself."""
    return digest(hash_alg, node_id + der)


def _refuse_ambiguous(certificate: Certificate) -> None:
    """A certificate named as a whole must have exactly one Node-ID, else nobody knows which one signed."""
    where = "GenericCertificate.certificate.subjectAltName"
    if not certificate.node_ids:
        # = rfc6940:11.3/14
        raise BadCertificate("the signer has no Node-ID in this overlay", where=where)
    if len(certificate.node_ids) > 1:
        # = rfc6940:6.3.4/9
        raise UnknownSigner("the signer has several Node-IDs and does not say which", where="SignerIdentity")


__all__ = [
    "NOBODY",
    "BadSignature",
    "PrivateKey",
    "SignedBy",
    "Signer",
    "Trust",
    "UnknownAlgorithm",
    "UnknownSigner",
    "identity_length",
    "received_identity",
    "refuse_certificate",
    "signature_length",
    "signed_by",
    "signer_with_key",
    "verify",
]
