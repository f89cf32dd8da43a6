"""Timestamp: when the client sent the request, by its own clock (RFC 3261, section 20.38)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import DIGIT, any_number, kept, optional, rule, some
from disco_ref.sip.grammar import LWS, SWS
from disco_ref.sip.header.field import Field, single

# Timestamp  =  "Timestamp" HCOLON 1*(DIGIT) [ "." *(DIGIT) ] [ LWS delay ]
# delay      =  *(DIGIT) [ "." *(DIGIT) ]
_FRACTION = optional(rf"\.{any_number(DIGIT)}")
_TIMESTAMP = rule(SWS, kept(some(DIGIT) + _FRACTION), optional(LWS + kept(any_number(DIGIT) + _FRACTION)), SWS)


class Timestamp(NamedTuple):
    """A time and the delay that the answering side added, both in seconds, as decimal text."""

    timestamp: str
    delay: str | None = None

    def __str__(self) -> str:
        """The value with one space."""
        return self.timestamp if self.delay is None else f"{self.timestamp} {self.delay}"


def _make(match: re.Match[str]) -> Timestamp:
    return Timestamp(match[1], match[2] or None)


# = rfc3261:20.38/0
TIMESTAMP = Field("Timestamp", single("Timestamp", _TIMESTAMP, _make), repeats=False)
