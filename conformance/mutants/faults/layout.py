"""Faults in reading and writing the layouts of RELOAD (RFC 6940, section 6.3.1)."""

from __future__ import annotations

from conformance.lab.context import Context
from conformance.lab.presentation import decoding
from conformance.lab.presentation.decoding import Decoder, Scope, Span
from conformance.lab.presentation.definitions import INTEGER, specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.presentation.syntax import Enum, Field, Select, Struct, Vector
from conformance.mutants.faults.fault import Fault

_read_vector, _read_item, _select = Decoder._vector, Decoder._item, Decoder._select
_read_enum = decoding._enum
_write_shaped, _write_item = Encoder._shaped, Encoder._item


def _vector_short(self: Decoder, kind: str, shape: Vector, span: Span, path: str, scope: Scope) -> Json:
    """Takes the count of a vector for one more than the bytes that follow."""
    before = span.at
    count = int.from_bytes(span.take(shape.count_size, path))
    if count:
        return self._elements(kind, span.part(count - 1, path), path, scope)
    span.at = before
    return _read_vector(self, kind, shape, span, path, scope)


def _shaped_long(
    self: Encoder, member: Field, value: Json, path: str, scope: dict[str, Json], model: str | None
) -> bytes:
    octets = _write_shaped(self, member, value, path, scope, model)
    size = member.shape.count_size if isinstance(member.shape, Vector) else 0
    counted = len(octets) > size > 0
    return ((int.from_bytes(octets[:size]) + 1) % (1 << 8 * size)).to_bytes(size) + octets[size:] if counted else octets


def _item_reversed(self: Decoder, kind: str, span: Span, path: str, scope: Scope) -> Json:
    integer = INTEGER.match(kind)
    if not integer:
        return _read_item(self, kind, span, path, scope)
    octets = span.take(int(integer[2]) // 8, path)[::-1]
    return _read_item(self, kind, Span(octets, 0, len(octets)), path, scope)


def _write_reversed(
    self: Encoder, kind: str, value: Json, path: str, scope: dict[str, Json], model: str | None
) -> bytes:
    octets = _write_item(self, kind, value, path, scope, model)
    return octets[::-1] if INTEGER.match(kind) else octets


def _known_variants_only(
    self: Decoder, struct: Struct, select: Select, span: Span, where: str, scope: Scope, body: dict[str, Json]
) -> None:
    _select(self, struct, select, span, where, scope, body)
    if "unknown" in body:
        raise LabRefusal(where, span.at, "a variant that is not known")


def _any_variant(
    self: Decoder, struct: Struct, select: Select, span: Span, where: str, scope: Scope, body: dict[str, Json]
) -> None:
    try:
        _select(self, struct, select, span, where, scope, body)
    except LabRefusal as refusal:
        if "which no case covers" not in refusal.why:
            raise
        body["unknown"] = ""


def _any_boolean(enum: Enum, span: Span, path: str) -> Json:
    if enum.name == "Boolean":
        return span.take(enum.size, path) != bytes(enum.size)
    return _read_enum(enum, span, path)


def _leave_over(self: Span, where: str) -> None:
    self.at = self.end


def _sixteen(self: Context, name: str) -> int | None:
    return 16


def _single(self: Context, kind: int) -> str | None:
    return "single_value"


def _enum_numbers(enum: Enum, span: Span, path: str) -> Json:
    return int.from_bytes(span.take(enum.size, path))


FAULTS = {
    "off-by-one-length": Fault(exchanged=((Decoder, "_vector", _vector_short), (Encoder, "_shaped", _shaped_long))),
    "little-endian": Fault(exchanged=((Decoder, "_item", _item_reversed), (Encoder, "_item", _write_reversed))),
    "unknown-variants-refused": Fault(exchanged=((Decoder, "_select", _known_variants_only),)),
    "any-variant": Fault(exchanged=((Decoder, "_select", _any_variant),)),
    "any-boolean": Fault(exchanged=((decoding, "_enum", _any_boolean),)),
    "trailing-bytes-accepted": Fault(exchanged=((Span, "finish", _leave_over),)),
    "node-id-always-16": Fault(exchanged=((Context, "constant", _sixteen),)),
    "short-destination-unknown": Fault(exchanged=((specified(), "forms", {}),)),
    "data-model-always-single": Fault(exchanged=((Context, "model_of", _single),)),
    "enums-as-numbers": Fault(exchanged=((decoding, "_enum", _enum_numbers),)),
}
"""By name."""
