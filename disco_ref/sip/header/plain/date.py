"""Date: when a message was first sent (RFC 3261, section 20.17)."""

from __future__ import annotations

import re

from disco_ref.notation.abnf import DIGIT, between, either, kept, rule
from disco_ref.sip.grammar import SWS
from disco_ref.sip.header.field import Field, single
from disco_ref.sip.refusals import BadRequest

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# rfc1123-date  =  wkday "," SP date1 SP time SP "GMT"
# date1         =  2DIGIT SP month SP 4DIGIT            time  =  2DIGIT ":" 2DIGIT ":" 2DIGIT
_TWO, _FOUR = between(2, 2, DIGIT), between(4, 4, DIGIT)
_DATE = rule(
    SWS,
    kept(f"{either(*_DAYS)}, {kept(_TWO)} {either(*_MONTHS)} {_FOUR} {kept(_TWO)}:{kept(_TWO)}:{kept(_TWO)} GMT"),
    SWS,
)


def _make(match: re.Match[str]) -> str:
    text, day, hour, minute, second = match.groups()
    if not (1 <= int(day) <= 31 and int(hour) <= 23 and int(minute) <= 59 and int(second) <= 60):
        raise BadRequest(f"no such time: {text}", where="Date")
    return str(text)


# Date  =  "Date" HCOLON SIP-date
# = rfc3261:20.17/0
DATE = Field("Date", single("Date", _DATE, _make), repeats=False)
