"""Reading bytes by a definition (RFC 6940, section 6.3.1), into the values of ``SUBJECT.md``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.lab.context import Context
from conformance.lab.presentation.definitions import INTEGER, Definitions
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.presentation.syntax import Enum, Field, Fixed, Select, Struct, Typedef, Vector

Rules = Callable[[str, dict[str, Json], str, int, Context], None]
"""What prose demands of a struct just read: (struct, value, where, offset, context); raises LabRefusal."""


@dataclass(slots=True)
class Span:
    """A stretch of the input: where it is read next, where it ends, and whether its end is told by a count."""

    octets: bytes
    at: int
    end: int
    counted: bool = False

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return self.end - self.at

    def take(self, size: int, where: str) -> bytes:
        """The next bytes; refused where there are fewer."""
        if size > self.left:
            raise LabRefusal(where, self.at, f"needs {size} bytes, has {self.left}")
        self.at += size
        return self.octets[self.at - size : self.at]

    def part(self, size: int, where: str) -> Span:
        """The next bytes as a stretch of their own, already passed over here."""
        start = self.at
        self.take(size, where)
        return Span(self.octets, start, self.at, counted=True)

    def finish(self, where: str) -> None:
        """Refuse what is left over."""
        if self.left:
            raise LabRefusal(where, self.at, f"{self.left} bytes are left over")


@dataclass(slots=True)
class Scope:
    """The fields read so far that a select or a ``[n]`` may name, and those of the structs around."""

    outer: Scope | None
    fields: dict[str, tuple[int, str]] = field(default_factory=dict)
    model: str | None = None

    def look_up(self, name: str) -> tuple[int, str] | None:
        """The number of a field and its type, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.fields:
                return scope.fields[name]
            scope = scope.outer
        return None


class Decoder:
    """One reading: the definitions, the context, and the rules of the prose."""

    def __init__(
        self,
        definitions: Definitions,
        context: Context,
        rules: Rules | None = None,
        trace: dict[str, tuple[int, int]] | None = None,
    ) -> None:
        self._definitions = definitions
        self._context = context
        self._rules = rules
        self._trace = trace
        """Filled, where one is given, with the stretch of bytes of every field and struct."""

    def whole(self, name: str, octets: bytes) -> dict[str, Json]:
        """A struct that fills the input; LabRefusal where it does not, KeyError where none has that name."""
        span = Span(octets, 0, len(octets))
        value = self.leading(name, span)
        span.finish(name)
        return value

    def leading(self, name: str, span: Span, where: str = "") -> dict[str, Json]:
        """A struct at the start of a span; ``where`` is how messages call it."""
        struct = self._definitions.struct(name)
        if struct is None:
            raise KeyError(name)
        return self._struct(struct, span, where or name, Scope(None, model=self._context.model))

    def _struct(self, struct: Struct, span: Span, where: str, outer: Scope) -> dict[str, Json]:
        start = span.at
        form = self._definitions.forms.get(struct.name)
        if form and span.left and span.octets[span.at] & form[0]:
            return _short_form(span, where)
        scope = Scope(outer, model=outer.model)
        value: dict[str, Json] = {}
        inner = self._members(struct, struct.members, span, where, scope, value)
        if inner is not span:
            inner.finish(where)
        self._passed(where, start, span.at)
        if self._rules is not None:
            self._rules(struct.name, value, where, start, self._context)
        return value

    def _members(
        self,
        struct: Struct,
        members: tuple[Field | Select, ...],
        span: Span,
        where: str,
        scope: Scope,
        value: dict[str, Json],
    ) -> Span:
        """Read members into a value; returns the span reached, narrower where a field counted the rest."""
        for member in members:
            # Only what stands last in a counted stretch can be skipped to its end.
            ends = span.counted and member is members[-1]
            counted, span.counted = span.counted, ends
            if isinstance(member, Select):
                body = value if member.name is None else {}
                self._select(struct, member, span, where, scope, body)
                if member.name is not None:
                    value[member.name] = body
                span.counted = counted
                continue
            path = f"{where}.{member.name}"
            start = span.at
            if self._definitions.counts_rest(struct.name, member):
                span = span.part(self._integer(member, span, path, scope), path)
                continue
            if self._definitions.counts_field(struct.name, member):
                self._integer(member, span, path, scope)
            else:
                value[member.name] = self._field(member, span, path, scope)
                self._passed(path, start, span.at)
            span.counted = counted
        return span

    def _passed(self, where: str, start: int, end: int) -> None:
        if self._trace is not None:
            self._trace[where] = (start, end)

    def _integer(self, member: Field, span: Span, path: str, scope: Scope) -> int:
        number = int.from_bytes(span.take(_size(member.type), path))
        scope.fields[member.name] = (number, member.type)
        return number

    def _select(
        self, struct: Struct, select: Select, span: Span, where: str, scope: Scope, body: dict[str, Json]
    ) -> None:
        label, shown = self._label(select, scope)
        for case in select.cases:
            if label in case.labels:
                self._members(struct, case.members, span, where, scope, body)
                return
        if select.extendable and span.counted:
            body["unknown"] = span.take(span.left, where).hex()
        elif label is None and select.switch == ("DataModel",):
            raise LabRefusal(where, span.at, "the data model is not known")
        else:
            # = rfc6940:6.3.1.1/1a
            raise LabRefusal(where, span.at, f"{'.'.join(select.switch)} is {shown}, which no case covers")

    def _label(self, select: Select, scope: Scope) -> tuple[str | None, str]:
        if select.switch == ("DataModel",):
            return scope.model, scope.model or "not known"
        found = scope.look_up(select.switch[-1])
        if found is None:
            return None, "nowhere to be found"
        number, kind = found
        enum = self._definitions.enum(kind)
        label = next((name for name, one in enum.values.items() if one == number), None) if enum else None
        return label, label or str(number)

    def _field(self, member: Field, span: Span, path: str, scope: Scope) -> Json:
        if isinstance(member.shape, Vector):
            return self._vector(member.type, member.shape, span, path, scope)
        if isinstance(member.shape, Fixed):
            part = span.part(self._fixed_size(member.shape, path, scope), path)
            return self._elements(member.type, part, path, scope)
        start = span.at
        value = self._item(member.type, span, path, scope)
        if self._definitions.enum(member.type) or INTEGER.match(member.type) or member.type == "KindId":
            number = int.from_bytes(span.octets[start : span.at])
            scope.fields[member.name] = (number, member.type)
            if member.type == "KindId":
                scope.model = self._context.model_of(number)
        return value

    def _fixed_size(self, shape: Fixed, path: str, scope: Scope) -> int:
        if isinstance(shape.size, int):
            return shape.size
        found = scope.look_up(shape.size[-1])
        size = found[0] if found else self._context.constant(shape.size[-1])
        if size is None:
            raise LabRefusal(path, None, f"{'.'.join(shape.size)} is nowhere defined")
        return size

    def _vector(self, kind: str, shape: Vector, span: Span, path: str, scope: Scope) -> Json:
        start = span.at
        count = int.from_bytes(span.take(shape.count_size, path))
        if not shape.low <= count <= shape.high:
            raise LabRefusal(path, start, f"{count} bytes are not within {shape.low} to {shape.high}")
        return self._elements(kind, span.part(count, path), path, scope)

    def _elements(self, kind: str, part: Span, path: str, scope: Scope) -> Json:
        if kind == "opaque" or (scope.model is None and self._definitions.needs_model(kind)):
            return part.take(part.left, path).hex()
        values: list[Json] = []
        while part.left:
            before, part.counted = part.at, False
            values.append(self._item(kind, part, f"{path}[{len(values)}]", scope))
            if part.at == before:
                raise LabRefusal(path, before, f"a {kind} takes no bytes, so it cannot fill any")
        return values

    def _item(self, kind: str, span: Span, path: str, scope: Scope) -> Json:
        if integer := INTEGER.match(kind):
            number = int.from_bytes(span.take(int(integer[2]) // 8, path), signed=not integer[1])
            return number if int(integer[2]) <= 32 else str(number)
        if kind == "opaque":
            return span.take(1, path).hex()
        found = self._definitions.by_name.get(kind)
        if isinstance(found, Enum):
            return _enum(found, span, path)
        if isinstance(found, Struct):
            return self._struct(found, span, path, scope)
        if isinstance(found, Typedef):
            return self._field(found.target, span, path, scope)
        raise LabRefusal(path, span.at, f"{kind} is nowhere defined")


def _size(kind: str) -> int:
    found = INTEGER.match(kind)
    return int(found[2]) // 8 if found else 0


def _enum(enum: Enum, span: Span, path: str) -> Json:
    start = span.at
    number = int.from_bytes(span.take(enum.size, path))
    if enum.name == "Boolean":
        # = rfc6940:6.3.1.1/0
        if number > 1:
            raise LabRefusal(path, start, f"a boolean value is 0 or 1, not {number}")
        return number == 1
    name = next((name for name, one in enum.values.items() if one == number), None)
    # = rfc6940:6.3.1.1/0
    if name is not None and name.startswith("invalid"):
        raise LabRefusal(path, start, f"{number} is {name}")
    return number if name is None else name


def _short_form(span: Span, where: str) -> dict[str, Json]:
    """A Destination of 16 bits, as the full one it stands for (section 6.3.2.2)."""
    # = rfc6940:6.3.2.2/2b
    opaque_id = span.take(2, where)
    return {"type": "opaque_id_type", "destination_data": {"opaque_id": opaque_id.hex()}, "short": True}
