"""What a text in the presentation language consists of: enums, structs, selects, typedefs, and findings about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.lab.presentation.lexer import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a text: where, a short name for what, and one sentence."""

    place: Place
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Vector:
    """``<low..high>``: bytes on the wire, led by a count of as many bytes as ``high`` needs."""

    low: int
    high: int

    @property
    def count_size(self) -> int:
        """Bytes that the count takes on the wire."""
        return max(1, (self.high.bit_length() + 7) // 8)


@dataclass(frozen=True, slots=True)
class Fixed:
    """``[n]``: so many bytes, without a count; ``size`` is a number or the path of a field or constant."""

    size: int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One member: a type, a name, and ``<..>`` or ``[..]`` where it has one."""

    type: str
    name: str
    shape: Vector | Fixed | None
    place: Place


@dataclass(frozen=True, slots=True)
class Case:
    """One arm of a select; several labels may share it."""

    labels: tuple[str, ...]
    members: tuple[Field | Select, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Select:
    """A variant part: the path of its switch, its arms, and whether unknown arms are allowed."""

    switch: tuple[str, ...]
    cases: tuple[Case, ...]
    extendable: bool
    name: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Enum:
    """Named numbers; ``maximum`` (nameless in the text) says how wide it is."""

    name: str
    values: dict[str, int]
    maximum: int
    place: Place

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return max(1, (self.maximum.bit_length() + 7) // 8)


@dataclass(frozen=True, slots=True)
class Struct:
    """Members in the order of the wire."""

    name: str
    members: tuple[Field | Select, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Typedef:
    """A name for a type with its shape."""

    name: str
    target: Field
    place: Place


Definition = Enum | Struct | Typedef


@dataclass(slots=True)
class Module:
    """A text: its definitions in order and what was found wrong with its syntax."""

    definitions: list[Definition] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
