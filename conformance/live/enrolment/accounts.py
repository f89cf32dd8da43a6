"""Who has an account at an enrolment server, as the file of ``--accounts`` says it.

TOML: ``[[account]]`` with ``user``, ``password``, and ``name``, the user name that it may ask for (without it: whatever the server gives).
The first two are of two different users; one whose user or password is beyond ASCII may stand anywhere.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import Misuse, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account."""

    user: str
    password: str = field(repr=False)
    name: str = ""
    """The user name for its certificates; empty: the server chooses."""

    @property
    def ascii(self) -> bool:
        """Whether user and password are plain."""
        return (self.user + self.password).isascii()


def read_accounts(path: Path) -> tuple[Account, ...]:
    """The accounts of a file; raises Misuse."""
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("account", [])
        found = tuple(
            Account(user=str(one["user"]), password=str(one["password"]), name=str(one.get("name", "")))
            for one in tables
        )
    except OSError as fault:
        raise Misuse(f"--accounts {path}: {said(fault)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as fault:
        raise Misuse(f"--accounts {path}: {fault!r}; expected [[account]] with user and password") from None
    if not found:
        raise Misuse(f"--accounts {path} names no [[account]]")
    return found
