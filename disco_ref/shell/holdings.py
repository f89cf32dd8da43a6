"""What a peer holds, on disk: rows in SQLite, so that a peer that starts anew has all that it acknowledged (RFC 6940, section 7)."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from disco_ref.errors import Malformed
from disco_ref.reload.actions import Change

VERSION = 1
"""Of the tables; another one is refused, never converted in silence."""

_TABLES = (
    """
    CREATE TABLE held (
        resource BLOB NOT NULL,
        kind INTEGER NOT NULL,
        held BLOB NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (resource, kind)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE overlay (name TEXT NOT NULL)",
)


class HoldingsLost(Exception):
    """The database cannot be opened, read or written; the text says which and why."""


class DamagedRow(Malformed):
    """A row that is not what was written; where it stands is told, and the others are read."""


class Loaded(NamedTuple):
    """What was found on disk."""

    changes: list[Change]
    """Every sound row, as it was written."""
    damaged: list[DamagedRow]
    """Why the others are left out."""


class HoldingStore:
    """The rows of one peer in one file; each call is one transaction, on disk when it returns.

    No other process can open the file meanwhile: two peers on one file would overwrite each other.
    """

    def __init__(self, path: str, overlay: str) -> None:
        """Opens the file, or makes it, readable for nobody else; HoldingsLost where it is another overlay's, or something else."""
        self._path = path
        with suppress(FileExistsError, OSError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            self._database = sqlite3.connect(path, timeout=0.5, isolation_level=None)
        except sqlite3.Error as failure:
            raise self._trouble(failure) from None
        try:
            self._database.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._prepare(overlay)
        except sqlite3.Error as failure:
            self.close()
            raise self._trouble(failure) from None
        except HoldingsLost:
            self.close()
            raise

    def _prepare(self, overlay: str) -> None:
        (found,) = self._database.execute("PRAGMA user_version").fetchone()
        tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found == 0 and tables == 0:
            self._database.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                self._database.execute(table)
            self._database.execute("INSERT INTO overlay VALUES (?)", (overlay,))
            self._database.execute(f"PRAGMA user_version={VERSION}")
            self._database.execute("COMMIT")
        elif found != VERSION:
            raise HoldingsLost(f"{self._path}: a database of something else, or of another version")
        names = [str(name) for (name,) in self._database.execute("SELECT name FROM overlay")]
        if names != [overlay]:
            raise HoldingsLost(f"{self._path}: values of the overlay {', '.join(names)}, not of {overlay}")
        # a lock that others respect is only taken by the first write
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("COMMIT")

    def write(self, changes: Iterable[Change]) -> None:
        """Writes changes, all or none; when this returns they outlive the process, and the machine."""
        database = self._database
        try:
            database.execute("BEGIN IMMEDIATE")
            for resource, kind, held in changes:
                if held is None:
                    database.execute("DELETE FROM held WHERE resource = ? AND kind = ?", (resource, kind))
                else:
                    row = resource, kind, held, _digest(resource, kind, held)
                    database.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)", row)
            database.execute("COMMIT")
        except (sqlite3.Error, OverflowError, ValueError) as failure:
            with suppress(sqlite3.Error):
                database.execute("ROLLBACK")
            raise self._trouble(failure) from None

    def load(self) -> Loaded:
        """All rows, to be held again (:meth:`disco_ref.reload.storage.room.Storage.restore`)."""
        found = Loaded([], [])
        query = "SELECT resource, kind, held, digest FROM held ORDER BY resource, kind"
        try:
            with closing(self._database.execute(query)) as rows:
                for row in rows:
                    self._take(row, found)
        except sqlite3.Error as failure:
            raise self._trouble(failure) from None
        return found

    def _take(self, row: tuple[object, ...], found: Loaded) -> None:
        match row:
            case (bytes() as resource, int() as kind, bytes() as held, digest) if digest == _digest(
                resource, kind, held
            ):
                found.changes.append(Change(resource, kind, held))
            case (resource, kind, *_):
                named = resource.hex() if isinstance(resource, bytes) else repr(resource)[:80]
                where = f"{self._path}, Resource-ID {named}, Kind {repr(kind)[:20]}"
                found.damaged.append(DamagedRow("not what was written", where=where))

    def close(self) -> None:
        """Closes the file."""
        with suppress(sqlite3.Error):
            self._database.close()

    def _trouble(self, failure: Exception) -> HoldingsLost:
        folder = Path(self._path).parent
        if not folder.is_dir():
            return HoldingsLost(f"{self._path}: there is no folder {folder}")
        return HoldingsLost(f"{self._path}: {failure}")


def _digest(resource: bytes, kind: int, held: bytes) -> bytes:
    """What shows a row to be the one that was written, at its place."""
    place = len(resource).to_bytes(1, "big") + resource + kind.to_bytes(8, "big", signed=True)
    return hashlib.sha256(place + held).digest()
