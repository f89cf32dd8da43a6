"""Tests of nonces: how far behind a count may be (RFC 7616, section 3.3)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.test.entropy import entropy


class Counts(SynchronousTestCase):
    """The counts of one nonce."""

    def setUp(self) -> None:
        """A nonce whose first count and whose 33rd have come."""
        self.nonces = Nonces(entropy())
        self.nonce = self.nonces.make("example.com", Instant(0))
        self.assertTrue(self.take(1, "first") and self.take(33, "last"))

    def take(self, count: int, request: str) -> bool:
        """Whether a request with a count is taken."""
        return self.nonces.spend(self.nonce, count, request)

    def test_behind(self) -> None:
        """31 behind the highest may still come; 32 behind nothing is known of any more, and nothing is taken."""
        self.assertTrue(self.take(2, "late"))
        for request in ("first", "replay"):
            self.assertFalse(self.take(1, request))

    def test_once(self) -> None:
        """Within that, each count is taken for one request, which may come again."""
        self.assertTrue(self.take(20, "a") and self.take(20, "a"))
        self.assertFalse(self.take(20, "b"))
        self.assertTrue(self.take(2, "c"))
        self.assertFalse(self.take(2, "d") or self.take(33, "d"))
