"""Faults in signatures and certificates (RFC 6940, sections 6.3.4, 7.1 and 11.3)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509

from conformance.lab import certificates, rules, signatures
from conformance.lab.certificates import Certificate, read_certificate
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.reload import Message, encode_message, read_message
from conformance.mutants.faults.fault import Fault

_message_input, _verify = signatures.message_input, signatures.verify


def _no_check(certificate: Certificate, kind: str, hash_name: str, value: bytes, signed: bytes) -> None:
    return


def _no_trust(certificate: Certificate, bucket: Sequence[bytes], context: Context) -> None:
    return


def _always_valid(certificate: x509.Certificate, now: int) -> None:
    return


def _any_names(certificate: x509.Certificate) -> None:
    return


def _no_sender(message: Message, signer: dict[str, Json]) -> None:
    return


def _any_certificate(identity: Json, bucket: Sequence[bytes], context: Context) -> tuple[Certificate, bytes | None]:
    """Takes the first certificate at hand for the signer's, whatever the identity says."""
    for der in (*bucket, *context.certificates):
        return read_certificate(der, context), None
    raise LabRefusal("signature.identity", None, "no certificate at hand")


def _without_short_forms(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_short_forms(one) for name, one in value.items() if name != "short"}
    return [_without_short_forms(one) for one in value] if isinstance(value, list) else value


def _input_written_again(message: Message, identity: bytes) -> bytes:
    """Takes the signature over what it would have written, not over what it received."""
    written = encode_message(_without_short_forms(message.value), Context())
    return _message_input(read_message(written, Context()), identity)


def _input_without_identity(message: Message, identity: bytes) -> bytes:
    return _message_input(message, b"")


def _unsigned_too(signature: Json, signed: bytes, bucket: Sequence[bytes], context: Context) -> dict[str, Json]:
    """Takes what is not signed for signed."""
    kind = rules.member(rules.member(signature, "identity"), "identity_type")
    if kind == "none":
        return {"identity": "none", "user": None, "node_ids": []}
    return _verify(signature, signed, bucket, context)


FAULTS = {
    "no-signature-check": Fault(exchanged=((signatures, "_check", _no_check),)),
    "signature-over-reencoding": Fault(exchanged=((signatures, "message_input", _input_written_again),)),
    "signature-without-identity": Fault(exchanged=((signatures, "message_input", _input_without_identity),)),
    "array-index-signed": Fault(exchanged=((signatures, "_INDEX", {}),)),
    "any-certificate": Fault(exchanged=((signatures, "_signer", _any_certificate),)),
    "no-chain": Fault(exchanged=((signatures, "check_trust", _no_trust),)),
    "expired-certificates": Fault(exchanged=((certificates, "_check_validity", _always_valid),)),
    "unsigned-accepted": Fault(exchanged=((signatures, "verify", _unsigned_too),)),
    "any-names": Fault(exchanged=((certificates, "check_names", _any_names),)),
    "any-sender": Fault(exchanged=((signatures, "_check_sender", _no_sender),)),
}
"""By name."""
