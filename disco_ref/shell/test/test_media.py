"""Tests of the relay on the network."""

from __future__ import annotations

import os
import socket
from typing import cast

from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.trial.unittest import TestCase

from disco_ref.clock import Instant
from disco_ref.media import rtp
from disco_ref.media.offer_answer.agreement import AgreedStream
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.formats import STATIC, Format
from disco_ref.media.relay import Relay
from disco_ref.shell.media import MediaPorts
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address

HOST = "127.0.0.1"
PCMU = (Format(0, STATIC[0]),)

reactor = cast(Reactor, installed)


class Telephone:
    """A socket for RTP."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.setblocking(False)
        self.address = Address(*self.socket.getsockname())

    def agreed(self) -> AgreedStream:
        """What the focus agreed with it."""
        return AgreedStream(0, "audio", 4, HOST, self.address, None, Direction.sendrecv, PCMU, PCMU)

    def got(self) -> list[bytes]:
        """What has come in."""
        found: list[bytes] = []
        while len(found) < 10_000:
            try:
                found.append(self.socket.recv(4096))
            except BlockingIOError:
                break
        return found


class Ports(TestCase):
    """Media ports with two telephones."""

    timeout = 10

    def setUp(self) -> None:
        """The ports are open."""
        self.relay = Relay(os.urandom)
        self.ports = MediaPorts(reactor, self.relay)
        self.open = self.ports.open({4: HOST}, ("audio", "video"))
        self.addCleanup(self.ports.close)
        self.phones = [Telephone(), Telephone()]
        for phone in self.phones:
            self.addCleanup(phone.socket.close)

    def pause(self, seconds: float) -> Deferred[None]:
        """Lets time pass."""
        done: Deferred[None] = Deferred()
        reactor.callLater(seconds, done.callback, None)
        return done

    def join(self, phone: Telephone) -> None:
        """A telephone takes part."""
        now = Instant(reactor.seconds())
        self.relay.join("room", (str(phone.address),), (phone.agreed(),), HOST, now)

    def test_pairs(self) -> None:
        """Even ports, each with the next one, for each medium its own."""
        numbers = [self.open[medium][4] for medium in ("audio", "video")]
        self.assertEqual([number % 2 for number in numbers], [0, 0])
        self.assertEqual(len(set(numbers)), 2)
        for number in numbers:
            with self.assertRaises(CannotListenError):
                MediaPorts(reactor, self.relay).open({4: HOST}, ("audio",), number)

    async def test_passed_on(self) -> None:
        """What one says the other hears, from the announced port."""
        for phone in self.phones:
            self.join(phone)
        one, other = self.phones
        packet = rtp.Header(0, 7, 8, 9).octets(b"hello")
        one.socket.sendto(packet, (HOST, self.open["audio"][4]))
        await self.pause(0.05)
        self.assertIn(packet, other.got())
        self.assertNotIn(packet, one.got())

    async def test_silence(self) -> None:
        """Who is alone and has been heard gets silence, some fifty packets a second."""
        one = self.phones[0]
        self.join(one)
        one.socket.sendto(rtp.Header(0, 7, 8, 9).octets(b"hello"), (HOST, self.open["audio"][4]))
        await self.pause(0.6)
        found = [rtp.read(each)[0] for each in one.got()]
        self.assertGreater(len(found), 10)
        self.assertEqual(len({one.ssrc for one in found}), 1)
        self.assertEqual([one.sequence for one in found][1:], [(one.sequence + 1) & 0xFFFF for one in found][:-1])

    async def test_own_packet(self) -> None:
        """A packet that came from one of the ports themselves goes nowhere."""
        one = self.phones[0]
        self.join(one)
        own = Address(HOST, self.open["audio"][4])
        self.relay.join(
            "room", ("loop",), (one.agreed()._replace(host=HOST, address=own),), HOST, Instant(reactor.seconds())
        )
        await self.pause(0.1)
        self.assertIsNone(self.relay.heard(("loop",)))
