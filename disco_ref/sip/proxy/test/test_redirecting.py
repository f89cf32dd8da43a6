"""The answer of a redirect server (RFC 3261, section 8.3)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.message import Request, read
from disco_ref.sip.proxy.redirecting import redirection
from disco_ref.sip.proxy.targets import NoSuchUser, Target
from disco_ref.sip.uri import read_uri


def asked(method: str, *lines: str) -> Request:
    """A request for Bob."""
    rows = [
        f"{method} sip:bob@example.com SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.11;branch=z9hG4bK1",
        "Max-Forwards: 70",
        "From: <sip:a@192.0.2.11>;tag=a",
        "To: <sip:bob@example.com>",
        "Call-ID: c",
        f"CSeq: 1 {method}",
        *lines,
        "Content-Length: 0",
    ]
    message = read("\r\n".join([*rows, "", ""]).encode())
    assert isinstance(message, Request)
    return message


class RedirectionTests(SynchronousTestCase):
    """What it says."""

    def test_whatever_is_asked(self) -> None:
        """302 with the places, the best first, to every method and whatever is required."""
        # = rfc3261:8.3/5 test
        places = [Target(read_uri("sip:b@192.0.2.21"), 300), Target(read_uri("sip:b@192.0.2.22"), 1000)]
        for method, *lines in (("INVITE",), ("NEWMETHOD",), ("OPTIONS", "Require: nobody-knows")):
            with self.subTest(method):
                response = redirection(asked(method, *lines), places, "t")
                self.assertEqual(response.status_code, 302)
                self.assertEqual(
                    list(response.headers.texts("contact")), ["<sip:b@192.0.2.22>;q=1", "<sip:b@192.0.2.21>;q=0.3"]
                )

    def test_not_back_to_where_it_came_from(self) -> None:
        """Whom the request asked for is nowhere else: 404."""
        # = rfc3261:8.3/2a test
        with self.assertRaises(NoSuchUser):
            redirection(asked("INVITE"), [Target(read_uri("sip:bob@EXAMPLE.com"))], "t")
