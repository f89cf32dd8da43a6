"""Hypothesis strategies derived from the declarations: any value that a struct can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from disco_ref.errors import Refusal
from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.layout import Boolean, ByHand, Enumerated, Field, Layout, Nested, Repeated, Variant, layout
from disco_ref.notation.presentation import FixedLength, Opaque, UInt, Unknown

Draw = Callable[[st.SearchStrategy[Any]], Any]
Overrides = Mapping[str, st.SearchStrategy[Any]]
"""``Struct.field`` to the strategy for a field that only the prose constrains, ``Class`` for a type written by hand."""

LONGEST = 20
"""Octets of the longest octet string that is drawn."""


@st.composite
def values(draw: Draw, cls: type[Any], context: Context, overrides: Overrides | None = None) -> Any:
    """A value of a struct that its own rules do not refuse."""
    return _struct(draw, layout(cls), {"DataModel": context.data_model}, context, overrides or {})


def _struct(draw: Draw, each: Layout, scope: Mapping[str, Any], context: Context, overrides: Overrides) -> Any:
    for _ in range(5):
        value = each.cls(*_members(draw, each.name, each.fields, scope, context, overrides))
        refuse = getattr(each.cls, "refuse", None)
        if refuse is None:
            return value
        try:
            refuse(value, context, 0)
        except Refusal:
            continue
        return value
    reject()
    raise RuntimeError("reject has raised")


def _members(
    draw: Draw, name: str, fields: tuple[Field, ...], outer: Mapping[str, Any], context: Context, overrides: Overrides
) -> list[Any]:
    scope = dict(outer)
    found = []
    selects = [each.kind.select for each in fields if isinstance(each.kind, Variant)]
    closed = {each.switch for each in selects if not each.extensible}
    for each in fields:
        own = overrides.get(f"{name}.{each.name}")
        if own is None and each.name in closed and isinstance(each.kind, Enumerated):
            own = st.sampled_from([one for one in each.kind.cls if one != each.kind.wire.invalid])
        scope[each.name] = draw(own) if own is not None else _field(draw, each, scope, context, overrides)
        found.append(scope[each.name])
    return found


def _field(draw: Draw, each: Field, scope: Mapping[str, Any], context: Context, overrides: Overrides) -> Any:
    if each.typedef == "KindId":
        return draw(st.sampled_from([*context.models, 0xF000BEEF]))
    if each.by_kind:
        model = context.models.get(scope[each.by_kind])
        if model is None:
            return Unknown(scope[each.by_kind], draw(st.binary(max_size=LONGEST)))
        scope = {**scope, "DataModel": model}
    if each.content:
        cls = each.content.layouts().get(scope[each.content.switch])
        return draw(st.binary(max_size=LONGEST)) if cls is None else draw(values(cls, context, overrides))
    return _kind(draw, each, scope, context, overrides)


def _kind(draw: Draw, each: Field, scope: Mapping[str, Any], context: Context, overrides: Overrides) -> Any:
    match each.kind:
        case UInt(bits, signed):
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            return draw(st.integers(low, high))
        case Boolean():
            return draw(st.booleans())
        case Enumerated(cls, wire):
            known = [cls(number) for number in wire.names if number != wire.invalid]
            unknown = [number for number in (1, 77, (1 << wire.bits) - 1) if number not in wire.names]
            return draw(st.sampled_from([*known, *([] if wire.closed else unknown)]))
        case Opaque():
            return draw(st.binary(max_size=LONGEST))
        case FixedLength(octets):
            size = octets or context.node_id_length
            return draw(st.binary(min_size=size, max_size=size))
        case Repeated():
            count = draw(st.integers(0, 3))
            return tuple(_field(draw, each.kind.element, scope, context, overrides) for _ in range(count))
        case Nested(cls):
            return _struct(draw, layout(cls), scope, context, overrides)
        case ByHand(cls):
            return draw(overrides[cls.__name__])
        case Variant():
            return _variant(draw, each.kind, scope, context, overrides)


def _variant(draw: Draw, kind: Variant, scope: Mapping[str, Any], context: Context, overrides: Overrides) -> Any:
    switch = scope[kind.select.switch]
    case = kind.cases.get(switch)
    if case is None:
        if not kind.select.extensible or isinstance(switch, DataModel):
            reject()
        return Unknown(int(switch), draw(st.binary(max_size=LONGEST)))
    cls, fields = case
    found = _members(draw, cls.__name__ if cls else "", fields, scope, context, overrides)
    return cls(*found) if cls else (found[0] if found else None)
