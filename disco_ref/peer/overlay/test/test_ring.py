"""Tests of peers that make a ring, in virtual time (RFC 6940, sections 10.4 to 10.9)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.members import SINGLE, user
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.storage.client import Fetched, Stored
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.topology.chord.joining import Joined


class JoinTests(SynchronousTestCase):
    """Peers come."""

    def test_first(self) -> None:
        """The first peer is responsible for everything, because it was told to be the first."""
        # = rfc6940:6.4.2.1/10 test
        ring = Ring(1)
        self.assertTrue(ring.peers[0].chord.joined)
        self.assertEqual(ring.peers[0].chord.share(), 1.0)

    def test_ring(self) -> None:
        """Every peer that has joined knows the three before and the three behind it, and their shares make up the ring."""
        # = rfc6940:10.5/8 test
        # = rfc6940:10.5/12 test
        for count in (2, 3, 4, 9):
            ring = Ring(count)
            self.assertEqual(ring.misplaced(), [], f"{count} peers")
            self.assertAlmostEqual(sum(each.chord.share() for each in ring.peers), 1.0)
            self.assertTrue(all(isinstance(each.events[0], Joined) for each in ring.places))

    def test_data_moves(self) -> None:
        """Who joins gets what it is responsible for from now on, before it is routed to."""
        # = rfc6940:10.5/7 test
        ring = Ring(3)
        for which in range(3):
            self.assertIsInstance(ring.store(which, b"value")[0], Stored)
        for _ in range(5):
            ring.join()
        for which in range(3):
            owner = [p for p in ring.peers if p.chord.responsible(p.chord.resource_id(user(which).encode()))]
            self.assertEqual(len(owner), 1)
            resource = owner[0].chord.resource_id(user(which).encode())
            self.assertIsNotNone(owner[0].storage.holdings.get(resource, SINGLE))
            fetched = ring.fetch(7, which)[0]
            self.assertIsInstance(fetched, Fetched)


class StorageTests(SynchronousTestCase):
    """Values in the ring."""

    def test_three_copies(self) -> None:
        """A value stands at the responsible peer and at its two successors, and anybody can fetch it."""
        # = rfc6940:10.4/1 test
        # = rfc6940:10.4/2 test
        ring = Ring(8)
        stored = ring.store(5, b"hello")[0]
        assert isinstance(stored, Stored)
        self.assertEqual(ring.copies(5), 3)
        fetched = ring.fetch(2, 5)[0]
        assert isinstance(fetched, Fetched)
        self.assertEqual([value_of(each).value for each in fetched.values], [b"hello"])
        self.assertEqual(fetched.by, stored.by)

    def test_owner_dies(self) -> None:
        """When the responsible peer dies the next one answers, and after the hold-down there are three copies again."""
        # = rfc6940:10.7.1/1 test
        # = rfc6940:10.7.3/5 test
        ring = Ring(8)
        stored = ring.store(5, b"hello")[0]
        assert isinstance(stored, Stored)
        owner = next(each for each in ring.places if each.node.member.node_id == stored.by)
        ring.network.crash(owner)
        ring.network.run(40)
        self.assertEqual(ring.misplaced(), [])
        asking = next(which for which, each in enumerate(ring.places) if each.alive)
        fetched = ring.fetch(asking, 5)[0]
        assert isinstance(fetched, Fetched)
        self.assertEqual([value_of(each).value for each in fetched.values], [b"hello"])
        self.assertNotEqual(fetched.by, stored.by)
        self.assertEqual(ring.copies(5), 3)
