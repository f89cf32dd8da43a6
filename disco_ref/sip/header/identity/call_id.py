"""Call-ID and In-Reply-To: identifiers of calls (RFC 3261, sections 20.8 and 20.21)."""

from __future__ import annotations

import re

from disco_ref.notation.abnf import kept, optional, rule
from disco_ref.sip.grammar import SWS, WORD
from disco_ref.sip.header.field import Field, listed
from disco_ref.sip.refusals import BadRequest

# callid       =  word [ "@" word ]
_CALL_ID = rule(SWS, kept(f"{WORD}{optional(f'@{WORD}')}"), SWS)


def _text(match: re.Match[str]) -> str:
    return match[1]


_matched = _CALL_ID.fullmatch


def _read(text: str) -> list[str]:
    match = _matched(text)
    if match is None:
        raise BadRequest(f"malformed: {text.strip()[:80]!r}", where="Call-ID")
    return [match[1]]


# Call-ID      =  ( "Call-ID" / "i" ) HCOLON callid
# = rfc3261:20.8/0
# = rfc3261:8.1.1.4/5
CALL_ID = Field("Call-ID", _read, compact="i", repeats=False, needed=True)
# In-Reply-To  =  "In-Reply-To" HCOLON callid *(COMMA callid)
# = rfc3261:20.21/0
IN_REPLY_TO = Field("In-Reply-To", listed("In-Reply-To", _CALL_ID, _text))
