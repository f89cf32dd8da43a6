"""Target strings."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import Misuse
from conformance.targets.address import parse_target


class ParseTests(SynchronousTestCase):
    """One string names what is judged."""

    def test_adapter(self) -> None:
        """Words may be quoted."""
        address = parse_target("exec:./adapter --name 'a b'")
        self.assertEqual((address.scheme, address.arguments), ("exec", ["./adapter", "--name", "a b"]))

    def test_paths(self) -> None:
        """Captures and documents are named by their path."""
        self.assertEqual(parse_target("capture:run.pcapng").rest, "run.pcapng")
        self.assertEqual(parse_target("docs:a:b/").rest, "a:b/")

    def test_refused(self) -> None:
        """Unknown schemes, schemes of a later version and empty targets are misuse that says what is known."""
        for text in ("adapter", "http://x", "exec:", "docs: ", ""):
            error = self.assertRaises(Misuse, parse_target, text)
            self.assertEqual(error.exit_code, 2)

    def test_elements(self) -> None:
        """A SIP element has a transport, a host and a port; the port may be left out, IPv6 stands in brackets."""
        for text, wanted in (
            ("sip:udp:192.0.2.1:5070", ("udp", "192.0.2.1", 5070)),
            ("sip:tcp:phone.example.com", ("tcp", "phone.example.com", 5060)),
            ("sip:tls:[2001:db8::1]", ("tls", "2001:db8::1", 5061)),
            ("sip:udp:[::1]:5080", ("udp", "::1", 5080)),
        ):
            self.assertEqual(parse_target(text).element, wanted)
        for text in ("sip:192.0.2.1:5060", "sip:sctp:h:1", "sip:udp:h:0", "sip:udp:h:70000", "sip:udp:::1", "sip:udp:"):
            self.assertRaises(Misuse, lambda text=text: parse_target(text).element)

    def test_unclosed_quote(self) -> None:
        """A quote that is not closed is misuse."""
        self.assertRaises(Misuse, lambda: parse_target("exec:a 'b").arguments)

    def test_a_node_of_an_overlay(self) -> None:
        """Over TLS and DTLS, with the port of RELOAD where none is named."""
        for text, wanted in {
            "reload:tls:192.0.2.1:7000": ("tls", "192.0.2.1", 7000),
            "reload:dtls:[2001:db8::1]": ("dtls", "2001:db8::1", 6084),
        }.items():
            self.assertEqual(parse_target(text).element, wanted)
        fault = self.assertRaises(Misuse, lambda: parse_target("reload:udp:192.0.2.1").element)
        self.assertIn("reload:tls:HOST:PORT or reload:dtls:HOST:PORT", str(fault))
