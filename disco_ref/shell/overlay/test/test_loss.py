"""Peers over DTLS, where datagrams get lost on the way."""

from __future__ import annotations

from disco_ref.peer.overlay.test.members import SINGLE, user
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.shell.overlay.test.peers import DTLS, LiveTest
from disco_ref.shell.overlay.wire import datagrams
from disco_ref.sip.flow import Address


class LossTests(LiveTest):
    """Two peers, and a way between them that loses every ninth datagram."""

    protocols = (DTLS,)

    async def test_lost(self) -> None:
        """A peer joins and stores though datagrams of handshakes and of messages get lost: they are sent again."""
        # = rfc6347:4.2.4/0 test
        # = rfc6940:6.6.3.1/5 test
        sent: list[int] = []
        lost: list[int] = []
        passed = datagrams.Socket.transmit

        def transmit(socket: datagrams.Socket, remote: Address, datagram: bytes) -> None:
            sent.append(len(datagram))
            if len(sent) % 9 == 4:
                lost.append(len(datagram))
            else:
                passed(socket, remote, datagram)

        self.patch(datagrams.Socket, "transmit", transmit)
        await self.ring(2)
        second = self.parties[1]
        client = StorageClient(second.peer.member, second.peer.chord)
        name = user(1).encode()
        second.driving.perform(client.store((1,), name, SINGLE, bytes(400), second.driving.now()))
        await self.until(lambda: any(isinstance(each, Stored) for each in second.told))
        second.driving.perform(client.fetch((2,), name, SINGLE))
        await self.until(lambda: any(isinstance(each, Fetched) for each in second.told))
        self.assertGreater(len(lost), 3)
        self.assertLess(max(sent), 1201)
