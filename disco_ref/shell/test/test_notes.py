"""Tests of what a program says of trouble."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from typing import cast

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.effects import Note
from disco_ref.shell.notes import LONGEST, MOST, SPAN, Sparing, printable, standard_log
from disco_ref.shell.sip.wire import Reactor


class SparingTest(SynchronousTestCase):
    """A flood of notes."""

    def setUp(self) -> None:
        """A log that keeps what it is told."""
        self.clock = Clock()
        self.told: list[Note] = []
        self.log = Sparing(cast(Reactor, self.clock), self.told.append)

    def flood(self, count: int, level: str = "warning") -> None:
        """So many notes."""
        for number in range(count):
            self.log(Note(level, str(number)))

    def test_few(self) -> None:
        """As many as somebody can read are told as they are, in every span, and nothing else is said."""
        for _ in range(3):
            self.flood(MOST)
            self.clock.advance(SPAN)
        self.assertEqual([each.text for each in self.told], [str(number) for number in range(MOST)] * 3)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_flood(self) -> None:
        """Of more the first ones are told, and at the end of the span how many were left out."""
        self.flood(MOST + 5)
        self.assertEqual(len(self.told), MOST)
        self.clock.advance(SPAN)
        self.assertEqual(self.told[MOST:], [Note("warning", "5 more notes were left out")])
        self.flood(1)
        self.assertEqual(self.told[-1], Note("warning", "0"))

    def test_levels(self) -> None:
        """What matters little does not hide what matters more."""
        self.flood(MOST + 5, "info")
        self.log(Note("error", "the disk is full"))
        self.assertEqual(self.told[-1], Note("error", "the disk is full"))

    def test_closed(self) -> None:
        """At the end nothing waits, and the count is said."""
        self.flood(MOST + 1)
        self.log.close()
        self.assertEqual((self.told[-1].text, self.clock.getDelayedCalls()), ("1 more notes were left out", []))


class LineTest(SynchronousTestCase):
    """Notes as lines."""

    def test_standard_error(self) -> None:
        """Warnings and errors go to standard error, without what could steer a terminal; the rest goes nowhere."""
        complaint = io.StringIO()
        with redirect_stderr(complaint):
            standard_log(Note("info", "nothing"))
            standard_log(Note("warning", "too\x1bmuch", (("from", "192.0.2.1:5060"),)))
        self.assertEqual(complaint.getvalue(), "disco-ref: too?much from=192.0.2.1:5060\n")

    def test_long(self) -> None:
        """A line has an end."""
        self.assertEqual(len(printable("x" * 10_000)), LONGEST)
