"""Strategies for values of any struct, derived from its definition."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance.lab.context import Context, codes
from conformance.lab.presentation.definitions import INTEGER, Definitions
from conformance.lab.presentation.refusal import Json
from conformance.lab.presentation.syntax import Enum, Field, Fixed, Select, Struct, Typedef, Vector

LONGEST = 6
"""Elements or bytes of a vector; bounds of counts are the rows' matter."""


class Values:
    """Draws values of the normal form."""

    def __init__(self, definitions: Definitions, context: Context, draw: st.DrawFn) -> None:
        self._definitions = definitions
        self._context = context
        self._draw = draw

    def struct(self, struct: Struct, outer: dict[str, Json], model: str | None) -> dict[str, Json]:
        """A value of a struct."""
        value: dict[str, Json] = {}
        self._members(struct, struct.members, value, outer, model)
        return value

    def _members(
        self,
        struct: Struct,
        members: tuple[Field | Select, ...],
        value: dict[str, Json],
        outer: dict[str, Json],
        model: str | None,
    ) -> None:
        for member in members:
            if isinstance(member, Select):
                body: dict[str, Json] = {}
                label = model if member.switch == ("DataModel",) else {**outer, **value}.get(member.switch[-1])
                case = next((one for one in member.cases if label in one.labels), None)
                if case is not None:
                    self._members(struct, case.members, body, {**outer, **value}, model)
                else:
                    body["unknown"] = self._opaque()
                value |= {member.name: body} if member.name else body
            elif not self._definitions.hidden(struct.name, member):
                value[member.name] = self._field(struct, member, {**outer, **value}, model)
                if member.type == "KindId" and member.shape is None:
                    value[member.name] = self._draw(st.sampled_from(sorted(codes().kinds)))
                    model = self._context.model_of(int(str(value[member.name])))

    def _field(self, struct: Struct, member: Field, outer: dict[str, Json], model: str | None) -> Json:
        found = self._definitions.enum(member.type)
        if found is not None and member.shape is None:
            return self._label(struct, member, found)
        if member.shape is None:
            return self._item(member.type, outer, model)
        if member.type == "opaque":
            known = isinstance(member.shape, Fixed) and self._context.constant(str(member.shape.size[0]))  # type: ignore[index]
            return self._opaque(known or None)
        length = self._draw(st.integers(0, 2))
        return [self._item(member.type, outer, model) for _ in range(length)]

    def _label(self, struct: Struct, member: Field, enum: Enum) -> Json:
        """A name that every select on it covers, or one that an extendable select does not know."""
        names = [name for name in enum.values if not name.startswith("invalid")]
        if enum.name == "Boolean":
            return self._draw(st.booleans())
        return self._draw(st.sampled_from(names)) if names else 9

    def _item(self, kind: str, outer: dict[str, Json], model: str | None) -> Json:
        if integer := INTEGER.match(kind):
            bits = int(integer[2])
            low = 0 if integer[1] else -(1 << (bits - 1))
            number = self._draw(st.integers(low, low + (1 << bits) - 1))
            return number if bits <= 32 else str(number)
        found = self._definitions.by_name[kind]
        if isinstance(found, Enum):
            return self._label(Struct("", (), found.place), Field(kind, "", None, found.place), found)
        if isinstance(found, Typedef):
            shape = found.target.shape
            if isinstance(shape, Fixed) and isinstance(shape.size, tuple):
                return self._opaque(self._context.constant(shape.size[0]))
            if isinstance(shape, Vector):
                return self._opaque()
            return self._item(found.target.type, outer, model)
        assert isinstance(found, Struct)
        return self.struct(found, outer, model)

    def _opaque(self, size: int | None = None) -> str:
        low, high = (0, LONGEST) if size is None else (size, size)
        return self._draw(st.binary(min_size=low, max_size=high)).hex()


@st.composite
def values(draw: st.DrawFn, definitions: Definitions, name: str, context: Context) -> dict[str, Json]:
    """A value of the struct of this name."""
    struct = definitions.struct(name)
    assert struct is not None
    return Values(definitions, context, draw).struct(struct, {}, context.model)
