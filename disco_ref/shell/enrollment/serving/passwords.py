"""Passwords at rest: hashed with Argon2id (RFC 9106), and checked with the same work whoever asks."""

from __future__ import annotations

import secrets
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 1024
"""Octets of a password."""


class Passwords:
    """Hashes and checks; both take long on purpose, so that they belong into a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """The hash of a password that nobody knows."""
        return self._hasher.hash(secrets.token_bytes(32))

    def hash(self, password: bytes) -> str:
        """What is kept of a password; ValueError where it is empty or too long."""
        if not 1 <= len(password) <= LONGEST:
            raise ValueError(f"a password has 1 to {LONGEST} octets")
        return self._hasher.hash(password)

    def fits(self, kept: str | None, password: bytes) -> bool:
        """Whether a password is the one that was hashed; None stands for nobody, takes as long, and never fits."""
        nobody = self._nobody
        # = rfc6940:11.3/7
        try:
            return self._hasher.verify(kept or nobody, password[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False
