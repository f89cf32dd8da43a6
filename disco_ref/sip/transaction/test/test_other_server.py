"""Playbooks of the server side: requests other than INVITE (RFC 3261, section 17.2.2)."""

from __future__ import annotations

from disco_ref.sip.transaction.test.ladder import TCP, Ladder, request


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
        self.nothing_is_left()

    def test_reliable(self) -> None:
        """Over TCP the transaction is over with the final response."""
        # = rfc3261:17.2.2/6 test
        self.flow = TCP
        self.play(">> OPTIONS\n<< RequestReceived OPTIONS\n>> user 200\n<< send 200")
        self.nothing_is_left()

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
        self.nothing_is_left()

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
        self.nothing_is_left()
