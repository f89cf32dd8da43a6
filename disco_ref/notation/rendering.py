"""Printing layouts back in the presentation language (RFC 6940, section 6.3.1).

A test compares what is printed, token by token, with the struct text of the specifications: the declarations are
proved to be the published structs on every run.
"""

from __future__ import annotations

import enum
from typing import Any

from disco_ref.notation.context import DataModel
from disco_ref.notation.layout import (
    Boolean,
    ByHand,
    Enumerated,
    Field,
    Kind,
    Nested,
    Repeated,
    Variant,
    field,
    layout,
)
from disco_ref.notation.presentation import FixedLength, Opaque, Typedef, UInt

INDENT = "  "


def render(cls: type[Any]) -> str:
    """The definition of a struct or enum in the presentation language."""
    if issubclass(cls, enum.IntEnum):
        return render_enum(cls)
    described = layout(cls)
    lines: list[str] = []
    if described.length:
        lines.append(f"uint{described.length} length;")
    lines += _members(described.fields)
    return _struct(described.name, lines)


def render_enum(cls: type[enum.IntEnum]) -> str:
    """The definition of an enum; its width is printed as the specification does, (255) or (2^16-1)."""
    wire = cls._wire  # type: ignore[attr-defined]
    values = [f"{name}({number})" for number, name in wire.names.items()]
    width = "255" if wire.bits == 8 else f"2^{wire.bits}-1"
    return f"enum {{ {', '.join([*values, f'({width})'])} }} {cls.__name__};"


def render_typedef(hint: Any) -> str:
    """The definition behind an annotation that the specification gives a name by typedef."""
    words = hint.__metadata__
    name = next(word.name for word in words if isinstance(word, Typedef))
    kind = next(word for word in words if not isinstance(word, Typedef))
    return f"typedef {_declaration(kind, name)}"


def render_select(hint: Any) -> str:
    """The struct that the specification makes of a select."""
    kind = field("", hint).kind
    if not isinstance(kind, Variant):
        raise TypeError("this is no select")
    return _struct(kind.select.name, _select(kind))


def _struct(name: str, lines: list[str]) -> str:
    return "\n".join(["struct {", *(INDENT + line for line in lines), f"}} {name};"])


def _members(fields: tuple[Field, ...]) -> list[str]:
    lines: list[str] = []
    hoisted = [each for each in fields if isinstance(each.kind, Repeated) and each.kind.hoisted]
    for each in fields:
        if hoisted and each is hoisted[0]:
            lines += [f"uint{one.kind.bits} {one.name}_length;" for one in hoisted if isinstance(one.kind, Repeated)]
        lines += _member(each)
    return lines


def _member(each: Field) -> list[str]:
    lines = [f"uint{each.counted.bits} length;"] if each.counted else []
    if isinstance(each.kind, Variant) and not each.kind.select.name:
        return lines + _select(each.kind, each.name if each.kind.select.named else "")
    bracket = f"[{each.counted.bracket}]" if each.counted and each.counted.bracket else ""
    if each.typedef:
        return [*lines, f"{each.typedef} {each.name};"]
    return [*lines, _declaration(each.kind, each.name, bracket)]


def _declaration(kind: Kind, name: str, bracket: str = "") -> str:
    match kind:
        case Opaque(bits, bound):
            return f"opaque {name}<0..{bound or f'2^{bits}-1'}>;"
        case FixedLength(octets):
            return f"opaque {name}[{octets or 'NodeIdLength'}];"
        case Repeated(bits, element, True):
            return f"{element.typedef or _type(element.kind)} {name}[{name}_length];"
        case Repeated(bits, element):
            return f"{element.typedef or _type(element.kind)} {name}<0..2^{bits}-1>;"
        case _:
            return f"{_type(kind)} {name}{bracket};"


def _type(kind: Kind) -> str:
    match kind:
        case UInt(bits, signed):
            return f"{'int' if signed else 'uint'}{bits}"
        case Boolean():
            return "Boolean"
        case Enumerated(cls):
            return cls.__name__
        case Nested(cls):
            return layout(cls).name
        case ByHand(cls):
            name: str = cls.__name__
            return name
        case Variant(select):
            return select.name
        case _:
            raise TypeError(f"{kind!r} has no name")


def _select(kind: Variant, name: str = "") -> list[str]:
    lines = [f"select ({kind.select.printed_switch}) {{"]
    labels: list[str] = []
    cases = list(kind.cases.items())
    for place, (number, (_, fields)) in enumerate(cases):
        labels.append(f"case {number.name if isinstance(number, DataModel) else _label(number)}:")
        following = cases[place + 1][1] if place + 1 < len(cases) else None
        if following is not None and fields and following[1] == fields:
            continue
        lines += [INDENT + label for label in labels]
        lines += [INDENT * 2 + line for line in (_members(fields) if fields else [";"])]
        labels = []
    return [*lines, f"}} {name};" if name else "};"]


def _label(number: enum.IntEnum) -> str:
    return str(number._wire.names[int(number)])  # type: ignore[attr-defined]
