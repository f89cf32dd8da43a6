"""Structs in the presentation language, their octets, and what cannot be written: what several tests read and write."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple

from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.cursor import BadValue, Surplus, Truncated, UnknownModel, UnknownVariant
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import (
    ByKind,
    Counted,
    FixedLength,
    Hoisted16,
    KindVec32,
    Received,
    Select,
    Unknown,
    Vec8,
    Vec16,
    Vec24,
    enumeration,
    int32,
    opaque8,
    opaque16,
    opaque24,
    opaque32,
    uint8,
    uint16,
    uint32,
    uint64,
    uint128,
)


@enumeration(8)
class Colour(enum.IntEnum):
    """An enum that may grow."""

    invalidColour = 0
    red = 1
    green = 2


@enumeration(16, closed=True, names={5: "with-hyphen"})
class Closed(enum.IntEnum):
    """An enum that may not."""

    with_hyphen = 5


@struct
class Numbers(NamedTuple):
    """Every width."""

    a: uint8
    b: uint16
    c: uint32
    d: uint64
    e: uint128
    f: int32
    g: bool
    h: Colour | int
    i: Closed


NUMBERS = (
    Numbers(1, 2, 3, 4, 5, -1, True, Colour.red, Closed.with_hyphen),
    "01 0002 00000003 0000000000000004 00000000000000000000000000000005 ffffffff 01 01 0005",
)


@struct
class Octets(NamedTuple):
    """Every octet string."""

    a: opaque8
    b: opaque16
    c: opaque24
    d: opaque32
    node: Annotated[bytes, FixedLength()]
    two: Annotated[bytes, FixedLength(2)]


OCTETS = (
    Octets(b"a", b"bb", b"ccc", b"", bytes(16), b"xy"),
    "01 61 0002 6262 000003 636363 00000000 " + "00" * 16 + "7879",
)


@struct
class Inner(NamedTuple):
    """A struct inside another."""

    x: uint8
    y: opaque8


@struct
class Vectors(NamedTuple):
    """Vectors of each kind of element, and two whose counts stand before them."""

    numbers: Vec8[uint16]
    structs: Vec16[Inner]
    strings: Vec24[opaque8]
    first: Hoisted16[uint8]
    second: Hoisted16[Inner]
    inner: Inner


VECTORS = (
    Vectors((1, 2), (Inner(1, b"a"),), (b"", b"z"), (9,), (Inner(2, b""),), Inner(3, b"q")),
    "04 0001 0002 0003 01 01 61 000003 00 01 7a 0001 0002 09 02 00 03 01 71",
)


class Pair(NamedTuple):
    """A variant of two fields."""

    left: uint8
    right: uint8


@struct
class Choice(NamedTuple):
    """A select that may be extended, by a count of octets."""

    colour: Colour | int
    body: Annotated[
        int | Pair | Unknown | None,
        Counted(8),
        Select("colour", {Colour.red: {"one": uint16}, Colour.green: Pair}, extensible=True),
    ]
    after: uint8


@struct
class Strict(NamedTuple):
    """A select that may not be extended."""

    colour: Colour
    body: Annotated[int | None, Select("colour", {Colour.red: {"one": uint8}, Colour.green: None})]


@struct
class ArrayItem(NamedTuple):
    """An item in an array."""

    number: uint8


@struct
class Named(NamedTuple):
    """An item under a name."""

    name: opaque8


@struct(length=32)
class Item(NamedTuple):
    """A struct led by its length, its layout by data model."""

    value: Annotated[
        ArrayItem | Named,
        Select(
            "DataModel",
            {DataModel.array: {"array_item": ArrayItem}, DataModel.dictionary: {"named": Named}},
            extensible=True,
            name="Value",
        ),
    ]
    received: Received = b""


class Wanted(NamedTuple):
    """What is wanted of a dictionary."""

    names: Vec8[opaque8]


@struct
class Items(NamedTuple):
    """Items whose data model is known from their Kind."""

    kind: uint32
    values: KindVec32[Item]
    wanted: Annotated[
        Wanted | Unknown | None,
        Counted(16),
        Select("DataModel", {DataModel.array: None, DataModel.dictionary: Wanted}, named=True, extensible=True),
        ByKind("kind"),
    ]


KINDS = Context(models={1: DataModel.array, 2: DataModel.dictionary})

ROWS = [
    NUMBERS,
    OCTETS,
    VECTORS,
    (Choice(Colour.red, 7, 8), "01 02 0007 08"),
    (Choice(Colour.green, Pair(1, 2), 8), "02 02 0102 08"),
    (Choice(9, Unknown(9, b"abc"), 8), "09 03 616263 08"),
    (Strict(Colour.red, 3), "01 03"),
    (Strict(Colour.green, None), "02"),
    (Items(1, (Item(ArrayItem(4)),), None), "00000001 00000005 00000001 04 0000"),
    (Items(2, (Item(Named(b"n")),), Wanted((b"m",))), "00000002 00000006 00000002 016e 0003 02 016d"),
    (Items(3, Unknown(3, b"ab"), Unknown(3, b"")), "00000003 00000002 6162 0000"),
]
"""Values and their octets, used both ways."""

REFUSED: list[tuple[type[object], str, type[Exception], str]] = [
    (Numbers, "01 00", Truncated, "Numbers.b at byte 1: need 2 bytes, have 1"),
    (Numbers, NUMBERS[1].replace("ffffffff 01", "ffffffff 02"), BadValue, "Numbers.g at byte 35: 2 is no Boolean"),
    (Numbers, NUMBERS[1][:-7] + "00 0005", BadValue, "Numbers.h at byte 36: 0 is no Colour"),
    (Numbers, NUMBERS[1][:-4] + "0006", BadValue, "Numbers.i at byte 37: 6 is no Closed"),
    (Octets, "05 61", Truncated, "Octets.a at byte 1: need 5 bytes, have 1"),
    (Vectors, "03 0001 00", Truncated, "Vectors.numbers at byte 3: need 2 bytes, have 1"),
    (Vectors, "00 0002 01 02", Truncated, "Vectors.structs.y at byte 5: need 2 bytes, have 0"),
    (Choice, "01 03 0007 ff 08", Surplus, "Choice.body at byte 4: 1 bytes too many"),
    (Choice, "01 01 07 08", Truncated, "Choice.body.one at byte 2: need 2 bytes, have 1"),
    (Strict, "05", UnknownVariant, "Strict.body at byte 1: there is no variant 5"),
    (Strict, "02 00", Surplus, "Strict at byte 1: 1 bytes too many"),
    (Item, "00000001 00", UnknownModel, "Item.value at byte 4: the data model of the Kind is not known"),
]
"""Octets that are refused, and what is said about them."""

UNWRITABLE = [
    Numbers(256, 2, 3, 4, 5, -1, True, Colour.red, Closed.with_hyphen),
    OCTETS[0]._replace(a=bytes(256)),
    OCTETS[0]._replace(node=bytes(17)),
    VECTORS[0]._replace(numbers=(1,) * 128),
    Choice(Colour.green, 7, 8),
    Choice(9, 7, 8),
    Strict(Colour.green, 7),
]
"""Values that do not fit their layouts."""
