"""What ``disco-ref overlay`` and ``disco-ref node`` show: lines, or lines of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from disco_ref.peer.overlay.effects import Note
from disco_ref.shell.notes import printable, unread
from disco_ref.shell.overlay.local import Row

WIDTH = 120
"""Columns of a table where nobody says how many there are."""
SHORT = 8
"""Digits of a Node-ID that are shown to people."""


class Lines:
    """What happens, a line each, and the ring as a table."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def joined(self, number: int, of: int, shown: Row, seconds: float) -> None:
        """A peer has joined."""
        which = f"{number} of {of}: " if of > 1 else ""
        self.say(f"{which}{shown.node_id[:SHORT]} at {shown.address} has joined in {seconds * 1000:.0f} ms")

    def ring(self, rows: Sequence[Row]) -> None:
        """The ring, as it stands."""
        titles = ("Node-ID", "address", "predecessor", "successor", "share", "fingers", "links", "resources")
        table = Table(*titles, title=f"{len(rows)} peers; Ctrl-C ends it", title_justify="left")
        for each in rows:
            share = f"{each.share:.1%}"
            short = (each.predecessor[:SHORT], each.successor[:SHORT])
            numbers = (str(each.fingers), str(each.connections), str(each.resources))
            cells = (each.node_id[:SHORT], each.address, *short, share, *numbers)
            table.add_row(*(Text(printable(cell)) for cell in cells))
        try:
            Console(file=self._out, width=None if self._out.isatty() else WIDTH).print(table)
            self._out.flush()
        except OSError:
            self._out = unread(self._out)

    def note(self, note: Note) -> None:
        """Something for the log: warnings and errors, on standard error."""
        if note.level in ("warning", "error"):
            fields = " ".join(f"{name}={value}" for name, value in note.fields)
            print(printable(f"disco-ref: {note.text} {fields}".rstrip()), file=sys.stderr)

    def say(self, line: str) -> None:
        """A line."""
        self._put(printable(line))

    def _put(self, line: str) -> None:
        """A line as it is; a reader who has gone, or a full disk, ends nothing."""
        try:
            print(line, file=self._out, flush=True)
        except OSError:
            self._out = unread(self._out)


class JsonLines(Lines):
    """The same as lines of JSON, notes and all."""

    def joined(self, number: int, of: int, shown: Row, seconds: float) -> None:
        """A peer has joined."""
        self.event("joined", number=number, of=of, seconds=round(seconds, 4), **shown._asdict())

    def ring(self, rows: Sequence[Row]) -> None:
        """The ring, as it stands."""
        self.event("ring", peers=[each._asdict() for each in rows])

    def note(self, note: Note) -> None:
        """Something for the log."""
        if note.level != "debug":
            self.event(note.level, text=note.text, **dict(note.fields))

    def say(self, line: str) -> None:
        """A line for people."""
        self.event("says", text=line)

    def event(self, name: str, **fields: object) -> None:
        """One line."""
        self._put(json.dumps({"event": name, **fields}))


def lines(as_json: bool, out: TextIO) -> Lines:
    """As it was asked for."""
    return JsonLines(out) if as_json else Lines(out)
