"""Playbooks of the client side: requests other than INVITE (RFC 3261, section 17.1.2), and whose they are."""

from __future__ import annotations

from disco_ref.sip.message import Request
from disco_ref.sip.transaction.test.ladder import OWNER, TCP, UDP, Ladder, request, response


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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
        self.nothing_is_left()


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
