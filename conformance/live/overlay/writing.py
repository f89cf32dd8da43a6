"""Writes messages and stored values, right or deliberately wrong, by struct text (RFC 6940, sections 6.3, 7.1).

Nothing is checked here: what a scenario sends without saying that it is malformed is read once more by the lab's own reader.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from conformance.lab import rules
from conformance.lab.context import Context, codes
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.identity import Identity, Key

Object = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """How something is signed; what is left as it is, is right."""

    by: Identity
    form: str = ""
    """``cert_hash``, ``cert_hash_node_id`` or ``none``; empty: as the certificate wants it."""
    key: Key | None = None
    """Another key than that of the certificate: the signature does not hold."""
    spoilt: bool = False
    """One bit of the signature is turned."""
    node_id: bytes = b""
    """The Node-ID that ``cert_hash_node_id`` names, where it is not the first."""
    hash_alg: str = "sha256"


def code_of(name: str | int) -> int:
    """The message code of ``PingReq`` and its like; Attach's answer, whose struct is that of its request, is ``AttachAns``."""
    if isinstance(name, int):
        return name
    if name in ("AttachReq", "AttachAns"):
        return 3 if name == "AttachReq" else 4
    aliases = {"UpdateReq": "ChordUpdate", "RouteQueryAns": "ChordRouteQueryAns"}
    return next(code for code, known in codes().messages.items() if known == aliases.get(name, name))


def body_of(name: str | int, value: Json, context: Context) -> bytes:
    """The bytes of a message body; hexadecimal is taken as it is."""
    if isinstance(value, str):
        return bytes.fromhex(value)
    return Encoder(specified(), context).whole(codes().messages[code_of(name)], value)


def new_transaction() -> str:
    """A transaction ID (section 6.3.2)."""
    return str(int.from_bytes(os.urandom(8)))


def node(identity: bytes) -> Object:
    """A Destination that is a Node-ID."""
    return {"type": "node", "destination_data": {"node_id": identity.hex()}}


def resource(identity: bytes) -> Object:
    """A Destination that is a Resource-ID."""
    return {"type": "resource", "destination_data": {"resource_id": identity.hex()}}


def opaque(octets: bytes) -> Object:
    """A Destination that only who made it can read."""
    return {"type": "opaque_id_type", "destination_data": {"opaque_id": octets.hex()}}


def resource_id(name: str | bytes) -> bytes:
    """The Resource-ID of a name in CHORD-RELOAD: the first 128 bits of its SHA-1 (section 10.2)."""
    octets = name.encode() if isinstance(name, str) else name
    return hashlib.sha1(octets, usedforsecurity=False).digest()[:16]


def message(
    header: Mapping[str, Json],
    code: int,
    body: bytes,
    sealing: Sealing | None,
    context: Context,
    *,
    extensions: Sequence[Json] = (),
    certificates: Sequence[bytes] | None = None,
) -> bytes:
    """A whole message.  ``sealing`` None leaves it unsigned; ``certificates`` takes the place of the signer's in the bucket."""
    encoder = Encoder(specified(), context)
    contents = encoder.whole(
        "MessageContents", {"message_code": code, "message_body": body.hex(), "extensions": list(extensions)}
    )
    bucket = certificates if certificates is not None else sealing.by.shown if sealing else ()
    overlay, transaction = rules.number(header["overlay"]), rules.number(header["transaction_id"])
    signed = overlay.to_bytes(4) + transaction.to_bytes(8) + contents
    security: Object = {
        "certificates": [{"type": "X.509", "certificate": one.hex()} for one in bucket],
        "signature": signature(signed, sealing),
    }
    rest = contents + encoder.whole("SecurityBlock", security)
    first = encoder.whole("ForwardingHeader", {**header, "length": 0})
    length = header.get("length", len(first) + len(rest))
    return encoder.whole("ForwardingHeader", {**header, "length": length}) + rest


def signature(signed: bytes, sealing: Sealing | None) -> Object:
    """A Signature over ``signed`` and the SignerIdentity (section 6.3.4)."""
    if sealing is None or sealing.form == "none":
        nobody: Json = {"identity_type": "none", "identity": {}}
        return {"algorithm": {"hash": "none", "signature": "anonymous"}, "identity": nobody, "signature_value": ""}
    identity = _signer(sealing)
    octets = signed + Encoder(specified(), Context()).whole("SignerIdentity", identity)
    key = sealing.key or sealing.by.key
    if isinstance(key, rsa.RSAPrivateKey):
        value, name = key.sign(octets, padding.PKCS1v15(), hashes.SHA256()), "rsa"
    else:
        value, name = key.sign(octets, ec.ECDSA(hashes.SHA256())), "ecdsa"
    if sealing.spoilt:
        value = value[:-1] + bytes([value[-1] ^ 1])
    return {
        "algorithm": {"hash": "sha256", "signature": name}, "identity": identity, "signature_value": value.hex(),
    }  # fmt: skip


def _signer(sealing: Sealing) -> Object:
    several = len(sealing.by.node_ids) > 1
    form = sealing.form or ("cert_hash_node_id" if several else "cert_hash")
    named = sealing.node_id or sealing.by.node_id if form == "cert_hash_node_id" else b""
    digest = hashlib.new(sealing.hash_alg, named + sealing.by.certificate, usedforsecurity=False).hexdigest()
    field = "certificate_node_id_hash" if form == "cert_hash_node_id" else "certificate_hash"
    return {"identity_type": form, "identity": {"hash_alg": sealing.hash_alg, field: digest}}


def data(octets: bytes, *, exists: bool = True) -> Object:
    """A DataValue."""
    return {"exists": exists, "value": octets.hex()}


def single(octets: bytes, *, exists: bool = True) -> Object:
    """A StoredDataValue of the single value model."""
    return {"single_value_entry": data(octets, exists=exists)}


def entry(index: int, octets: bytes, *, exists: bool = True) -> Object:
    """A StoredDataValue of the array model."""
    return {"array_entry": {"index": index, "value": data(octets, exists=exists)}}


def keyed(key: bytes, octets: bytes, *, exists: bool = True) -> Object:
    """A StoredDataValue of the dictionary model."""
    return {"dictionary_entry": {"key": key.hex(), "value": data(octets, exists=exists)}}


def stored(
    value: Object, sealing: Sealing, *, at: bytes, kind: int, model: str, storage_time: int, lifetime: int = 86400
) -> Object:
    """A StoredData: a value with its times and the signature over it (section 7.1); ``storage_time`` in milliseconds since 1970."""
    context = Context(kind=kind, data_model=model)
    octets = Encoder(specified(), context).whole("StoredDataValue", value)
    if model == "ARRAY":
        octets = bytes(4) + octets[4:]  # the index is zero when it is signed (section 7.4.2.2)
    signed = len(at).to_bytes(1) + at + kind.to_bytes(4) + storage_time.to_bytes(8) + octets
    return {
        "storage_time": str(storage_time), "lifetime": lifetime, "value": value, "signature": signature(signed, sealing),
    }  # fmt: skip
