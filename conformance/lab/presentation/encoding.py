"""Writing values of ``SUBJECT.md`` by a definition (RFC 6940, section 6.3.1)."""

from __future__ import annotations

from conformance.lab.context import Context
from conformance.lab.presentation.definitions import INTEGER, Definitions
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.presentation.syntax import Case, Enum, Field, Fixed, Select, Struct, Typedef, Vector


def octets_of(value: Json, where: str) -> bytes:
    """The bytes that a hexadecimal string stands for."""
    if not isinstance(value, str):
        raise LabRefusal(where, None, "not a hexadecimal string")
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise LabRefusal(where, None, "not a hexadecimal string") from None


class Encoder:
    """One writing: the definitions and the context."""

    def __init__(self, definitions: Definitions, context: Context) -> None:
        self._definitions = definitions
        self._context = context

    def whole(self, name: str, value: Json) -> bytes:
        """The bytes of a struct; LabRefusal where the value does not fit, KeyError where none has that name."""
        struct = self._definitions.struct(name)
        if struct is None:
            raise KeyError(name)
        return self._struct(struct, value, name, {}, self._context.model)

    def _struct(self, struct: Struct, value: Json, where: str, outer: dict[str, Json], model: str | None) -> bytes:
        if not isinstance(value, dict):
            raise LabRefusal(where, None, "not an object")
        if struct.name in self._definitions.forms and value.get("short") is True:
            return _short_form(value, where)
        return self._members(struct, struct.members, value, where, {**outer, **value}, model)

    def _members(
        self,
        struct: Struct,
        members: tuple[Field | Select, ...],
        value: dict[str, Json],
        where: str,
        scope: dict[str, Json],
        model: str | None,
    ) -> bytes:
        written = b""
        parts: dict[str, bytes] = {}
        for member in members:
            if isinstance(member, Field) and isinstance(member.shape, Fixed):
                parts[member.name] = self._field(member, value, f"{where}.{member.name}", scope, model)
        for index, member in enumerate(members):
            if isinstance(member, Select):
                written += self._select(struct, member, value, where, scope, model)
                continue
            path = f"{where}.{member.name}"
            if member.type == "KindId" and member.shape is None:
                model = self._context.model_of(_whole_number(value.get(member.name), path))
            if self._definitions.counts_rest(struct.name, member):
                rest = self._members(struct, members[index + 1 :], value, where, scope, model)
                return written + _counted(len(rest), member, path) + rest
            if self._definitions.counts_field(struct.name, member):
                counted = next(one for one in members if isinstance(one, Field) and _is_counted_by(one, member))
                written += _counted(len(parts[counted.name]), member, path)
            else:
                known = parts.get(member.name)
                written += self._field(member, value, path, scope, model) if known is None else known
        return written

    def _select(
        self,
        struct: Struct,
        select: Select,
        value: dict[str, Json],
        where: str,
        scope: dict[str, Json],
        model: str | None,
    ) -> bytes:
        body = value
        if select.name is not None:
            named = value.get(select.name)
            if not isinstance(named, dict):
                raise LabRefusal(f"{where}.{select.name}", None, "not an object")
            body = named
        label = model if select.switch == ("DataModel",) else scope.get(select.switch[-1])
        case: Case | None = next((one for one in select.cases if label in one.labels), None)
        if case is not None:
            return self._members(struct, case.members, body, where, {**scope, **body}, model)
        if select.extendable and "unknown" in body:
            return octets_of(body["unknown"], f"{where}.unknown")
        raise LabRefusal(where, None, f"{'.'.join(select.switch)} is {label}, which no case covers")

    def _field(
        self, member: Field, value: dict[str, Json], path: str, scope: dict[str, Json], model: str | None
    ) -> bytes:
        if member.name not in value:
            raise LabRefusal(path, None, "is missing")
        return self._shaped(member, value[member.name], path, scope, model)

    def _shaped(self, member: Field, value: Json, path: str, scope: dict[str, Json], model: str | None) -> bytes:
        if member.shape is None:
            return self._item(member.type, value, path, scope, model)
        octets = self._elements(member.type, value, path, scope, model)
        if isinstance(member.shape, Vector):
            if not member.shape.low <= len(octets) <= member.shape.high:
                bounds = f"{member.shape.low} to {member.shape.high}"
                raise LabRefusal(path, None, f"{len(octets)} bytes are not within {bounds}")
            return len(octets).to_bytes(member.shape.count_size) + octets
        size = member.shape.size if isinstance(member.shape.size, int) else None
        if size is None and isinstance(member.shape.size, tuple):
            size = self._context.constant(member.shape.size[-1])
        if size is not None and size != len(octets):
            raise LabRefusal(path, None, f"{len(octets)} bytes where there must be {size}")
        return octets

    def _elements(self, kind: str, value: Json, path: str, scope: dict[str, Json], model: str | None) -> bytes:
        if kind == "opaque" or (isinstance(value, str) and model is None and self._definitions.needs_model(kind)):
            return octets_of(value, path)
        if not isinstance(value, list):
            raise LabRefusal(path, None, "not an array")
        return b"".join(self._item(kind, one, f"{path}[{index}]", scope, model) for index, one in enumerate(value))

    def _item(self, kind: str, value: Json, path: str, scope: dict[str, Json], model: str | None) -> bytes:
        if integer := INTEGER.match(kind):
            number = _whole_number(value, path)
            try:
                return number.to_bytes(int(integer[2]) // 8, signed=not integer[1])
            except OverflowError:
                raise LabRefusal(path, None, f"{number} does not fit {kind}") from None
        if kind == "opaque":
            return octets_of(value, path)
        found = self._definitions.by_name.get(kind)
        if isinstance(found, Enum):
            return _enum(found, value, path)
        if isinstance(found, Struct):
            return self._struct(found, value, path, scope, model)
        if isinstance(found, Typedef):
            return self._shaped(found.target, value, path, scope, model)
        raise LabRefusal(path, None, f"{kind} is nowhere defined")


def _is_counted_by(member: Field, count: Field) -> bool:
    shape = member.shape
    return isinstance(shape, Fixed) and isinstance(shape.size, tuple) and shape.size[-1] == count.name


def _counted(size: int, member: Field, path: str) -> bytes:
    found = INTEGER.match(member.type)
    width = int(found[2]) // 8 if found else 0
    if size >= 1 << (8 * width):
        raise LabRefusal(path, None, f"{size} bytes are more than {member.type} can count")
    return size.to_bytes(width)


def _whole_number(value: Json, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= 40 and value.removeprefix("-").isdecimal() and value.isascii():
        return int(value)
    raise LabRefusal(path, None, "not a number")


def _enum(enum: Enum, value: Json, path: str) -> bytes:
    if isinstance(value, bool):
        number = int(value)
    elif isinstance(value, str) and value in enum.values:
        number = enum.values[value]
    else:
        number = _whole_number(value, path)
    if not 0 <= number < 1 << (8 * enum.size):
        raise LabRefusal(path, None, f"{number} does not fit {enum.name}")
    return number.to_bytes(enum.size)


def _short_form(value: dict[str, Json], where: str) -> bytes:
    inner = value.get("destination_data")
    octets = octets_of(inner.get("opaque_id") if isinstance(inner, dict) else None, f"{where}.opaque_id")
    if len(octets) != 2 or not octets[0] & 0x80:
        # = rfc6940:6.3.2.2/1
        raise LabRefusal(f"{where}.opaque_id", None, "a short Destination has two bytes, the top bit set")
    return octets
