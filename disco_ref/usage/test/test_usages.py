"""The usages: SIP-REGISTRATION (RFC 7904), CERTIFICATE_BY_NODE, CERTIFICATE_BY_USER, TURN-SERVICE (RFC 6940, 8, 9)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.address import AddressType, IpAddressPort, IPv4AddrPort
from disco_ref.reload.ids import resource_id
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.storage.data_models import APPEND
from disco_ref.usage.certificate_store import by_node, by_user, certificate_entry
from disco_ref.usage.sip_registration import (
    SipRegistration,
    SipRegistrationRoute,
    SipRegistrationType,
    SipRegistrationUri,
)
from disco_ref.usage.turn_server import TurnServer, turn_resource_id
from disco_ref.usage.turn_serving import may_serve, server_address

ROUTE = SipRegistrationRoute(b"p", (Destination(DestinationType.node, bytes(16)),))
ROWS = [
    (
        SipRegistration(SipRegistrationType.sip_registration_uri, SipRegistrationUri(b"sip:a@b")),
        "01 0009 0007 7369703a614062",
    ),
    (
        SipRegistration(SipRegistrationType.sip_registration_route, ROUTE),
        "02 0017 0001 70 0012 0110" + "00" * 16,
    ),
    (SipRegistration(9, Unknown(9, b"ab")), "09 0002 6162"),
    (
        TurnServer(1, IpAddressPort(AddressType.ipv4_address, IPv4AddrPort(0xC0000201, 3478))),
        "01 01 06 c0000201 0d96",
    ),
]
"""Values and their octets, used both ways."""


class UsageTests(SynchronousTestCase):
    """What is stored, and where."""

    def test_rows(self) -> None:
        """Every value is written as its octets, read from them, and refused where they are cut."""
        # = rfc7904:7/0 test
        # = rfc6940:9/0 test
        for value, digits in ROWS:
            octets = bytes.fromhex(digits)
            self.assertEqual(encode(value).hex(), octets.hex())
            self.assertEqual(decode(type(value), octets), value)
            for end in range(len(octets)):
                with self.assertRaises(Refusal):
                    decode(type(value), octets[:end])

    def test_certificates(self) -> None:
        """Certificates lie at the hash of the Node-ID and of the user name, and are appended."""
        # = rfc6940:8/1 test
        self.assertEqual(by_node(bytes(16)), resource_id(bytes(16)))
        self.assertEqual(by_user("alice@example.com"), resource_id(b"alice@example.com"))
        entry = certificate_entry(b"der")
        self.assertEqual((entry.index, entry.value.exists, entry.value.value), (APPEND, True, b"der"))

    def test_turn_servers(self) -> None:
        """A TURN server lies at the hash of its Node-ID and the iteration."""
        # = rfc6940:9/0 test
        self.assertEqual(turn_resource_id(bytes(16), 2), resource_id(bytes(16) + b"\x02"))

    def test_who_may_serve(self) -> None:
        """A node behind a NAT, or at a private address, is no candidate for a TURN server; any other one is."""
        # = rfc6940:9/1 test
        # = rfc6940:9/2 test
        # = rfc6940:9/3 test
        self.assertTrue(may_serve("192.0.2.1", ("192.0.2.1", "192.0.2.1")))
        self.assertTrue(may_serve("172.32.0.1", ()))
        self.assertTrue(may_serve("2001:db8::1", ("2001:DB8:0::1",)))
        self.assertFalse(may_serve("192.0.2.1", ("192.0.2.1", "192.0.2.2")))
        for address in ("10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.7.7"):
            self.assertFalse(may_serve(address, ()))

    def test_server_addresses(self) -> None:
        """An address is written in the form of its family."""
        # = rfc6940:9/0 test
        self.assertEqual(server_address("192.0.2.1", 3478).address, IPv4AddrPort(0xC0000201, 3478))
        self.assertEqual(server_address("2001:db8::1", 3478).type, AddressType.ipv6_address)
