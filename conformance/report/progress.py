"""What somebody at a terminal sees while scenarios are played: which one, how many are left, how each ended."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from conformance.live.playing import COMPLETE, Played
from conformance.live.scenario import Scenario
from conformance.report.page.showing import printable

WIDTH = 80
"""Columns; a reason that does not fit goes on a line of its own."""


class Progress:
    """One line for each scenario on standard error; at a terminal it is there while the scenario is played.

    ``brief`` keeps no line: only what is being played is seen, and nothing in a pipe.
    """

    def __init__(self, *, quiet: bool = False, brief: bool = False) -> None:
        self._looking = sys.stderr.isatty() and not quiet
        self._lines = not (quiet or brief)
        self._head = ""

    def each(self, some: Iterable[Scenario]) -> Iterator[Scenario]:
        """The scenarios, each told as it begins."""
        every = list(some)
        for number, one in enumerate(every, 1):
            self._head = f"  {number:>{len(str(len(every)))}}/{len(every)}  {one.id}"
            if self._looking:
                sys.stderr.write(f"\r\x1b[K{self._head} ...")
                sys.stderr.flush()
            yield one
        if self._looking and not self._lines:
            sys.stderr.write("\r\x1b[K")

    def ended(self, played: Played) -> None:
        """How the scenario that began last has ended."""
        if not self._lines:
            return
        line, why = f"{self._head}  {played.seconds:.1f} s", printable(played.why)
        if played.ended != COMPLETE:
            line += f"  {why}" if len(line) + len(why) + 2 <= WIDTH else f"\n          {why}"
        sys.stderr.write(("\r\x1b[K" if self._looking else "") + line + "\n")
        sys.stderr.flush()
