"""DisCoRegistration (draft-knauf-p2psip-disco-00, section 4.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.disco.registration import (
    DISCO_REGISTRATION,
    DisCoRegistration,
    DisCoRegistrationData,
    DisCoRegistrationType,
    conference_resource_id,
)
from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.cursor import Surplus
from disco_ref.notation.plain import to_plain
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.ids import resource_id
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.storage.kinds import PRIVATE_KINDS

NODE = Destination(DestinationType.node, bytes(16))
URI = DisCoRegistration(DisCoRegistrationType.sip_focus_uri, DisCoRegistrationData(b"xy", b"c@d"))
ROWS = [
    (URI, "01 0009 0002 7879 0003 634064"),
    (
        DisCoRegistration(DisCoRegistrationType.sip_focus_node_id, DisCoRegistrationData(b"", (NODE,))),
        "02 0016 0000 0012 0110" + "00" * 16,
    ),
    (DisCoRegistration(9, DisCoRegistrationData(b"x", Unknown(9, b"new"))), "09 0006 0001 78 6e6577"),
]
"""Values and their octets, used both ways."""


class RegistrationTests(SynchronousTestCase):
    """The value of DISCO-REGISTRATION."""

    def test_rows(self) -> None:
        """Every value is written as its octets, read from them, and refused where they are cut."""
        # = disco00:4.1/0 test
        for value, digits in ROWS:
            octets = bytes.fromhex(digits)
            self.assertEqual(encode(value).hex(), octets.hex())
            self.assertEqual(decode(DisCoRegistration, octets), value)
            for end in range(len(octets)):
                with self.assertRaises(Refusal):
                    decode(DisCoRegistration, octets[:end])

    def test_length_counts_data_only(self) -> None:
        """``length`` counts the octets of ``data``; one that also counts itself or the type is refused."""
        # = disco00:4.1/0 test
        for wrong in ("000b", "000c"):
            with self.assertRaises(Refusal):
                decode(DisCoRegistration, bytes.fromhex(f"01 {wrong} 0002 7879 0003 634064"))
        with self.assertRaises(Surplus):
            decode(DisCoRegistration, bytes.fromhex("01 000a 0002 7879 0003 634064 00"))

    def test_plain(self) -> None:
        """In JSON the focus stands beside its coordinate, under the name of its variant."""
        self.assertEqual(to_plain(URI), {"type": "sip_focus_uri", "data": {"coordinate": "7879", "uri": "634064"}})

    def test_data_needs_its_type(self) -> None:
        """DisCoRegistrationData by itself does not say what it holds: asking for it is an error of the program."""
        # = disco00:4.1/0 test
        with self.assertRaises(TypeError):
            reader(DisCoRegistrationData)

    def test_place(self) -> None:
        """A conference is registered at the hash of its URI without scheme; our Kind-ID is a private one."""
        # = disco00:6/0 test
        # = disco00:11/0 test
        self.assertEqual(conference_resource_id("conf@example.com"), resource_id("conf@example.com"))
        self.assertIn(DISCO_REGISTRATION, PRIVATE_KINDS)
