"""Tests of peers that come at once, or do not get far (RFC 6940, sections 6.4.2.1 and 10.5)."""

from __future__ import annotations

from math import log2

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.topology.chord.joining import JoinFailed


class JoinTests(SynchronousTestCase):
    """Peers that come at once, or do not get far."""

    def test_at_once(self) -> None:
        """Nodes that join in the same instant through the same peer are a ring within seconds."""
        for seed, count in ((1, 2), (2, 12), (3, 14)):
            ring = Ring(1, seed)
            for _ in range(count):
                ring.join(0)
            ring.network.run(20)
            self.assertEqual(ring.misplaced(), [], f"{count} at once")
            self.assertTrue(all(each.chord.joined for each in ring.peers))
            links = [each.member.connections for each in ring.peers]
            self.assertEqual([len(each.all()) for each in links], [len(each.nodes()) for each in links])

    def test_half_way(self) -> None:
        """A node that goes down at any moment of its joining leaves no gap in the ring and no value without an owner."""
        ring = Ring(5)
        for which in range(5):
            ring.store(which, b"value")
        for step in range(1, 12):
            ring.join(step * 0.03)
            ring.network.crash(ring.places[-1])
            ring.network.run(3)
            self.assertEqual((ring.misplaced(), ring.missing(5)), ([], []), f"after {step * 0.03} s")

    def test_admitting_peer_dies(self) -> None:
        """A node whose Admitting Peer goes down while it joins says so, and joins at another one."""
        # = rfc6940:6.4.2.1/9 test
        for after in (0.10, 0.12, 0.14):
            ring = Ring(6)
            joining = ring.join(after)
            behind = ring.in_order()
            place = behind[(behind.index(ring.places[-1]) + 1) % len(behind)]
            self.assertIsNot(place, ring.places[0])
            ring.network.crash(place)
            ring.network.run(60)
            self.assertTrue(joining.chord.joined, f"{after} s")
            self.assertEqual(ring.misplaced(), [])

    def test_bootstrap_node_dies(self) -> None:
        """Without a bootstrap node a node tries again and again, and says that it cannot join."""
        ring = Ring(3)
        ring.network.crash(ring.places[0])
        joining = ring.join(40)
        self.assertFalse(joining.chord.joined)
        self.assertGreater(sum(isinstance(each, JoinFailed) for each in ring.places[-1].events), 2)

    def test_messages(self) -> None:
        """What one more join costs does not grow faster than the square of the logarithm of the number of peers."""
        ring = Ring(8)
        cost = {}
        for size in range(9, 29):
            before = ring.network.messages
            ring.join(1)
            cost[size] = ring.network.messages - before
        for size in (16, 22, 28):
            mean = sum(cost[each] for each in range(size - 7, size + 1)) / 8
            self.assertLess(mean, 24 * log2(size) ** 2, f"{size} peers")
