"""What a digest is made of: algorithms, A1, A2 and the response (RFC 3261, section 22.4; RFC 2617, section 3.2.2).

SHA-256 is written from memory of RFC 7616 and RFC 8760.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import NamedTuple

AUTH = "auth"
INTEGRITY = "auth-int"


class Algorithm(StrEnum):
    """A hash by its name in a challenge, the strongest first."""

    # = rfc8760:2/0
    SHA_256 = "SHA-256"
    MD5 = "MD5"

    def hash(self, octets: bytes | str) -> str:
        """The digest in lower-case hexadecimal digits, of text in UTF-8."""
        octets = octets.encode("utf-8", "surrogateescape") if isinstance(octets, str) else octets
        # MD5 is what deployed phones know; its use as a hash of passwords is what RFC 3261 asks for
        made = hashlib.md5(octets, usedforsecurity=False) if self is Algorithm.MD5 else hashlib.sha256(octets)
        return made.hexdigest()

    @classmethod
    def named(cls, name: str | None) -> Algorithm | None:
        """The algorithm of a parameter in any case, MD5 where there is none; None for one that is not known here."""
        # = rfc2617:3.2.1/0
        upper = "MD5" if name is None else name.upper()
        return next((each for each in cls if each.value == upper), None)


class Exchange(NamedTuple):
    """What a response is computed over besides the password: one request and one nonce."""

    method: str
    uri: str
    """The ``uri`` of the credentials, as it stands there."""
    nonce: str
    qop: str | None = None
    """``auth``, ``auth-int``, or None towards peers of RFC 2069."""
    nc: str = ""
    """Eight hexadecimal digits; nothing without ``qop``."""
    cnonce: str = ""
    body: bytes = b""
    """Counts under ``auth-int`` only."""


def secret(algorithm: Algorithm, username: str, realm: str, password: str) -> str:
    """H(A1): what a server may keep instead of the password, and what nobody else may see (RFC 2617, section 3.2.2.2)."""
    return algorithm.hash(f"{username}:{realm}:{password}")


def response(algorithm: Algorithm, secret: str, exchange: Exchange) -> str:
    """The ``response`` parameter of credentials (RFC 2617, section 3.2.2.1)."""
    method, uri, nonce, qop, nc, cnonce, body = exchange
    a2 = f"{method}:{uri}"
    if qop == INTEGRITY:
        # = rfc3261:22.4/0
        a2 += f":{algorithm.hash(body)}"
    if qop is None:
        # = rfc3261:22.4/1
        return algorithm.hash(f"{secret}:{nonce}:{algorithm.hash(a2)}")
    return algorithm.hash(f"{secret}:{nonce}:{nc}:{cnonce}:{qop}:{algorithm.hash(a2)}")
