"""What a program says: as much as somebody can read, as fast as they can, and nothing that could steer a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from disco_ref.peer.effects import Note
from disco_ref.shell.sip.wire import Call, Reactor

Log = Callable[[Note], None]

SPAN = 10.0
"""Seconds within which only so many notes are told."""
MOST = 20
"""Notes of one level that are told within a span; the others are counted."""
PACE = 0.25
"""Seconds between two pictures on a terminal."""
FLUSH = 0.1
"""Seconds that a line may wait."""
LONGEST = 500
"""Characters of a line."""


class Sparing:
    """A log that is not filled by whoever sends nonsense: of a flood it gets the first notes of each span, and a count."""

    def __init__(self, reactor: Reactor, log: Log) -> None:
        self._reactor = reactor
        self._log = log
        self._until = 0.0
        self._came: dict[str, int] = {}
        """How many notes of each level have come within the span."""
        self._timer: Call | None = None

    def __call__(self, note: Note) -> None:
        """Tells a note, or counts it."""
        now = self._reactor.seconds()
        if now >= self._until:
            self.close()
            self._until = now + SPAN
        count = self._came[note.level] = self._came.get(note.level, 0) + 1
        if count <= MOST:
            self._log(note)
        elif self._timer is None:
            self._timer = self._reactor.callLater(self._until - now, self.close)

    def close(self) -> None:
        """Says what was left out; a new span begins."""
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()
        came, self._came = self._came, {}
        for level, count in came.items():
            if count > MOST:
                self._log(Note(level, f"{count - MOST} more notes were left out"))


def standard_log(note: Note) -> None:
    """Warnings and errors on standard error."""
    if note.level in ("warning", "error"):
        fields = " ".join(f"{name}={value}" for name, value in note.fields)
        print(printable(f"disco-ref: {note.text} {fields}".rstrip()), file=sys.stderr)


def printable(text: str) -> str:
    """The text without control characters, which could steer the terminal, and not too long: it may come from anybody."""
    return "".join(each if each.isprintable() else "?" for each in text[:LONGEST])


class Paced:
    """A stream that is flushed a few times a second, however much is written."""

    def __init__(self, reactor: Reactor, out: TextIO) -> None:
        self._reactor = reactor
        self._out = out
        self._due = False

    def write(self, line: str) -> None:
        """A line."""
        self._through(lambda: self._out.write(line + "\n"))
        if not self._due:
            self._due = True
            self._reactor.callLater(FLUSH, self.flush)

    def flush(self) -> None:
        """Out with it."""
        self._due = False
        self._through(self._out.flush)

    def _through(self, write: Callable[[], object]) -> None:
        """A reader who has gone, or a full disk, ends nothing."""
        try:
            write()
        except OSError:
            self._out = unread(self._out)


def unread(out: TextIO) -> TextIO:
    """What takes the place of a stream that takes no more: nothing is written any more, not even at the end."""
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it stays open until the end
    with suppress(OSError, ValueError):
        os.dup2(nowhere.fileno(), out.fileno())
    return nowhere
