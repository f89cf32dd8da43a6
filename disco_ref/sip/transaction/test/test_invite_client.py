"""Playbooks of the client side: INVITE (RFC 3261, section 17.1.1)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.sip.actions import RequestFailed, ResponseReceived
from disco_ref.sip.flow import Hop, Transport
from disco_ref.sip.transaction.outcomes import Transmit
from disco_ref.sip.transaction.test.ladder import OWNER, TCP, UDP, Ladder, request, response, sent, told


class InviteTests(Ladder):
    """Section 17.1.1."""

    def test_accepted(self) -> None:
        """An INVITE is sent, provisional responses and the 2xx are passed up, and so is each further 2xx for 64*T1."""
        # = rfc3261:17.1.1.2/2 test
        # = rfc3261:17.1.1.2/16 test
        # = rfc3261:17.1.1.2/17 test
        # = rfc3261:17.1.1.2/24a test
        # = rfc3261:17.1.1.2/24b test
        # = rfc6026:7.2/0 test
        self.play(
            """
            >> request
            << send INVITE
            >> 180
            << ResponseReceived 180
            >> 183
            << ResponseReceived 183
            >> 200
            << ResponseReceived 200
            >> 200
            << ResponseReceived 200
            ~ 31.9
            >> 200
            << ResponseReceived 200
            ~ 0.2
            >> 200
            << StrayResponse 200
            """
        )
        self.assertEqual(len(self.layer), 0)

    def test_accepted_at_once(self) -> None:
        """A 2xx without anything before it, and its copies, are passed up for 64*T1."""
        # = rfc3261:17.1.1.2/24b test
        # = rfc6026:7.2/0 test
        self.play(
            """
            >> request
            << send INVITE
            >> 200
            << ResponseReceived 200
            ~ 31.9
            >> 200
            << ResponseReceived 200
            ~ 0.1
            >> 200
            << StrayResponse 200
            """
        )
        self.nothing_is_left()

    def test_trying_is_not_told(self) -> None:
        """A 100 ends the retransmissions and is not passed up."""
        # = rfc3261:17.1.1.2/9 test
        # = rfc3261:17.1.1.2/15 test
        self.play(
            """
            >> request
            << send INVITE
            >> 100
            ~ 300
            >> 200
            << ResponseReceived 200
            """
        )

    def test_timers_a_and_b(self) -> None:
        """Without a response the INVITE goes out seven times, at intervals that double, and has failed after 64*T1."""
        # = rfc3261:17.1.1.2/3 test
        # = rfc3261:17.1.1.2/6a test
        # = rfc3261:17.1.1.2/6b test
        # = rfc3261:17.1.1.2/7 test
        # = rfc3261:17.1.1.2/8 test
        # = rfc3261:17.1.1.2/12 test
        # = rfc3261:17.1.1.2/13 test
        # = rfc3261:17.1.1.2/14 test
        # = rfc3261:8.1.3.1/1 test
        self.play(
            """
            >> request
            << send INVITE
            ~ 0.49
            ~ 0.02
            << send INVITE
            ~ 0.98
            ~ 0.02
            << send INVITE
            ~ 2
            << send INVITE
            ~ 4
            << send INVITE
            ~ 8
            << send INVITE
            ~ 16
            << send INVITE
            ~ 0.4
            ~ 0.1
            << RequestFailed 408
            """
        )
        self.nothing_is_left()

    def test_reliable(self) -> None:
        """Over TCP nothing is sent twice; the time-out is the same."""
        # = rfc3261:17.1.1.2/4 test
        # = rfc3261:17.1.1.2/5 test
        self.flow = TCP
        self.play(
            """
            >> request
            << send INVITE
            ~ 31.9
            ~ 0.1
            << RequestFailed 408
            """
        )

    def test_refused(self) -> None:
        """A final response other than 2xx is acknowledged each time that it comes, and passed up once, for 32 s."""
        # = rfc3261:17.1.1.2/18 test
        # = rfc3261:17.1.1.2/19a test
        # = rfc3261:17.1.1.2/21 test
        # = rfc3261:17.1.1.2/22a test
        # = rfc3261:17.1.1.2/22b test
        # = rfc3261:17.1.1.2/23 test
        self.play(
            """
            >> request
            << send INVITE
            >> 486
            << send ACK
            << ResponseReceived 486
            >> 486
            << send ACK
            >> 180
            >> 200
            ~ 31.9
            >> 486
            << send ACK
            ~ 0.2
            >> 486
            << StrayResponse 486
            """
        )
        self.nothing_is_left()

    def test_refused_after_ringing_over_tcp(self) -> None:
        """Over TCP the transaction is over with the ACK, which is sent all the same."""
        # = rfc3261:17.1.1.2/19b test
        # = rfc3261:17.1.1.2/21 test
        self.flow = TCP
        self.play(
            """
            >> request
            << send INVITE
            >> 180
            << ResponseReceived 180
            >> 486
            << send ACK
            << ResponseReceived 486
            """
        )
        self.nothing_is_left()

    def test_transport_error(self) -> None:
        """An INVITE that cannot be sent has failed as by a 503; one that has an answer waits for more."""
        # = rfc3261:17.1.4/1a test
        # = rfc3261:17.1.4/1b test
        # = rfc3261:8.1.3.1/2 test
        self.play(
            """
            >> request
            << send INVITE
            >> failure
            << RequestFailed 503
            >> failure
            >> request
            << send INVITE
            >> 180
            << ResponseReceived 180
            >> failure
            >> 200
            << ResponseReceived 200
            """
        )

    def test_transport_error_of_ack(self) -> None:
        """An ACK that cannot be sent ends the transaction without a word: the user has its final response."""
        # = rfc3261:17.1.4/1b test
        self.play(
            """
            >> request
            << send INVITE
            >> 603
            << send ACK
            << ResponseReceived 603
            >> failure
            """
        )
        self.nothing_is_left()

    def test_ack(self) -> None:
        """The ACK has Via, Route, From, Call-ID and Request-URI of the INVITE, To of the response, and goes the same way."""
        # = rfc3261:17.1.1.3/2 test
        # = rfc3261:17.1.1.3/3 test
        # = rfc3261:17.1.1.3/4a test
        # = rfc3261:17.1.1.3/4b test
        # = rfc3261:17.1.1.3/5a test
        # = rfc3261:17.1.1.3/5b test
        # = rfc3261:17.1.1.3/6 test
        # = rfc3261:17.1.1.3/8 test
        # = rfc3261:17.1.1.2/20 test
        way = Hop(Transport.UDP, UDP.remote)
        via = "SIP/2.0/UDP a.example;branch=z9hG4bKtop;rport, SIP/2.0/UDP b.example;branch=z9hG4bKlow"
        route = "<sip:p1.example.com;lr>, <sip:p2.example.com;lr>"
        invite = request(Via=via, Route=route)
        self.layer.request(OWNER, invite, False, self.now, way)
        out = sent(self.layer.receive(response(invite, 404, tag="xyz"), UDP, self.now)[0])
        lines = bytes(out.message).decode().split("\r\n")
        self.assertEqual(
            lines[:-2],
            [
                "ACK sip:bob@example.net SIP/2.0",
                "Via: SIP/2.0/UDP a.example;branch=z9hG4bKtop;rport",
                "Max-Forwards: 70",
                f"Route: {route}",
                "From: Alice <sip:alice@example.org>;tag=1928301774",
                "To: Bob <sip:bob@example.net>;tag=xyz",
                "Call-ID: a84b4c76e66710@pc33.example.org",
                "CSeq: 314159 ACK",
                "Content-Length: 0",
            ],
        )
        self.assertEqual((out.octets, out.to, out.way), (bytes(out.message), OWNER, way))

    def test_what_is_told(self) -> None:
        """An event carries owner, response, the request as it was sent, and the flow."""
        self.layer.request(OWNER, self.invite, False, self.now)
        answer = response(self.invite, 200)
        self.assertEqual(self.layer.receive(answer, UDP, self.now), [ResponseReceived(OWNER, answer, self.invite, UDP)])
        other = request(branch="z9hG4bKother")
        self.layer.request(OWNER, other, False, self.now)
        self.assertEqual(self.layer.failed(OWNER, "no route", self.now), [RequestFailed(OWNER, 503, "no route", other)])

    def test_clock_jumps(self) -> None:
        """A clock that jumps ahead by a day lets a timer fire once, not as often as it would have."""
        self.play(">> request\n<< send INVITE")
        self.now = Instant(self.now + 86400)
        self.assertEqual([told(each) for each in self.layer.expire(self.now)], ["send INVITE", "RequestFailed 408"])
        self.nothing_is_left()

    def test_clock_jumps_back(self) -> None:
        """A clock that jumps back brings nothing about, and every timer is still set."""
        self.play(">> request\n<< send INVITE")
        self.assertEqual(self.layer.expire(Instant(self.now - 86400)), [])
        self.pass_time(32)
        self.nothing_is_left()

    def test_copies_are_the_same(self) -> None:
        """A retransmission has the same octets, and goes the same way."""
        way = Hop(Transport.UDP, UDP.remote)
        first = self.layer.request(OWNER, self.invite, False, self.now, way)
        self.assertEqual(first, [Transmit(self.invite, OWNER, bytes(self.invite), way)])
        self.assertEqual(self.pass_time(0.5), first)
