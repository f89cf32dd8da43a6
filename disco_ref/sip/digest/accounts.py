"""Who may prove what: names and passwords, kept so that neither prints (RFC 3261, section 22.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.sip.digest.scheme import Algorithm, secret


class Account(NamedTuple):
    """A name and a password that a client may use."""

    username: str
    password: str
    realm: str = ""
    """The realm that they are for; empty: any."""

    def __repr__(self) -> str:
        """Without the password."""
        return f"Account({self.username!r}, realm={self.realm!r})"


class Accounts:
    """The names and passwords that a server knows."""

    __slots__ = ("_passwords", "_secrets")

    def __init__(self, passwords: Mapping[str, str]) -> None:
        """From the name of a user, without domain, to the password."""
        self._passwords = dict(passwords)
        self._secrets: dict[tuple[Algorithm, str, str], str] = {}

    def __repr__(self) -> str:
        """How many they are."""
        return f"<{len(self._passwords)} accounts>"

    def __len__(self) -> int:
        """How many they are."""
        return len(self._passwords)

    def __contains__(self, name: str) -> bool:
        """Whether there is a user of this name."""
        return name in self._passwords

    def name_of(self, username: str) -> str | None:
        """The user that a ``username`` stands for, ``alice`` or ``alice@example.com``; None where there is none."""
        # = rfc3261:22.1/0 silent: phones put the name with or without the domain
        for name in (username, username.partition("@")[0]):
            if name in self._passwords:
                return name
        return None

    def secret(self, algorithm: Algorithm, username: str, realm: str) -> str | None:
        """H(A1) for a ``username`` as sent; None where nobody has that name."""
        name = self.name_of(username)
        if name is None:
            return None
        key = algorithm, username, realm
        found = self._secrets.get(key)
        if found is None:
            found = secret(algorithm, username, realm, self._passwords[name])
            if len(self._secrets) < 4 * len(self._passwords) + 64:
                self._secrets[key] = found
        return found
