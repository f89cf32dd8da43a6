"""Accounts, the user names they own, Node-IDs and issued certificates, in SQLite (RFC 6940, section 11.3)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from disco_ref.clock import Instant

VERSION = 1
"""Of the tables; another one is refused, never converted in silence."""

_TABLES = """
CREATE TABLE account (
    name TEXT NOT NULL PRIMARY KEY,
    password TEXT
) WITHOUT ROWID;
CREATE TABLE user_name (
    name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
    account TEXT NOT NULL REFERENCES account (name),
    own INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX names_of_account ON user_name (account);
CREATE TABLE node_id (
    node_id BLOB NOT NULL PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES user_name (name),
    place INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX nodes_of_name ON node_id (user_name);
CREATE TABLE certificate (
    certificate BLOB NOT NULL,
    user_name TEXT NOT NULL REFERENCES user_name (name),
    until REAL NOT NULL
);
"""


class AccountsLost(Exception):
    """The database cannot be opened, read or written, or it holds something else; the text says which and why."""


class AccountTaken(Exception):
    """An account or a user name that somebody has already; the text says so."""


class AccountStore:
    """Accounts in one file; a removed one keeps its names, so that nobody else can get them."""

    def __init__(self, path: str) -> None:
        """Opens the file, or makes it, readable for nobody else; AccountsLost where it is something else."""
        self._path = path
        with suppress(OSError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            self._database = sqlite3.connect(path, timeout=2.0, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("PRAGMA foreign_keys=ON")
            self._prepare()
        except sqlite3.Error as failure:
            raise self._trouble(failure) from None

    def _prepare(self) -> None:
        (found,) = self._database.execute("PRAGMA user_version").fetchone()
        (tables,) = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if found == 0 and tables == 0:
            self._database.executescript(f"BEGIN IMMEDIATE;{_TABLES}PRAGMA user_version={VERSION};COMMIT;")
        elif found != VERSION:
            raise AccountsLost(f"{self._path}: a database of something else, or of another version")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done in it is done on disk, or not at all; AccountsLost where the database fails."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except sqlite3.Error as failure:
            self._roll_back()
            raise self._trouble(failure) from None
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            self._database.execute("ROLLBACK")

    def close(self) -> None:
        """Closes the file."""
        with suppress(sqlite3.Error):
            self._database.close()

    def add(self, account: str, password: str, user_name: str) -> None:
        """A new account with its hashed password and its own user name; AccountTaken where either is somebody's."""
        with self.transaction():
            if self._rows("SELECT 1 FROM account WHERE name = ?", account).fetchone():
                raise AccountTaken(f"there is an account {account} already, or there was one")
            if self.owner(user_name) is not None:
                raise AccountTaken(f"the user name {user_name} is somebody's already")
            self._database.execute("INSERT INTO account VALUES (?, ?)", (account, password))
            self._database.execute("INSERT INTO user_name VALUES (?, ?, 1)", (user_name, account))

    def change_password(self, account: str, password: str | None) -> bool:
        """Another hashed password, None to let nobody in any more; False where there is no such account."""
        with self.transaction():
            changed = self._database.execute("UPDATE account SET password = ? WHERE name = ?", (password, account))
            return changed.rowcount == 1

    def password(self, account: str) -> str | None:
        """The hashed password; None where nobody gets in."""
        row = self._rows("SELECT password FROM account WHERE name = ?", account).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def accounts(self) -> list[tuple[str, bool]]:
        """All accounts, and whether somebody gets in."""
        return [(str(name), bool(can)) for name, can in self._rows("SELECT name, password IS NOT NULL FROM account")]

    def names(self, account: str) -> list[str]:
        """The user names of an account, its own first."""
        rows = self._rows("SELECT name FROM user_name WHERE account = ? ORDER BY own DESC, name", account)
        return [str(name) for (name,) in rows]

    def owner(self, user_name: str) -> tuple[str, str] | None:
        """The account of a user name, and the name as it was given; upper and lower case are not told apart."""
        row = self._rows("SELECT account, name FROM user_name WHERE name = ?", user_name).fetchone()
        return None if row is None else (str(row[0]), str(row[1]))

    def give(self, account: str, user_name: str) -> None:
        """A further user name, within a transaction; AccountTaken where it is somebody's."""
        if self.owner(user_name) is not None:
            raise AccountTaken(f"the user name {user_name} is somebody's already")
        if not self._rows("SELECT 1 FROM account WHERE name = ?", account).fetchone():
            raise AccountTaken(f"there is no account {account}")
        self._database.execute("INSERT INTO user_name VALUES (?, ?, 0)", (user_name, account))

    def node_ids(self, user_name: str) -> tuple[bytes, ...]:
        """The Node-IDs of a user name, in the order in which they were given."""
        rows = self._rows("SELECT node_id FROM node_id WHERE user_name = ? ORDER BY place", user_name)
        return tuple(bytes(node_id) for (node_id,) in rows)

    def keep_node_ids(self, user_name: str, added: Sequence[bytes]) -> None:
        """Further Node-IDs of a user name, within a transaction."""
        first = len(self.node_ids(user_name))
        rows = [(node_id, user_name, first + place) for place, node_id in enumerate(added)]
        self._database.executemany("INSERT INTO node_id VALUES (?, ?, ?)", rows)

    def keep_certificate(self, user_name: str, certificate: bytes, until: Instant) -> None:
        """A certificate in DER that was issued, within a transaction."""
        self._database.execute("INSERT INTO certificate VALUES (?, ?, ?)", (certificate, user_name, until))

    def issued(self, account: str, now: Instant) -> list[tuple[str, bytes, Instant]]:
        """User name, certificate in DER and end of all certificates of an account that are valid at ``now``."""
        query = (
            "SELECT c.user_name, c.certificate, c.until FROM certificate c JOIN user_name u ON u.name = c.user_name "
            "WHERE u.account = ? AND c.until > ? ORDER BY c.rowid"
        )
        found = self._rows(query, account, now)
        return [(str(name), bytes(octets), Instant(float(until))) for name, octets, until in found]

    def _rows(self, query: str, *values: str | float) -> sqlite3.Cursor:
        try:
            return self._database.execute(query, values)
        except sqlite3.Error as failure:
            raise self._trouble(failure) from None

    def _trouble(self, failure: Exception) -> AccountsLost:
        folder = Path(self._path).parent
        return AccountsLost(f"{self._path}: {f'there is no folder {folder}' if not folder.is_dir() else failure}")
