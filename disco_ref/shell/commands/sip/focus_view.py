"""What ``disco-ref focus`` shows: a live roster on a terminal, plain lines elsewhere, JSON lines where asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from heapq import nsmallest
from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from disco_ref.conference.focus.roster import (
    ConferenceBegan,
    ConferenceOver,
    EndpointGone,
    EndpointShown,
    TurnedAway,
)
from disco_ref.shell.notes import PACE, Paced, printable
from disco_ref.shell.sip.wire import Reactor

ROWS = 60
"""Endpoints that a picture shows; more are counted."""


class View(Protocol):
    """Whoever is shown what happens."""

    def show(self, event: object) -> None:
        """An event of the focus."""

    def say(self, line: str, **fields: str) -> None:
        """A line about the program itself; ``fields`` say the same to a program."""

    def state(self, counts: Mapping[str, int]) -> None:
        """How much is held of what."""

    def close(self) -> None:
        """Nothing more comes."""


class JsonLines:
    """One JSON object a line: ``event``, ``at`` in seconds since 1970, and the fields of the event."""

    def __init__(self, reactor: Reactor, out: TextIO, clock: Callable[[], float] = time.time) -> None:
        self._out = Paced(reactor, out)
        self._clock = clock

    def show(self, event: object) -> None:
        """An event of the focus."""
        name = type(event).__name__
        self._write(
            {"event": name, **(event._asdict() if isinstance(event, tuple) and hasattr(event, "_asdict") else {})}
        )

    def say(self, line: str, **fields: str) -> None:
        """A line about the program itself."""
        self._write({"event": "Said", "text": line, **fields})

    def state(self, counts: Mapping[str, int]) -> None:
        """How much is held of what; here the zeros too."""
        self._write({"event": "state", "counts": dict(counts)})

    def close(self) -> None:
        """Nothing more comes."""
        self._out.flush()

    def _write(self, fields: dict[str, object]) -> None:
        self._out.write(json.dumps({"at": round(self._clock(), 3), **fields}))


class Lines:
    """One line for each thing that happens."""

    def __init__(self, reactor: Reactor, out: TextIO) -> None:
        self._out = Paced(reactor, out)
        self._last: dict[str, str] = {}

    def show(self, event: object) -> None:
        """An event of the focus; what is as before is not said again."""
        line = _line(event)
        if isinstance(event, EndpointShown):
            if self._last.get(event.call) == line:
                return
            self._last[event.call] = line
        elif isinstance(event, EndpointGone):
            self._last.pop(event.call, None)
        if line:
            self.say(line)

    def say(self, line: str, **fields: str) -> None:
        """A line about the program itself."""
        self._out.write(printable(line))

    def state(self, counts: Mapping[str, int]) -> None:
        """How much is held of what."""
        self.say(_held(counts))

    def close(self) -> None:
        """Nothing more comes."""
        self._out.flush()


class Picture:
    """The roster as a table that is drawn anew, a few times a second at most."""

    def __init__(self, reactor: Reactor, console: Console) -> None:
        self._reactor = reactor
        self._console = console
        self._rows: dict[str, EndpointShown] = {}
        self._uris: dict[str, str] = {}
        self._said = Text()
        self._due = False
        self._live = Live(self._table(), console=console, auto_refresh=False)
        self._live.start()

    def show(self, event: object) -> None:
        """An event of the focus."""
        if isinstance(event, EndpointShown):
            self._rows[event.call] = event
        elif isinstance(event, EndpointGone):
            self._rows.pop(event.call, None)
            self._said = Text(printable(_line(event)))
        elif isinstance(event, ConferenceBegan):
            self._uris[event.name] = event.uri
        elif isinstance(event, ConferenceOver):
            self._uris.pop(event.name, None)
        elif isinstance(event, TurnedAway):
            self._said = Text(printable(_line(event)))
        self._draw_soon()

    def say(self, line: str, **fields: str) -> None:
        """A line about the program itself, which stays above the roster."""
        self._console.print(Text(printable(line)))

    def state(self, counts: Mapping[str, int]) -> None:
        """How much is held of what."""
        self.say(_held(counts))

    def close(self) -> None:
        """The last picture stays."""
        self._live.update(self._table(), refresh=True)
        self._live.stop()

    def _draw_soon(self) -> None:
        if not self._due:
            self._due = True
            self._reactor.callLater(PACE, self._draw)

    def _draw(self) -> None:
        self._due = False
        if self._live.is_started:
            self._live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        table = Table(caption=self._said, expand=True)
        shown = columns(self._console.width, ("conference", "participant", "status", "media", "from"))
        for column in shown:
            # What may be cut is names and addresses: the rest stays whole.
            table.add_column(column, no_wrap=column in ("status", "media"))
        for one in nsmallest(ROWS, self._rows.values(), key=lambda one: (one.name, one.entity)):
            cells = (one.name, one.display or one.entity, one.status, _media(one), one.endpoint)
            table.add_row(*(clipped(cell) for cell in cells[: len(shown)]))
        if len(self._rows) > ROWS:
            table.add_row("", Text(f"and {len(self._rows) - ROWS} more"))
        if not self._rows:
            table.add_row("", Text("nobody is here", style="dim"))
        return table


WIDE, NARROW = 110, 80
"""Characters of a line from which all columns are shown, and below which even the media are not."""


def columns(width: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that there is room for: the last ones are left out first."""
    return names if width >= WIDE else names[:-1] if width >= NARROW else names[:-2]


def clipped(cell: str) -> Text:
    """A cell of one line, whose end is cut where there is no room."""
    return Text(printable(cell), no_wrap=True, overflow="ellipsis")


def _held(counts: Mapping[str, int]) -> str:
    return "holds " + (", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing")


def _line(event: object) -> str:
    if isinstance(event, ConferenceBegan):
        return f"{event.name}: begins, {event.uri}"
    if isinstance(event, ConferenceOver):
        return f"{event.name}: is over"
    if isinstance(event, EndpointShown):
        return f"{event.name}: {event.entity} {event.status} {_media(event)}".rstrip()
    if isinstance(event, EndpointGone):
        return f"{event.name}: {event.entity} {event.how} ({event.why})"
    if isinstance(event, TurnedAway):
        return f"turned away: {event.entity} calling {event.uri}: {event.status}, {event.why}"
    return ""


def _media(one: EndpointShown) -> str:
    return ", ".join(f"{medium} {direction}" for medium, direction in one.media)
