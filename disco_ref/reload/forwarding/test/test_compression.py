"""Tests of list compression (RFC 6940, sections 6.1.2 and 6.3.2.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.reload.forwarding.compression import MOST_PLACES, SLOTS, SavedLists
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.forwarding.receipt import UnknownOpaqueId
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.overlay import REQUEST_LIFETIME

TIMER = Duration(3.0)
NOW = Instant(100.0)


def way(*numbers: int) -> tuple[Destination, ...]:
    """A Via List."""
    return tuple(node_place(each.to_bytes(16, "big")) for each in numbers)


def number(place: Destination | None) -> int:
    """The 16 bits of an opaque ID."""
    assert place is not None and isinstance(place.destination_data, bytes)
    return int.from_bytes(place.destination_data, "big")


class SavedListsTests(SynchronousTestCase):
    """Lists saved and found again."""

    def setUp(self) -> None:
        """A table whose generations all begin at 5."""
        self.saved = SavedLists(lambda count: b"\x0d" * count)

    def test_turned_round(self) -> None:
        """What was saved comes back the other way round, by either form of the ID."""
        # = rfc6940:6.1.2/5 test
        # = rfc6940:6.3.2.2/2a test
        # = rfc6940:6.3.2.2/2b test
        place = self.saved.saved(way(1, 2, 3), NOW, TIMER)
        assert place is not None and isinstance(place.destination_data, bytes)
        self.assertTrue(place.short)
        self.assertEqual(self.saved.unpacked(place.destination_data), way(3, 2, 1))

    def test_index_and_generation(self) -> None:
        """An ID is 12 bits of a slot and 3 of its generation, which begins at random."""
        # = rfc6940:6.3.2.2/5 test
        # = rfc6940:6.3.2.2/6 test
        # = rfc6940:6.3.2.2/7 test
        self.assertEqual(number(self.saved.saved(way(1), NOW, TIMER)), 0x8000 | 0 << 3 | 6)
        self.assertEqual(number(self.saved.saved(way(2), NOW, TIMER)), 0x8000 | 1 << 3 | 6)

    def test_same_list(self) -> None:
        """The same list has the same ID, as the fragments of a message need it, and is kept for longer."""
        first = self.saved.saved(way(1), NOW, TIMER)
        later = Instant(NOW + 10)
        self.assertEqual(self.saved.saved(way(1), later, TIMER), first)
        self.saved.saved(way(2), Instant(NOW + 16), TIMER)
        self.assertEqual(len(self.saved), 2)

    def test_kept(self) -> None:
        """A list is kept for the lifetime of a request, or for the overlay-reliability-timer where that is longer."""
        # = rfc6940:6.1.2/6a test
        # = rfc6940:6.1.2/6b test
        for timer, kept in ((3.0, REQUEST_LIFETIME), (60.0, 60.0)):
            saved = SavedLists(bytes)
            saved.saved(way(1), NOW, Duration(timer))
            saved.saved(way(2), Instant(NOW + kept - 0.001), Duration(timer))
            self.assertEqual(len(saved), 2)
            saved.saved(way(3), Instant(NOW + kept), Duration(timer))
            self.assertEqual(len(saved), 2)

    def test_other_generation(self) -> None:
        """A slot that is taken anew has another generation, and the ID of the list before leads nowhere."""
        # = rfc6940:6.3.2.2/8 test
        # = rfc6940:6.3.2.2/9 test
        first = number(self.saved.saved(way(0), NOW, TIMER))
        later = Instant(NOW + 100)
        for each in range(1, SLOTS + 1):
            last = number(self.saved.saved(way(each), later if each == SLOTS else Instant(NOW + each / SLOTS), TIMER))
        self.assertEqual((last ^ first) >> 3, 0)
        self.assertNotEqual(last, first)
        self.assertRaises(UnknownOpaqueId, self.saved.unpacked, first.to_bytes(2, "big"))
        self.assertEqual(self.saved.unpacked(last.to_bytes(2, "big")), way(SLOTS))

    def test_strange(self) -> None:
        """IDs of another length, of an empty slot, without the first bit lead nowhere."""
        self.saved.saved(way(1), NOW, TIMER)
        for each in (b"", b"\x80", b"\x80\x06\x00", b"\x00\x06", b"\x80\x07", b"\xff\xff"):
            self.assertRaises(UnknownOpaqueId, self.saved.unpacked, each)

    def test_bounds(self) -> None:
        """Where all slots are taken, or too many places are kept, nothing is saved until something may go."""
        for each in range(SLOTS):
            self.assertIsNotNone(self.saved.saved(way(each), NOW, TIMER))
        self.assertIsNone(self.saved.saved(way(SLOTS), NOW, TIMER))
        self.assertIsNotNone(self.saved.saved(way(SLOTS), Instant(NOW + 15), TIMER))
        long = SavedLists(bytes)
        self.assertIsNotNone(long.saved(way(1) * (MOST_PLACES - 1), NOW, TIMER))
        self.assertIsNone(long.saved(way(1, 2), NOW, TIMER))
        self.assertIsNotNone(long.saved(way(1), NOW, TIMER))
