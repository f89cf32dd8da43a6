"""What ``disco-ref watch`` shows: the roster as a table on a terminal, plain lines elsewhere, JSON lines where asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from disco_ref.conference.document import ConferenceInfo, Endpoint, User
from disco_ref.shell.commands.sip.focus_view import clipped, columns
from disco_ref.shell.notes import printable

ROWS = 200
"""Endpoints that a picture shows; more are counted."""

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class View(Protocol):
    """Whoever is shown the roster."""

    def roster(self, document: ConferenceInfo | None, version: int | None) -> None:
        """Another state; None where the conference is no more."""

    def say(self, event: str, text: str, **fields: Json) -> None:
        """What becomes of the subscription."""

    def close(self) -> None:
        """Nothing more comes."""


class JsonLines:
    """A JSON object for each change: ``at`` in seconds since 1970, ``event``, and what belongs to it."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.time) -> None:
        self._out = out
        self._clock = clock

    def roster(self, document: ConferenceInfo | None, version: int | None) -> None:
        """Another state."""
        if document is None:
            self._write({"event": "gone"})
            return
        self._write({"event": "roster", "version": version, **as_json(document)})

    def say(self, event: str, text: str, **fields: Json) -> None:
        """What becomes of the subscription."""
        self._write({"event": event, "text": printable(text), **fields})

    def close(self) -> None:
        """Nothing more comes."""

    def _write(self, fields: dict[str, Json]) -> None:
        self._out.write(json.dumps({"at": round(self._clock(), 3), **fields}) + "\n")
        self._out.flush()


class Lines:
    """A line for everybody who comes, goes or changes."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.time) -> None:
        self._out = out
        self._clock = clock
        self._before: dict[str, str] = {}
        self._first = True

    def roster(self, document: ConferenceInfo | None, version: int | None) -> None:
        """Another state, as what is different."""
        after = dict(_rows(document)) if document is not None else {}
        if document is None:
            self._line("the conference is no more")
        elif self._first:
            self._line(f"{document.entity}: {_headline(document)}")
            self._first = False
        for key, text in self._before.items():
            if key not in after:
                self._line(f"- {text}")
        for key, text in after.items():
            if key not in self._before:
                self._line(f"+ {text}")
            elif self._before[key] != text:
                self._line(f"  {text}")
        self._before = after

    def say(self, event: str, text: str, **fields: Json) -> None:
        """What becomes of the subscription."""
        self._line(text)

    def close(self) -> None:
        """Nothing more comes."""

    def _line(self, text: str) -> None:
        self._out.write(f"{time.strftime('%H:%M:%S', time.localtime(self._clock()))}  {printable(text)}\n")
        self._out.flush()


class Picture:
    """The roster as a table, drawn anew with each change."""

    def __init__(self, console: Console, uri: str) -> None:
        self._console = console
        self._uri = uri
        self._document: ConferenceInfo | None = None
        self._said = Text()
        self._live = Live(self._table(), console=console, auto_refresh=False)
        self._live.start()

    def roster(self, document: ConferenceInfo | None, version: int | None) -> None:
        """Another state."""
        self._document = document
        self._live.update(self._table(), refresh=True)

    def say(self, event: str, text: str, **fields: Json) -> None:
        """What becomes of the subscription."""
        self._said = Text(printable(text), style="dim")
        self._live.update(self._table(), refresh=True)

    def close(self) -> None:
        """The last picture stays."""
        self._live.stop()

    def _table(self) -> Table:
        document = self._document
        title = f"{self._uri}  {_headline(document)}" if document is not None else self._uri
        table = Table(title=Text(printable(title)), caption=self._said, expand=True)
        shown = columns(self._console.width, ("participant", "status", "media", "from"))
        for column in shown:
            table.add_column(column, no_wrap=column in ("status", "media"))
        rows = [(user, each) for user in _users(document) for each in user.endpoint or (None,)]
        for user, endpoint in rows[:ROWS]:
            cells = (_name(user), _status(endpoint), _media(endpoint), (endpoint and endpoint.entity) or "")
            table.add_row(*(clipped(cell) for cell in cells[: len(shown)]))
        if len(rows) > ROWS:
            table.add_row(Text(f"and {len(rows) - ROWS} more"))
        if not rows:
            table.add_row(Text("nobody is here" if document is not None else "waiting", style="dim"))
        return table


def as_json(document: ConferenceInfo) -> dict[str, Json]:
    """The roster as JSON: the conference, how many are in it, and each of them with devices and streams."""
    state, about = document.conference_state, document.conference_description
    return {
        "conference": document.entity,
        "subject": about.subject if about is not None else None,
        "user_count": state.user_count if state is not None else None,
        "locked": state.locked if state is not None else None,
        "users": [
            {
                "entity": user.entity,
                "name": user.display_text,
                "roles": list(user.roles.entry) if user.roles is not None else [],
                "endpoints": [_endpoint_json(each) for each in user.endpoint],
            }
            for user in _users(document)
        ],
    }


def _endpoint_json(endpoint: Endpoint) -> dict[str, Json]:
    return {
        "entity": endpoint.entity,
        "status": endpoint.status,
        "joining_method": endpoint.joining_method,
        "media": [{"id": one.id, "type": one.type, "status": one.status} for one in endpoint.media],
    }


def _users(document: ConferenceInfo | None) -> tuple[User, ...]:
    return document.users.user if document is not None and document.users is not None else ()


def _rows(document: ConferenceInfo) -> Iterator[tuple[str, str]]:
    """Each endpoint by its keys, and in words."""
    for place, user in enumerate(_users(document)):
        for number, endpoint in enumerate(user.endpoint or (None,)):
            key = f"{user.entity or place} {(endpoint and endpoint.entity) or number}"
            yield key, " ".join(filter(None, (_name(user), _status(endpoint), _media(endpoint))))


def _headline(document: ConferenceInfo) -> str:
    state, about = document.conference_state, document.conference_description
    count = state.user_count if state is not None and state.user_count is not None else len(_users(document))
    said = [f"{about.subject}," if about is not None and about.subject else "", f"{count} present"]
    return " ".join([*filter(None, said), *(["(locked)"] if state is not None and state.locked else [])])


def _name(user: User) -> str:
    known = user.entity or "somebody"
    return f"{user.display_text} <{known}>" if user.display_text else known


def _status(endpoint: Endpoint | None) -> str:
    return endpoint.status.value if endpoint is not None and endpoint.status is not None else ""


def _media(endpoint: Endpoint | None) -> str:
    media = endpoint.media if endpoint is not None else ()
    return ", ".join(" ".join(filter(None, (one.type or one.id, one.status and one.status.value))) for one in media)
