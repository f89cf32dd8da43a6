"""Playbooks of the client side: an INVITE that is given up (RFC 3261, section 9.1)."""

from __future__ import annotations

from disco_ref.sip.flow import Hop, Transport
from disco_ref.sip.transaction.test.ladder import OWNER, TCP, UDP, Ladder, request, response, sent


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
        self.nothing_is_left()

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
        self.nothing_is_left()

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
