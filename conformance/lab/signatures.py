"""Signatures over messages and over stored values (RFC 6940, sections 6.3.4 and 7.1).

What is signed are bytes as they were received, never bytes written again: the places come
from the reading of the message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from conformance.lab import rules
from conformance.lab.certificates import Certificate, check_signer, check_trust, read_certificate
from conformance.lab.context import Context
from conformance.lab.presentation.decoding import Decoder
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.reload import Message, encode_message, read_message

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""By their TLS names."""

_INDEX = {"array": 4}
"""Bytes of a StoredDataValue that are zero when it is signed: the index of an array entry (section 7.4.2.2)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A StoredData with the bytes it came in."""

    octets: bytes
    value: dict[str, Json]
    trace: dict[str, tuple[int, int]]

    def bytes_of(self, where: str) -> bytes:
        """The bytes of a field, as they were received."""
        start, end = self.trace[f"StoredData.{where}"]
        return self.octets[start:end]


def message_input(message: Message, identity: bytes) -> bytes:
    """What the signature of a message is taken over (section 6.3.4)."""
    return (
        message.bytes_of("forwarding_header.overlay")
        + message.bytes_of("forwarding_header.transaction_id")
        + message.bytes_of("message_contents")
        + identity
    )


def stored_input(stored: Stored, identity: bytes, context: Context) -> bytes:
    """What the signature of a stored value is taken over (section 7.1)."""
    if context.resource is None or context.kind is None:
        raise LabRefusal("context", None, "a stored value is verified with its resource and kind")
    # = rfc6940:7.4.2.2/0
    value = stored.bytes_of("value")
    zeroed = _INDEX.get(context.model or "", 0)
    value = bytes(zeroed) + value[zeroed:]
    resource = len(context.resource).to_bytes(1) + context.resource
    return resource + context.kind.to_bytes(4) + stored.bytes_of("storage_time") + value + identity


def read_stored(octets: bytes, context: Context) -> Stored:
    """A StoredData that fills the bytes."""
    trace: dict[str, tuple[int, int]] = {}
    value = Decoder(specified(), context, rules.check, trace).whole("StoredData", octets)
    return Stored(octets, value, trace)


def verify_message(octets: bytes, context: Context) -> Json:
    """The signer of a message; LabRefusal where its signature does not hold."""
    message = read_message(octets, context)
    bucket = [
        bytes.fromhex(str(one["certificate"]))
        for one in rules.objects(message.security["certificates"])
        if one["type"] == "X.509"
    ]
    signature = message.security["signature"]
    identity = message.bytes_of("security_block.signature.identity")
    signer = verify(signature, message_input(message, identity), bucket, context)
    _check_sender(message, signer)
    return signer


def _check_sender(message: Message, signer: dict[str, Json]) -> None:
    named = {15: "joining_peer_id", 17: "leaving_peer_id"}.get(rules.number(message.contents["message_code"]))
    nodes = signer["node_ids"]
    # = rfc6940:6.4.2.1/2a
    # = rfc6940:6.4.2.2/3a
    if named and isinstance(nodes, list) and rules.member(message.contents["message_body"], named) not in nodes:
        where = f"message_contents.message_body.{named}"
        raise LabRefusal(where, None, "not the Node-ID that signed", rules.FORBIDDEN, "rfc6940:6.4.2.1/2b")


def verify_stored(octets: bytes, context: Context) -> Json:
    """The signer of a stored value; LabRefusal where its signature does not hold."""
    stored = read_stored(octets, context)
    signature = stored.value["signature"]
    identity = stored.bytes_of("signature.identity")
    if rules.member(rules.member(signature, "identity"), "identity_type") == "none":
        return _synthetic(stored, signature)
    return verify(signature, stored_input(stored, identity, context), [], context)


def _synthetic(stored: Stored, signature: Json) -> dict[str, Json]:
    """A value that does not exist, made up by the peer that answers (section 7.4.2.2)."""
    # = rfc6940:7.4.2.2/0
    values: list[Json] = [stored.value["value"]]
    while isinstance(values[-1], dict) and "exists" not in values[-1]:
        values.append(next((one for one in values[-1].values() if isinstance(one, dict)), None))
    algorithm = rules.member(signature, "algorithm")
    if algorithm != {"hash": "none", "signature": "anonymous"} or rules.member(signature, "signature_value") != "":
        raise LabRefusal("StoredData.signature", None, "no signer, but an algorithm or a value", rules.FORBIDDEN)
    if rules.member(values[-1], "exists") is not False:
        raise LabRefusal("StoredData.signature", None, "a value that exists has no signer", rules.FORBIDDEN)
    return {"identity": "none", "user": None, "node_ids": []}


def verify(signature: Json, signed: bytes, bucket: Sequence[bytes], context: Context) -> dict[str, Json]:
    """The signer, by the certificates of a message and of the context (section 6.3.4)."""
    algorithm = rules.member(signature, "algorithm")
    hash_name = str(rules.member(algorithm, "hash"))
    # = rfc6940:6.3/1
    # = rfc6940:6.3.4/10
    if rules.member(rules.member(signature, "identity"), "identity_type") == "none" or hash_name == "none":
        raise LabRefusal("signature", None, "not signed", rules.FORBIDDEN, "rfc6940:6.3.4/10")
    certificate, node = _signer(rules.member(signature, "identity"), bucket, context)
    check_signer(certificate)
    value = bytes.fromhex(str(rules.member(signature, "signature_value")))
    # = rfc6940:6.3.4/11
    # = rfc6940:6.3.4/12b
    _check(certificate, str(rules.member(algorithm, "signature")), hash_name, value, signed)
    check_trust(certificate, bucket, context)
    nodes = certificate.node_ids if node is None else (node,)
    kind = "cert_hash" if node is None else "cert_hash_node_id"
    return {"identity": kind, "user": certificate.user, "node_ids": [one.hex() for one in nodes]}


def _signer(identity: Json, bucket: Sequence[bytes], context: Context) -> tuple[Certificate, bytes | None]:
    """The certificate that an identity names, and the Node-ID where it names one too."""
    body = rules.member(identity, "identity")
    algorithm = str(rules.member(body, "hash_alg"))
    if algorithm not in HASHES:
        raise LabRefusal("signature.identity.hash_alg", None, f"{algorithm} is no hash that is known")
    kind = rules.member(identity, "identity_type")
    wanted = rules.member(body, "certificate_hash" if kind == "cert_hash" else "certificate_node_id_hash")
    for der in (*bucket, *context.certificates):
        # = rfc6940:6.3.4/8
        if kind == "cert_hash":
            if _digest(algorithm, der) == wanted:
                return _only_node(read_certificate(der, context)), None
            continue
        # = rfc6940:6.3.4/9
        try:
            nodes = read_certificate(der, context).node_ids
        except LabRefusal:
            # A faulty certificate beside the right one does no harm.
            continue
        for node in nodes if kind == "cert_hash_node_id" else ():
            if _digest(algorithm, node + der) == wanted:
                return read_certificate(der, context), node
    raise LabRefusal("signature.identity", None, "no certificate at hand has this hash", rules.FORBIDDEN)


def _only_node(certificate: Certificate) -> Certificate:
    """A certificate with several Node-IDs does not say by itself which of them signed."""
    # = rfc6940:6.3.4/9
    if len(certificate.node_ids) > 1:
        why = "cert_hash, but the certificate has several Node-IDs"
        raise LabRefusal("signature.identity", None, why, rules.FORBIDDEN, "rfc6940:6.3.4/9")
    return certificate


def _digest(algorithm: str, octets: bytes) -> str:
    return hashlib.new(algorithm, octets, usedforsecurity=False).hexdigest()


def _check(certificate: Certificate, kind: str, hash_name: str, value: bytes, signed: bytes) -> None:
    key = certificate.x509.public_key()
    digest = HASHES.get(hash_name)
    if digest is None:
        raise LabRefusal("signature.algorithm", None, f"{hash_name} is no hash that is known", rules.FORBIDDEN)
    try:
        # = rfc6940:6.3.4/7
        if isinstance(key, rsa.RSAPublicKey) and kind == "rsa":
            key.verify(value, signed, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
            key.verify(value, signed, ec.ECDSA(digest))
        else:
            raise LabRefusal("signature.algorithm", None, f"{kind} does not fit the key", rules.FORBIDDEN)
    except (InvalidSignature, UnsupportedAlgorithm):
        raise LabRefusal(
            "signature.signature_value", None, "does not hold", rules.FORBIDDEN, "rfc6940:6.3.4/12b"
        ) from None


@dataclass(frozen=True, slots=True)
class Credential:
    """What is needed to sign: a PKCS #8 key, a certificate, and which identity to use."""

    key: bytes
    certificate: bytes
    identity: str


def sign_message(octets: bytes, credential: Credential, context: Context) -> bytes:
    """The message with its signature replaced."""
    message = read_message(octets, context)
    signature, identity = _unsigned(credential, context)
    value = _sign(credential, message_input(message, identity), signature)
    contents = {**message.contents, "message_body": message.bytes_of("message_contents.message_body")[4:].hex()}
    header = {name: one for name, one in message.header.items() if name != "length"}
    security: dict[str, Json] = {**message.security, "signature": value}
    return encode_message(
        {"forwarding_header": header, "message_contents": contents, "security_block": security}, context
    )


def sign_stored(octets: bytes, credential: Credential, context: Context) -> bytes:
    """The stored value with its signature replaced."""
    stored = read_stored(octets, context)
    signature, identity = _unsigned(credential, context)
    value = _sign(credential, stored_input(stored, identity, context), signature)
    return Encoder(specified(), context).whole("StoredData", {**stored.value, "signature": value})


def _unsigned(credential: Credential, context: Context) -> tuple[dict[str, Json], bytes]:
    """A signature without its value, and the bytes of its SignerIdentity."""
    key = _private_key(credential)
    anonymous = credential.identity == "none"
    algorithm = {"hash": "none", "signature": "anonymous"}
    if not anonymous:
        algorithm = {"hash": "sha256", "signature": "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ecdsa"}
    body: dict[str, Json] = {}
    if credential.identity == "cert_hash":
        body = {"hash_alg": "sha256", "certificate_hash": _digest("sha256", credential.certificate)}
    elif credential.identity == "cert_hash_node_id":
        nodes = read_certificate(credential.certificate, context).node_ids
        if not nodes:
            raise LabRefusal("certificate", None, "names no Node-ID")
        digest = _digest("sha256", nodes[0] + credential.certificate)
        body = {"hash_alg": "sha256", "certificate_node_id_hash": digest}
    elif not anonymous:
        raise LabRefusal("identity", None, f"{credential.identity} is no identity")
    identity: dict[str, Json] = {"identity_type": credential.identity, "identity": body}
    octets = Encoder(specified(), context).whole("SignerIdentity", identity)
    return {"algorithm": dict(algorithm), "identity": identity, "signature_value": ""}, octets


def _private_key(credential: Credential) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    try:
        key = load_der_private_key(credential.key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LabRefusal("key", None, f"no PKCS #8 key: {error}") from None
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise LabRefusal("key", None, "neither RSA nor ECDSA")
    return key


def _sign(credential: Credential, signed: bytes, signature: dict[str, Json]) -> dict[str, Json]:
    key = _private_key(credential)
    if credential.identity == "none":
        return signature
    if isinstance(key, rsa.RSAPrivateKey):
        value = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        value = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return {**signature, "signature_value": value.hex()}
