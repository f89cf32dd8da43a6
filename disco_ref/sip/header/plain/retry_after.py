"""Retry-After: when a service is expected to be there again (RFC 3261, section 20.33)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.abnf import kept, rule
from disco_ref.sip.grammar import DELTA_SECONDS, GENERIC_PARAMS, SWS
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Field
from disco_ref.sip.header.identity.cseq import uint32
from disco_ref.sip.header.parameters import Known, Parameters, tidy
from disco_ref.sip.header.plain.text import comment_end
from disco_ref.sip.refusals import BadRequest

_SECONDS = rule(SWS, kept(DELTA_SECONDS), SWS)
_TAIL = rule(kept(GENERIC_PARAMS), SWS)
_KNOWN: Known = {"duration": parameters.seconds}


class RetryAfter(NamedTuple):
    """How long to wait, and for how long the service then lasts."""

    seconds: int
    comment_text: str = ""
    """The comment with its parentheses and escapes, empty where there is none."""
    parameter_text: str = ""
    """``;duration=3600`` (seconds)."""

    def __str__(self) -> str:
        """The value with one space before the comment."""
        comment = f" {self.comment_text}" if self.comment_text else ""
        return f"{self.seconds}{comment}{self.parameter_text}"

    @property
    def comment(self) -> str | None:
        """The comment without its outer parentheses, escapes as received; None where there is none."""
        return self.comment_text[1:-1] if self.comment_text else None

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        return parameters.typed(self.parameter_text, "Retry-After", _KNOWN)


# Retry-After  =  "Retry-After" HCOLON delta-seconds [ comment ] *( SEMI retry-param )
# retry-param  =  ("duration" EQUAL delta-seconds) / generic-param
def _read(text: str) -> list[RetryAfter]:
    match = _SECONDS.match(text)
    if match is None:
        raise BadRequest(f"no number of seconds: {text[:40].strip()!r}", where="Retry-After")
    place = start = match.end()
    if text[start : start + 1] == "(":
        place = comment_end(text, start, "Retry-After")
    tail = _TAIL.fullmatch(text, place)
    if tail is None:
        raise BadRequest(f"malformed: {text[place : place + 80]!r}", where="Retry-After", offset=place)
    return [RetryAfter(uint32(match[1], "Retry-After"), text[start:place], tidy(tail[1]))]


# = rfc3261:20.33/0
RETRY_AFTER = Field("Retry-After", _read, repeats=False)
