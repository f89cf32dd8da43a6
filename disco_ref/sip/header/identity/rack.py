"""RAck and RSeq: reliable provisional responses and what acknowledges them (RFC 3262, section 7)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import DIGIT, kept, rule, some
from disco_ref.sip.grammar import LWS, SWS, TOKEN
from disco_ref.sip.header.field import Field, single
from disco_ref.sip.header.identity.cseq import uint32
from disco_ref.sip.refusals import BadRequest

# RAck          =  "RAck" HCOLON response-num LWS CSeq-num LWS Method
# response-num  =  1*DIGIT                              CSeq-num      =  1*DIGIT
_RACK = rule(SWS, kept(some(DIGIT)), LWS, kept(some(DIGIT)), LWS, kept(TOKEN), SWS)
# RSeq          =  "RSeq" HCOLON response-num
_RSEQ = rule(SWS, kept(some(DIGIT)), SWS)


class RAck(NamedTuple):
    """Which provisional response a PRACK acknowledges."""

    response_number: int
    """The RSeq of that response, 1 to 2^32-1."""
    cseq_number: int
    """The CSeq number of that response."""
    method: str
    """The CSeq method of that response."""

    def __str__(self) -> str:
        """The value with single spaces."""
        return f"{self.response_number} {self.cseq_number} {self.method}"


def _response_number(digits: str, where: str) -> int:
    number = uint32(digits, where)
    if number == 0:
        # = rfc3262:7.1/0
        raise BadRequest("a response number is at least 1", where=where)
    return number


def _rack(match: re.Match[str]) -> RAck:
    response, cseq, method = match.groups()
    return RAck(_response_number(response, "RAck"), uint32(cseq, "RAck"), method)


def _rseq(match: re.Match[str]) -> int:
    return _response_number(match[1], "RSeq")


# = rfc3262:7.2/0
# = rfc3262:10/0
RACK = Field("RAck", single("RAck", _RACK, _rack), repeats=False, needed=True)
# = rfc3262:7.1/0
# = rfc3262:10/0
RSEQ = Field("RSeq", single("RSeq", _RSEQ, _rseq), repeats=False, needed=True)
