"""The tokens of the presentation language (RFC 6940, section 6.3.1; RFC 5246, section 4).

Comments are kept: RFC 6940 says in comments which selects may be extended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<comment>/\*.*?\*/|//[^\n]*)"
    r"|(?P<open>/\*)"
    r"|(?P<number>0[xX][0-9a-fA-F]+|\d+)"
    r"|(?P<name>[A-Za-z_]\w*(?:-\w+)*)"
    r"|(?P<mark>\.\.|[{}()\[\]<>;:,.^+*-])",
    re.S | re.A,
)


class Place(NamedTuple):
    """A place in a text, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``name``, ``number``, ``mark``, ``comment``, ``stray`` or ``end``."""

    kind: str
    text: str
    place: Place


def tokens(text: str) -> Iterator[Token]:
    """Every token of a text, comments included, and one ``end``; what is no token is ``stray``."""
    position, line, start = 0, 1, 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        kind = found.lastgroup if found else "stray"
        piece = found.group() if found else text[position]
        place = Place(line, position - start + 1)
        if kind == "open":
            yield Token("stray", "/*", place)
        elif kind and kind != "space":
            yield Token(kind, piece, place)
        breaks = piece.count("\n")
        if breaks:
            line += breaks
            start = position + piece.rindex("\n") + 1
        position += len(piece)
    yield Token("end", "", Place(line, position - start + 1))
