"""What a program says of trouble: as much as somebody can read, and nothing that could steer a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

from disco_ref.peer.effects import Note
from disco_ref.shell.sip.wire import Call, Reactor

Log = Callable[[Note], None]

SPAN = 10.0
"""Seconds within which only so many notes are told."""
MOST = 20
"""Notes of one level that are told within a span; the others are counted."""
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
