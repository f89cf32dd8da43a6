"""Elements on real sockets of the loopback: UDP, TCP, TLS, IPv4 and IPv6."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol as TypingProtocol
from typing import cast

from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from disco_ref.clock import Instant
from disco_ref.peer.effects import Note
from disco_ref.peer.element import Bounds, Element
from disco_ref.peer.test.parties import Answering, ask, send
from disco_ref.shell.sip import connections
from disco_ref.shell.sip import driving as driving_module
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.resolver import Resolving
from disco_ref.shell.sip.test.certificates import Authority
from disco_ref.shell.sip.test.memory import Unresolving
from disco_ref.shell.sip.tls import Credentials
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor, Wire
from disco_ref.sip.actions import (
    CloseFlow,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SetTimer,
    TimerPassed,
)
from disco_ref.sip.flow import Address, Hop, Transport
from disco_ref.sip.location.questions import Answers, Host, HostRecord, Question
from disco_ref.sip.test import messages
from disco_ref.sip.transport.listening import Listening, listening

UDP, TCP, TLS = Transport
reactor = cast(Reactor, installed)


class _Pausing(TypingProtocol):
    def pauseProducing(self) -> None:
        """Nothing is read."""


class _Told(Protocol):
    """A peer that is played by hand."""

    def __init__(self) -> None:
        self.octets = b""
        self.lost = False

    @property
    def wire(self) -> Wire:
        """The connection."""
        return cast(Wire, self.transport)

    def dataReceived(self, data: bytes) -> None:
        """Keeps it."""
        self.octets += data

    def connectionLost(self, reason: object = None) -> None:
        """Keeps it."""
        self.lost = True


class _Names:
    """Knows one address for every host."""

    def ask(self, question: Question) -> Deferred[Answers]:
        """The loopback."""
        answers: Answers = (HostRecord("127.0.0.1"),) if isinstance(question, Host) else ()
        return succeed(answers)


class LiveTest(TestCase):
    """A peer of the test's own, started for each test."""

    timeout = 20

    def setUp(self) -> None:
        """Nothing runs yet."""
        self.notes: list[Note] = []
        self.told: list[object] = []

    def drive(
        self,
        core: Answering,
        *where: tuple[Transport, str],
        credentials: Credentials | None = None,
        bounds: Bounds | None = None,
        resolver: Resolving | None = None,
        dials: str = "",
    ) -> Driving:
        """An element on the loopback, at ports that the operating system chooses; ``dials``: who it is where nothing listens."""
        element = Element((), core, os.urandom, bounds=bounds or Bounds())
        places = [listening(transport, Address(host, 0)) for transport, host in where]
        if dials:
            places.append(listening(TLS, Address(where[0][1], 0), dials, dials=True))
        driving = Driving(
            reactor,
            element,
            places,
            resolver or Unresolving(),
            self.notes.append,
            credentials=credentials,
            delivered=self.told.append,
        )
        driving.start()
        self.addCleanup(driving.stop)
        return driving

    async def until(self, true: Callable[[], object]) -> None:
        """Waits until something is true, for five seconds at most."""
        for _ in range(500):
            if true():
                return
            await deferLater(installed, 0.01, lambda: None)
        self.fail("it has not come about")

    async def call(self, near: Driving, core: Answering, to: Listening, name: str = "", owner: str = "1") -> None:
        """Sends a request and waits for what comes of it."""
        before = len(core.events)
        hop = Hop(to.transport, to.address, name or to.address.host)
        near.perform([send(ask(tag=owner), owner, (hop,))])
        await self.until(lambda: len(core.events) > before)

    async def connect(self, to: Listening) -> _Told:
        """A connection by hand."""
        peer = _Told()
        factory = ClientFactory()
        factory.noisy = False
        factory.buildProtocol = lambda addr: peer  # type: ignore[method-assign]
        reactor.connectTCP(to.address.host, to.address.port, factory)
        await self.until(lambda: peer.connected)
        self.addCleanup(peer.wire.abortConnection)
        return peer


class PlainTest(LiveTest):
    """UDP and TCP."""

    async def test_every_way(self) -> None:
        """A request and its response over UDP and TCP, over IPv4 and IPv6; connections are used again."""
        hosts = ["127.0.0.1", *(["::1"] if _ipv6() else [])]
        where = [(transport, host) for host in hosts for transport in (UDP, TCP)]
        alice, bob = Answering(), Answering()
        near, far = self.drive(alice, *where), self.drive(bob, *where)
        for place in far.listening:
            for n in range(3):
                await self.call(near, alice, place, owner=f"{place.transport}-{len(place.address.host)}-{n}")
        self.assertEqual([type(each) for each in alice.events], [ResponseReceived] * 3 * len(where))
        self.assertEqual(far.element.held["streams"], len(hosts))
        heard = [each.flow.transport for each in bob.events if isinstance(each, RequestReceived)]
        self.assertEqual(heard, [each.transport for each in far.listening for _ in range(3)])

    def test_same_port(self) -> None:
        """UDP and TCP get the same port where it is chosen, and the core is told which."""
        # = rfc3261:18.2.1/3 test
        core = Answering()
        driving = self.drive(core, (UDP, "127.0.0.1"), (TCP, "127.0.0.1"))
        one, two = driving.listening
        self.assertEqual(one.address, two.address)
        self.assertEqual(core.listening, driving.listening)
        self.assertEqual(one.sent_by, f"127.0.0.1:{one.address.port}")

    def test_port_in_use(self) -> None:
        """A port that is taken is trouble that says which and what to do; nothing stays open."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = Address(*taken.getsockname())
            element = Element((), Answering(), os.urandom)
            places = [listening(UDP, address), listening(TCP, address)]
            driving = Driving(reactor, element, places, Unresolving(), self.notes.append)
            trouble = self.assertRaises(Trouble, driving.start)
        self.assertEqual(
            str(trouble),
            f"cannot listen on TCP {address}: the port is in use; stop the other program or choose another port",
        )

    async def test_refused_connection(self) -> None:
        """A connection that is refused fails the request, and says so."""
        alice = Answering()
        near = self.drive(alice, (TCP, "127.0.0.1"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            place = listening(TCP, Address(*free.getsockname()))
        await self.call(near, alice, place)
        [failed] = alice.events
        assert isinstance(failed, RequestFailed)
        self.assertEqual(failed.why, f"no connection to {place.address} over TCP: the connection was refused")

    async def test_by_hand(self) -> None:
        """Octets in pieces are answered on their connection; a sign of life is answered; what cannot be read closes it."""
        bob = Answering()
        far = self.drive(bob, (TCP, "127.0.0.1"))
        peer = await self.connect(far.listening[0])
        octets = messages.request({"Via": "SIP/2.0/TCP a.example;branch=z9hG4bKx"})
        wire = peer.wire
        wire.write(b"\r\n\r\n" + octets[:50])
        await self.until(lambda: peer.octets == b"\r\n")
        wire.write(octets[50:])
        await self.until(lambda: b"SIP/2.0 200 OK" in peer.octets)
        wire.write(messages.request({"Content-Length": None}))
        await self.until(lambda: peer.lost)
        self.assertIn(b"SIP/2.0 400 Bad Request", peer.octets)
        await self.until(lambda: far.element.held["streams"] == 0)

    async def test_peer_that_does_not_read(self) -> None:
        """A peer that sends and never reads is cut off before much waits for it."""
        bob = Answering(lines=["Subject: " + "x" * 60_000])
        far = self.drive(bob, (TCP, "127.0.0.1"))
        peer = await self.connect(far.listening[0])
        wire = peer.wire
        cast(_Pausing, wire).pauseProducing()
        for n in range(400):
            wire.write(messages.request({"Via": f"SIP/2.0/TCP a.example;branch=z9hG4bK{n}", "Call-ID": str(n)}))
        await self.until(lambda: bob.events and not far.element.held["streams"])

    async def test_too_many_connections(self) -> None:
        """Connections beyond the bound are closed at once."""
        far = self.drive(Answering(), (TCP, "127.0.0.1"), bounds=Bounds(streams=2))
        peers = []
        for _ in range(3):
            peers.append(await self.connect(far.listening[0]))
        await self.until(lambda: peers[2].lost)
        self.assertEqual((far.element.held["streams"], peers[0].lost, peers[1].lost), (2, False, False))

    async def test_names_timers_and_told(self) -> None:
        """Questions are asked of the resolver, timers come, what the core tells is delivered, connections are closed."""
        bob = Answering()
        far = self.drive(bob, (UDP, "127.0.0.1"), (TCP, "127.0.0.1"))
        alice = Answering()
        near = self.drive(alice, (UDP, "127.0.0.1"), (TCP, "127.0.0.1"), resolver=_Names())
        port = far.listening[0].address.port
        near.perform(
            [
                send(ask(uri=f"sip:bob@b.example:{port};transport=tcp")),
                SetTimer(("app", "1"), "late", Instant(near.now() + 0.02)),
                SetTimer(("app", "1"), "soon", Instant(near.now() + 0.01)),
            ]
        )
        await self.until(lambda: len(alice.events) == 3)
        timers = [each.name for each in alice.events if isinstance(each, TimerPassed)]
        [flow] = [each.flow for each in alice.events if isinstance(each, ResponseReceived)]
        self.assertEqual((timers, self.told), (["soon", "late"], alice.events))
        near.perform([CloseFlow(flow)])
        await self.until(lambda: far.element.held["streams"] == near.element.held["streams"] == 0)

    async def test_datagram_that_cannot_be_sent(self) -> None:
        """What the system refuses to send fails at once and says why."""
        alice = Answering()
        near = self.drive(alice, (UDP, "127.0.0.1"))
        near.perform([send(ask("MESSAGE", body=b"x" * 66_000), hops=(Hop(UDP, near.listening[0].address),))])
        await self.until(lambda: alice.events)
        [failed] = alice.events
        assert isinstance(failed, RequestFailed)
        self.assertEqual(failed.why, "the message is too long for a datagram")

    def test_port_free_for_both(self) -> None:
        """A chosen port that is taken for connections is given back and another one looked for."""
        tries: list[Address] = []
        bind = Driving._bind

        def taken_at_first(driving: Driving, transport: Transport, address: Address) -> Address:
            if transport is TCP:
                tries.append(address)
                if len(tries) < 3:
                    raise OSError(errno.EADDRINUSE, "taken")
            return bind(driving, transport, address)

        self.patch(Driving, "_bind", taken_at_first)
        driving = self.drive(Answering(), (UDP, "127.0.0.1"), (TCP, "127.0.0.1"))
        self.assertEqual(driving.listening[0].address, tries[2])
        tries.clear()
        self.patch(driving_module, "TRIES", 2)
        self.assertRaises(Trouble, self.drive, Answering(), (UDP, "127.0.0.1"), (TCP, "127.0.0.1"))

    async def test_stop(self) -> None:
        """After the stop nothing is open: the port can be had at once."""
        far = self.drive(Answering(), (UDP, "127.0.0.1"), (TCP, "127.0.0.1"))
        peer = await self.connect(far.listening[0])
        await maybeDeferred(far.stop)
        await self.until(lambda: peer.lost)
        element = Element((), Answering(), os.urandom)
        again = Driving(reactor, element, far.listening, Unresolving(), self.notes.append)
        again.start()
        await again.stop()


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
        # = rfc5922:7.3/0 test
        near, far = self.pair(self.credentials("a.example"), self.credentials("c.example"))
        await self.call(near, self.alice, far.listening[0], "b.example")
        self.assertIn("the certificate proves c.example, not b.example", self.why())
        self.assertEqual(self.bob.events, [])

    async def test_unknown_authority(self) -> None:
        """A certificate by nobody we trust is refused."""
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


def _ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
