"""Links over TLS and DTLS on the loopback: whom they lead to, and who is shown the door."""

from __future__ import annotations

import contextlib
import socket

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, load_certificate
from twisted.internet.defer import Deferred

from disco_ref.peer.overlay.test.members import identity, node_id
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.identity import Identity
from disco_ref.shell.overlay.test.ends import Recorder
from disco_ref.shell.overlay.test.peers import DTLS, TLS, LiveTest
from disco_ref.shell.overlay.wire import links, stream
from disco_ref.shell.overlay.wire.candidates import Way
from disco_ref.sip.flow import Address

YEARS = 20 * 365 * 86400.0

_use_certificate = SSL.Context.use_certificate


class EndsTest(LiveTest):
    """Ends that are closed when a test is over."""

    protocol: OverlayLinkType = TLS

    def setUp(self) -> None:
        """Nobody is there yet."""
        super().setUp()
        self.ends: list[Recorder] = []

    async def tearDown(self) -> None:  # type: ignore[override]
        """Everybody goes."""
        for each in self.ends:
            closing = [one for one in each.links.stop() if isinstance(one, Deferred)]
            each.links.quench()
            for one in closing:
                await one

    def end(self, which: int, who: Identity | None = None) -> Recorder:
        """A member that listens."""
        made = Recorder(self.protocol, who or identity(which), which)
        self.ends.append(made)
        return made


class LinkTests(EndsTest):
    """Over TLS."""

    async def test_waited_for(self) -> None:
        """A link from a node that is waited for belongs to the attempt; octets go both ways, and the close is heard."""
        # = rfc6940:6.5.1.11/1a test
        # = rfc6940:6.5.1.13/2 test
        server, client = self.end(1), self.end(2)
        server.links.wait(7, node_id(2))
        client.links.establish(8, node_id(1), [server.way])
        await self.until(lambda: server.ups and client.ups)
        self.assertEqual((server.ups[0].attempt, client.ups[0].attempt), (7, 8))
        self.assertEqual(server.ups[0].certificates[0], identity(2).certificate.der)
        server.links.send(server.ups[0].link, b"from server")
        client.links.send(client.ups[0].link, b"from client")
        await self.until(lambda: server.octets and client.octets)
        self.assertEqual((server.octets, client.octets), (b"from client", b"from server"))
        server.links.close(server.ups[0].link)
        await self.until(lambda: client.downs)
        self.assertEqual((server.downs, len(server.links)), ([], 0))

    async def test_unasked(self) -> None:
        """A link from a node that nobody waits for is up too, of no attempt."""
        server, client = self.end(1), self.end(2)
        client.links.establish(8, None, [server.way])
        await self.until(lambda: server.ups)
        self.assertIsNone(server.ups[0].attempt)

    async def test_other_node(self) -> None:
        """Where another node is than was expected the link is closed and the attempt has failed."""
        # = rfc6940:6.5.1.11/1b test
        # = rfc6940:6.5.1.13/4 test
        server, client = self.end(1), self.end(2)
        client.links.establish(8, node_id(3), [server.way])
        await self.until(lambda: client.failures)
        self.assertIn(f"not of {node_id(3).hex()}", client.failures[0])
        self.assertEqual((client.ups, len(client.links)), ([], 0))
        await self.until(lambda: not len(server.links))

    async def test_next_way(self) -> None:
        """Where one way leads to nobody the next is tried."""
        server, client = self.end(1), self.end(2)
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            wrong = Way(TLS, Address("127.0.0.1", nobody.getsockname()[1]))
        other = self.end(3)
        first = wrong if self.protocol is TLS else other.way
        client.links.establish(8, node_id(1), [first, server.way])
        await self.until(lambda: client.ups)
        self.assertEqual(client.failures, [])

    async def test_foreign_root(self) -> None:
        """Who shows a certificate of another root is closed, with a line in the log and nothing told to the node."""
        # = rfc6940:13.3/3 test
        server, client = self.end(1), self.end(2, identity(2, issuer=9))
        client.links.establish(8, None, [server.way])
        await self.until(lambda: server.refusals and not len(server.links))
        self.assertIn("no chain", server.refusals[0])
        self.assertEqual(server.ups, [])
        self.assertIn("no chain", server.notes[0].text)

    async def test_expired(self) -> None:
        """Who shows a certificate that is out of its time is closed."""
        server, client = self.end(1), self.end(2)
        server.skew = YEARS
        client.links.establish(8, None, [server.way])
        await self.until(lambda: server.refusals and not len(server.links))
        self.assertIn("not valid at", server.refusals[0])
        self.assertEqual(server.ups, [])

    async def test_unreadable(self) -> None:
        """A certificate that TLS takes and nobody can read is refused, and its link closed."""
        # = rfc6940:6.5.1.13/3 test
        server = self.end(1)
        self.patch(SSL.Context, "use_certificate", _of_no_version)
        client = self.end(2)
        client.links.establish(8, None, [server.way])
        await self.until(lambda: server.refusals)
        self.assertIn("no readable certificate", server.refusals[0])
        await self.until(lambda: not len(server.links))
        self.assertEqual(server.ups, [])

    async def test_abandoned(self) -> None:
        """Nothing comes of an attempt that is abandoned, and nothing is kept of it."""
        server, client = self.end(1), self.end(2)
        client.links.wait(7, node_id(1))
        client.links.establish(8, node_id(1), [server.way])
        client.links.abandon(8)
        client.links.abandon(7)
        self.assertEqual(len(client.links), 0)
        server.links.establish(9, None, [client.way])
        await self.until(lambda: client.ups)
        self.assertEqual([each.attempt for each in client.ups], [None])

    async def test_says_nothing(self) -> None:
        """A link that was made unasked and brings nothing is closed in time."""
        self.patch(links, "SILENCE", 0.1)
        server, client = self.end(1), self.end(2)
        client.links.establish(8, None, [server.way])
        await self.until(lambda: server.downs)
        self.assertEqual(server.downs, ["it says nothing"])


def _of_no_version(settings: SSL.Context, certificate: Certificate) -> None:
    """What is used instead of ``SSL.Context.use_certificate``: the version of the certificate is one that there is not."""
    der = certificate.public_bytes(Encoding.DER).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05", 1)
    _use_certificate(settings, load_certificate(FILETYPE_ASN1, der))


class DatagramLinkTests(LinkTests):
    """The same over DTLS."""

    protocol = DTLS

    async def test_no_state_for_strangers(self) -> None:
        """Of a ClientHello without a cookie nothing is kept; it is answered with a smaller or equal datagram."""
        # = rfc6347:4.2.1/0 test
        server = self.end(1)
        connection = SSL.Connection(SSL.Context(SSL.DTLS_METHOD), None)
        connection.set_connect_state()
        with self.assertRaises(SSL.WantReadError):
            connection.do_handshake()
        hello = connection.bio_read(4096)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.setblocking(False)
            stranger.bind(("127.0.0.1", 0))
            for octets in (hello, hello, b"", b"\x16", bytes(2000), hello[:40]):
                stranger.sendto(octets, server.way.address)
            answers: list[bytes] = []
            await self.until(lambda: _read(stranger, answers) >= 2)
        self.assertEqual(len(server.links), 0)
        self.assertTrue(all(len(each) <= len(hello) for each in answers))


def _read(stranger: socket.socket, answers: list[bytes]) -> int:
    with contextlib.suppress(BlockingIOError):
        answers.append(stranger.recv(4096))
    return len(answers)


class StrangerTests(EndsTest):
    """Whoever connects over TCP."""

    async def test_silent(self) -> None:
        """A connection that says nothing is closed in time, with a line in the log."""
        self.patch(links, "HANDSHAKE", 0.1)
        server = self.end(1)
        with socket.create_connection(server.way.address) as silent:
            silent.setblocking(False)
            await self.until(lambda: len(server.links) == 1)
            await self.until(lambda: len(server.links) == 0)
        self.assertIn("proves nothing", server.notes[0].text)

    async def test_too_many(self) -> None:
        """Beyond so many unproved connections from one address the next are closed at once."""
        self.patch(links, "MOST_FROM_ONE", 2)
        server = self.end(1)
        connections = [socket.create_connection(server.way.address) for _ in range(4)]
        await self.until(lambda: server.notes)
        self.assertEqual(len(server.links), 2)
        self.assertIn("too many", server.notes[0].text)
        for each in connections:
            each.close()
        await self.until(lambda: len(server.links) == 0)
        client = self.end(2)
        client.links.establish(8, None, [server.way])
        await self.until(lambda: server.ups)

    async def test_without_certificate(self) -> None:
        """Who shows no certificate does not come through the handshake."""
        # = rfc6940:6.5.1.13/3 test
        server = self.end(1)
        plain = socket.create_connection(server.way.address)
        connection = SSL.Connection(SSL.Context(SSL.TLS_METHOD), plain)
        connection.set_connect_state()
        plain.setblocking(False)
        await self.until(lambda: _shaken(connection) and not len(server.links))
        self.assertEqual(server.ups, [])
        plain.close()

    async def test_does_not_read(self) -> None:
        """A peer that does not read is given up when too much waits for it."""
        self.patch(stream, "UNSENT", 1 << 16)
        server, client = self.end(1), self.end(2)
        client.links.establish(8, None, [server.way])
        await self.until(lambda: server.ups and client.ups)
        server.links._held[server.ups[0].link].end._wire.pauseProducing()  # type: ignore[union-attr]
        for _ in range(400):
            client.links.send(client.ups[0].link, bytes(1 << 16))
        await self.until(lambda: client.downs)
        self.assertEqual(len(client.links), 0)


def _shaken(connection: SSL.Connection) -> bool:
    """Whether the handshake is over, one way or the other."""
    try:
        connection.do_handshake()
        connection.recv(1)
    except SSL.WantReadError:
        return False
    except SSL.Error:
        return True
    return True
