"""A message goes on: its header made anew, the rest untouched (RFC 6940, sections 6.1.2, 6.2.2 and 6.3.2).

Only the header is looked at.  What follows it is copied as it came, so that a peer forwards what it cannot read; so are the
places of both lists that stay.
"""

from __future__ import annotations

import struct as struct_of_octets
from typing import NamedTuple

from disco_ref.errors import Refusal
from disco_ref.notation.codec import encode
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.context import Context
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.forwarding_header import FIXED_LENGTH, ForwardingHeader, TTLExceeded

_TTL_AT = 11
_REST_AT = 20
_LISTS_AT = 32
_TTL_TO_LENGTH = struct_of_octets.Struct(">BII").pack
_LENGTHS = struct_of_octets.Struct(">HHH").pack
_LISTS = struct_of_octets.Struct(">HHH").unpack_from
LONGEST_LIST = 0xFFFF
"""Octets of a Via List or Destination List."""


class ViaTooLong(Refusal):
    """A Via List that has no room for another place; the message is dropped."""


class Arrived(NamedTuple):
    """A message, or a fragment of one, of which the header has been read."""

    header: ForwardingHeader
    end: int
    """Where the header ends."""
    octets: bytes
    """All of it."""


def arrived(octets: bytes, context: Context) -> Arrived:
    """Read the header of a message or fragment; what :class:`ForwardingHeader` refuses."""
    header, end = _read_header(octets, 0, len(octets), context)
    return Arrived(header, end, octets)


def node_place(node_id: bytes) -> Destination:
    """A node, as a place in a list."""
    return Destination(DestinationType.node, node_id)


def resource_place(resource: bytes) -> Destination:
    """A resource, as the last place of a Destination List."""
    return Destination(DestinationType.resource, resource)


def way_back(via_list: tuple[Destination, ...]) -> tuple[Destination, ...]:
    """The Destination List of an answer: the Via List of the request, turned round (section 6.2.2)."""
    # = rfc6940:6.2.2/1
    return tuple(reversed(via_list))


def written(places: tuple[Destination, ...], context: Context) -> bytes:
    """The octets of a list."""
    return b"".join([Destination.write(each, context) for each in places])


def via_list_of(message: Arrived) -> bytes:
    """The octets of the Via List that a message came with."""
    return message.octets[FIXED_LENGTH : FIXED_LENGTH + _LISTS(message.octets, _LISTS_AT)[0]]


def passed_on(message: Arrived, destination_list: tuple[Destination, ...], via_list: bytes, context: Context) -> bytes:
    """The octets that leave for the next hop: one hop less, with these lists, the Via List in octets.

    TTLExceeded where no hop is left, ViaTooLong where a list would not fit.
    """
    header, end, octets = message
    if header.ttl == 0:
        # = rfc6940:6.3.2/6
        raise TTLExceeded("no hop is left", where="ForwardingHeader.ttl", offset=_TTL_AT)
    came_by, announced, options = _LISTS(octets, _LISTS_AT)
    begin = FIXED_LENGTH + came_by
    if destination_list is header.destination_list:
        destinations = octets[begin : begin + announced]
    else:
        destinations = written(destination_list, context)
    via, wanted = len(via_list), len(destinations)
    if via > LONGEST_LIST or wanted > LONGEST_LIST:
        raise ViaTooLong("no room for another place", where="ForwardingHeader.via_list", offset=FIXED_LENGTH)
    length = len(octets) - came_by - announced + via + wanted
    # = rfc6940:6.3.2/5
    ttl_and_length = _TTL_TO_LENGTH(header.ttl - 1, header.fragment, length)
    lengths = _LENGTHS(via, wanted, options)
    tail = octets[end - options :]
    return b"".join(
        (octets[:_TTL_AT], ttl_and_length, octets[_REST_AT:_LISTS_AT], lengths, via_list, destinations, tail)
    )


def launched(header: ForwardingHeader, sealed: bytes, context: Context) -> bytes:
    """The octets of a message that begins its way here: the header, its ``length`` filled in, and what is sealed."""
    head = encode(header, context)
    length = len(head) + len(sealed)
    return b"".join((head[:16], length.to_bytes(4, "big"), head[20:], sealed))


_read_header = reader(ForwardingHeader)
