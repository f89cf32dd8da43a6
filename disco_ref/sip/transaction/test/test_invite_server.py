"""Playbooks of the server side: INVITE (RFC 3261, section 17.2.1)."""

from __future__ import annotations

from disco_ref.sip.actions import ResponseFailed
from disco_ref.sip.transaction.test.ladder import TCP, Ladder, request, response, sent


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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
