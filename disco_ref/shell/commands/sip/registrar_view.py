"""What ``disco-ref registrar`` shows: a live table on a terminal, plain lines elsewhere, JSON lines where asked."""

from __future__ import annotations

import json
from heapq import nsmallest
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from disco_ref.clock import Instant
from disco_ref.peer.effects import Note
from disco_ref.shell.notes import PACE, Paced, printable, standard_log
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.registration.bindings import Binding
from disco_ref.sip.registration.registrar import date

SHOWN = 40
"""Users that the table in the terminal shows; there may be many more."""


class Lines:
    """What happens, a line each."""

    def __init__(self, reactor: Reactor, out: TextIO) -> None:
        self._out = Paced(reactor, out)

    def started(self, domains: tuple[str, ...], listening: list[str]) -> None:
        """The sockets are open."""
        self._out.write(f"registrar and proxy of {', '.join(domains)}, on {', '.join(listening)}")

    def bindings(self, name: str, bindings: tuple[Binding, ...], now: Instant) -> None:
        """A user can be reached elsewhere than before."""
        places = ", ".join(f"{each.contact.uri_text} for {each.expires(now)} s" for each in bindings)
        self._out.write(f"{name}: {places or 'not registered any more'}")

    def note(self, note: Note) -> None:
        """Something for the log: warnings and errors, on standard error."""
        standard_log(note)

    def close(self) -> None:
        """Nothing more comes."""
        self._out.flush()


class JsonLines(Lines):
    """The same as lines of JSON, notes and all."""

    def started(self, domains: tuple[str, ...], listening: list[str]) -> None:
        """The sockets are open."""
        self._out.write(json.dumps({"event": "started", "domains": domains, "listening": listening}))

    def bindings(self, name: str, bindings: tuple[Binding, ...], now: Instant) -> None:
        """A user can be reached elsewhere than before."""
        places = [{"contact": str(each.contact), "expires": each.expires(now)} for each in bindings]
        self._out.write(json.dumps({"event": "bindings", "at": date(now), "user": name, "bindings": places}))

    def note(self, note: Note) -> None:
        """Something for the log."""
        if note.level != "debug":
            self._out.write(json.dumps({"event": note.level, "text": note.text, **dict(note.fields)}))


class LiveTable(Lines):
    """The registrations as a table that is drawn anew, a few times a second at most."""

    def __init__(self, reactor: Reactor, out: TextIO) -> None:
        super().__init__(reactor, out)
        self._reactor = reactor
        self._title = ""
        self._users: dict[str, tuple[Binding, ...]] = {}
        self._due = False
        self._live = Live(console=Console(file=out), auto_refresh=False, transient=False)

    def started(self, domains: tuple[str, ...], listening: list[str]) -> None:
        """The sockets are open."""
        self._title = f"{', '.join(domains)} on {', '.join(listening)}; Ctrl-C ends it"
        self._live.start()
        self._draw()

    def bindings(self, name: str, bindings: tuple[Binding, ...], now: Instant) -> None:
        """A user can be reached elsewhere than before."""
        if bindings:
            self._users[name] = bindings
        else:
            self._users.pop(name, None)
        if not self._due:
            self._due = True
            self._reactor.callLater(PACE, self._draw)

    def close(self) -> None:
        """The last table stays."""
        self._draw()
        self._live.stop()

    def _draw(self) -> None:
        self._due = False
        if self._live.is_started:
            self._live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        table = Table("user", "reached at", "registered until", title=self._title, title_justify="left")
        for name in nsmallest(SHOWN, self._users):
            for binding in self._users[name]:
                cells = (name, binding.contact.uri_text, date(binding.until))
                table.add_row(*(Text(printable(cell)) for cell in cells))
        if len(self._users) > SHOWN:
            table.caption = f"and {len(self._users) - SHOWN} more"
        return table
