"""The commands ``reassemble``, ``verify`` and ``sign`` (conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from disco_ref.errors import Malformed
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import Context
from disco_ref.reload.link import fragmentation
from disco_ref.reload.message.envelope import decode_message
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.message_signature import refuse_other_sender, sign_message, verify_message
from disco_ref.reload.security.signing import NOBODY, PrivateKey, SignedBy, Signer, signer_with_key
from disco_ref.reload.security.value_signature import sign_value, verify_value
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.shell.formats.format import Context as Given
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.reload_context import context_of, octets_array, octets_member, place_of, trust_of
from disco_ref.shell.formats.unsupported import Unsupported

Params = Mapping[str, Json]
"""The members of ``params`` of a request."""

SIGNED = ("reload.message", "reload.stored-data")
"""The formats that are signed."""


def reassemble(parts: tuple[bytes, ...], given: Given) -> bytes:
    """The message of these fragments (RFC 6940, section 6.7)."""
    return fragmentation.reassemble(parts, context_of(given))


def verify(format: str, octets: bytes, given: Given) -> SignedBy:
    """Who signed a message or a stored value; a Refusal where that is not certain."""
    context, trust = context_of(given), trust_of(given)
    if format == "reload.message":
        message = decode_message(octets, context)
        signer = verify_message(message, trust, context)
        refuse_other_sender(message, signer)
        return signer
    if format == "reload.stored-data":
        resource, kind = place_of(given)
        return verify_value(decode(StoredData, octets, context), resource, kind, (), trust, context)
    raise Unsupported("signed format", format, SIGNED)


def sign(format: str, octets: bytes, key: bytes, certificate: bytes, identity: str, given: Given) -> bytes:
    """The message or stored value with its signature replaced by one of this key (PKCS #8 in DER)."""
    context = context_of(given)
    signer = signer_of(key, certificate, identity, context)
    if format == "reload.message":
        return sign_message(decode_message(octets, context), signer, context).received
    if format == "reload.stored-data":
        resource, kind = place_of(given)
        return encode(sign_value(decode(StoredData, octets, context), resource, kind, signer, context), context)
    raise Unsupported("signed format", format, SIGNED)


def signer_of(key: bytes, certificate: bytes, identity: str, context: Context) -> Signer:
    """The signer with this key, named in this way; ``cert_hash_node_id`` takes the first Node-ID of the certificate."""
    if identity == "none":
        return NOBODY
    read = read_certificate(certificate, context)
    if identity == "cert_hash":
        return signer_with_key(_private_key(key), read)
    if identity == "cert_hash_node_id":
        if not read.node_ids:
            raise Malformed("the certificate names no Node-ID", where="certificate")
        return signer_with_key(_private_key(key), read, read.node_ids[0])
    raise Unsupported("identity", identity, ("cert_hash", "cert_hash_node_id", "none"))


def _private_key(der: bytes) -> PrivateKey:
    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise Malformed(f"no private key: {fault}", where="key") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Malformed("neither an RSA nor an ECDSA key", where="key")
    return key


def _reassemble_command(params: Params) -> Json:
    format = params.get("format", "reload.message")
    if format != "reload.message":
        raise Unsupported("format of fragments", str(format), ("reload.message",))
    parts = octets_array(params.get("parts"), "parts")
    return {"bytes": reassemble(parts, _given(params)).hex()}


def _verify_command(params: Params) -> Json:
    signer = verify(_text(params, "format"), octets_member(params, "bytes"), _given(params))
    return {
        "signer": {
            "identity": signer.identity_type.name,
            "user": signer.certificate.user_name if signer.certificate else None,
            "node_ids": [each.hex() for each in signer.node_ids],
        }
    }


def _sign_command(params: Params) -> Json:
    signed = sign(
        _text(params, "format"),
        octets_member(params, "bytes"),
        octets_member(params, "key"),
        octets_member(params, "certificate"),
        _text(params, "identity"),
        _given(params),
    )
    return {"bytes": signed.hex()}


COMMANDS = {"reassemble": _reassemble_command, "verify": _verify_command, "sign": _sign_command}
"""The commands beside decode, encode and reencode."""


def _given(params: Params) -> Given:
    given = params.get("context") or {}
    if not isinstance(given, dict):
        raise Malformed("this is no object", where="context")
    return given


def _text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise Malformed("this is no string", where=name)
    return value
