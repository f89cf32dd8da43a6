"""Tests of a client: it asks through one peer, and is no part of the ring (RFC 6940, section 3.2.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.client import Answered, Client, NotVisiting, Unanswered, Visiting
from disco_ref.peer.overlay.test.members import SINGLE, identity, overlay, user
from disco_ref.peer.overlay.test.rings import FIRST, Ring
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.forwarding.ping import PingAns, PingReq
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.shell.memory_overlay import MemoryOverlay


class ClientTests(SynchronousTestCase):
    """A client of a ring of five."""

    def test_asks(self) -> None:
        """It stores, fetches and pings; no peer takes it for one of them."""
        ring = Ring(5)
        network = ring.network
        client = Client(overlay(), identity(20), network.entropy, network.now)
        place = network.add(client, FIRST + 20)
        network.order(place, client.chord.visit())
        self.assertEqual(ring.told(place), [Visiting(ring.peers[0].member.node_id)])
        storage = StorageClient(client.member, client.chord)
        network.order(place, storage.store((1,), user(20).encode(), SINGLE, b"value", network.now))
        self.assertIsInstance(ring.told(place)[0], Stored)
        network.order(place, storage.fetch((2,), user(20).encode(), SINGLE))
        self.assertIsInstance(ring.told(place)[0], Fetched)
        far = ring.peers[4].member.node_id
        network.order(place, client.questions.ask((3,), node_place(far), MessageCode.ping_req, PingReq(b"")))
        (answered,) = ring.told(place)
        assert isinstance(answered, Answered)
        self.assertIsInstance(answered.answer.body, PingAns)
        self.assertEqual(answered.answer.node_id, far)
        self.assertEqual(ring.misplaced(), [])

    def test_nobody(self) -> None:
        """Where no bootstrap node is there, that is told, and of a question that it has no answer."""
        network = MemoryOverlay(1)
        client = Client(overlay(), identity(20), network.entropy, network.now)
        place = network.add(client, FIRST + 20)
        network.order(place, client.chord.visit())
        network.run(40)
        self.assertIsInstance(place.events[0], NotVisiting)
        ask = client.questions.ask((3,), node_place(bytes(15) + b"1"), MessageCode.ping_req, PingReq(b""))
        network.order(place, ask)
        network.run(40)
        self.assertIsInstance(place.events[-1], Unanswered)
