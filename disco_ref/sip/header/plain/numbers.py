"""Header fields that are one number (RFC 3261, sections 20.14, 20.19, 20.22 and 20.23; RFC 5393)."""

from __future__ import annotations

import re
from collections.abc import Callable

from disco_ref.notation.abnf import DIGIT, kept, rule, some
from disco_ref.sip.grammar import SWS
from disco_ref.sip.header.field import Field, single
from disco_ref.sip.refusals import BadRequest

_NUMBER = rule(SWS, kept(some(DIGIT)), SWS)


def _up_to(most: int, name: str) -> Callable[[str], list[int]]:
    width = len(str(most))
    short = width - 1

    def make(match: re.Match[str]) -> int:
        digits = match[1]
        if len(digits) > width:
            digits = digits.lstrip("0") or "0"
        if len(digits) > width or int(digits) > most:
            raise BadRequest(f"{digits[:20]} is above {most}", where=name)
        return int(digits)

    whole = single(name, _NUMBER, make)

    def read(text: str) -> list[int]:
        if len(text) <= short and text.isascii() and text.isdecimal():
            return [int(text)]
        return whole(text)

    return read


# Content-Length  =  ( "Content-Length" / "l" ) HCOLON 1*DIGIT
# = rfc3261:20.14/0
CONTENT_LENGTH = Field("Content-Length", _up_to(0xFFFFFFFF, "Content-Length"), compact="l", repeats=False, needed=True)
# Max-Forwards    =  "Max-Forwards" HCOLON 1*DIGIT          ; 0 to 255 (section 20.22)
# = rfc3261:20.22/0
MAX_FORWARDS = Field("Max-Forwards", _up_to(255, "Max-Forwards"), repeats=False, needed=True)
# Max-Breadth     =  "Max-Breadth" HCOLON 1*DIGIT           ; RFC 5393, section 5.3.1, from memory
MAX_BREADTH = Field("Max-Breadth", _up_to(0xFFFFFFFF, "Max-Breadth"), repeats=False)
# Expires         =  "Expires" HCOLON delta-seconds         ; 0 to 2^32-1 (section 20.19)
# = rfc3261:20.19/0
EXPIRES = Field("Expires", _up_to(0xFFFFFFFF, "Expires"), repeats=False)
# Min-Expires     =  "Min-Expires" HCOLON delta-seconds
# = rfc3261:20.23/0
MIN_EXPIRES = Field("Min-Expires", _up_to(0xFFFFFFFF, "Min-Expires"), repeats=False)
