"""The presentation language as annotations (RFC 6940, section 6.3.1).

A struct is a NamedTuple under :func:`struct`, with the names of the specification, its fields annotated with the words
below.  To a type checker ``uint16`` is an int, ``opaque16`` bytes and ``Vec16[T]`` a tuple; to the compiler of
:mod:`disco_ref.notation.compiling.decoding` and :mod:`disco_ref.notation.compiling.encoding` they are the layout.  The number in
``opaque16`` and ``Vec16`` is the exponent of the specification's bound: ``<0..2^16-1>``.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=type[enum.IntEnum])


@dataclass(frozen=True, slots=True)
class UInt:
    """An integer in network byte order; ``signed`` for int32."""

    bits: int
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """An octet string led by its length; ``bound`` is the upper bound as printed where that is not 2^bits-1."""

    bits: int
    bound: str = ""


@dataclass(frozen=True, slots=True)
class FixedLength:
    """An octet string without a length; ``octets`` is None for the Node-ID length of the overlay."""

    octets: int | None = None


@dataclass(frozen=True, slots=True)
class Vector:
    """Elements led by the number of octets they take together."""

    bits: int


@dataclass(frozen=True, slots=True)
class Hoisted:
    """A vector whose octet count stands earlier, before the first of a group of such vectors, as ``<field>_length``."""

    bits: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The field is preceded by ``length``, the number of its octets; ``bracket`` is printed after its name."""

    bits: int
    bracket: str = ""


@dataclass(frozen=True, slots=True)
class Typedef:
    """The name under which the specification defines the type."""

    name: str


@dataclass(frozen=True, slots=True)
class ByKind:
    """The data model below this field is that of the Kind in the sibling field ``kind``; raw where it is not known."""

    kind: str


@dataclass(frozen=True, slots=True)
class Content:
    """An octet string whose layout the number in the sibling field ``switch`` names, raw where it names none."""

    switch: str
    layouts: Callable[[], Mapping[int, type[Any]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Not a field: the octets the struct was read from."""


Case: TypeAlias = "Mapping[str, Any] | type[Any] | None"
"""One variant: None if empty, ``{field: type}`` for one field (the value stands bare), a NamedTuple for several."""


class Select:
    """A variant structure; ``switch`` is a sibling field, a field of the enclosing struct, or ``DataModel``."""

    __slots__ = ("cases", "extensible", "name", "named", "printed_switch", "switch")

    def __init__(
        self,
        switch: str,
        cases: Mapping[Any, Case],
        *,
        extensible: bool = False,
        name: str = "",
        named: bool = False,
        printed_switch: str = "",
    ) -> None:
        self.switch = switch
        self.cases = cases
        self.extensible = extensible
        """True where the specification says that the structure can be extended."""
        self.name = name
        """The struct of its own that the specification makes of the select, if any."""
        self.named = named
        """True where the select stands inside the struct but has a name."""
        self.printed_switch = printed_switch or switch


class Unknown(NamedTuple):
    """A variant that may exist but is not known here; re-encoded octet for octet."""

    tag: int
    """The number of the switch."""

    raw: bytes
    """The octets of the body."""


# = rfc6940:6.3.1/0
uint8: TypeAlias = Annotated[int, UInt(8)]
uint16: TypeAlias = Annotated[int, UInt(16)]
uint32: TypeAlias = Annotated[int, UInt(32)]
uint64: TypeAlias = Annotated[int, UInt(64)]
uint128: TypeAlias = Annotated[int, UInt(128)]
int32: TypeAlias = Annotated[int, UInt(32, signed=True)]

opaque8: TypeAlias = Annotated[bytes, Opaque(8)]
opaque255: TypeAlias = Annotated[bytes, Opaque(8, "255")]
opaque16: TypeAlias = Annotated[bytes, Opaque(16)]
opaque24: TypeAlias = Annotated[bytes, Opaque(24)]
opaque32: TypeAlias = Annotated[bytes, Opaque(32)]

Vec8: TypeAlias = Annotated[tuple[T, ...], Vector(8)]
Vec16: TypeAlias = Annotated[tuple[T, ...], Vector(16)]
Vec24: TypeAlias = Annotated[tuple[T, ...], Vector(24)]
Vec32: TypeAlias = Annotated[tuple[T, ...], Vector(32)]
Hoisted16: TypeAlias = Annotated[tuple[T, ...], Hoisted(16)]
KindVec32: TypeAlias = Annotated[tuple[T, ...] | Unknown, Vector(32), ByKind("kind")]

Received: TypeAlias = Annotated[bytes, Kept()]
"""The octets a struct was read from; empty for one built by hand, and no part of its equality."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How an enumeration stands on the wire."""

    bits: int
    closed: bool
    invalid: int | None
    names: Mapping[int, str]


def enumeration(bits: int, *, closed: bool = False, names: Mapping[int, str] | None = None) -> Callable[[E], E]:
    """An enum of the specification.

    A member whose name begins with ``invalid`` is refused when read.  Numbers without a name are refused if
    ``closed``; otherwise they stay plain ints, because registries grow.  ``names`` gives the names that are no
    Python identifiers (``DTLS-UDP-SR``).
    """

    def mark(cls: E) -> E:
        spelled = {int(member): member.name for member in cls} | dict(names or {})
        invalid = next((number for number, name in spelled.items() if name.startswith("invalid")), None)
        cls._wire = Wire(bits, closed, invalid, spelled)  # type: ignore[attr-defined]
        return cls

    return mark
