"""The JSON form of structs, derived from their layouts (conformance/SUBJECT.md).

Fields by their names, octets as hex, numbers beyond 32 bits as decimal strings, enums by name, what a select chooses
beside the other fields; fields that only count octets are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from disco_ref.notation.context import Context
from disco_ref.notation.cursor import Unwritable
from disco_ref.notation.layout import (
    Boolean,
    ByHand,
    Enumerated,
    Field,
    Kind,
    Layout,
    Nested,
    Repeated,
    Variant,
    layout,
)
from disco_ref.notation.presentation import FixedLength, Opaque, UInt, Unknown

T = TypeVar("T")
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value of JSON."""


def to_plain(value: Any) -> dict[str, Json]:
    """The JSON form of a struct."""
    return _plain_fields(layout(type(value)).fields, value, {})


def from_plain(cls: type[T], plain: Json, context: Context) -> T:
    """The struct of a JSON form; Unwritable, naming the member, where it is none. Members too many are passed over."""
    described = layout(cls)
    found: T = _struct(described, plain, described.name, {}, context)
    return found


def _plain_fields(fields: tuple[Field, ...], values: Any, outer: Mapping[str, Any]) -> dict[str, Json]:
    plain: dict[str, Json] = {}
    scope = {**outer, **{each.name: value for each, value in zip(fields, values, strict=False)}}
    for each, value in zip(fields, values, strict=False):
        if isinstance(each.kind, Variant):
            body = _plain_variant(each.kind, scope, value)
            if each.kind.select.named or each.kind.select.name:
                plain[each.name] = body
            else:
                plain.update(body)
        elif each.content:
            plain[each.name] = value.hex() if isinstance(value, bytes) else to_plain(value)
        else:
            plain[each.name] = _plain_kind(each.kind, value, scope)
    return plain


def _plain_kind(kind: Kind, value: Any, scope: Mapping[str, Any]) -> Json:
    match kind:
        case UInt(bits):
            return int(value) if bits <= 32 else str(int(value))
        case Boolean():
            return bool(value)
        case Enumerated():
            return kind.wire.names.get(int(value), int(value))
        case Opaque() | FixedLength():
            return bytes(value).hex()
        case Repeated():
            if isinstance(value, Unknown):
                return value.raw.hex()
            return [_plain_kind(kind.element.kind, each, scope) for each in value]
        case Nested():
            return _plain_fields(layout(type(value)).fields, value, scope)
        case ByHand(cls):
            plain: Json = cls.to_plain(value)
            return plain
        case Variant():
            return _plain_variant(kind, scope, value)


def _plain_variant(kind: Variant, scope: Mapping[str, Any], value: Any) -> dict[str, Json]:
    if isinstance(value, Unknown):
        return {"unknown": value.raw.hex()}
    if value is None:
        return {}
    for number, (cls, fields) in kind.cases.items():
        if cls is not None and type(value) is cls:
            return _plain_fields(fields, value, scope)
        chosen = scope.get(kind.select.switch)
        if cls is None and fields and (chosen == number or (chosen is None and _is(fields[0].kind, value))):
            return _plain_fields(fields, (value,), scope)
    raise TypeError(f"{value!r} is no variant of {kind.select.name or kind.select.switch}")


def _is(kind: Kind, value: Any) -> bool:
    return isinstance(kind, Nested) and type(value) is kind.cls


def _members(plain: Json, path: str) -> dict[str, Json]:
    if not isinstance(plain, dict):
        raise Unwritable("this is no object", where=path)
    return plain


def _struct(described: Layout, plain: Json, path: str, outer: Mapping[str, Any], context: Context) -> Any:
    values = _values(described.fields, _members(plain, path), path, outer, context)
    return described.cls(*values)


def _values(
    fields: tuple[Field, ...], plain: dict[str, Json], path: str, outer: Mapping[str, Any], context: Context
) -> list[Any]:
    scope = dict(outer)
    values = []
    for each in fields:
        here = f"{path}.{each.name}"
        if isinstance(each.kind, Variant) and not (each.kind.select.named or each.kind.select.name):
            value = _variant(each, each.kind, plain, path, scope, context)
        elif each.name not in plain:
            raise Unwritable("this is missing", where=here)
        else:
            value = _value(each, plain[each.name], here, scope, context)
        scope[each.name] = value
        values.append(value)
    return values


def _value(each: Field, plain: Json, path: str, scope: Mapping[str, Any], context: Context) -> Any:
    """One field with what stands around it."""
    if each.by_kind and isinstance(plain, str):
        return Unknown(scope[each.by_kind], _octets(plain, path))
    if each.content:
        cls = each.content.layouts().get(scope[each.content.switch])
        if cls is None:
            return _octets(plain, path)
        return _struct(layout(cls), plain, layout(cls).name, {}, context)
    if isinstance(each.kind, Variant):
        return _variant(each, each.kind, _members(plain, path), path, scope, context)
    return _of_kind(each.kind, plain, path, scope, context)


def _of_kind(kind: Kind, plain: Json, path: str, scope: Mapping[str, Any], context: Context) -> Any:
    match kind:
        case UInt(bits, signed):
            return _number(plain, bits, signed, path)
        case Boolean():
            if not isinstance(plain, bool):
                raise Unwritable("this is neither true nor false", where=path)
            return plain
        case Enumerated():
            return _enumerated(kind, plain, path)
        case Opaque(bits):
            octets = _octets(plain, path)
            if len(octets) >> bits:
                raise Unwritable(f"{len(octets)} bytes are more than {(1 << bits) - 1}", where=path)
            return octets
        case FixedLength(size):
            octets, length = _octets(plain, path), size or context.node_id_length
            if len(octets) != length:
                raise Unwritable(f"need {length} bytes, have {len(octets)}", where=path)
            return octets
        case Repeated():
            if not isinstance(plain, list):
                raise Unwritable("this is no array", where=path)
            return tuple(
                _value(kind.element, each, f"{path}[{place}]", scope, context) for place, each in enumerate(plain)
            )
        case Nested(cls):
            return _struct(layout(cls), plain, path, scope, context)
        case ByHand(cls):
            return cls.from_plain(plain, path, context)
        case Variant():
            raise TypeError("a variant is read by its field")


def _variant(
    each: Field, kind: Variant, plain: dict[str, Json], path: str, scope: Mapping[str, Any], context: Context
) -> Any:
    if (
        "unknown" in plain
        and kind.select.extensible
        and (each.by_kind or scope.get(kind.select.switch) not in kind.cases)
    ):
        tag = scope.get(each.by_kind or kind.select.switch, 0)
        return Unknown(int(tag), _octets(plain["unknown"], f"{path}.unknown"))
    cls, fields = _case(kind, plain, path, scope)
    values = _values(fields, plain, path, scope, context)
    if cls is not None:
        return cls(*values)
    return values[0] if values else None


def _case(
    kind: Variant, plain: dict[str, Json], path: str, scope: Mapping[str, Any]
) -> tuple[type[Any] | None, tuple[Field, ...]]:
    """The case that the switch names, or, where the data model decides, the one whose members are there."""
    if kind.select.switch != "DataModel":
        found = kind.cases.get(scope.get(kind.select.switch))
        if found is None:
            raise Unwritable(f"there is no variant {scope.get(kind.select.switch)}", where=path)
        return found
    filled = [case for case in kind.cases.values() if case[1]]
    empty = [case for case in kind.cases.values() if not case[1]]
    for case in filled:
        if all(each.name in plain for each in case[1]):
            return case
    if empty and not plain:
        return empty[0]
    raise Unwritable("no data model has these members", where=path)


def _number(plain: Json, bits: int, signed: bool, path: str) -> int:
    if isinstance(plain, str) and plain.removeprefix("-").isascii() and plain.removeprefix("-").isdecimal():
        if len(plain) > 40:
            raise Unwritable("this number is too large", where=path)
        plain = int(plain)
    if isinstance(plain, bool) or not isinstance(plain, int):
        raise Unwritable("this is no number", where=path)
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not least <= plain <= most:
        raise Unwritable(f"{plain} is not within {least} to {most}", where=path)
    return plain


def _enumerated(kind: Enumerated, plain: Json, path: str) -> int:
    if isinstance(plain, str):
        number = next((each for each, name in kind.wire.names.items() if name == plain), None)
        if number is None:
            raise Unwritable(f"{plain[:40]!r} is no {kind.cls.__name__}", where=path)
    else:
        number = _number(plain, kind.wire.bits, False, path)
    if number == kind.wire.invalid or (kind.wire.closed and number not in kind.wire.names):
        raise Unwritable(f"{number} is no {kind.cls.__name__}", where=path)
    return kind.cls(number) if number in kind.wire.names else number


def _octets(plain: Json, path: str) -> bytes:
    if isinstance(plain, str):
        try:
            return bytes.fromhex(plain)
        except ValueError:
            pass
    raise Unwritable("this is no hexadecimal string", where=path)
