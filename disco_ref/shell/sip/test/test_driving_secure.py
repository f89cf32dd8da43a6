"""Elements on real sockets of the loopback: TLS with certificates made here."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from disco_ref.peer.element import Element
from disco_ref.peer.test.parties import Answering
from disco_ref.shell.sip import connections
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.test.certificates import Authority
from disco_ref.shell.sip.test.live import TLS, UDP, LiveTest, reactor
from disco_ref.shell.sip.test.memory import Unresolving
from disco_ref.shell.sip.tls import Credentials
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.sip.actions import (
    RequestFailed,
    RequestReceived,
    ResponseReceived,
)
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.test import messages
from disco_ref.sip.transport.listening import listening


class SecureTest(LiveTest):
    """TLS with certificates made here."""

    def setUp(self) -> None:
        """Two elements' certificates by one authority."""
        super().setUp()
        self.authority = Authority(Path(self.mktemp()))
        self.bob = Answering()
        self.alice = Answering()

    def credentials(self, *names: str, mutual: bool = False, authority: Authority | None = None) -> Credentials:
        """A certificate of these names; trusted is always the first authority."""
        certificate = (authority or self.authority).certificate(f"{'-'.join(names).replace(':', '_')}.pem", *names)
        return Credentials(certificate=certificate, authorities=self.authority.file, mutual=mutual)

    def pair(self, near: Credentials, far: Credentials) -> tuple[Driving, Driving]:
        """Alice and Bob over TLS."""
        where = (TLS, "127.0.0.1")
        return self.drive(self.alice, where, credentials=near), self.drive(self.bob, where, credentials=far)

    def why(self) -> str:
        """Why the last request has failed."""
        failed = self.alice.events[-1]
        assert isinstance(failed, RequestFailed), failed
        return failed.why

    async def test_server_only(self) -> None:
        """The called side shows a certificate that proves the name; the connection is used again for that name."""
        # = rfc3261:26.3.1/0 test
        near, far = self.pair(self.credentials("a.example"), self.credentials("b.example"))
        for owner in "12":
            await self.call(near, self.alice, far.listening[0], "b.example", owner)
        self.assertEqual([type(each) for each in self.alice.events], [ResponseReceived] * 2)
        [one, two] = [each.flow for each in self.bob.events if isinstance(each, RequestReceived)]
        self.assertEqual((one, one.identities, one.transport), (two, (), TLS))
        [flow, _] = [each.flow for each in self.alice.events if isinstance(each, ResponseReceived)]
        self.assertEqual(flow.identities, ("b.example",))

    async def test_mutual(self) -> None:
        """Where both sides must show a certificate, the called one learns whom it talks to."""
        # = rfc3261:26.3.1/1b test
        near, far = self.pair(self.credentials("sip:a.example"), self.credentials("sip:b.example", mutual=True))
        await self.call(near, self.alice, far.listening[0], "b.example")
        [flow] = [each.flow for each in self.bob.events if isinstance(each, RequestReceived)]
        self.assertEqual(flow.identities, ("a.example",))

    async def test_stranger(self) -> None:
        """Where both sides must show one, a certificate of somebody else's is refused, and the caller hears of it."""
        other = Authority(self.authority.folder, "other")
        near, far = self.pair(
            self.credentials("a.example", authority=other), self.credentials("b.example", mutual=True)
        )
        await self.call(near, self.alice, far.listening[0], "b.example")
        self.assertIn("no connection to", self.why())
        self.assertEqual(self.bob.events, [])

    async def test_wrong_name(self) -> None:
        """A certificate of another name is refused before anything is sent."""
        # = rfc3261:26.3.2.1/4 test
        # = rfc5922:7.3/0 test
        near, far = self.pair(self.credentials("a.example"), self.credentials("c.example"))
        await self.call(near, self.alice, far.listening[0], "b.example")
        self.assertIn("the certificate proves c.example, not b.example", self.why())
        self.assertEqual(self.bob.events, [])

    async def test_unknown_authority(self) -> None:
        """A certificate by nobody we trust is refused."""
        # = rfc3261:26.3.1/5 test
        other = Authority(self.authority.folder, "other")
        near, far = self.pair(self.credentials("a.example"), self.credentials("b.example", authority=other))
        await self.call(near, self.alice, far.listening[0], "b.example")
        self.assertIn("certificate verify failed", self.why())
        self.assertEqual(self.bob.events, [])

    async def test_name_not_proved_for_reuse(self) -> None:
        """A connection that has proved one name is not used for another."""
        near, far = self.pair(self.credentials("a.example"), self.credentials("b.example", "127.0.0.1"))
        await self.call(near, self.alice, far.listening[0], "b.example", "1")
        await self.call(near, self.alice, far.listening[0], "c.example", "2")
        self.assertIn("not c.example", self.why())
        await self.call(near, self.alice, far.listening[0], "127.0.0.1", "3")
        self.assertIsInstance(self.alice.events[-1], ResponseReceived)

    async def test_dialling(self) -> None:
        """Who listens for nothing over TLS can call, over IPv4 and IPv6: requests of the called side come on his connection."""
        # = rfc3261:18.1.1/6 test
        # = rfc5923:7/0 test
        trusting = Credentials(authorities=self.authority.file)
        for host in ("127.0.0.1", "::1"):
            self.alice, self.bob = Answering(), Answering()
            far = self.drive(self.bob, (TLS, host), credentials=self.credentials("b.example", "127.0.0.1", "::1"))
            near = self.drive(self.alice, (UDP, host), credentials=trusting, dials=host)
            await self.call(near, self.alice, far.listening[0])
            [request] = [each for each in self.bob.events if isinstance(each, RequestReceived)]
            via, there = request.request.headers.via, near.listening[-1]
            self.assertEqual(
                (via.transport, via.host, via.port), ("TLS", there.sent_by[: -len(f":{via.port}")], there.address.port)
            )
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(there.address, 1)
            await self.call(far, self.bob, there, owner="back")
            [back] = [each for each in self.alice.events if isinstance(each, RequestReceived)]
            self.assertEqual(back.flow.remote, far.listening[0].address)
            self.assertIsInstance(self.bob.events[-1], ResponseReceived)
            self.assertEqual(far.element.held["streams"], 1)

    async def test_dialling_with_a_certificate(self) -> None:
        """Who shows a certificate is reached by its name on the connection that he has made, and by no other name."""
        # = rfc5923:7/0 test
        far = self.drive(self.bob, (TLS, "127.0.0.1"), credentials=self.credentials("b.example", mutual=True))
        credentials = self.credentials("sip:a.example")
        near = self.drive(self.alice, (UDP, "127.0.0.1"), credentials=credentials, dials="a.example")
        await self.call(near, self.alice, far.listening[0], "b.example")
        there = near.listening[-1]
        await self.call(far, self.bob, there, "a.example", "back")
        self.assertIsInstance(self.bob.events[-1], ResponseReceived)
        await self.call(far, self.bob, there, "c.example", "other")
        self.assertIsInstance(self.bob.events[-1], RequestFailed)
        near.stop()
        await self.until(lambda: not far.element.held["streams"])
        await self.call(far, self.bob, there, "a.example", "late")
        self.assertIsInstance(self.bob.events[-1], RequestFailed)

    async def test_dialling_without_authorities(self) -> None:
        """Without credentials the system's authorities are trusted, and nobody else."""
        far = self.drive(self.bob, (TLS, "127.0.0.1"), credentials=self.credentials("127.0.0.1"))
        near = self.drive(self.alice, (UDP, "127.0.0.1"), dials="127.0.0.1")
        await self.call(near, self.alice, far.listening[0])
        self.assertIn("certificate verify failed", self.why())

    async def test_half_open(self) -> None:
        """A peer that connects and never begins the handshake is given up."""
        self.patch(connections, "CONNECTING", 0.1)
        far = self.drive(self.bob, (TLS, "127.0.0.1"), credentials=self.credentials("b.example"))
        peer = await self.connect(far.listening[0])
        await self.until(lambda: peer.lost)
        self.assertEqual(far.element.held["streams"], 0)

    async def test_no_tls_spoken(self) -> None:
        """Octets that are no TLS close the connection, and nothing of it reaches the element."""
        far = self.drive(self.bob, (TLS, "127.0.0.1"), credentials=self.credentials("b.example"))
        peer = await self.connect(far.listening[0])
        peer.wire.write(messages.request())
        await self.until(lambda: peer.lost)
        self.assertEqual((far.element.held["streams"], self.bob.events), (0, []))

    def test_without_certificate(self) -> None:
        """Listening for TLS without a certificate is trouble that says how to name one."""
        places = [listening(TLS, Address("127.0.0.1", 0))]
        for credentials in (None, Credentials()):
            element = Element((), self.bob, os.urandom)
            driving = Driving(reactor, element, places, Unresolving(), self.notes.append, credentials=credentials)
            self.assertIn("--certificate", str(self.assertRaises(Trouble, driving.start)))

    async def test_one_too_many(self) -> None:
        """A connection beyond the bound is closed at once, under TLS as without it, and nothing breaks over it."""
        for transport in (Transport.TCP, TLS):
            await self.turned_away(transport)

    async def turned_away(self, transport: Transport) -> None:
        """Who connects to an element that takes no connections is."""
        element = Element((), self.bob, os.urandom)
        places, mine = [listening(transport, Address("127.0.0.1", 0))], self.credentials("b.example")
        far = Driving(reactor, element, places, Unresolving(), self.notes.append, credentials=mine, most=0)
        [place] = far.start()
        self.addCleanup(far.stop)
        peer = await self.connect(place)
        await self.until(lambda: peer.lost)
        self.assertEqual((element.held["streams"], self.flushLoggedErrors()), (0, []))
