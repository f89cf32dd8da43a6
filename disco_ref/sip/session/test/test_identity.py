"""Contact as the way of a call wants it (RFC 3261, sections 8.1.1.8 and 12.1.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.session.identity import Identity, Way, way_to
from disco_ref.sip.transport.listening import listening
from disco_ref.sip.uri import read_uri


class Contacts(SynchronousTestCase):
    """Where a user agent says that it is reached."""

    def setUp(self) -> None:
        """A conference."""
        contact = Contact(None, "sip:room@192.0.2.1", ";isfocus")
        self.identity = Identity(address=NameAddr(None, "sip:room@example.com"), contact=contact)

    def test_one_address(self) -> None:
        """One address serves all ways: the transport is said where it is not UDP, sips where that is wanted."""
        # = rfc3261:8.1.1.8/3 test
        # = rfc3261:12.1.1/4 test
        for transport, secure, expected in (
            (Transport.UDP, False, "<sip:room@192.0.2.1>;isfocus"),
            (Transport.TCP, False, "<sip:room@192.0.2.1;transport=tcp>;isfocus"),
            (Transport.TLS, True, "<sips:room@192.0.2.1>;isfocus"),
        ):
            self.assertEqual(str(self.identity.contact_by(secure, Way(transport, False))), expected)

    def test_where_it_listens(self) -> None:
        """Each way has the address of its own socket, and all have the features."""
        at = self.identity.at(
            [
                listening(Transport.UDP, Address("192.0.2.7", 5070)),
                listening(Transport.TLS, Address("192.0.2.7", 5071)),
                listening(Transport.TCP, Address("2001:db8::7", 5070)),
            ]
        )
        self.assertEqual(str(at.contact), "<sip:room@192.0.2.7:5070>;isfocus")
        found = [str(at.contact_by(False, Way(*way))) for way in ((Transport.TLS, False), (Transport.TCP, True))]
        self.assertEqual(
            found,
            ["<sip:room@192.0.2.7:5071;transport=tls>;isfocus", "<sip:room@[2001:db8::7]:5070;transport=tcp>;isfocus"],
        )
        self.assertEqual(str(at.contact_by(True, Way(Transport.TLS, False))), "<sips:room@192.0.2.7:5071>;isfocus")
        self.assertIn("Contact: <sip:room@192.0.2.7:5070>;isfocus", at.contact_lines())

    def test_way_to(self) -> None:
        """A URI says its way: transport, sips, an IPv6 address."""
        self.assertEqual(way_to(read_uri("sip:a@b")), Way(Transport.UDP, False))
        self.assertEqual(way_to(read_uri("sip:a@[::1];transport=TCP")), Way(Transport.TCP, True))
        self.assertEqual(way_to(read_uri("sips:a@b")), Way(Transport.TLS, False))
        self.assertEqual(way_to(read_uri("sip:a@b;transport=sctp")), Way(Transport.UDP, False))
        self.assertEqual(way_to(read_uri("tel:+1")), Way(Transport.UDP, False))
