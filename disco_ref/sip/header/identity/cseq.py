"""CSeq: orders the requests of a dialog and ties a response to its request (RFC 3261, section 20.16)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import DIGIT, kept, rule, some
from disco_ref.sip.grammar import LWS, SWS, TOKEN
from disco_ref.sip.header.field import Field, single
from disco_ref.sip.refusals import BadRequest

# CSeq  =  "CSeq" HCOLON 1*DIGIT LWS Method
_CSEQ = rule(SWS, kept(some(DIGIT)), LWS, kept(TOKEN), SWS)


class CSeq(NamedTuple):
    """A sequence number and the method of the request."""

    number: int
    """Below 2^32."""
    method: str
    """As in the request line; case matters."""

    def __str__(self) -> str:
        """The value with one space."""
        return f"{self.number} {self.method}"


def uint32(text: str, where: str) -> int:
    """The number that digits stand for; BadRequest where it does not fit in 32 bits."""
    if len(text) > 9 and (len(text.lstrip("0")) > 10 or int(text) > 0xFFFFFFFF):
        raise BadRequest(f"{text[:20]} does not fit in 32 bits", where=where)
    return int(text)


def _make(match: re.Match[str]) -> CSeq:
    digits, method = match.groups()
    #= rfc3261:20.16/1
    return CSeq(uint32(digits, "CSeq"), method)


CSEQ = Field("CSeq", single("CSeq", _CSEQ, _make), repeats=False, needed=True)
