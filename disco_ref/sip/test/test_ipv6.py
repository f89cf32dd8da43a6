"""IPv6 in messages: the cases of RFC 5118, section 4, by what each is about."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.sip.message import Request, check, read
from disco_ref.sip.test.messages import request
from disco_ref.sip.uri import SipUri, read_uri


class Ipv6Tests(SynchronousTestCase):
    """Addresses with colons beside ports with colons (RFC 5118)."""

    def read(self, octets: bytes) -> Request:
        """The request, typed throughout and written as it came."""
        message = read(octets)
        check(message)
        self.assertEqual(bytes(message), octets)
        assert isinstance(message, Request)
        return message

    def refused(self, octets: bytes) -> None:
        """Assert that the sender is owed 400."""
        with self.assertRaises(Malformed) as caught:
            check(read(octets))
        self.assertEqual(caught.exception.status, 400)

    def test_brackets(self) -> None:
        """Sections 4.1 and 4.2: a reference has its brackets; without them it is refused."""
        via, contact = "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3", '"Caller" <sip:caller@[2001:db8::1]>'
        self.read(request({"Via": via, "Contact": contact}, method="REGISTER", uri="sip:[2001:db8::10]"))
        self.refused(request(uri="sip:2001:db8::10", method="REGISTER"))
        self.refused(request({"Via": "SIP/2.0/UDP 2001:db8::9:1;branch=z9hG4bKas3"}))
        self.refused(request({"Contact": "<sip:caller@2001:db8::1>"}))

    def test_ports(self) -> None:
        """Sections 4.3 and 4.4: what stands inside the brackets is address, what stands behind them is port."""
        for uri, host, port in (
            ("sip:[2001:db8::10:5070]", "[2001:db8::10:5070]", None),
            ("sip:[2001:db8::10]:5070", "[2001:db8::10]", 5070),
        ):
            found = self.read(request(uri=uri)).request_uri
            assert isinstance(found, SipUri)
            self.assertEqual((found.host, found.port), (host, port))

    def test_received(self) -> None:
        """Section 4.5: the address in ``received`` is read with and without brackets, and kept as it is."""
        for address in ("[2001:db8::9:255]", "2001:db8::9:255", "::1", "::ffff:192.0.2.7"):
            via = f"SIP/2.0/UDP [2001:db8::9:1];received={address};branch=z9hG4bKas3-111"
            self.assertEqual(self.read(request({"Via": via})).headers.via.received, address)
        self.refused(request({"Via": "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8:::9];branch=z9hG4bKas3"}))

    def test_both_kinds(self) -> None:
        """Sections 4.6 to 4.8: addresses of both kinds stand in one message."""
        vias = (
            "SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKa, SIP/2.0/TCP [::1];branch=z9hG4bKb;received=192.0.2.200"
        )
        message = self.read(request({"Via": vias, "Contact": "<sip:a@192.0.2.1>, <sip:b@[2001:db8::20]:5061>"}))
        self.assertEqual((message.headers.via.host, message.headers.via.port), ("[2001:db8::9:1]", 6050))

    def test_mapped(self) -> None:
        """Section 4.9: an IPv4 address may stand inside one of IPv6."""
        for host in ("[::ffff:192.0.2.10]", "[::192.0.2.10]", "[2001:db8::192.0.2.10]"):
            self.read(request({"Contact": f"<sip:user@{host}>"}, uri=f"sip:user@{host}"))

    def test_references(self) -> None:
        """Section 4.10: three colons in a row, too many groups, zones and half brackets are no reference."""
        for host in (
            "[2001:db8:::192.0.2.1]",
            "[1:2:3:4:5:6:7:8:9]",
            "[1:2:3:4:5:6:7]",
            "[1::2::3]",
            "[12345::]",
            "[fe80::1%eth0]",
            "[::1",
            "::1]",
            "[]",
            "[192.0.2.1]",
        ):
            self.assertRaises(Malformed, read_uri, f"sip:user@{host}")
