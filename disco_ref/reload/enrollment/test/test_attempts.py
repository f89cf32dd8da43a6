"""How often passwords may be wrong."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.reload.enrollment.attempts import Attempts


class AttemptsTest(SynchronousTestCase):
    """Counting failures."""

    def test_so_many_then_slowly(self) -> None:
        """After so many failures each period gives one more try."""
        attempts = Attempts(3, Duration(10))
        for _ in range(3):
            self.assertEqual(attempts.wait(b"a", Instant(0)), 0)
            attempts.failed(b"a", Instant(0))
        self.assertEqual(attempts.wait(b"a", Instant(0)), 10)
        self.assertAlmostEqual(attempts.wait(b"a", Instant(6)), 4)
        self.assertEqual(attempts.wait(b"a", Instant(10)), 0)
        self.assertEqual(attempts.wait(b"b", Instant(0)), 0)

    def test_success_forgets(self) -> None:
        """Who gets in begins anew."""
        attempts = Attempts(1, Duration(10))
        attempts.failed(b"a", Instant(0))
        attempts.succeeded(b"a")
        self.assertEqual(attempts.wait(b"a", Instant(0)), 0)

    def test_bounded(self) -> None:
        """Whoever fails under many names fills no memory; the oldest are forgotten."""
        attempts = Attempts(1, Duration(10), remembered=2)
        for who in (b"a", b"b", b"c"):
            attempts.failed(who, Instant(0))
        self.assertEqual([attempts.wait(who, Instant(0)) for who in (b"a", b"b", b"c")], [0, 10, 10])
