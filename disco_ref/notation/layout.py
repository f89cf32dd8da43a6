"""From an annotated class to its layout: what the compiler, the renderer and the JSON form read."""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints, overload

from disco_ref.notation.presentation import (
    ByKind,
    Content,
    Counted,
    FixedLength,
    Hoisted,
    Kept,
    Opaque,
    Select,
    Typedef,
    UInt,
    Vector,
    Wire,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Boolean:
    """The enum Boolean, a bool in Python (RFC 6940, section 6.3.1.1)."""


@dataclass(frozen=True, slots=True)
class Enumerated:
    """An enum of the specification."""

    cls: type[enum.IntEnum]
    wire: Wire


@dataclass(frozen=True, slots=True)
class Repeated:
    """A vector and its element; ``hoisted`` where the octet count stands earlier."""

    bits: int
    element: Field
    hoisted: bool = False


@dataclass(frozen=True, slots=True)
class Nested:
    """A struct inside a struct."""

    cls: type[Any]


@dataclass(frozen=True, slots=True)
class ByHand:
    """A type whose codec is written by hand: ``read(buf, p, e, context)`` and ``write(value, context)``."""

    cls: type[Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """A select; ``cases`` maps each number of the switch to its members, with the class that holds several."""

    select: Select
    cases: Mapping[Any, tuple[type[Any] | None, tuple[Field, ...]]]


Kind = UInt | Opaque | FixedLength | Boolean | Enumerated | Repeated | Nested | ByHand | Variant


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, its type, and what stands around it."""

    name: str
    kind: Kind
    typedef: str = ""
    counted: Counted | None = None
    by_kind: str = ""
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A struct: its fields in order; ``length`` is the width in bits of a leading count of the octets after it."""

    name: str
    cls: type[Any]
    fields: tuple[Field, ...]
    length: int
    keeps: bool


def layout(cls: type[Any]) -> Layout:
    """The layout of a class under :func:`struct`."""
    found = cls.__dict__.get("_layout")
    if not isinstance(found, Layout):
        raise TypeError(f"{cls.__name__} is no struct")
    return found


@overload
def struct(cls: type[T], /) -> type[T]: ...
@overload
def struct(*, length: int = 0, name: str = "") -> Callable[[type[T]], type[T]]: ...
def struct(cls: Any = None, /, *, length: int = 0, name: str = "") -> Any:
    """Make a NamedTuple a struct: its annotations are its layout.

    ``length`` is for a struct that is led by the count of the octets after it, ``name`` is for one whose name in Python differs
    from that in the specification.  A class with a static ``refuse(value, context, offset)`` is asked after reading.
    """
    if cls is None:
        return lambda given: _made(given, length, name)
    return _made(cls, length, name)


def _made(cls: type[Any], length: int, name: str) -> type[Any]:
    hints = get_type_hints(cls, include_extras=True)
    names: tuple[str, ...] = cls._fields
    keeps = bool(names) and _is_kept(hints[names[-1]])
    fields = tuple(field(each, hints[each]) for each in (names[:-1] if keeps else names))
    cls._layout = Layout(name or cls.__name__, cls, fields, length, keeps)
    if keeps:
        cls.__eq__ = _equal_but_received  # type: ignore[assignment]
        cls.__ne__ = _differ  # type: ignore[assignment]
        cls.__hash__ = _hash_but_received  # type: ignore[assignment]
    return cls


def _equal_but_received(one: Any, other: object) -> bool:
    return type(one) is type(other) and tuple.__eq__(one[:-1], other[:-1])  # type: ignore[index]


def _differ(one: Any, other: object) -> bool:
    return not _equal_but_received(one, other)


def _hash_but_received(one: Any) -> int:
    return hash(one[:-1])


def _is_kept(hint: Any) -> bool:
    return any(isinstance(each, Kept) for each in getattr(hint, "__metadata__", ()))


def field(name: str, hint: Any) -> Field:
    """The field that an annotation describes; TypeError for one that describes none."""
    if get_origin(hint) is not Annotated:
        return Field(name, _plain_kind(name, hint))
    base, *words = get_args(hint)
    typedef = next((word.name for word in words if isinstance(word, Typedef)), "")
    counted = next((word for word in words if isinstance(word, Counted)), None)
    by_kind = next((word.kind for word in words if isinstance(word, ByKind)), "")
    content = next((word for word in words if isinstance(word, Content)), None)
    kind: Kind | None = None
    for word in words:
        match word:
            case UInt() | Opaque() | FixedLength():
                kind = word
            case Vector(bits) | Hoisted(bits):
                kind = Repeated(bits, field(name, _element(base)), isinstance(word, Hoisted))
            case Select():
                kind = Variant(word, {number: _members(case) for number, case in word.cases.items()})
    return Field(name, kind or _plain_kind(name, base), typedef, counted, by_kind, content)


def _element(base: Any) -> Any:
    """T of ``tuple[T, ...]``, also where the tuple is one of a union."""
    if get_origin(base) in (Union, types.UnionType):
        base = next(each for each in get_args(base) if get_origin(each) is tuple)
    return get_args(base)[0]


def _members(case: Any) -> tuple[type[Any] | None, tuple[Field, ...]]:
    if case is None:
        return None, ()
    if isinstance(case, Mapping):
        return None, tuple(field(name, hint) for name, hint in case.items())
    hints = get_type_hints(case, include_extras=True)
    return case, tuple(field(name, hints[name]) for name in case._fields)


def _plain_kind(name: str, hint: Any) -> Kind:
    if hint is bool:
        return Boolean()
    if isinstance(hint, types.UnionType):
        hint = next((each for each in get_args(hint) if each is not int), hint)
    if isinstance(hint, type):
        if issubclass(hint, enum.IntEnum):
            return Enumerated(hint, hint._wire)  # type: ignore[attr-defined]
        if hasattr(hint, "_layout"):
            return Nested(hint)
        if hasattr(hint, "read") and hasattr(hint, "write"):
            return ByHand(hint)
    raise TypeError(f"{name}: {hint!r} has no layout")
