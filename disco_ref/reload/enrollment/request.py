"""The certificate signing request, PKCS #10: made by a node, judged by the enrolment server (RFC 6940, section 11.3).

RFC 6940 does not say where the request carries the user name.  Here it is the one rfc822Name in the subjectAltName
that the request asks for; a request without one asks for the account's own name.  The subject of a request is ignored,
because that of the certificate is empty in any case.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from disco_ref.reload.enrollment.tokens import BadCsr, NodeIdsNotAvailable
from disco_ref.reload.security.certificates import UNREADABLE
from disco_ref.reload.security.signing import PrivateKey

LARGEST = 16384
"""Octets of a request that are read."""

MEDIA_TYPE = "application/pkcs10"
CERTIFICATE_MEDIA_TYPE = "application/pkix-cert"

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_RSA_BITS = range(2048, 8193)
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


class CertificateRequest(NamedTuple):
    """What a sound request asks for."""

    key: PublicKey
    """The key to be certified; whoever asks has proved that its private half is at hand."""
    user_name: str | None
    """The user name; None: the account's own."""


def make_request(key: PrivateKey, user_name: str | None = None) -> bytes:
    """A request in DER, signed with SHA-256 and reproducibly; ValueError where the name is not ASCII."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    if user_name is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(user_name)]), critical=True)
    deterministic = True if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=deterministic).public_bytes(Encoding.DER)


def read_request(octets: bytes) -> CertificateRequest:
    """Judge a request in DER; BadCsr where it is none, its signature is wrong, its key weak or its names are others."""
    if len(octets) > LARGEST:
        raise BadCsr(f"more than {LARGEST} octets", where="csr")
    try:
        found = x509.load_der_x509_csr(octets)
        signed, key = found.is_signature_valid, found.public_key()
        names = _names(found)
    except (*UNREADABLE, UnsupportedAlgorithm, InvalidSignature) as fault:
        raise BadCsr(f"no readable request: {fault}", where="csr") from None
    if not signed:
        raise BadCsr("its signature is wrong", where="csr.signature")
    return CertificateRequest(_sound_key(key), _user_name(names))


def _names(found: x509.CertificateSigningRequest) -> list[x509.GeneralName]:
    try:
        return list(found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return []


def _user_name(names: list[x509.GeneralName]) -> str | None:
    users = [each.value for each in names if isinstance(each, x509.RFC822Name)]
    # = rfc6940:11.3/22
    # = rfc6940:11.3/16
    if len(users) < len(names):
        raise BadCsr("it asks for names that are no user name", where="csr.subjectAltName")
    if len(users) > 1:
        raise BadCsr("it asks for several user names", where="csr.subjectAltName")
    return users[0] if users else None


def _sound_key(key: object) -> PublicKey:
    """The key, where RELOAD can sign with it and nobody can guess it."""
    where = "csr.subjectPublicKeyInfo"
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in _RSA_BITS:
            raise BadCsr(f"an RSA key of {key.key_size} bits; 2048 to 8192 are taken", where=where)
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    raise BadCsr("a key of a kind that is not taken; RSA, P-256, P-384 and P-521 are", where=where)


def wanted_node_ids(text: str | None, most: int) -> int:
    """The form parameter ``nodeids`` as a number, 1 where there is none; NodeIdsNotAvailable beyond ``most``."""
    # = rfc6940:11.3/9
    if text is None:
        return 1
    plain = text.isascii() and text.isdecimal() and len(text) <= 4
    if not plain or not 1 <= int(text) <= most:
        raise NodeIdsNotAvailable(f"1 to {most} are given", where="nodeids")
    return int(text)
