"""Destinations, the elements of Destination and Via Lists (RFC 6940, section 6.3.2.2)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple, TypeAlias

from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.compiling.encoding import writer
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import Unwritable, need
from disco_ref.notation.layout import struct
from disco_ref.notation.plain import Json, from_plain, to_plain
from disco_ref.notation.presentation import Counted, Select, Unknown, enumeration, opaque8, uint16
from disco_ref.reload.ids import NodeId, ResourceId


# = rfc6940:6.3.2.2/0
@enumeration(8)
class DestinationType(enum.IntEnum):
    """What a destination is; 128 to 255 cannot occur, because the top bit marks the form of 16 bits."""

    invalidDestinationType = 0
    node = 1
    resource = 2
    opaque_id_type = 3


# = rfc6940:6.3.2.2/0
LAST_TYPE = 0x7F
"""The largest type that leaves the first bit clear."""

DestinationData: TypeAlias = Annotated[
    bytes | Unknown,
    Select(
        "type",
        {
            DestinationType.node: {"node_id": NodeId},
            DestinationType.resource: {"resource_id": ResourceId},
            DestinationType.opaque_id_type: {"opaque_id": opaque8},
        },
        extensible=True,
        name="DestinationData",
        printed_switch="destination_type",
    ),
]
"""The ID itself; Unknown for a type that is not known, which can be skipped."""


# = rfc6940:6.3.2.2/0
@struct(name="Destination")
class FullDestination(NamedTuple):
    """The full form: type, length, value."""

    type: DestinationType | int
    """What the destination is."""
    destination_data: Annotated[DestinationData, Counted(8)]
    """The ID."""


# = rfc6940:6.3.2.2/0
@struct(name="Destination")
class ShortDestination(NamedTuple):
    """The form of 16 bits: an opaque ID whose top bit is set."""

    opaque_id: uint16
    """0x8000 to 0xffff."""


class Destination(NamedTuple):
    """A place on the way of a message, in either form (section 6.3.2.2).

    Written by hand: the two forms are told apart by the first bit, which the presentation language cannot say.
    """

    type: DestinationType | int
    """What the destination is."""
    destination_data: bytes | Unknown
    """The ID; two octets, the first bit set, where the form is short."""
    short: bool = False
    """True for the form of 16 bits, which stands for an opaque ID of two octets."""

    @staticmethod
    def read(buf: bytes, p: int, e: int, context: Context) -> tuple[Destination, int]:
        """The destination at ``p``; Malformed where there is none."""
        if p < e and buf[p] & 0x80:
            # = rfc6940:6.3.2.2/2b
            if p + 2 > e:
                raise need(p, 2, e, "Destination.opaque_id")
            return Destination(DestinationType.opaque_id_type, buf[p : p + 2], True), p + 2
        full, p = _read_full(buf, p, e, context)
        return _new(Destination, (*full, False)), p

    @staticmethod
    def write(value: Destination, context: Context) -> bytes:
        """The octets of a destination; Unwritable for a form that would be read as the other one.

        A short one has 16 bits and the first bit set; a full one has a type below 128.
        """
        type_, octets, short = value
        if not short:
            # = rfc6940:6.3.2.2/3
            if type_ > LAST_TYPE:
                raise Unwritable(f"type {type_} sets the first bit of the short form", where="Destination.type")
            return _write_full((type_, octets), context)
        # = rfc6940:6.3.2.2/1
        # = rfc6940:6.3.2.2/2a
        if not isinstance(octets, bytes) or len(octets) != 2 or octets[0] < 0x80:
            raise Unwritable("a short destination has two bytes and its first bit set", where="Destination.opaque_id")
        return octets

    @staticmethod
    def to_plain(value: Destination) -> dict[str, Json]:
        """The JSON form: that of the full form, with ``"short": true`` for the other one."""
        plain = to_plain(FullDestination(value.type, value.destination_data))
        return {**plain, "short": True} if value.short else plain

    @staticmethod
    def from_plain(plain: Json, path: str, context: Context) -> Destination:
        """The destination of a JSON form; Unwritable where it is none."""
        full = from_plain(FullDestination, plain, context)
        short = isinstance(plain, dict) and plain.get("short") is True
        return Destination(full.type, full.destination_data, short)


_new = tuple.__new__
_read_full = reader(FullDestination)
_write_full = writer(FullDestination)
