"""Tests of rings in bad weather, behind walls, and of the network in memory itself (RFC 6940, sections 6.4.2.3 and 10.7.4.4)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.shell.memory_weather import Ways, Weather

STORM = Weather(latency=0.03, jitter=0.02, spread=0.5, loss=0.1, duplication=0.05, reordering=0.1, skew=5.0)


class WallTests(SynchronousTestCase):
    """Rings that were one, and become one again."""

    def test_united(self) -> None:
        """Two halves are rings of their own, and one again after an interval of pings; what either stored has its owner."""
        # = rfc6940:10.7.4.4/1a test
        # = rfc6940:10.7.4.4/1c test
        # = rfc6940:6.4.2.3/2 test
        ring = Ring(10)
        ring.network.divide(ring.places[5:])
        ring.network.run(1500)
        for which in range(10):
            ring.store(which, b"value")
        self.assertEqual(len(ring.misplaced()), 10)
        ring.network.unite()
        ring.network.run(2 * 3600)
        self.assertEqual((ring.misplaced(), ring.missing(10)), ([], []))
        self.assertEqual([ring.copies(each) for each in range(10)], [3] * 10)

    def test_short(self) -> None:
        """A wall that falls before the links are given up leaves the ring as it was."""
        # = rfc6940:10.7.1/6 test
        ring = Ring(8)
        ring.network.divide(ring.places[4:])
        ring.network.run(20)
        ring.network.unite()
        ring.network.run(1800)
        self.assertEqual(ring.misplaced(), [])


class StormTests(SynchronousTestCase):
    """Records that are lost, doubled and mixed up, clocks that are wrong."""

    def test_ring(self) -> None:
        """With a tenth of all records lost a ring comes about, and keeps three copies of what is stored."""
        ring = Ring(10, weather=STORM)
        ring.network.run(60)
        self.assertEqual(ring.misplaced(), [])
        for which in range(3):
            ring.store(which, b"value")
        ring.network.run(30)
        self.assertEqual((ring.missing(3), [ring.copies(each) for each in range(3)]), ([], [3] * 3))

    def test_replay(self) -> None:
        """The same seed gives the same run to the octet, another one another."""
        first, again, other = (Ring(6, seed, STORM).network for seed in (7, 7, 8))
        self.assertEqual((first.trace, first.messages), (again.trace, again.messages))
        self.assertNotEqual(first.trace, other.trace)


class WeatherTests(SynchronousTestCase):
    """What the way does."""

    def test_spread(self) -> None:
        """The latency of a pair is the same both ways and every time, and differs from pair to pair within the spread."""
        ways = Ways(1, Weather(latency=0.1, spread=0.5))
        times = {ways.latency(1, other) for other in range(2, 50)}
        self.assertGreater(len(times), 40)
        self.assertTrue(all(0.05 <= each <= 0.15 for each in times))
        self.assertEqual(ways.latency(1, 2), ways.latency(2, 1))

    def test_loss(self) -> None:
        """About so many records as it says are lost, doubled, held up."""
        ways = Ways(1, Weather(latency=0.1, loss=0.2, duplication=0.1, reordering=0.1))
        times = [ways.times(1, 2) for _ in range(2000)]
        self.assertTrue(340 < sum(not each for each in times) < 460)
        self.assertTrue(120 < sum(len(each) == 2 for each in times) < 200)
        self.assertTrue(120 < sum(bool(each) and each[0] > 0.1 for each in times) < 200)
