"""What comes to an element from outside, by hand: requests, responses, and what cannot be read."""

from __future__ import annotations

from typing import NoReturn

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.effects import Effect, Note, Shut, Transmit
from disco_ref.peer.element import Bounds
from disco_ref.peer.test.pair import NOW, TCP, UDP, both
from disco_ref.peer.test.parties import BOB, Answering
from disco_ref.shell.memory_network import MemoryNetwork
from disco_ref.sip.actions import (
    Heard,
    RequestReceived,
    SendStateless,
    StrayResponse,
)
from disco_ref.sip.flow import Address, Flow, Hop
from disco_ref.sip.message import Response, read
from disco_ref.sip.refusals import BadEvent
from disco_ref.sip.respond import respond
from disco_ref.sip.test import messages


class ArrivingTest(SynchronousTestCase):
    """What comes from outside, by hand."""

    def setUp(self) -> None:
        """An element at Bob's."""
        self.core = Answering()
        network = MemoryNetwork(1)
        self.element = network.element(self.core, *both(BOB), bounds=Bounds(transactions=2, streams=2, buffered=1000))
        self.flow = Flow(UDP, BOB, Address("198.51.100.7", 40000))
        self.stream = Flow(TCP, BOB, Address("198.51.100.7", 40000), 7)

    def answers(self, effects: list[Effect]) -> list[Response]:
        """The responses that go out."""
        read_back = [read(each.octets) for each in effects if isinstance(each, Transmit)]
        return [each for each in read_back if isinstance(each, Response)]

    def test_response_goes_by_the_via(self) -> None:
        """Without rport the response goes to the port of sent-by, at the address that the request came from."""
        # = rfc3261:18.2.1/5 test
        # = rfc3261:18.2.1/6 test
        # = rfc3261:18.2.2/7 test
        [effect] = self.element.receive(messages.request(), self.flow, NOW)
        assert isinstance(effect, Transmit) and effect.flow is not None
        self.assertEqual(effect.flow.remote, Address("198.51.100.7", 5060))
        self.assertIn(b";received=198.51.100.7", effect.octets)

    def test_unreadable(self) -> None:
        """What is owed is answered statelessly, with a tag that is the same for a copy, and the core is told; the rest is dropped."""
        # = rfc3261:18.3/3 test
        # = rfc3261:8.2.7/5 test
        bad = messages.request({"CSeq": "1 INVITE"})
        first, again = (self.answers(self.element.receive(bad, self.flow, NOW)) for _ in range(2))
        self.assertEqual(([each.status_code for each in first], first[0].headers.to.tag is None), ([400], False))
        self.assertEqual(bytes(first[0]), bytes(again[0]))
        self.assertEqual((len(self.core.refusals), self.core.events), (2, []))
        for octets in (b"nonsense", messages.request({"CSeq": None}, method="ACK"), messages.response({"To": None})):
            self.assertEqual(self.answers(self.element.receive(octets, self.flow, NOW)), [])
        for octets in (b"\r\n\r\n", b"\0\0\0\0", b""):
            self.assertEqual(self.element.receive(octets, self.flow, NOW), [])
        self.assertEqual(self.element.held["transactions"], 0)

    def test_foreign_response(self) -> None:
        """A response whose topmost Via is not ours is dropped."""
        # = rfc3261:18.1.2/1 test
        [note] = self.element.receive(messages.response(), self.flow, NOW)
        self.assertIsInstance(note, Note)
        self.element.receive(messages.response({"Via": "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKx"}), self.flow, NOW)
        self.assertEqual([type(each) for each in self.core.events], [StrayResponse])

    def test_shedding(self) -> None:
        """The core turns new requests away with 503 and Retry-After, without a transaction; others are not asked about."""
        self.core.shedding = 7
        [response] = self.answers(self.element.receive(messages.request(method="INVITE"), self.flow, NOW))
        self.assertEqual((response.status_code, response.headers.texts("retry-after")), (503, ["7"]))
        self.assertEqual((self.core.events, self.element.held["transactions"], self.core.asked), ([], 0, 1))
        inside = messages.request({"To": "<sip:b@example.net>;tag=x"}, method="BYE")
        [response] = self.answers(self.element.receive(inside, self.flow, NOW))
        self.assertEqual((response.status_code, self.core.asked), (200, 1))

    def test_copies_are_not_shed(self) -> None:
        """A copy of a request that was taken gets the response of its transaction."""
        self.element.receive(messages.request(), self.flow, NOW)
        self.core.shedding = 7
        [response] = self.answers(self.element.receive(messages.request(), self.flow, NOW))
        self.assertEqual((response.status_code, len(self.core.events)), (200, 1))

    def test_too_many_transactions(self) -> None:
        """Transactions are bounded: new requests get 503 then."""
        statuses = [
            each.status_code
            for n in range(4)
            for each in self.answers(
                self.element.receive(
                    messages.request({"Via": f"SIP/2.0/UDP a.example;branch=z9hG4bK{n}", "Call-ID": str(n)}),
                    self.flow,
                    NOW,
                )
            )
        ]
        self.assertEqual((statuses, self.element.held["transactions"]), ([200, 200, 503, 503], 2))

    def test_core_refuses_by_raising(self) -> None:
        """A Refusal out of the core is answered with its status and the fields that it owes."""

        def refuse(event: Heard) -> NoReturn:
            raise BadEvent("unknown", headers=(("Allow-Events", "conference"),))

        self.core.raises = refuse
        effects = self.element.receive(messages.request(), self.flow, NOW)
        [response] = self.answers(effects)
        self.assertEqual((response.status_code, response.headers.texts("allow-events")), (489, ["conference"]))
        effects = self.element.receive(messages.request({"CSeq": "1 ACK"}, method="ACK"), self.flow, NOW)
        self.assertEqual([type(each) for each in effects], [Note])

    def test_stream_in_pieces(self) -> None:
        """Messages are found in a stream however it is cut, and answered on it."""
        octets = messages.request() + messages.request({"Via": "SIP/2.0/TCP a.example;branch=z9hG4bKnext"})
        effects = [
            effect for n in range(len(octets)) for effect in self.element.receive(octets[n : n + 1], self.stream, NOW)
        ]
        self.assertEqual([each.flow for each in effects if isinstance(each, Transmit)], [self.stream] * 2)

    def test_stream_that_cannot_be_read_on(self) -> None:
        """Without Content-Length the end of a message is unknown: it is answered and the connection closed."""
        # = rfc3261:18.3/4 test
        effects = self.element.receive(messages.request({"Content-Length": None}), self.stream, NOW)
        self.assertEqual([each.status_code for each in self.answers(effects)], [400])
        self.assertEqual(effects[-1], Shut(self.stream))
        self.assertEqual(self.element.held["streams"], 0)

    def test_sign_of_life(self) -> None:
        """Two line ends on a stream are answered by one; between messages they do no harm."""
        [effect] = self.element.receive(b"\r\n\r\n", self.stream, NOW)
        self.assertEqual(effect, Transmit(b"\r\n", self.stream, None, ()))
        effects = self.element.receive(b"\r\n\r\n" + messages.request(), self.stream, NOW)
        self.assertEqual(len(effects), 2)

    def test_slow_stream(self) -> None:
        """A connection that brings no whole message in time is given up, also if it trickles."""
        self.element.opened((), self.stream, NOW)
        other = self.stream._replace(number=8)
        for n in range(0, 40, 4):
            self.element.receive(b"OPTIONS sip:x SIP/2.0\r\n"[n : n + 1] or b"x", other, Instant(NOW + n))
            shut = [each.flow for each in self.element.expire(Instant(NOW + n)) if isinstance(each, Shut)]
            self.assertEqual(shut, [self.stream, other] if n == 32 else [])

    def test_stream_that_speaks(self) -> None:
        """A connection that has brought a message may be silent for long."""
        self.element.receive(messages.request(), self.stream, NOW)
        self.assertEqual(self.element.expire(Instant(NOW + 1800)), [])
        self.assertEqual(self.element.expire(Instant(NOW + 3601))[-1], Shut(self.stream))

    def test_too_many_streams(self) -> None:
        """Connections are bounded."""
        opened = [self.element.opened((), self.stream._replace(number=n), NOW) for n in range(3)]
        self.assertEqual(opened[:2], [[], []])
        self.assertEqual(opened[2][-1], Shut(self.stream._replace(number=2)))
        self.assertEqual(self.element.receive(messages.request(), self.stream, NOW)[-1], Shut(self.stream))
        self.assertEqual(self.core.events, [])

    def test_too_much_unfinished(self) -> None:
        """What is unfinished on all connections is bounded: who brings too much is closed."""
        self.assertEqual(self.element.receive(b"x" * 900, self.stream, NOW), [])
        other = self.stream._replace(number=8)
        self.assertEqual(self.element.receive(b"x" * 200, other, NOW)[-1], Shut(other))
        self.assertEqual(self.element.held["buffered"], 900)
        self.element.closed(self.stream, "gone", NOW)
        self.assertEqual(self.element.held["buffered"], 0)

    def test_connection_gone_before_the_response(self) -> None:
        """Where the connection of a request is gone, its response goes to the sent-by, over a new one."""
        # = rfc3261:18.2.2/3 test
        self.element.receive(messages.request({"Via": "SIP/2.0/TCP a.example:5070;branch=z9hG4bKx"}), self.stream, NOW)
        [heard] = [each for each in self.core.events if isinstance(each, RequestReceived)]
        self.element.closed(self.stream, "gone", NOW)
        [effect] = self.element.perform([SendStateless(respond(heard.request, 200, to_tag="x"), heard.flow)], NOW)
        assert isinstance(effect, Transmit)
        self.assertEqual((effect.flow, effect.hop), (None, Hop(TCP, Address("198.51.100.7", 5070))))
