"""Elements on real sockets of the loopback: UDP and TCP, IPv4 and IPv6."""

from __future__ import annotations

import errno
import os
import socket
from typing import Protocol, cast

from twisted.internet.defer import Deferred, maybeDeferred, succeed

from disco_ref.clock import Instant
from disco_ref.peer.element import Bounds, Element
from disco_ref.peer.test.parties import Answering, ask, send
from disco_ref.shell.sip import driving as driving_module
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.test.live import TCP, UDP, LiveTest, ipv6, reactor
from disco_ref.shell.sip.test.memory import Unresolving
from disco_ref.shell.sip.trouble import Trouble
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
from disco_ref.sip.transport.listening import listening


class _Pausing(Protocol):
    def pauseProducing(self) -> None:
        """Nothing is read."""


class _Names:
    """Knows one address for every host."""

    def ask(self, question: Question) -> Deferred[Answers]:
        """The loopback."""
        answers: Answers = (HostRecord("127.0.0.1"),) if isinstance(question, Host) else ()
        return succeed(answers)


class PlainTest(LiveTest):
    """UDP and TCP."""

    async def test_every_way(self) -> None:
        """A request and its response over UDP and TCP, over IPv4 and IPv6; connections are used again."""
        hosts = ["127.0.0.1", *(["::1"] if ipv6() else [])]
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
