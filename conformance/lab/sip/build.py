"""Writes SIP messages, right or deliberately wrong: nothing is checked unless it is asked for.

A header may be given twice, misspelled, without a value, or with octets of any kind; the order is
kept.  ``length="right"`` appends the true Content-Length where the headers do not name one.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import md5
from typing import Literal

Octets = str | bytes
"""Text (written as UTF-8, lone surrogates back to the octets they stand for) or octets as they are."""


def octets(text: Octets) -> bytes:
    """Octets of a piece of a message."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def build(
    start: Octets,
    headers: Iterable[tuple[Octets, Octets]],
    body: Octets = b"",
    *,
    length: Literal["right", "none"] | int = "right",
    line_end: bytes = b"\r\n",
) -> bytes:
    """A message: start line, headers in their order, Content-Length as asked for, an empty line, the body."""
    payload = octets(body)
    lines = [octets(start)]
    named = False
    for name, value in headers:
        lines.append(octets(name) + b": " + octets(value))
        named = named or octets(name).lower() in (b"content-length", b"l")
    if isinstance(length, int):
        lines.append(b"Content-Length: %d" % length)
    elif length == "right" and not named:
        lines.append(b"Content-Length: %d" % len(payload))
    return line_end.join([*lines, b"", b""]) + payload


def digest_response(
    *, username: str, realm: str, password: str, method: str, uri: str, nonce: str,
    qop: str | None = None, nc: str = "00000001", cnonce: str = "",
) -> str:  # fmt: skip
    """The ``response`` of digest credentials with MD5 (RFC 3261, section 22.4; RFC 2617, section 3.2.2)."""
    first = _md5(f"{username}:{realm}:{password}")
    second = _md5(f"{method}:{uri}")
    middle = f"{nonce}:{nc}:{cnonce}:{qop}" if qop else nonce
    return _md5(f"{first}:{middle}:{second}")


def _md5(text: str) -> str:
    # MD5 is what the published mechanism names; nothing is protected by it here.
    return md5(text.encode(), usedforsecurity=False).hexdigest()
