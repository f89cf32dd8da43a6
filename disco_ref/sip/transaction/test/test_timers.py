"""Tests of the timers."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.transaction.timers import Timers


class TimersTests(SynchronousTestCase):
    """Table 4 of RFC 3261, and the timers of RFC 6026 and RFC 4320."""

    def test_defaults(self) -> None:
        """The values for T1 of 0.5, T2 of 4 and T4 of 5 seconds."""
        # = rfc3261:17.1.1.2/3 test
        # = rfc3261:17.1.1.2/5 test
        # = rfc3261:17.1.1.2/21 test
        # = rfc3261:17.1.2.2/1 test
        # = rfc3261:17.1.2.2/10 test
        # = rfc3261:17.2.1/9 test
        # = rfc3261:17.2.2/6 test
        timers = Timers()
        self.assertEqual((timers.timer_a, timers.timer_e, timers.timer_g), (0.5, 0.5, 0.5))
        self.assertEqual((timers.timer_b, timers.timer_f, timers.timer_h, timers.timer_j), (32, 32, 32, 32))
        self.assertEqual((timers.timer_d, timers.timer_i, timers.timer_k), (32, 5, 5))
        self.assertEqual((timers.timer_l, timers.timer_m, timers.after_cancel), (32, 32, 32))
        self.assertEqual((timers.trying_invite, timers.trying_other), (0.2, 3.5))

    def test_scaled(self) -> None:
        """All but timers I, K and 200 ms grow with T1; timer D never falls under 32 s."""
        # = rfc3261:17.1.1.2/11a test
        self.assertEqual(Timers(t1=1.0).timer_d, 64)
        small = Timers(t1=0.01)
        self.assertEqual((small.timer_b, small.timer_d), (0.64, 32))
        self.assertEqual(small.trying_other, 0.32)
        self.assertGreater(small.spans(reliable=False)["F of the client"] or 0, 0)
        self.assertEqual(Timers(t1=4.0).trying_other, 4.0)

    def test_reliable(self) -> None:
        """Over a reliable transport nothing is sent twice and nothing is absorbed; time-outs are the same."""
        # = rfc3261:17.1.1.2/4 test
        slow, fast = Timers().spans(reliable=False), Timers().spans(reliable=True)
        changed = {name: span for name, span in fast.items() if span != slow[name]}
        never, at_once = dict.fromkeys(("Timer A", "Timer E", "Timer G")), ("Timer D", "Timer I", "Timer J", "Timer K")
        self.assertEqual(changed, {**never, **dict.fromkeys(at_once, 0.0)})

    def test_refused(self) -> None:
        """Numbers that no timer can be made of."""
        for t1, t2, t4 in ((0, 4, 5), (-1, 4, 5), (5, 4, 5), (0.5, 4, 0)):
            self.assertRaises(ValueError, Timers, t1, t2, t4)
