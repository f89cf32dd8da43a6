"""Identifiers and hashes (RFC 6940, sections 6.3.2 and 10.2), registries (section 14)."""

from __future__ import annotations

import hashlib

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.layout import layout
from disco_ref.reload.address import AddressType, IpAddressPort, IPv4AddrPort
from disco_ref.reload.ids import overlay_hash, resource_id, wildcard_node_id
from disco_ref.reload.message.bodies import BODIES
from disco_ref.reload.registries import ErrorCode, MessageCode


class IdTests(SynchronousTestCase):
    """Hashes and special IDs."""

    def test_overlay_hash(self) -> None:
        """The overlay field is the last four octets of the SHA-1 of the name."""
        # = rfc6940:6.3.2/2 test
        digest = hashlib.sha1(b"overlay.example", usedforsecurity=False).digest()
        self.assertEqual(overlay_hash("overlay.example").to_bytes(4, "big"), digest[16:])

    def test_resource_id(self) -> None:
        """A Resource-ID is the first sixteen octets of the SHA-1 of its name, given as text or octets."""
        # = rfc6940:10.2/1a test
        # = rfc6940:10.2/1b test
        digest = hashlib.sha1(b"alice@example.com", usedforsecurity=False).digest()
        self.assertEqual(resource_id("alice@example.com"), digest[:16])
        self.assertEqual(resource_id(b"alice@example.com"), digest[:16])

    def test_wildcard(self) -> None:
        """The wildcard Node-ID is all ones."""
        # = rfc6940:6.1.1/0 test
        self.assertEqual(wildcard_node_id(20), b"\xff" * 20)


class AddressTests(SynchronousTestCase):
    """Network addresses."""

    def test_example(self) -> None:
        """The example of section 6.3.1.1: 192.0.2.1 with port 6084."""
        # = rfc6940:6.3.1.1/0 test
        octets = bytes.fromhex("01 06 c0000201 17c4")
        value = IpAddressPort(AddressType.ipv4_address, IPv4AddrPort(0xC0000201, 6084))
        self.assertEqual(encode(value), octets)
        self.assertEqual(decode(IpAddressPort, octets), value)

    def test_invalid_type(self) -> None:
        """Type 0 is named invalid and refused."""
        # = rfc6940:6.3.1.1/1b test
        with self.assertRaises(Refusal):
            decode(IpAddressPort, bytes.fromhex("00 00"))


class RegistryTests(SynchronousTestCase):
    """Code points."""

    def test_bodies(self) -> None:
        """Every assigned message code that is not experimental names the struct of its name."""
        # = rfc6940:14.8/0 test
        own = {"update_req": "ChordUpdate", "route_query_ans": "ChordRouteQueryAns", "error": "ErrorResponse"}
        shared = {"attach_req": "AttachReqAns", "attach_ans": "AttachReqAns"}
        for code in MessageCode:
            if code == 0 or code.name.startswith("exp_"):
                self.assertNotIn(code, BODIES)
                continue
            words = "".join(word.capitalize() for word in code.name.split("_"))
            name = {**own, **shared}.get(code.name, words)
            self.assertEqual(layout(BODIES[code]).name, name)
        self.assertEqual(len(BODIES), len([code for code in MessageCode if "exp_" not in code.name]) - 1)

    def test_refusals_carry_registered_errors(self) -> None:
        """Every error code that a refusal of this package carries is registered."""
        # = rfc6940:14.9/0 test
        families = [Refusal]
        for family in families:
            families += family.__subclasses__()
        own = [each for each in families if each.__module__.startswith("disco_ref.reload")]
        self.assertTrue(own)
        for each in own:
            if each.error_code is not None:
                ErrorCode(each.error_code)
