"""Tests of the deadlines."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.machine.deadlines import Deadlines


class DeadlinesTests(SynchronousTestCase):
    """Order, moving and cancelling."""

    def test_due_in_order(self) -> None:
        """What is due comes earliest first, what is not due stays."""
        deadlines: Deadlines[str] = Deadlines()
        for key, at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
            deadlines.set(key, Instant(at))
        self.assertEqual(list(deadlines.due(Instant(2.0))), ["a", "b"])
        self.assertEqual(deadlines.next, 3.0)
        self.assertEqual(len(deadlines), 1)

    def test_moved_and_cancelled(self) -> None:
        """A deadline that was moved counts at its new time only, one that was cancelled not at all."""
        deadlines: Deadlines[str] = Deadlines()
        deadlines.set("a", Instant(1.0))
        deadlines.set("b", Instant(1.5))
        deadlines.set("a", Instant(5.0))
        deadlines.cancel("b")
        self.assertNotIn("b", deadlines)
        self.assertEqual(list(deadlines.due(Instant(4.0))), [])
        self.assertEqual(deadlines.next, 5.0)
        self.assertEqual(list(deadlines.due(Instant(5.0))), ["a"])
        self.assertIsNone(deadlines.next)

    def test_put(self) -> None:
        """A time sets and moves a deadline, None takes it away."""
        deadlines: Deadlines[str] = Deadlines()
        deadlines.put("a", Instant(1.0))
        deadlines.put("b", Instant(2.0))
        deadlines.put("a", None)
        deadlines.put("c", None)
        self.assertEqual((len(deadlines), deadlines.next), (1, 2.0))

    def test_set_while_due(self) -> None:
        """What becomes due while others are taken out comes too."""
        deadlines: Deadlines[str] = Deadlines()
        deadlines.set("a", Instant(1.0))
        taken = []
        for key in deadlines.due(Instant(2.0)):
            taken.append(key)
            if key == "a":
                deadlines.set("b", Instant(1.5))
        self.assertEqual(taken, ["a", "b"])

    def test_cancelled_ones_do_not_pile_up(self) -> None:
        """A deadline that is moved many times takes the room of a few."""
        deadlines: Deadlines[str] = Deadlines()
        for turn in range(10_000):
            deadlines.set("a", Instant(float(turn)))
        self.assertLess(len(deadlines._heap), 100)
