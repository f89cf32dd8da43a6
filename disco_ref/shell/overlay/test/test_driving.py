"""Peers that make a ring over TLS on the loopback, store and fetch."""

from __future__ import annotations

from disco_ref.peer.overlay.test.members import SINGLE, user
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.reload.storage.holdings import value_of
from disco_ref.shell.overlay.test.peers import DTLS, TLS, LiveTest


class RingTests(LiveTest):
    """Three peers."""

    async def test_store_and_fetch(self) -> None:
        """Three peers join over TLS; what one of them stores another one fetches, and its signature holds."""
        await self.ring(3)
        writer, reader = self.parties[1], self.parties[2]
        client = StorageClient(writer.peer.member, writer.peer.chord)
        name = user(1).encode()
        writer.driving.perform(client.store((1,), name, SINGLE, b"hello", writer.driving.now()))
        await self.until(lambda: any(isinstance(each, Stored) for each in writer.told))
        asking = StorageClient(reader.peer.member, reader.peer.chord)
        reader.driving.perform(asking.fetch((1,), name, SINGLE))
        await self.until(lambda: any(isinstance(each, Fetched) for each in reader.told))
        (fetched,) = (each for each in reader.told if isinstance(each, Fetched))
        self.assertEqual([value_of(each).value for each in fetched.values], [b"hello"])

    async def test_leave(self) -> None:
        """A peer that leaves tells its neighbours, who are each other's neighbours from then on; its links are closed."""
        # = rfc6940:10.9/1 test
        await self.ring(3)
        going = self.parties[1]
        gone = going.peer.member.node_id
        await going.driving.leave(going.peer.chord.leave(going.driving.now()))
        self.assertEqual(len(going.driving.links), 0)
        left = self.parties[0], self.parties[2]
        await self.until(lambda: all(each.peer.member.connections.to(gone) is None for each in left))
        for each, other in (left, left[::-1]):
            self.assertEqual(each.peer.chord.tables.successor, other.peer.member.node_id)


class DatagramRingTests(RingTests):
    """The same over DTLS."""

    protocols = (DTLS,)


class IPv6RingTests(RingTests):
    """The same over IPv6, where nodes speak both."""

    protocols = (DTLS, TLS)
    host = "::1"
