"""Tests of rings whose peers come and go in every manner (RFC 6940, sections 10.5 to 10.9)."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.members import SINGLE, overlay, user
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.topology.chord.joining import Left


class GoneTests(SynchronousTestCase):
    """Peers that go."""

    def setUp(self) -> None:
        """A ring that holds values."""
        self.ring = Ring(12)
        for which in range(6):
            self.ring.store(which, b"value")

    def test_leave(self) -> None:
        """A peer that leaves is no neighbour at once, and what it held has an owner and soon three copies again."""
        # = rfc6940:10.9/1 test
        # = rfc6940:10.9/3 test
        ring = self.ring
        for place in ring.in_order()[2:8:2]:
            ring.leave(place)
            self.assertIsInstance(place.events[-1], Left)
            self.assertEqual((ring.misplaced(), ring.missing(6)), ([], []))
            # what still reaches one that is gone is nothing to it
            self.assertEqual(ring.peers[ring.places.index(place)].chord.begin(False, ring.network.now), [])
        ring.network.run(60)
        self.assertEqual([ring.copies(each) for each in range(6)], [3] * 6)

    def test_held_down(self) -> None:
        """While replicas at whoever stands in for a lost peer wait, one that has newly come next gets its replicas at once."""
        # = rfc6940:10.7.1/3 test
        # = rfc6940:10.7.3/5 test
        ring = self.ring
        for _ in range(4):
            ring.network.crash(
                ring.in_order()[-1] if ring.in_order()[-1] is not ring.places[0] else ring.in_order()[-2]
            )
            ring.join()
            newest = ring.peers[-1]
            holders = newest.chord.tables.neighbors.predecessors[:2]
            before = [each for each in ring.alive() if each.member.node_id in holders]
            for which in range(6):
                if any(ring.owners(which) == [each] for each in before):
                    resource = newest.chord.resource_id(user(which).encode())
                    self.assertIsNotNone(newest.storage.holdings.get(resource, SINGLE), f"value {which}")
            ring.network.run(60)

    def test_two_of_three(self) -> None:
        """No value is lost while fewer than three peers in a row go down between two stabilisations."""
        # = rfc6940:10.4/2 test
        ring = self.ring
        for silent in (False, True, False):
            for place in ring.in_order()[3:5]:
                ring.network.crash(place, silent)
            # twice the longest interval between Updates, which find out who is silent
            ring.network.run(1800 if silent else 60)
            self.assertEqual((ring.misplaced(), ring.missing(6)), ([], []), f"silent: {silent}")
            self.assertEqual([ring.copies(each) for each in range(6)], [3] * 6)

    def test_silent(self) -> None:
        """A peer that falls silent is no neighbour of anybody soon after one of them has noticed, long before the next interval."""
        # = rfc6940:10.7.1/1 test
        ring = self.ring
        before, gone = ring.in_order()[4:6]
        ring.network.crash(gone, True)
        chord = ring.peers[ring.places.index(before)].chord
        ring.network.order(before, chord.update(gone.node.member.node_id, ring.network.now))
        ring.network.run(20)
        self.assertEqual(ring.misplaced(), [])

    def test_all_others(self) -> None:
        """A peer that loses everybody looks for the ring, says that it finds none, and joins when somebody is there."""
        # = rfc6940:10.7.1/7a test
        # = rfc6940:10.7.1/7b test
        ring = Ring(3)
        last = ring.peers[2]
        ring.network.divide([ring.places[2]])
        ring.network.run(1800)
        self.assertFalse(last.chord.joined)
        ring.network.unite()
        ring.network.run(60)
        self.assertTrue(last.chord.joined)
        self.assertEqual(ring.misplaced(), [])

    def test_not_reactive(self) -> None:
        """Without reactive recovery the periodic Updates mend the ring."""
        # = rfc6940:10.7.4.1/1 test
        settled = dataclasses.replace(overlay().configuration, chord_reactive=False)
        ring = Ring(9, of=overlay()._replace(configuration=settled))
        self.assertEqual(ring.misplaced(), [])
        for place in ring.in_order()[3:5]:
            ring.network.crash(place)
        ring.network.run(1800)
        self.assertEqual(ring.misplaced(), [])


class AnyOrderTests(SynchronousTestCase):
    """Whatever happens, in whatever order."""

    @settings(max_examples=4, deadline=None, derandomize=True, database=None)
    @given(
        st.integers(0, 1000), st.lists(st.sampled_from(["join", "two join", "leave", "crash", "silent"]), max_size=5)
    )
    def test_heals(self, seed: int, happenings: list[str]) -> None:
        """After joins, leaves and crashes the tables are those of the sorted ring, and every value has one owner that holds it."""
        ring = Ring(7, seed)
        for which in range(4):
            ring.store(which, b"value")
        for happening in happenings:
            others = [each for each in ring.places[1:] if each.alive]
            one = others[ring.network.random.randrange(len(others))]
            match happening:
                case "join":
                    ring.join()
                case "two join":
                    ring.join(0)
                    ring.join(15)
                case "leave" if len(others) > 4:
                    ring.leave(one)
                case "crash" | "silent" if len(others) > 4:
                    ring.network.crash(one, happening == "silent")
                    # a hold-down, or until every Update has found out who is silent
                    ring.network.run(1000 if happening == "silent" else 35)
        ring.network.run(1800)
        self.assertEqual((ring.misplaced(), ring.missing(4)), ([], []))
