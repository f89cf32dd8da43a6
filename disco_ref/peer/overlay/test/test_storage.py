"""Tests of values in a ring whose peers go and come back with what they have written (RFC 6940, sections 7.4.1.1 and 10.7)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.test.members import SINGLE, identity, overlay, user
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.actions import Change
from disco_ref.reload.ids import resource_id
from disco_ref.reload.storage.client import Failed, Fetched, StorageClient, Stored
from disco_ref.reload.storage.holdings import value_of

WHO = 5
"""The member whose value it is."""

HERE = resource_id(user(WHO))


class Town(Ring):
    """A ring of which peers go down, and come back with their rows."""

    def holding(self) -> list[int]:
        """The peers that are up and hold the value."""
        alive = [which for which, place in enumerate(self.places) if place.alive]
        return [which for which in alive if self.peers[which].storage.holdings.get(HERE, SINGLE) is not None]

    def held(self) -> list[bytes]:
        """What they hold."""
        found = [self.peers[which].storage.holdings.get(HERE, SINGLE) for which in self.holding()]
        return [value_of(each.values[None].stored).value for each in found if each is not None]

    def owner(self) -> int:
        """The peer that is responsible for the value."""
        (found,) = (
            which
            for which, place in enumerate(self.places)
            if place.alive and self.peers[which].chord.responsible(HERE)
        )
        return found

    def down(self, which: int) -> None:
        """A peer is killed."""
        self.network.crash(self.places[which])

    def back(self, which: int) -> None:
        """It starts anew, with what it has written."""
        rows = [Change(*key, held) for key, held in self.places[which].written.items()]
        peer = Peer(overlay(), identity(which), self.network.entropy, self.network.now)
        place = self.network.add(peer, self.places[which].address)
        place.written.update(self.places[which].written)
        actions, refused = peer.storage.restore(rows, self.network.now)
        assert not refused
        self.peers[which], self.places[which] = peer, place
        self.network.order(place, [*actions, *peer.chord.begin(False, self.network.now)])
        self.network.run(5)

    def fetched(self) -> tuple[bytes, ...]:
        """What somebody fetches."""
        by = next(which for which, place in enumerate(self.places) if place.alive)
        (found,) = self.fetch(by, WHO)
        assert isinstance(found, Fetched), found
        return tuple(value_of(each).value for each in found.values if value_of(each).exists)


class ReturnTests(SynchronousTestCase):
    """Peers that come back."""

    def setUp(self) -> None:
        """Eight peers, and a value."""
        self.ring = Town(8)
        (event,) = self.ring.store(WHO, b"first")
        self.assertIsInstance(event, Stored)

    def safe(self) -> int:
        """A peer that is not needed: neither the bootstrap node nor the member whose value it is."""
        found = [which for which in self.ring.holding() if which not in (0, WHO)]
        return self.ring.owner() if self.ring.owner() in found else found[0]

    def test_stale(self) -> None:
        """Who comes back with an old value gets the new one, and no old one stands anywhere in the end."""
        # = rfc6940:7.4.1.1/22 test
        # = rfc6940:7/1 test
        which = self.safe()
        self.ring.down(which)
        self.ring.network.run(40)
        (event,) = self.ring.store(WHO, b"second")
        self.assertIsInstance(event, Stored)
        self.ring.back(which)
        self.ring.network.run(60)
        self.assertEqual(self.ring.misplaced(), [])
        self.assertEqual(self.ring.fetched(), (b"second",))
        self.assertEqual(set(self.ring.held()), {b"second"})
        self.assertGreaterEqual(len(self.ring.held()), 3)

    def test_only_there(self) -> None:
        """A value that all its peers took down with them is there again when one of them comes back."""
        # = rfc6940:7.4.1.1/17 test
        gone = self.ring.holding()
        if 0 in gone or WHO in gone:
            raise AssertionError("choose another value: a peer that is needed holds it")
        for which in gone:
            self.ring.down(which)
        self.ring.network.run(40)
        self.assertEqual(self.ring.fetched(), ())
        self.ring.back(gone[0])
        self.ring.network.run(60)
        self.assertEqual(self.ring.fetched(), (b"first",))
        self.assertEqual(self.ring.held(), [b"first"] * 3)

    def test_too_late(self) -> None:
        """A Store with a time before that of the value is refused across the ring, and what stands there is told."""
        # = rfc6940:7/1 test
        # = rfc6940:7.4.1.2/4 test
        self.ring.network.run(10)
        (event,) = self.ring.store(WHO, b"second")
        self.assertIsInstance(event, Stored)
        ring = self.ring
        peer, place = ring.peers[WHO], ring.places[WHO]
        client = StorageClient(peer.member, peer.chord)
        early = peer.member.since
        ring.network.order(place, client.store(("late",), user(WHO).encode(), SINGLE, b"third", early))
        (failed,) = ring.told(place)
        assert isinstance(failed, Failed)
        assert failed.newer is not None
        self.assertEqual([value_of(each).value for each in failed.newer.values], [b"second"])
