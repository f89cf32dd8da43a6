"""Errors for what is not taken: to whom they can go, and how many of them (RFC 6940, sections 6.1 and 6.3.2)."""

from __future__ import annotations

import struct as struct_of_octets
from collections import OrderedDict
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.context import Context
from disco_ref.reload.message.contents import is_request
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.envelope import CODE_LENGTH
from disco_ref.reload.message.forwarding_header import FIXED_LENGTH, FRAGMENT_OFFSET, RELO_TOKEN
from disco_ref.reload.message.forwarding_option import ForwardingOption

BURST = 32
"""Errors that one neighbor is sent at once; our choice."""

PER_SECOND = 8.0
"""Errors that one neighbor is sent in the long run; our choice."""

MOST_NEIGHBORS = 4096
"""Neighbors of which is remembered how many errors they were sent."""


class Returnable(NamedTuple):
    """What an error to a request needs of its header, whatever else is wrong with it."""

    transaction_id: int
    via_list: tuple[Destination, ...]
    options: tuple[ForwardingOption, ...]


def returnable(octets: bytes, context: Context) -> Returnable | None:
    """How to answer a request that is not taken; None for an answer, a later fragment, and what shows no way back.

    Only the fields that must be right for that are looked at: a wrong version, overlay, ttl or Destination List is what
    the error is about.
    """
    if len(octets) < FIXED_LENGTH:
        return None
    token, fragment, transaction_id, via, destinations, options = _FIELDS(octets)
    begin = FIXED_LENGTH + via
    end = begin + destinations + options
    code = int.from_bytes(octets[end : end + CODE_LENGTH], "big")
    if token != RELO_TOKEN or fragment & FRAGMENT_OFFSET or len(octets) < end + CODE_LENGTH or not is_request(code):
        return None
    try:
        via_list: list[Destination] = []
        p = FIXED_LENGTH
        while p < begin:
            place, p = Destination.read(octets, p, begin, context)
            via_list.append(place)
        copied: list[ForwardingOption] = []
        p = end - options
        while p < end:
            option, p = _read_option(octets, p, end, context)
            copied.append(option)
    except Refusal:
        return None
    if any(each.type is DestinationType.resource for each in via_list):
        # = rfc6940:6.3.2.2/4b
        return None
    return Returnable(transaction_id, tuple(via_list), tuple(copied))


class Restraint:
    """How many errors each neighbor may still be sent: so many at once, and so many a second after that."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left: OrderedDict[bytes, tuple[float, Instant]] = OrderedDict()

    def __len__(self) -> int:
        """How many neighbors are remembered."""
        return len(self._left)

    def admits(self, neighbor: bytes, now: Instant) -> bool:
        """Whether this neighbor is sent one more; it is counted."""
        # = rfc6940:6.1/2 silent: beyond the rate what is wrong is dropped in silence, as local policy may have it
        left, since = self._left.get(neighbor, (float(BURST), now))
        left = min(float(BURST), left + max(0.0, now - since) * PER_SECOND)
        admitted = left >= 1.0
        self._left[neighbor] = left - 1.0 if admitted else left, now
        self._left.move_to_end(neighbor)
        if len(self._left) > MOST_NEIGHBORS:
            self._left.popitem(last=False)
        return admitted


_FIELDS = struct_of_octets.Struct(">I8xI4xQ4xHHH").unpack_from
_read_option = reader(ForwardingOption)
