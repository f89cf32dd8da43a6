"""Playbooks of the server side."""

from __future__ import annotations

from disco_ref.sip.actions import AckReceived, RequestReceived, ResponseFailed
from disco_ref.sip.message import Request
from disco_ref.sip.transaction.layer import Transactions
from disco_ref.sip.transaction.outcomes import Outcome, Overloaded, Transmit
from disco_ref.sip.transaction.test.ladder import TCP, UDP, Ladder, entropy, request, response, sent
from disco_ref.sip.transaction.timers import Timers


class InviteTests(Ladder):
    """Section 17.2.1."""

    def test_accepted(self) -> None:
        """An INVITE is passed up once; a 2xx goes out once, more only when the user says so; all is over after 64*T1."""
        # = rfc3261:17.2.1/3 test
        # = rfc3261:17.2.1/4 test
        # = rfc3261:17.2.1/5 test
        # = rfc3261:17.2.1/6 test
        # = rfc3261:17.2.1/7 test
        # = rfc6026:7.1/0 test
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            >> INVITE
            >> user 180
            << send 180
            >> INVITE
            << send 180
            >> user 183
            << send 183
            >> INVITE
            << send 183
            ~ 20
            >> user 200
            << send 200
            >> INVITE
            ~ 0.5
            >> user 200
            << send 200
            >> ACK
            << AckReceived ACK
            ~ 31.4
            >> INVITE
            ~ 0.2
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_trying(self) -> None:
        """A 100 goes out 200 ms after the INVITE if the user has said nothing, and to each copy as long as there is no more."""
        # = rfc3261:17.2.1/1a test
        # = rfc3261:17.2.1/5 test
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            ~ 0.19
            ~ 0.02
            << send 100
            >> INVITE
            << send 100
            >> user 180
            << send 180
            >> INVITE
            << send 180
            ~ 100
            >> user 200
            << send 200
            """
        )

    def test_trying_is_not_needed(self) -> None:
        """No 100 goes out where the user was faster."""
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            ~ 0.1
            >> user 180
            << send 180
            """
        )
        self.assertIsNone(self.layer.deadline)

    def test_trying_is_made_of_the_request(self) -> None:
        """The 100 has Via, From, To without a tag, Call-ID, CSeq and Timestamp with the delay."""
        # = rfc3261:8.2.6.2/1 test
        # = rfc3261:8.2.6.2/2 test
        # = rfc3261:8.2.6.2/3 test
        # = rfc3261:8.2.6.2/4a test
        # = rfc3261:8.2.6.2/4b test
        # = rfc3261:8.2.6.1/3 test
        # = rfc3261:8.2.6.1/4 test
        # = rfc3261:8.2.6.1/5 test
        # = rfc3261:17.2.1/2b test
        via = "SIP/2.0/UDP a.example;branch=z9hG4bKtop, SIP/2.0/UDP b.example;branch=z9hG4bKlow"
        self.play(">> INVITE\n<< RequestReceived INVITE", request(Via=via, Timestamp="54.5"))
        (out,) = self.pass_time(0.2)
        self.assertEqual(
            sent(out).octets.decode().split("\r\n")[:-2],
            [
                "SIP/2.0 100 Trying",
                f"Via: {via}",
                "From: Alice <sip:alice@example.org>;tag=1928301774",
                "To: Bob <sip:bob@example.net>",
                "Call-ID: a84b4c76e66710@pc33.example.org",
                "CSeq: 314159 INVITE",
                "Timestamp: 54.5 0.200",
                "Content-Length: 0",
            ],
        )

    def test_malformed_timestamp(self) -> None:
        """A Timestamp that cannot be read is not copied."""
        self.play(">> INVITE\n<< RequestReceived INVITE", request(Timestamp="soon"))
        (out,) = self.pass_time(0.2)
        self.assertNotIn(b"Timestamp", sent(out).octets)

    def test_refused(self) -> None:
        """A non-2xx goes out at intervals of 0.5, 1, 2, 4, 4 ... s and to each copy until the ACK, whose copies are absorbed."""
        # = rfc3261:17.2.1/8a test
        # = rfc3261:17.2.1/8b test
        # = rfc3261:17.2.1/10 test
        # = rfc3261:17.2.1/11 test
        # = rfc3261:17.2.1/13 test
        # = rfc3261:17.2.1/14 test
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            >> user 486
            << send 486
            ~ 0.5
            << send 486
            >> INVITE
            << send 486
            ~ 1
            << send 486
            ~ 2
            << send 486
            ~ 4
            << send 486
            ~ 4
            << send 486
            >> ACK
            >> ACK
            >> INVITE
            >> failure
            ~ 4.9
            >> ACK
            ~ 0.2
            >> ACK
            << AckReceived ACK
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_no_ack(self) -> None:
        """Without an ACK the user is told after 64*T1."""
        # = rfc3261:17.2.1/9 test
        # = rfc3261:17.2.1/12a test
        # = rfc3261:17.2.1/12b test
        self.flow = TCP
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            >> user 486
            << send 486
            ~ 31.9
            ~ 0.1
            << ResponseFailed
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_refused_over_tcp(self) -> None:
        """Over TCP the response goes out once, and the transaction is over with the ACK."""
        self.flow = TCP
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            >> user 486
            << send 486
            ~ 20
            >> ACK
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_ack_before_any_response(self) -> None:
        """An ACK that nothing calls for is dropped."""
        self.play(">> INVITE\n<< RequestReceived INVITE\n>> ACK\n>> user 180\n<< send 180")

    def test_transport_error(self) -> None:
        """The user is told, and the transaction stays: a copy of the INVITE is no new call."""
        # = rfc3261:17.2.4/1a test
        # = rfc3261:17.2.4/1b test
        # = rfc6026:7.1/0 test
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            >> user 180
            << send 180
            >> failure
            << ResponseFailed
            >> INVITE
            << send 180
            >> user 200
            << send 200
            >> failure
            << ResponseFailed
            >> INVITE
            ~ 32
            """
        )
        self.play(
            """
            >> INVITE
            << RequestReceived INVITE
            >> user 500
            << send 500
            >> failure
            << ResponseFailed
            >> INVITE
            << send 500
            """
        )

    def test_mistakes(self) -> None:
        """A second answer is the user's mistake, but for more 2xx after a 2xx."""
        self.play(">> INVITE\n<< RequestReceived INVITE\n>> user 200\n<< send 200")
        for status in (180, 486):
            with self.assertRaisesRegex(RuntimeError, "accepted already"):
                self.perform(f"user {status}", self.invite)
        other = request(branch="z9hG4bKtwo", Call_ID="two")
        self.play(">> INVITE\n<< RequestReceived INVITE\n>> user 486\n<< send 486", other)
        for status in (180, 200, 600):
            with self.assertRaisesRegex(RuntimeError, "refused already"):
                self.perform(f"user {status}", other)

    def test_too_late(self) -> None:
        """A response to a transaction that is over has failed; a transport error of one is nobody's."""
        answer = response(self.invite, 200)
        failed = [ResponseFailed(("no", "such"), "the transaction is over")]
        self.assertEqual(self.layer.respond(("no", "such"), answer, self.now), failed)
        self.assertEqual(self.layer.failed(("no", "such"), "gone", self.now), [])


class OtherTests(Ladder):
    """Section 17.2.2."""

    def setUp(self) -> None:
        """The request is OPTIONS."""
        super().setUp()
        self.invite = request("OPTIONS")

    def test_answered(self) -> None:
        """Copies are absorbed until the final response, and answered with it for 64*T1; further responses are discarded."""
        # = rfc3261:17.2.2/2 test
        # = rfc3261:17.2.2/5a test
        # = rfc3261:17.2.2/5b test
        # = rfc3261:17.2.2/6 test
        # = rfc3261:17.2.2/7 test
        # = rfc3261:17.2.2/8 test
        # = rfc3261:17.2.2/9 test
        # = rfc3261:17.2.2/10 test
        self.play(
            """
            >> OPTIONS
            << RequestReceived OPTIONS
            >> OPTIONS
            >> failure
            >> user 200
            << send 200
            >> OPTIONS
            << send 200
            >> user 404
            >> user 100
            >> failure
            << ResponseFailed
            ~ 31.9
            >> OPTIONS
            << send 200
            ~ 0.2
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_reliable(self) -> None:
        """Over TCP the transaction is over with the final response."""
        # = rfc3261:17.2.2/6 test
        self.flow = TCP
        self.play(">> OPTIONS\n<< RequestReceived OPTIONS\n>> user 200\n<< send 200")
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_trying(self) -> None:
        """A 100 goes out when the client's timer E has come to T2, not sooner, and to each copy."""
        # = rfc3261:17.2.2/1 test
        # = rfc3261:17.2.2/3 test
        # = rfc3261:17.2.2/4 test
        # = rfc4320:4.1/0 test
        self.play(
            """
            >> OPTIONS
            << RequestReceived OPTIONS
            >> user 100
            >> user 183
            ~ 3.4
            ~ 0.2
            << send 100
            >> user 183
            >> OPTIONS
            << send 100
            >> user 100
            << send 100
            >> failure
            << ResponseFailed
            >> user 603
            << send 603
            ~ 31.9
            ~ 0.1
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_never_answered(self) -> None:
        """A 408 is never sent; when the client has given up the user is told, and what is still on the way is absorbed."""
        # = rfc4320:4.2/0 test
        self.play(
            """
            >> OPTIONS
            << RequestReceived OPTIONS
            >> user 408
            ~ 3.5
            << send 100
            >> user 408
            ~ 28.4
            >> OPTIONS
            << send 100
            ~ 0.1
            << ResponseFailed
            >> OPTIONS
            >> user 200
            ~ 32
            """
        )
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))


class MatchingTests(Ladder):
    """Sections 17.2.3 and 9.2."""

    def came(self, message: Request) -> Outcome | None:
        """What comes of a request; None where it is absorbed."""
        out = self.layer.receive(message, UDP, self.now)
        return out[0] if out else None

    def key(self, message: Request) -> tuple[str, ...]:
        """The transaction that a request makes."""
        out = self.came(message)
        if not isinstance(out, RequestReceived):
            raise TypeError(f"no new request: {out}")
        return out.transaction

    def test_rfc3261(self) -> None:
        """A request matches by branch, sent-by and method; host and branch in any case."""
        # = rfc3261:17.2.3/0 test
        first = self.key(self.invite)
        via = "SIP/2.0/UDP PC33.example.org:5062;branch=Z9hg4bKONE"
        self.assertIsNone(self.came(request(Via=via)))
        others = [
            request(branch="z9hG4bKtwo"),
            request(Via="SIP/2.0/UDP pc33.example.org:5063;branch=z9hG4bKone"),
            request(Via="SIP/2.0/UDP pc33.example.org;branch=z9hG4bKone"),
            request(Via="SIP/2.0/UDP pc34.example.org:5062;branch=z9hG4bKone"),
            request("OPTIONS"),
        ]
        keys = {self.key(other) for other in others}
        self.assertEqual(len({first, *keys}), 6)

    def test_rfc2543(self) -> None:
        """Without the cookie a request matches by Request-URI, tags, Call-ID, CSeq and topmost Via."""
        # = rfc3261:17.2.3/0 test
        for branch in ("1", "z9hG4bK"):
            via = f"SIP/2.0/UDP old.example.org;branch={branch}"
            for method in ("INVITE", "OPTIONS"):
                first = self.key(request(method, Via=via))
                self.assertIsNone(self.came(request(method, Via=via)))
                others = [
                    request(method, Via=via, To="Bob <sip:bob@example.net>;tag=9"),
                    request(method, Via=via, From="Alice <sip:alice@example.org>;tag=9"),
                    request(method, Via=via, Call_ID="other"),
                    request(method, Via=via, CSeq=f"2 {method}"),
                    request(method, Via=f"{via};received=192.0.2.5"),
                ]
                self.assertEqual(len({first, *(self.key(other) for other in others)}), 6)

    def test_rfc2543_ack(self) -> None:
        """Without the cookie an ACK matches by the tag of the response; another one is the user's."""
        # = rfc3261:17.2.3/0 test
        via = "SIP/2.0/UDP old.example.org"
        invite = request(Via=via)
        key = self.key(invite)
        self.layer.respond(key, response(invite, 486, tag="mine"), self.now)
        to = "Bob <sip:bob@example.net>;tag={}"
        other = request("ACK", Via=via, CSeq="314159 ACK", To=to.format("other"))
        self.assertEqual(self.came(other), AckReceived(other, UDP))
        self.assertEqual(len(self.pass_time(0.5)), 1)
        self.assertIsNone(self.came(request("ACK", Via=via, CSeq="314159 ACK", To=to.format("mine"))))
        self.assertEqual(self.pass_time(4.9), [])
        self.assertEqual(self.pass_time(0.2), [])
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def test_cancel(self) -> None:
        """A CANCEL has a transaction of its own, and names the one that it matches, of whatever method."""
        # = rfc3261:9.2/1 test
        invite = self.key(self.invite)
        cancel = request("CANCEL", CSeq="314159 CANCEL")
        out = self.came(cancel)
        self.assertEqual(out, RequestReceived(("z9hg4bkone", "pc33.example.org:5062", "CANCEL"), cancel, UDP, invite))
        self.assertIsNone(self.came(cancel))
        stray = request("CANCEL", "z9hG4bKnone")
        found = self.came(stray)
        self.assertIsInstance(found, RequestReceived)
        self.assertIsNone(getattr(found, "cancels", "missing"))
        options = self.key(request("OPTIONS", "z9hG4bKoptions", Call_ID="options"))
        self.assertEqual(getattr(self.came(request("CANCEL", "z9hG4bKoptions")), "cancels", None), options)

    def test_rfc2543_cancel(self) -> None:
        """Without the cookie a CANCEL matches too."""
        via = "SIP/2.0/UDP old.example.org"
        invite = self.key(request(Via=via))
        self.assertEqual(getattr(self.came(request("CANCEL", Via=via)), "cancels", None), invite)

    def test_stray_ack(self) -> None:
        """An ACK that matches nothing is passed up: it confirms a 2xx, or nothing."""
        # = rfc3261:17.1.1.3/1 test
        ack = request("ACK", "z9hG4bKack")
        self.assertEqual(self.came(ack), AckReceived(ack, UDP))

    def test_rfc2543_accepted(self) -> None:
        """Without the cookie the ACK to a 2xx is the user's, whatever its tag."""
        via = "SIP/2.0/UDP old.example.org"
        invite = request(Via=via)
        self.layer.respond(self.key(invite), response(invite, 200, tag="mine"), self.now)
        ack = request("ACK", Via=via, CSeq="314159 ACK", To="Bob <sip:bob@example.net>;tag=mine")
        self.assertEqual(self.came(ack), AckReceived(ack, UDP))

    def test_known(self) -> None:
        """A copy of a request is known as long as its transaction lasts."""
        self.assertFalse(self.layer.knows(self.invite))
        key = self.key(self.invite)
        self.assertTrue(self.layer.knows(self.invite))
        self.layer.respond(key, response(self.invite, 200), self.now)
        self.pass_time(32)
        self.assertFalse(self.layer.knows(self.invite))

    def test_merged(self) -> None:
        """The same request on another way is told apart from a copy, as long as the first is being answered."""
        # = rfc3261:8.2.2.2/1 test
        # = rfc3261:8.2.2.2/2 test
        first, second = self.came(self.invite), self.came(request(branch="z9hG4bKtwo"))
        assert isinstance(first, RequestReceived) and isinstance(second, RequestReceived)
        self.assertEqual((first.merged, second.merged), (False, True))
        inside = request(branch="z9hG4bKthree", To="Bob <sip:bob@example.net>;tag=314")
        self.assertIs(getattr(self.came(inside), "merged", None), False)
        another = request(branch="z9hG4bKfour", CSeq="2 INVITE")
        self.assertIs(getattr(self.came(another), "merged", None), False)
        self.layer.respond(first.transaction, response(self.invite, 200), self.now)
        self.pass_time(32)
        self.assertIs(getattr(self.came(request(branch="z9hG4bKfive")), "merged", None), False)


class OverloadTests(Ladder):
    """The bound on the number of transactions."""

    def test_overloaded(self) -> None:
        """Beyond the bound nothing begins; what belongs to a dialog and CANCEL have a quarter more; all recovers."""
        self.layer = Transactions(Timers(), entropy(), 4)
        for number in range(4):
            ask = request("OPTIONS", f"z9hG4bK{number}", Call_ID=f"{number}")
            self.play(">> OPTIONS\n<< RequestReceived OPTIONS", ask)
        new = request(branch="z9hG4bKnew")
        self.assertEqual(self.layer.receive(new, UDP, self.now), [Overloaded(new, UDP)])
        self.play(">> OPTIONS", ask)
        inside = request("BYE", "z9hG4bKbye", To="Bob <sip:bob@example.net>;tag=314")
        self.play(">> BYE\n<< RequestReceived BYE\n>> user 200\n<< send 200", inside)
        cancel = request("CANCEL", "z9hG4bK0")
        self.assertEqual(self.layer.receive(cancel, UDP, self.now), [Overloaded(cancel, UDP)])
        self.assertEqual(len(self.layer), 5)
        self.pass_time(64)
        self.assertEqual(len(self.layer), 0)
        self.play(">> INVITE\n<< RequestReceived INVITE", new)


class MemoryTests(Ladder):
    """What is kept."""

    def test_copies_have_the_same_octets(self) -> None:
        """A response that goes out again is the one that went out, octet for octet, with its body."""
        answer = response(self.invite, 486)._replace(body=b"v=0\r\n\r\n")
        answer = answer._replace(headers=answer.headers.with_lines(["Subject: \u00fc"]), reason_phrase="Busy Here")
        self.play(">> INVITE\n<< RequestReceived INVITE")
        first = self.layer.respond(self.transaction, answer, self.now)
        again = self.layer.receive(self.invite, UDP, self.now)
        self.assertEqual(again, first)
        self.assertEqual(first, [Transmit(answer, self.transaction, bytes(answer), UDP)])
