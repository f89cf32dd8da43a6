"""List compression: Via Lists that a node keeps, and the opaque IDs that stand for them (RFC 6940, sections 6.1.2, 6.1.3, 6.3.2.2).

An opaque ID is the short form of 16 bits: the first bit, 12 bits for a slot of a table, 3 bits for the generation of
that slot.  Slots are taken in turns; one that is taken anew has another generation, so that a late answer to the list it
held before goes nowhere rather than astray.
"""

from __future__ import annotations

from collections import OrderedDict

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.reload.forwarding.receipt import UnknownOpaqueId
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.overlay import REQUEST_LIFETIME

SLOTS = 1 << 12
"""Lists that are kept at most."""

MOST_PLACES = 1 << 16
"""Places in all of them."""

_GENERATIONS = 1 << 3
_SHORT = 0x8000


class SavedLists:
    """The Via Lists that one node has replaced.

    A list is kept for as long as a request may arrive anew, and never for less than the overlay-reliability-timer; the same
    list, as copies and fragments of a message bring it, keeps its opaque ID.  Where there is no room nothing is replaced.
    """

    __slots__ = ("_by_slot", "_generations", "_next", "_places", "_slots")

    def __init__(self, entropy: Entropy) -> None:
        self._slots: OrderedDict[tuple[Destination, ...], tuple[int, Instant]] = OrderedDict()
        """The slot of each list and when it may go, those first that go first."""
        self._by_slot: dict[int, tuple[Destination, ...]] = {}
        # = rfc6940:6.3.2.2/6
        self._generations = bytearray(each % _GENERATIONS for each in entropy(SLOTS))
        self._next = 0
        self._places = 0

    def __len__(self) -> int:
        """How many lists are kept."""
        return len(self._slots)

    def saved(self, via_list: tuple[Destination, ...], now: Instant, reliability: Duration) -> Destination | None:
        """The opaque ID that stands for a Via List from now on; None where there is no room."""
        # = rfc6940:6.1.2/6a
        # = rfc6940:6.1.2/6b
        until = Instant(now + max(reliability, REQUEST_LIFETIME))
        found = self._slots.get(via_list)
        slot = self._free(len(via_list), now) if found is None else found[0]
        if slot is None:
            return None
        if found is None:
            # = rfc6940:6.3.2.2/5
            self._generations[slot] = (self._generations[slot] + 1) % _GENERATIONS
            self._by_slot[slot] = via_list
            self._places += len(via_list)
        self._slots[via_list] = slot, until
        self._slots.move_to_end(via_list)
        # = rfc6940:6.3.2.2/7
        number = _SHORT | slot << 3 | self._generations[slot]
        return Destination(DestinationType.opaque_id_type, number.to_bytes(2, "big"), True)

    def unpacked(self, opaque_id: bytes) -> tuple[Destination, ...]:
        """The way back along the list; UnknownOpaqueId where the ID stands for none, or for one of an earlier generation."""
        number = int.from_bytes(opaque_id, "big")
        slot = number >> 3 & SLOTS - 1
        via_list = self._by_slot.get(slot) if len(opaque_id) == 2 and number & _SHORT else None
        # = rfc6940:6.3.2.2/8
        # = rfc6940:6.3.2.2/9
        if via_list is None or number % _GENERATIONS != self._generations[slot]:
            raise UnknownOpaqueId("no list stands behind it", where="ForwardingHeader.destination_list")
        # = rfc6940:6.1.2/5
        return via_list[::-1]

    def _free(self, places: int, now: Instant) -> int | None:
        """The next slot, if there is one and room for so many places."""
        while self._slots:
            via_list, (slot, until) = next(iter(self._slots.items()))
            if until > now:
                break
            del self._slots[via_list], self._by_slot[slot]
            self._places -= len(via_list)
        if len(self._slots) == SLOTS or self._places + places > MOST_PLACES:
            return None
        for _ in range(SLOTS):
            slot, self._next = self._next, (self._next + 1) % SLOTS
            if slot not in self._by_slot:
                return slot
        return None
