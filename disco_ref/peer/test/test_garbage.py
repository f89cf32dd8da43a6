"""Whatever comes from outside: an element raises nothing, keeps little, and takes the next good call."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.effects import Shut, Transmit
from disco_ref.peer.element import Bounds, Element
from disco_ref.peer.test.parties import BOB, Answering
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import Response, read
from disco_ref.sip.test import messages
from disco_ref.sip.transport.listening import listening

UDP, TCP, _ = Transport
SOURCE = Address("198.51.100.7", 40000)
DATAGRAM, STREAM = Flow(UDP, BOB, SOURCE), Flow(TCP, BOB, SOURCE, 7)
NOW = Instant(1000.0)
SEEDS = [
    messages.request(method="INVITE", body=b"v=0"),
    messages.request({"To": "<sip:b@example.net>;tag=1"}, method="BYE"),
    messages.request(method="ACK"),
    messages.request(method="CANCEL"),
    messages.request({"Via": "SIP/2.0/UDP [2001:db8::1]:5070;rport;maddr=224.0.1.75;received=::1;branch=x"}),
    messages.response({"Via": "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKx"}),
]


def element() -> Element:
    """An element with narrow bounds."""
    places = [listening(UDP, BOB), listening(TCP, BOB)]
    return Element(places, Answering(), Random(1).randbytes, bounds=Bounds(transactions=20, streams=5, buffered=10_000))


def well(it: Element, case: SynchronousTestCase, now: Instant = NOW) -> None:
    """The next good call works."""
    octets = messages.request({"Via": f"SIP/2.0/UDP a.example;branch=z9hG4bKgood{now}", "Call-ID": f"good{now}"})
    statuses = [read(each.octets) for each in it.receive(octets, DATAGRAM, now) if isinstance(each, Transmit)]
    case.assertEqual([each.status_code for each in statuses if isinstance(each, Response)], [200])


class GarbageTest(SynchronousTestCase):
    """Octets of all kinds."""

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.sampled_from(SEEDS), st.integers(0, 500), st.integers(0, 30), st.binary(max_size=20))
    def test_broken_messages(self, octets: bytes, start: int, length: int, instead: bytes) -> None:
        """A message that is broken somewhere is taken, answered or dropped, as a datagram and on a stream."""
        it = element()
        broken = octets[:start] + instead + octets[start + length :]
        for flow in (DATAGRAM, STREAM):
            for effect in it.receive(broken, flow, NOW):
                if isinstance(effect, Transmit):
                    self.assertTrue(
                        effect.octets.startswith(b"SIP/2.0 ") or effect.octets == b"\r\n", effect.octets[:80]
                    )
        well(it, self)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.lists(st.binary(max_size=200), max_size=20))
    def test_noise(self, pieces: list[bytes]) -> None:
        """Noise in datagrams and on streams leaves no transaction behind."""
        it = element()
        for piece in pieces:
            it.receive(piece, DATAGRAM, NOW)
            it.receive(piece, STREAM, NOW)
        self.assertEqual(it.held["transactions"], 0)
        well(it, self)

    def test_flood(self) -> None:
        """A flood of requests fills its bound and no more; when their time is over, calls are taken again."""
        it = element()
        for number in range(500):
            octets = messages.request({"Via": f"SIP/2.0/UDP a.example;branch=z9hG4bK{number}", "Call-ID": str(number)})
            it.receive(octets, DATAGRAM, NOW)
        self.assertEqual(it.held["transactions"], 20)
        it.expire(Instant(NOW + 40))
        self.assertEqual(it.held["transactions"], 0)
        well(it, self, Instant(NOW + 40))

    def test_endless_header(self) -> None:
        """A stream whose header never ends is answered and closed; so is one with a body beyond any measure."""
        for begin, status in ((b"X: y\r\n", 513), (b"Content-Length: 99999999\r\n\r\n", 413)):
            it = Element([listening(TCP, BOB)], Answering(), Random(1).randbytes)
            effects = it.receive(messages.request().partition(b"Content-Length")[0], STREAM, NOW)
            for _ in range(20_000):
                effects = it.receive(begin, STREAM, NOW)
                if effects:
                    break
            self.assertEqual(effects[-1], Shut(STREAM))
            answers = [each.octets for each in effects if isinstance(each, Transmit)]
            self.assertEqual([each[8:11] for each in answers], [str(status).encode()])
            self.assertEqual((it.held["buffered"], it.held["streams"]), (0, 0))

    def test_many_streams(self) -> None:
        """Connections that come and go, full of beginnings, leave nothing."""
        it = element()
        for number in range(200):
            flow = STREAM._replace(number=number)
            it.opened((), flow, NOW)
            it.receive(b"INVITE sip:x SIP/2.0\r\nVia: ", flow, NOW)
            it.closed(flow, "gone", NOW)
        self.assertEqual((it.held["streams"], it.held["buffered"], it.deadline), (0, 0, None))

    def test_idle_streams(self) -> None:
        """Where all connections are taken, the one that has been silent longest makes room, but none that spoke a while ago."""
        it = element()
        for number in range(5):
            flow = STREAM._replace(number=number)
            it.receive(
                messages.request({"Call-ID": f"c{number}", "Via": f"SIP/2.0/TCP a;branch=z9hG4bK{number}"}), flow, NOW
            )
        late, newcomer = Instant(NOW + 40), STREAM._replace(number=9)
        self.assertIn(Shut(newcomer), it.opened((), newcomer, Instant(NOW + 20)))
        it.receive(
            messages.request({"Call-ID": "d", "Via": "SIP/2.0/TCP a;branch=z9hG4bKd"}), STREAM._replace(number=0), late
        )
        self.assertEqual(it.opened((), newcomer, late), [Shut(STREAM._replace(number=1))])
        self.assertEqual(it.held["streams"], 5)
