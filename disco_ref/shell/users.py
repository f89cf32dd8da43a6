"""Names and passwords from a file: lines with a name and a password, or TOML (the users of a registrar)."""

from __future__ import annotations

import stat
import sys
import tomllib
from pathlib import Path

from disco_ref.shell.sip.trouble import Trouble
from disco_ref.sip.digest.accounts import Accounts

LARGEST = 16 << 20
"""Octets of the file that are read."""


class UsersUnreadable(Trouble):
    """The file cannot be read, or a line of it makes no sense; the text says which, and never shows a password."""


def read_users(path: Path) -> dict[str, str]:
    """From the name of each user to the password.

    A file whose name ends in ``.toml`` holds a table ``users``; any other a name and a password on each line, with white space
    between them, and comments behind ``#`` at the beginning of a line.  A file that everybody may write is refused.
    """
    try:
        mode = path.stat().st_mode
        with path.open("rb") as source:
            octets = source.read(LARGEST + 1)
    except OSError as failure:
        raise UsersUnreadable(f"cannot read {path}: {failure.strerror or failure}") from None
    if mode & stat.S_IWOTH:
        raise UsersUnreadable(f"{path}: everybody may write it; make it yours with chmod 600 {path}")
    if len(octets) > LARGEST:
        raise UsersUnreadable(f"{path}: more than {LARGEST} octets")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise UsersUnreadable(f"{path}: no UTF-8 at byte {failure.start}") from None
    users = _table(path, text) if path.suffix == ".toml" else _lines(path, text)
    if not users:
        raise UsersUnreadable(f"{path}: no users; expected a name and a password on each line")
    return users


def accounts(path: Path | None) -> Accounts | None:
    """The users of a file, if one is named; where others can read their passwords, standard error says so."""
    if path is None:
        return None
    users = read_users(path)
    if readable_for_others(path):
        print(f"disco-ref: {path} can be read by others; chmod 600 {path}", file=sys.stderr)
    return Accounts(users)


def readable_for_others(path: Path) -> bool:
    """Whether somebody else can read the passwords."""
    return bool(path.stat().st_mode & (stat.S_IROTH | stat.S_IRGRP))


def _table(path: Path, text: str) -> dict[str, str]:
    try:
        users = tomllib.loads(text).get("users")
    except tomllib.TOMLDecodeError as failure:
        # its message may quote the text
        place = str(failure).rpartition("(")[2].rstrip(")")
        raise UsersUnreadable(f"{path}: no TOML ({place})") from None
    if not isinstance(users, dict) or not all(isinstance(each, str) for each in users.values()):
        raise UsersUnreadable(f'{path}: expected a table [users] with lines such as alice = "password"')
    return {str(name): str(password) for name, password in users.items()}


def _lines(path: Path, text: str) -> dict[str, str]:
    users: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, *rest = line.split(maxsplit=1)
        if not rest:
            raise UsersUnreadable(f"{path}:{number}: expected a name, white space and a password")
        if name in users:
            raise UsersUnreadable(f"{path}:{number}: the name {name} stands twice")
        users[name] = rest[0].rstrip()
    return users
