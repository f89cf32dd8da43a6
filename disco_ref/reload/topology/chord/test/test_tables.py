"""Tests of the tables of a peer (RFC 6940, sections 10.1, 10.3, 10.5 and 10.7)."""

from __future__ import annotations

from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.actions import Connect, Room
from disco_ref.reload.topology.chord.arithmetic import Circle
from disco_ref.reload.topology.chord.finding import Fingers
from disco_ref.reload.topology.chord.fingers import FingerTable
from disco_ref.reload.topology.chord.neighbors import NeighborTable
from disco_ref.reload.topology.chord.routing_table import RoutingTable
from disco_ref.reload.topology.chord.tables import Tables


def at(high: int, low: int = 0) -> bytes:
    """The Node-ID that begins with one octet and ends with another."""
    return bytes([high]) + bytes(14) + bytes([low])


NODE_IDS = st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=40, unique=True)
few = settings(deadline=None, derandomize=True, max_examples=60)


class CircleTests(SynchronousTestCase):
    """Arithmetic modulo the number of places."""

    def test_arc_over_zero(self) -> None:
        """An arc may lead over the end of the numbers; its begin is outside, its end inside."""
        circle = Circle(16)
        self.assertTrue(circle.within(0, circle.places - 2, 3))
        self.assertTrue(circle.within(3, circle.places - 2, 3))
        self.assertFalse(circle.within(circle.places - 2, circle.places - 2, 3))
        self.assertFalse(circle.within(4, circle.places - 2, 3))

    def test_whole_ring(self) -> None:
        """From a place to itself it is all the ring."""
        self.assertTrue(Circle(16).within(7, 5, 5))
        self.assertTrue(Circle(16).within(5, 5, 5))

    def test_longer_node_ids(self) -> None:
        """With Node-IDs of 160 bits a Resource-ID of 128 stands where its bits are the first."""
        circle = Circle(20)
        self.assertEqual(circle.place(b"\x01" + bytes(15)), circle.place(b"\x01" + bytes(19)))


class NeighborTableTests(SynchronousTestCase):
    """Three before, three behind."""

    def test_nearest(self) -> None:
        """The three nearest on each side, the nearest first; one that is farther is not wanted."""
        # = rfc6940:10.7/2 test
        table = NeighborTable(at(0x80), Circle(16))
        for high in (0x10, 0x20, 0x30, 0x90, 0xA0, 0xB0):
            self.assertTrue(table.insert(at(high)))
        self.assertEqual(table.successors, (at(0x90), at(0xA0), at(0xB0)))
        self.assertEqual(table.predecessors, (at(0x30), at(0x20), at(0x10)))
        self.assertFalse(table.wants(at(0xC0)))
        self.assertTrue(table.insert(at(0x81)))
        self.assertEqual(table.successors, (at(0x81), at(0x90), at(0xA0)))

    def test_itself(self) -> None:
        """A peer never stands in its own table."""
        # = rfc6940:10.7.3/4 test
        table = NeighborTable(at(0x80), Circle(16))
        self.assertFalse(table.insert(at(0x80)))
        table.keep([at(0x80), at(1)])
        self.assertEqual(table.members(), (at(1),))

    def test_lost(self) -> None:
        """In the place of a lost neighbour comes the best of the others."""
        # = rfc6940:10.7.1/1 test
        table = NeighborTable(at(0x80), Circle(16))
        table.keep(at(each) for each in (0x90, 0xA0, 0xB0, 0x70, 0x60, 0x50))
        self.assertTrue(table.remove(at(0x90), [at(0xC0), at(0xD0)]))
        self.assertEqual(table.successors, (at(0xA0), at(0xB0), at(0xC0)))
        self.assertFalse(table.remove(at(0x90), []))

    @few
    @given(NODE_IDS)
    def test_any_order(self, node_ids: list[bytes]) -> None:
        """Whatever the order in which peers come, the nearest stay."""
        own, *others = node_ids
        one, other = NeighborTable(own, Circle(16)), NeighborTable(own, Circle(16))
        for each in others:
            one.insert(each)
        for each in reversed(others):
            other.insert(each)
        ring = sorted(node_ids)
        here = ring.index(own)
        following = [ring[(here + step) % len(ring)] for step in range(1, len(ring))][:3]
        self.assertEqual((one.successors, one.predecessors), (other.successors, other.predecessors))
        self.assertEqual(list(one.successors), following)


class FingerTableTests(SynchronousTestCase):
    """Half the ring away, a quarter, an eighth ..."""

    def test_numbers(self) -> None:
        """The first entry is for the far half, the second for the quarter before it; the table has 16."""
        # = rfc6940:10.5/19 test
        table = FingerTable(at(0), Circle(16))
        self.assertEqual([table.number(at(each)) for each in (0x80, 0xFF, 0x40, 0x7F, 0x20)], [1, 1, 2, 2, 3])
        self.assertEqual(table.number(bytes([0, 1]) + bytes(14)), 16)
        self.assertIsNone(table.number(bytes([0, 0, 255]) + bytes(13)))
        self.assertIsNone(table.number(at(0)))
        self.assertEqual([table.begins(each) for each in (1, 2, 16)], [at(0x80), at(0x40), bytes([0, 1]) + bytes(14)])

    def test_anywhere(self) -> None:
        """A random place of an entry lies in the range of that entry."""
        # = rfc6940:10.7.4.2/3 test
        table = FingerTable(at(0x77), Circle(16))
        for number in (1, 2, 9, 16):
            for fill in (0, 0xA5, 0xFF):
                place = table.anywhere(number, lambda size, fill=fill: bytes([fill]) * size)  # type: ignore[misc]
                self.assertEqual(table.number(place), number)

    def test_failed(self) -> None:
        """An entry whose peer is gone is free again; the free ones are told from the farthest to the nearest."""
        # = rfc6940:10.7.2/1 test
        table = FingerTable(at(0), Circle(16))
        self.assertTrue(table.insert(at(0x81)))
        self.assertFalse(table.insert(at(0x82)))
        self.assertEqual(table.remove(at(0x81)), 1)
        self.assertIsNone(table.remove(at(0x82)))
        self.assertEqual(list(table.invalid()), list(range(1, 17)))


class RoutingTableTests(SynchronousTestCase):
    """The peer with the largest Node-ID before the place, else the first behind it."""

    def table(self, *highs: int) -> RoutingTable:
        """That of a peer at 0x80."""
        table = RoutingTable(at(0x80), Circle(16))
        for each in highs:
            table.insert(at(each))
        return table

    def test_before_the_place(self) -> None:
        """Between the peer and the place the farthest is taken, over the end of the numbers too."""
        # = rfc6940:10.3/2 test
        table = self.table(0x90, 0xB0, 0x10, 0x40)
        hops = [table.next_hop(at(each)) for each in (0xA0, 0xB0, 0xFF, 0x20, 0x7F)]
        self.assertEqual(hops, [at(0x90), at(0xB0), at(0xB0), at(0x10), at(0x40)])

    def test_behind_the_place(self) -> None:
        """Where there is none between, it is the first behind the place."""
        # = rfc6940:10.3/3 test
        self.assertEqual(self.table(0x90, 0xB0, 0x10).next_hop(at(0x85)), at(0x90))

    def test_nobody(self) -> None:
        """Without peers there is no next hop; one that is gone is none."""
        table = self.table(0x90)
        table.remove(at(0x90))
        self.assertIsNone(table.next_hop(at(0x85)))
        self.assertEqual(len(table), 0)

    @few
    @given(NODE_IDS, st.binary(min_size=16, max_size=16))
    def test_by_the_text(self, node_ids: list[bytes], place: bytes) -> None:
        """The quick look-up finds what the sentence of section 10.3 finds, read literally."""
        own, *others = node_ids
        circle, table = Circle(16), RoutingTable(own, Circle(16))
        for each in others:
            table.insert(each)
        start = circle.place(own)
        wanted = circle.distance(start, circle.place(place))
        distances = {circle.distance(start, circle.place(each)): each for each in others}
        between = [each for each in distances if each <= wanted]
        expected = distances[max(between)] if between else distances[min(distances)] if distances else None
        self.assertEqual(table.next_hop(place), expected)


class TablesTests(SynchronousTestCase):
    """The three tables together."""

    def test_finger_behind_neighbors(self) -> None:
        """A predecessor holds the first entry until the peer half the ring away is found; it stays in the Routing Table."""
        # = rfc6940:10.5/19 test
        tables = Tables(at(0x10))
        for high in (0x0F, 0x0E, 0x0D, 0x11, 0x12, 0x13):
            tables.insert(at(high))
        self.assertIn(tables.fingers.entries[1], tables.neighbors.predecessors)
        wanted = Fingers(tables, bytes, cast(Room, None)).attach(at(0x51))
        self.assertEqual([cast(Connect, each).about for each in wanted], [("finger", 1)])
        tables.insert(at(0x95))
        self.assertEqual(tables.fingers.entries[1], at(0x95))
        self.assertEqual(tables.routing.next_hop(at(0xA0)), at(0x95))
        self.assertIn(at(0x0F), tables.routing)
        tables.insert(at(0xB5))
        self.assertEqual(tables.fingers.entries[1], at(0x95), "one that is valid is kept")

    def test_responsible(self) -> None:
        """A peer is responsible from behind its predecessor up to itself; alone, for everything."""
        tables = Tables(at(0x80))
        self.assertTrue(tables.responsible(at(0x81)))
        tables.insert(at(0x60))
        found = [tables.responsible(at(each)) for each in (0x60, 0x61, 0x80, 0x81)]
        self.assertEqual(found, [False, True, True, False])
        self.assertEqual(tables.share(), 0x20 / 0x100)

    def test_replica_set(self) -> None:
        """A replica comes from the responsible peer or one of its two successors, to one of them."""
        # = rfc6940:7.4.1.1/11 test
        tables = Tables(at(0x80))
        for high in (0x70, 0x60, 0x50, 0x40, 0x90):
            tables.insert(at(high))
        may = tables.may_replicate
        self.assertTrue(may(at(0x70), at(0x65)))
        self.assertTrue(may(at(0x60), at(0x55)))
        self.assertTrue(may(at(0x90), at(0x65)))
        self.assertFalse(may(at(0x50), at(0x45)), "this peer is the fourth")
        self.assertFalse(may(at(0xE0), at(0x65)), "the sender is no member")
        self.assertTrue(may(at(0x68), at(0x65)), "a sender that is closer than all that are known")

    def test_closer(self) -> None:
        """Whoever answers for a resource follows it no later than any neighbour does."""
        # = rfc6940:6.3.4/15 test
        tables = Tables(at(0x80))
        for high in (0x90, 0xA0, 0x70):
            tables.insert(at(high))
        self.assertTrue(tables.closer(at(0x90), at(0x85)))
        self.assertTrue(tables.closer(at(0x88), at(0x85)))
        self.assertFalse(tables.closer(at(0xA0), at(0x85)))
