"""Tests of shedding."""

from __future__ import annotations

from sys import getsizeof

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.conference.focus.overload import MOST, Overload
from disco_ref.sip.header.identity.via import Via
from disco_ref.sip.session.events import CallId

NOW = Instant(100.0)


def via(number: int) -> Via:
    """The topmost Via of a request."""
    return Via("SIP", "2.0", "UDP", "192.0.2.1", None, f";branch=z9hG4bK{number}")


class Shedding(SynchronousTestCase):
    """Calls without ACK."""

    def setUp(self) -> None:
        """Two calls may be without ACK."""
        self.overload = Overload(2)
        self.overload.began(CallId("1"), NOW)

    def test_counted(self) -> None:
        """The third one is shed; an ACK makes room."""
        self.assertFalse(self.overload.sheds(via(1), NOW))
        self.overload.began(CallId("2"), NOW)
        self.assertTrue(self.overload.sheds(via(2), NOW))
        self.overload.done(CallId("1"))
        self.assertFalse(self.overload.sheds(via(3), NOW))

    def test_old_ones(self) -> None:
        """Calls that never get their ACK count for a second only."""
        self.overload.began(CallId("2"), NOW)
        self.assertTrue(self.overload.sheds(via(1), Instant(NOW + 1)))
        self.assertFalse(self.overload.sheds(via(2), Instant(NOW + 1.1)))

    def test_copies(self) -> None:
        """What was shed stays shed for as long as copies can come."""
        self.overload.began(CallId("2"), NOW)
        self.assertTrue(self.overload.sheds(via(1), NOW))
        self.assertTrue(self.overload.sheds(via(1), Instant(NOW + 32)))
        self.assertFalse(self.overload.sheds(via(1), Instant(NOW + 33)))

    def test_bounded(self) -> None:
        """A flood is not remembered without end."""
        self.overload.began(CallId("2"), NOW)
        for number in range(MOST + 10):
            self.overload.sheds(via(number), NOW)
        self.assertLessEqual(len(self.overload), MOST)
        for number in (MOST // 2 + 20, MOST + 9):
            self.assertTrue(self.overload.sheds(via(number), Instant(NOW + 2)))

    def test_forgotten(self) -> None:
        """Of a flood that is over nothing is left, though nobody is shed any more."""
        self.overload.began(CallId("2"), NOW)
        for number in range(100):
            self.overload.sheds(via(number), NOW)
        for later in (33, 66):
            self.assertFalse(self.overload.sheds(via(200 + later), Instant(NOW + later)))
        self.assertEqual(len(self.overload), 0)

    def test_small(self) -> None:
        """What is remembered of a request is small, however large its Via."""
        self.overload.began(CallId("2"), NOW)
        large = via(1)._replace(parameter_text=";x=" + "y" * 60_000)
        self.assertTrue(self.overload.sheds(large, NOW))
        self.assertLess(sum(map(getsizeof, self.overload._shed)), 100)
        self.assertTrue(self.overload.sheds(via(1)._replace(parameter_text=large.parameter_text), Instant(NOW + 2)))
