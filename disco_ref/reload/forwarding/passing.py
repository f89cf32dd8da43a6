"""A message goes on: its header made anew, the rest untouched (RFC 6940, sections 6.1.2, 6.2.2 and 6.3.2).

Only the header is looked at.  What follows it is copied as it came, so that a peer forwards what it cannot read.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.errors import Refusal
from disco_ref.notation.codec import encode
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.context import Context
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.forwarding_header import FIXED_LENGTH, ForwardingHeader, TTLExceeded

_TTL_AT = 11
_LISTS_AT = 32
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


def passed_on(
    message: Arrived,
    destination_list: tuple[Destination, ...],
    via_list: tuple[Destination, ...],
    context: Context,
) -> bytes:
    """The octets that leave for the next hop: one hop less, with these lists.

    TTLExceeded where no hop is left, ViaTooLong where a list would not fit.
    """
    octets = message.octets
    ttl = message.header.ttl
    if ttl == 0:
        # = rfc6940:6.3.2/6
        raise TTLExceeded("no hop is left", where="ForwardingHeader.ttl", offset=_TTL_AT)
    places = b"".join([Destination.write(each, context) for each in via_list])
    via = len(places)
    places += b"".join([Destination.write(each, context) for each in destination_list])
    if via > LONGEST_LIST or len(places) - via > LONGEST_LIST:
        raise ViaTooLong("no room for another place", where="ForwardingHeader.via_list", offset=FIXED_LENGTH)
    options = int.from_bytes(octets[_LISTS_AT + 4 : _LISTS_AT + 6], "big")
    tail = octets[message.end - options :]
    length = FIXED_LENGTH + len(places) + len(tail)
    # = rfc6940:6.3.2/5
    return b"".join(
        (
            octets[:_TTL_AT],
            (ttl - 1).to_bytes(1, "big"),
            octets[_TTL_AT + 1 : _TTL_AT + 5],
            length.to_bytes(4, "big"),
            octets[_TTL_AT + 9 : _LISTS_AT],
            via.to_bytes(2, "big"),
            (len(places) - via).to_bytes(2, "big"),
            octets[_LISTS_AT + 4 : FIXED_LENGTH],
            places,
            tail,
        )
    )


def launched(header: ForwardingHeader, sealed: bytes, context: Context) -> bytes:
    """The octets of a message that begins its way here: the header, its ``length`` filled in, and what is sealed."""
    head = encode(header, context)
    length = len(head) + len(sealed)
    return head[:16] + length.to_bytes(4, "big") + head[20:] + sealed


_read_header = reader(ForwardingHeader)
