"""How long a link takes to answer (RFC 6298, section 2; RFC 6940, section 6.6.3.1)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.link.round_trip import RoundTrip

PLAIN = settings(max_examples=60, deadline=None, derandomize=True, database=None)


class RoundTripTests(SynchronousTestCase):
    """Measurements and what they lead to."""

    def test_nothing_measured(self) -> None:
        """Before the first measurement there is no round trip, and the first time-out holds."""
        self.assertIsNone(RoundTrip().smoothed)
        self.assertEqual(RoundTrip().rto, 1.0)
        self.assertEqual(RoundTrip(0.5, 0.1).rto, 0.5)

    def test_first(self) -> None:
        """The first measurement R gives SRTT = R, RTTVAR = R/2 and RTO = 3 R."""
        # = rfc6940:6.6.3.1/4a test
        estimate = RoundTrip(0.5, 0.1)
        estimate.measured(0.2)
        self.assertEqual((estimate.smoothed, estimate.variation), (0.2, 0.1))
        self.assertAlmostEqual(estimate.rto, 0.6, 9)

    def test_second(self) -> None:
        """A later one goes into the variation by a quarter, against the old SRTT, and into SRTT by an eighth."""
        # = rfc6940:6.6.3.1/4a test
        estimate = RoundTrip(0.5, 0.1)
        estimate.measured(0.2)
        estimate.measured(0.6)
        self.assertAlmostEqual(estimate.smoothed or 0, 0.25, 9)
        self.assertAlmostEqual(estimate.variation, 0.175, 9)
        self.assertAlmostEqual(estimate.rto, 0.95, 9)

    def test_rounded_up_to_the_millisecond(self) -> None:
        """The time-out is rounded up to a millisecond and not to a second; what is whole stays."""
        # = rfc6940:6.6.3.1/4b test
        for measured, rto in ((0.1001, 0.301), (0.1, 0.3), (0.3333, 1.0), (0.3334, 1.001)):
            estimate = RoundTrip(0.5, 0.1)
            estimate.measured(measured)
            self.assertAlmostEqual(estimate.rto, rto, 9)

    def test_floor(self) -> None:
        """However fast the link, the time-out stays above its floor."""
        estimate = RoundTrip()
        for _ in range(50):
            estimate.measured(0.001)
        self.assertEqual(estimate.rto, 1.0)

    @PLAIN
    @given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
    def test_between_what_was_measured(self, measurements: list[float]) -> None:
        """The smoothed round trip lies between the shortest and the longest, and the time-out beyond it."""
        estimate = RoundTrip(0.5, 0.1)
        for each in measurements:
            estimate.measured(each)
        smoothed = estimate.smoothed or 0.0
        self.assertTrue(min(measurements) - 1e-9 <= smoothed <= max(measurements) + 1e-9)
        self.assertGreaterEqual(estimate.rto, smoothed)
