"""The location service on disk: bindings in SQLite, so that a registrar that starts anew knows who is where (RFC 3261, section 10.1)."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import groupby
from pathlib import Path

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.registration.bindings import Binding

IN_MEMORY = ":memory:"
"""The name of a database that is gone when the program ends."""

VERSION = 1
"""Of the table; another one is refused, never converted in silence."""

_TABLE = """
CREATE TABLE binding (
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    contact BLOB NOT NULL,
    call_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    until REAL NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (name, place)
) WITHOUT ROWID
"""

Change = tuple[str, Sequence[Binding]]
"""An address-of-record with all its bindings from now on."""


class LocationsLost(Exception):
    """The database cannot be opened, read or written; the text says which and why."""


class LocationStore:
    """Bindings in one file; each call is one transaction, on disk when it returns."""

    def __init__(self, path: str) -> None:
        """Opens the file, or makes it, readable for nobody else; LocationsLost where it is something else."""
        self._path = path
        if path != IN_MEMORY:
            with suppress(FileExistsError, OSError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            self._database = sqlite3.connect(path, timeout=2.0, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._prepare()
        except sqlite3.Error as failure:
            raise self._trouble(failure) from None

    def _prepare(self) -> None:
        (found,) = self._database.execute("PRAGMA user_version").fetchone()
        tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found == 0 and tables == 0:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute(_TABLE)
            self._database.execute(f"PRAGMA user_version={VERSION}")
            self._database.execute("COMMIT")
        elif found != VERSION:
            raise LocationsLost(f"{self._path}: a database of something else, or of another version")

    def load(self, now: Instant) -> list[tuple[str, tuple[Binding, ...]]]:
        """All bindings that have not expired, by address-of-record; a row that makes no sense is left out."""
        query = "SELECT name, contact, call_id, number, until, path FROM binding WHERE until > ? ORDER BY name, place"
        try:
            with closing(self._database.execute(query, (now,))) as rows:
                return [
                    (name, tuple(_bindings(found)))
                    for name, found in groupby(rows.fetchall(), key=lambda row: str(row[0]))
                ]
        except sqlite3.Error as failure:
            raise self._trouble(failure) from None

    def replace(self, changes: Iterable[Change]) -> None:
        """Makes the bindings of some addresses-of-record these, all or none; LocationsLost where that fails."""
        database = self._database
        try:
            database.execute("BEGIN IMMEDIATE")
            for name, bindings in changes:
                database.execute("DELETE FROM binding WHERE name = ?", (name,))
                database.executemany("INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?)", _rows(name, bindings))
            database.execute("COMMIT")
        except (sqlite3.Error, OverflowError, ValueError) as failure:
            with suppress(sqlite3.Error):
                database.execute("ROLLBACK")
            raise self._trouble(failure) from None

    def close(self) -> None:
        """Closes the file."""
        with suppress(sqlite3.Error):
            self._database.close()

    def _trouble(self, failure: Exception) -> LocationsLost:
        folder = Path(self._path).parent
        if self._path != IN_MEMORY and not folder.is_dir():
            return LocationsLost(f"{self._path}: there is no folder {folder}")
        return LocationsLost(f"{self._path}: {failure}")


def _rows(name: str, bindings: Sequence[Binding]) -> Iterator[tuple[str, int, bytes, str, int, float, str]]:
    for place, binding in enumerate(bindings):
        # octets that are no UTF-8 come back as they came
        contact, path = str(binding.contact).encode("utf-8", "surrogateescape"), json.dumps(binding.path)
        yield name, place, contact, binding.call_id, binding.number, binding.until, path


def _bindings(rows: Iterable[tuple[str, bytes, str, int, float, str]]) -> Iterator[Binding]:
    for _, text, call_id, number, until, path in rows:
        with suppress(Refusal, ValueError, AttributeError):
            (contact,) = CONTACT.read(text.decode("utf-8", "surrogateescape"))
            if isinstance(contact, Contact):
                contact.parts()
                yield Binding(contact, call_id, int(number), Instant(float(until)), tuple(json.loads(path)))
