"""The Via of requests that leave, and whose responses are ours."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.test import messages
from disco_ref.sip.transport.listening import listening
from disco_ref.sip.transport.via import Own, bare, stamped

UDP = listening(Transport.UDP, Address("192.0.2.1", 5060))
TLS = listening(Transport.TLS, Address("2001:db8::1", 5061))
NAMED = listening(Transport.TCP, Address("0.0.0.0", 5070), "pc33.example.org")


def request() -> Request:
    """A request with a Via."""
    message = read(messages.request())
    assert isinstance(message, Request)
    return message


def response(via: str) -> Response:
    """A response with a topmost Via."""
    message = read(messages.response({"Via": via}))
    assert isinstance(message, Response)
    return message


class StampTest(SynchronousTestCase):
    """Via of our own."""

    def test_stamped(self) -> None:
        """The Via is on top, with protocol, sent-by and branch; only over UDP it asks for the port."""
        # = rfc3261:18.1.1/6 test
        # = rfc3581:3/1 test
        # = rfc3581:3/2 test
        for place, line in (
            (UDP, "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport"),
            (TLS, "Via: SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKx"),
            (NAMED, "Via: SIP/2.0/TCP pc33.example.org:5070;branch=z9hG4bKx"),
        ):
            lines = stamped(request(), place, "z9hG4bKx").headers.lines
            self.assertEqual(list(lines), [line, *request().headers.lines])

    def test_bare(self) -> None:
        """Taking the Via off again gives back the request."""
        self.assertEqual(bytes(bare(stamped(request(), UDP, "z9hG4bKx"))), bytes(request()))
        self.assertNotIn("via", bare(request()).headers)

    def test_many(self) -> None:
        """A request to a group says so; one to a single address does not."""
        # = rfc3261:18.1.1/5a test
        # = rfc3261:18.1.1/5b test
        for to, tail in (
            ("239.1.2.3", ";maddr=239.1.2.3;ttl=1"),
            ("ff02::1", ";maddr=[ff02::1]"),
            ("192.0.2.9", ";rport"),
        ):
            self.assertTrue(stamped(request(), UDP, "z9hG4bKx", to).headers.lines[0].endswith(tail))

    def test_own(self) -> None:
        """A response is ours by the host and port of its topmost Via, the default port where it has none."""
        # = rfc3261:18.1.2/1 test
        own = Own([UDP, TLS, NAMED])
        for via, sent in (
            ("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx", True),
            ("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx", True),
            ("SIP/2.0/TCP PC33.example.org:5070;branch=z9hG4bKx", True),
            ("SIP/2.0/TLS [2001:db8::1];branch=z9hG4bKx", True),
            ("SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKx", False),
            ("SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKx", False),
            ("SIP/2.0/TCP pc33.example.org;branch=z9hG4bKx", False),
        ):
            self.assertEqual(own.sent(response(via).headers), sent, via)
        with self.assertRaises(BadRequest):
            own.sent(response("SIP/2.0/UDP 192.0.2.1:70000;branch=z9hG4bKx").headers)
