"""What is seen while scenarios are played."""

from __future__ import annotations

import contextlib
import io

from twisted.trial.unittest import SynchronousTestCase

from conformance.live.memory.record import Record
from conformance.live.playing import COMPLETE, NOT_SEEN, Played
from conformance.live.scenario import scenarios
from conformance.report.progress import WIDTH, Progress


def played(ended: str, why: str = "") -> Played:
    """A scenario that took a second."""
    return Played(scenario="a/b", what="w", ended=ended, why=why, record=Record(), transport="udp", virtual=True,
                  scale=1.0, started=0.0, seconds=1.0)  # fmt: skip


class Terminal(io.StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        """It is a terminal."""
        return True


def told(progress_of: type[io.StringIO], *, quiet: bool = False, brief: bool = False, why: str = "") -> str:
    """What two scenarios make it write."""
    text = progress_of()
    with contextlib.redirect_stderr(text):
        progress = Progress(quiet=quiet, brief=brief)
        for _ in progress.each(scenarios()[:2]):
            progress.ended(played(NOT_SEEN if why else COMPLETE, why))
    return text.getvalue()


class ProgressTests(SynchronousTestCase):
    """Counted lines."""

    def test_pipe(self) -> None:
        """In a pipe there is a line for each, with its number and how many there are."""
        lines = told(io.StringIO).splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["1/2", "2/2"])
        self.assertTrue(all(line.endswith("1.0 s") for line in lines))
        self.assertNotIn("\x1b", "".join(lines))

    def test_terminal(self) -> None:
        """At a terminal it is told while it is played, and the line is written over."""
        self.assertIn("...\r\x1b[K", told(Terminal))
        self.assertTrue(told(Terminal, brief=True).endswith("\r\x1b[K"))

    def test_silent(self) -> None:
        """Nothing where it is unwanted."""
        self.assertEqual((told(Terminal, quiet=True), told(io.StringIO, brief=True)), ("", ""))

    def test_long_reasons(self) -> None:
        """A reason that does not fit stands below."""
        lines = told(io.StringIO, why="x" * 60).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertLessEqual(max(map(len, lines)), WIDTH)
