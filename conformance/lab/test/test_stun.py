"""Tests of STUN, read and written."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab import stun
from conformance.lab.presentation.refusal import LabRefusal

TRANSACTION = bytes(range(12))


class MessageTests(SynchronousTestCase):
    """One message."""

    def setUp(self) -> None:
        """A check, sealed."""
        rows = [(stun.USERNAME, b"far:near"), (stun.PRIORITY, bytes(4)), (stun.CONTROLLED, bytes(8))]
        self.octets = stun.written(stun.REQUEST, TRANSACTION, rows, "password")

    def test_there_and_back(self) -> None:
        """Attributes, their padding, the two that are added."""
        found = stun.read(self.octets)
        self.assertEqual((found.type, found.transaction, found.user), (stun.REQUEST, TRANSACTION, "far:near"))
        self.assertEqual(found.first(stun.CONTROLLED), bytes(8))
        self.assertIsNone(found.first(stun.CONTROLLING))
        self.assertEqual([number for number, _ in found.attributes][-2:], [stun.INTEGRITY, stun.FINGERPRINT])
        self.assertTrue(stun.is_stun(self.octets))

    def test_sealed(self) -> None:
        """With the password, and not with another one, nor when something is changed, or without a seal."""
        self.assertTrue(stun.read(self.octets).sealed("password"))
        self.assertFalse(stun.read(self.octets).sealed("another"))
        changed = self.octets.replace(b"far:near", b"far:else")
        self.assertFalse(stun.read(changed).sealed("password"))
        bare = self.octets[:2] + bytes(2) + self.octets[4:20]
        self.assertFalse(stun.read(bare).sealed("password"))

    def test_refused(self) -> None:
        """Every truncation, and what is none."""
        for length in range(len(self.octets)):
            with self.subTest(length), self.assertRaises(LabRefusal):
                stun.read(self.octets[:length])
        self.assertFalse(stun.is_stun(b"\x16\xfe\xfd" + bytes(30)))

    def test_mapped(self) -> None:
        """An address is hidden from what looks for addresses."""
        self.assertEqual(stun.mapped(0xC0000201, 32853).hex(), "0001a147e112a643")
