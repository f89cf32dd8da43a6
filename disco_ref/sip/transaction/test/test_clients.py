"""Playbooks of the client side."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.sip.actions import RequestFailed, ResponseReceived
from disco_ref.sip.flow import Hop, Transport
from disco_ref.sip.message import Request
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
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

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
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

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
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

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
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

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
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

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
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_clock_jumps_back(self) -> None:
        """A clock that jumps back brings nothing about, and every timer is still set."""
        self.play(">> request\n<< send INVITE")
        self.assertEqual(self.layer.expire(Instant(self.now - 86400)), [])
        self.pass_time(32)
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_copies_are_the_same(self) -> None:
        """A retransmission has the same octets, and goes the same way."""
        way = Hop(Transport.UDP, UDP.remote)
        first = self.layer.request(OWNER, self.invite, False, self.now, way)
        self.assertEqual(first, [Transmit(self.invite, OWNER, bytes(self.invite), way)])
        self.assertEqual(self.pass_time(0.5), first)


class CancelTests(Ladder):
    """Section 9.1."""

    def test_waits(self) -> None:
        """CANCEL waits for a provisional response, 100 for one; then it is sent over and over until it is answered."""
        # = rfc3261:9.1/7 test
        # = rfc3261:9.1/8a test
        # = rfc3261:9.1/8b test
        self.play(
            """
            >> request
            << send INVITE
            >> cancel
            ~ 0.5
            << send INVITE
            >> 100
            << send CANCEL
            ~ 0.5
            << send CANCEL
            >> 200 CANCEL
            ~ 4
            >> 487
            << send ACK
            << ResponseReceived 487
            ~ 32
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_at_once(self) -> None:
        """CANCEL is sent at once where there is a provisional response, and only once however often it is asked for."""
        # = rfc3261:9.1/7 test
        self.play(
            """
            >> request
            << send INVITE
            >> 180
            << ResponseReceived 180
            >> cancel
            << send CANCEL
            >> cancel
            >> 180
            << ResponseReceived 180
            """
        )

    def test_given_up(self) -> None:
        """Without a final response the INVITE is given up 64*T1 after its CANCEL; that the CANCEL has no answer is not told."""
        # = rfc3261:9.1/11a test
        # = rfc3261:9.1/11b test
        self.flow = TCP
        self.play(
            """
            >> request
            << send INVITE
            >> 180
            << ResponseReceived 180
            >> cancel
            << send CANCEL
            ~ 31.9
            ~ 0.1
            << RequestFailed 408
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_too_late(self) -> None:
        """After a final response, or without an INVITE, there is nothing to cancel; nor is there for other methods."""
        # = rfc3261:9.1/9 test
        # = rfc3261:9.1/1 test
        self.play(
            """
            >> cancel
            >> request
            << send INVITE
            >> 200
            << ResponseReceived 200
            >> cancel
            """
        )
        self.layer.request(("app", "1"), request("OPTIONS"), False, self.now)
        self.assertEqual(self.layer.cancel(("app", "1"), (), self.now), [])

    def test_crossing(self) -> None:
        """A 2xx that crosses a waiting CANCEL is passed up, and nothing is cancelled."""
        # = rfc3261:9.1/9 test
        self.play(
            """
            >> request
            << send INVITE
            >> cancel
            >> 200
            << ResponseReceived 200
            """
        )

    def test_failed_cancel(self) -> None:
        """A CANCEL that cannot be sent is not told; the INVITE still ends by 64*T1."""
        self.play(
            """
            >> request
            << send INVITE
            >> 180
            << ResponseReceived 180
            >> cancel
            << send CANCEL
            >> failure
            ~ 32
            << RequestFailed 408
            """
        )

    def test_construction(self) -> None:
        """The CANCEL has the INVITE's Request-URI, Call-ID, To, From, CSeq number, topmost Via and Route, and no Require."""
        # = rfc3261:9.1/2 test
        # = rfc3261:9.1/3 test
        # = rfc3261:9.1/4 test
        # = rfc3261:9.1/5 test
        # = rfc3261:9.1/6 test
        # = rfc3261:9.1/10 test
        way = Hop(Transport.UDP, UDP.remote)
        via = "SIP/2.0/UDP a.example;branch=z9hG4bKtop, SIP/2.0/UDP b.example;branch=z9hG4bKlow"
        invite = request(Via=via, Route="<sip:p1.example.com;lr>", Require="100rel", Proxy_Require="foo")
        self.layer.request(OWNER, invite, False, self.now, way)
        self.layer.receive(response(invite, 180), UDP, self.now)
        out = sent(self.layer.cancel(OWNER, ("Reason: SIP;cause=200",), self.now)[0])
        self.assertEqual((out.to, out.way), (OWNER, way))
        self.assertEqual(
            bytes(out.message).decode().split("\r\n")[:-2],
            [
                "CANCEL sip:bob@example.net SIP/2.0",
                "Via: SIP/2.0/UDP a.example;branch=z9hG4bKtop",
                "Max-Forwards: 70",
                "Route: <sip:p1.example.com;lr>",
                "From: Alice <sip:alice@example.org>;tag=1928301774",
                "To: Bob <sip:bob@example.net>",
                "Call-ID: a84b4c76e66710@pc33.example.org",
                "CSeq: 314159 CANCEL",
                "Reason: SIP;cause=200",
                "Content-Length: 0",
            ],
        )


class OtherTests(Ladder):
    """Section 17.1.2."""

    def setUp(self) -> None:
        """The request is OPTIONS."""
        super().setUp()
        self.invite = request("OPTIONS")

    def test_answered(self) -> None:
        """The final response is passed up once; copies are absorbed for T4."""
        # = rfc3261:17.1.2.2/2 test
        # = rfc3261:17.1.2.2/6a test
        # = rfc3261:17.1.2.2/6b test
        # = rfc3261:17.1.2.2/10 test
        # = rfc3261:17.1.2.2/11 test
        # = rfc3261:17.1.2.2/12 test
        self.play(
            """
            >> request
            << send OPTIONS
            >> 200
            << ResponseReceived 200
            >> 200
            >> 180
            >> 404
            >> failure
            ~ 4.9
            >> 200
            ~ 0.2
            >> 200
            << StrayResponse 200
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_timers_e_and_f(self) -> None:
        """Without a response the request goes out at intervals of 0.5, 1, 2, 4, 4 ... s, and has failed after 64*T1."""
        # = rfc3261:17.1.2.2/1 test
        # = rfc3261:17.1.2.2/3 test
        # = rfc3261:17.1.2.2/4a test
        # = rfc3261:17.1.2.2/4b test
        self.play(
            """
            >> request
            << send OPTIONS
            ~ 0.5
            << send OPTIONS
            ~ 1
            << send OPTIONS
            ~ 2
            << send OPTIONS
            ~ 4
            << send OPTIONS
            ~ 4
            << send OPTIONS
            ~ 12
            << send OPTIONS
            << send OPTIONS
            << send OPTIONS
            ~ 8.4
            << send OPTIONS
            << send OPTIONS
            ~ 0.1
            << RequestFailed 408
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_proceeding(self) -> None:
        """After a provisional response the request goes out every T2, and time runs out all the same."""
        # = rfc3261:17.1.2.2/5a test
        # = rfc3261:17.1.2.2/5b test
        # = rfc3261:17.1.2.2/7a test
        # = rfc3261:17.1.2.2/7b test
        # = rfc3261:17.1.2.2/8a test
        # = rfc3261:17.1.2.2/8b test
        self.play(
            """
            >> request
            << send OPTIONS
            >> 183
            << ResponseReceived 183
            >> 100
            >> 181
            << ResponseReceived 181
            ~ 0.5
            << send OPTIONS
            ~ 3.9
            ~ 0.1
            << send OPTIONS
            ~ 4
            << send OPTIONS
            ~ 23.4
            << send OPTIONS
            << send OPTIONS
            << send OPTIONS
            << send OPTIONS
            << send OPTIONS
            ~ 0.1
            << RequestFailed 408
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_proceeding_then_final(self) -> None:
        """The final response after a provisional one is passed up."""
        # = rfc3261:17.1.2.2/9a test
        # = rfc3261:17.1.2.2/9b test
        self.play(
            """
            >> request
            << send OPTIONS
            >> 183
            << ResponseReceived 183
            >> 603
            << ResponseReceived 603
            ~ 5
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_reliable(self) -> None:
        """Over TCP nothing is sent twice, and the transaction is over with the final response."""
        # = rfc3261:17.1.2.2/10 test
        self.flow = TCP
        self.play(
            """
            >> request
            << send OPTIONS
            ~ 31
            >> 200
            << ResponseReceived 200
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_transport_error(self) -> None:
        """A request that cannot be sent has failed as by a 503, after a provisional response too."""
        # = rfc3261:17.1.4/1a test
        # = rfc3261:17.1.4/1b test
        self.play(
            """
            >> request
            << send OPTIONS
            >> failure
            << RequestFailed 503
            >> request
            << send OPTIONS
            >> 183
            << ResponseReceived 183
            >> failure
            << RequestFailed 503
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))


class OwnerTests(Ladder):
    """Owners, branches and mistakes."""

    def test_mistakes(self) -> None:
        """Refused are ACK, a Via without a branch of a transaction, an owner under way, and a branch that is in use."""
        ask, now = self.layer.request, self.now
        self.assertRaises(ValueError, ask, OWNER, request("ACK"), False, now)
        for branch in ("1", "z9hG4bK"):
            self.assertRaises(ValueError, ask, OWNER, request(branch=branch), False, now)
        ask(OWNER, self.invite, False, now)
        self.assertRaises(RuntimeError, ask, OWNER, request(branch="z9hG4bKtwo"), False, now)
        self.assertRaises(RuntimeError, ask, ("call", "8"), self.invite, False, now)
        self.assertEqual(len(self.layer), 1)

    def test_owner_again(self) -> None:
        """An owner may send again as soon as it has its final response; the old transaction ends by itself."""
        first, second = request("REGISTER"), request("REGISTER", "z9hG4bKtwo")
        self.play(">> request\n<< send REGISTER\n>> 401\n<< ResponseReceived 401", first)
        self.play(">> request\n<< send REGISTER", second)
        self.pass_time(5)
        self.assertEqual(len(self.layer), 1)
        self.play(">> 200\n<< ResponseReceived 200\n~ 5", second)
        self.assertEqual(len(self.layer), 0)

    def test_branches(self) -> None:
        """Each branch is a new one, and begins with the magic cookie."""
        # = rfc3261:8.1.1.7/4 test
        # = rfc3261:8.1.1.7/5 test
        branches = {self.layer.branch() for _ in range(100)}
        self.assertEqual(len(branches), 100)
        self.assertTrue(all(branch.startswith("z9hG4bK") and len(branch) == 31 for branch in branches))

    def test_nobodys_response(self) -> None:
        """A response matches by branch and by method of CSeq; all others are stray."""
        # = rfc3261:17.1.3/0 test
        self.layer.request(OWNER, self.invite, False, self.now)
        stray: list[tuple[Request, str]] = [
            (request(branch="z9hG4bKother"), ""),
            (request(branch="1"), ""),
            (self.invite, "BYE"),
            (self.invite, "CANCEL"),
        ]
        for ask, method in stray:
            self.last = self.layer.receive(response(ask, 200, method=method), UDP, self.now)
            self.met(["StrayResponse 200"], f"{ask.headers.via} {method}")
        self.play(">> 200\n<< ResponseReceived 200", request(branch="Z9HG4BKONE"))
