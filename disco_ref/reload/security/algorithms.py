"""Hashes and signatures by their numbers (RFC 6940, section 6.3.4; RFC 5246, section 7.4.1.4.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from disco_ref.errors import Unauthorized
from disco_ref.reload.message.signature import HashAlgorithm, SignatureAlgorithm, SignatureAndHashAlgorithm

# = rfc6940:11.1/12
HASHES: dict[int, hashes.HashAlgorithm] = {
    HashAlgorithm.sha1: hashes.SHA1(),
    HashAlgorithm.sha224: hashes.SHA224(),
    HashAlgorithm.sha256: hashes.SHA256(),
    HashAlgorithm.sha384: hashes.SHA384(),
    HashAlgorithm.sha512: hashes.SHA512(),
}
"""The hashes we compute; md5 is not among them."""

_DIGESTS: dict[int, Callable[[bytes], hashlib._Hash]] = {
    HashAlgorithm.sha1: hashlib.sha1,
    HashAlgorithm.sha224: hashlib.sha224,
    HashAlgorithm.sha256: hashlib.sha256,
    HashAlgorithm.sha384: hashlib.sha384,
    HashAlgorithm.sha512: hashlib.sha512,
}
_ECDSA = {number: ec.ECDSA(each) for number, each in HASHES.items()}
_PKCS1 = padding.PKCS1v15()


class UnknownAlgorithm(Unauthorized):
    """A hash or signature algorithm that is not offered, or not for this key."""

    error_code = 2


class BadSignature(Unauthorized):
    """The signature does not hold."""

    error_code = 2


def digest(algorithm: int, octets: bytes) -> bytes:
    """The hash of octets; UnknownAlgorithm for one we do not compute."""
    found = _DIGESTS.get(algorithm)
    if found is None:
        raise UnknownAlgorithm(f"no hash {algorithm}", where="SignerIdentity.hash_alg")
    return found(octets).digest()


def refuse_signature(key: PublicKeyTypes, algorithm: SignatureAndHashAlgorithm, value: bytes, signed: bytes) -> None:
    """Verify a signature; UnknownAlgorithm where it cannot be tried, BadSignature where it does not hold."""
    found = HASHES.get(algorithm.hash)
    try:
        # = rfc6940:6.3.4/7
        if found is not None and algorithm.signature == SignatureAlgorithm.rsa and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, _PKCS1, found)
            return
        if (
            found is not None
            and algorithm.signature == SignatureAlgorithm.ecdsa
            and isinstance(key, ec.EllipticCurvePublicKey)
        ):
            key.verify(value, signed, _ECDSA[algorithm.hash])
            return
    except (InvalidSignature, UnsupportedAlgorithm):
        raise BadSignature("the signature does not hold", where="Signature.signature_value") from None
    raise UnknownAlgorithm(
        f"no signature {int(algorithm.signature)} with hash {int(algorithm.hash)} by this key",
        where="Signature.algorithm",
    )
