"""CSeq: orders the requests of a dialog and ties a response to its request (RFC 3261, section 20.16)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.abnf import DIGIT, kept, rule, some
from disco_ref.sip.grammar import LWS, SWS, TOKEN
from disco_ref.sip.header.field import Field
from disco_ref.sip.refusals import BadRequest

# CSeq  =  "CSeq" HCOLON 1*DIGIT LWS Method
# = rfc3261:20.16/0
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
    # = rfc3261:8.1.1.5/2a
    # = rfc3261:8.1.1.5/2b exception: it binds who chooses the number; read is what fits in 32 bits, as section 20.16 has it
    digits = text.lstrip("0") or "0" if len(text) > 9 else text
    if len(digits) > 10 or int(digits) > 0xFFFFFFFF:
        raise BadRequest(f"{text[:20]} does not fit in 32 bits", where=where)
    return int(digits)


METHODS = frozenset(
    [
        "INVITE",
        "ACK",
        "OPTIONS",
        "BYE",
        "CANCEL",
        # = rfc3261:10/0
        "REGISTER",
        # = rfc6665:3.1/0
        "SUBSCRIBE",
        # = rfc6665:3.2/0
        "NOTIFY",
        # = rfc3515:2/0
        "REFER",
        # = rfc6086:4/0
        "INFO",
        # = rfc3262:6/0
        "PRACK",
        # = rfc3311:7/0
        "UPDATE",
        "MESSAGE",
        # = rfc3903:4/0
        "PUBLISH",
    ]
)
"""The methods of RFC 3261 and its extensions: what an element recognises, whether it supports it or not."""

_matched = _CSEQ.fullmatch
_new = tuple.__new__


def _read(text: str) -> list[CSeq]:
    digits, _, method = text.partition(" ")
    if method in METHODS and len(digits) < 10 and digits.isascii() and digits.isdecimal():
        return [_new(CSeq, (int(digits), method))]
    match = _matched(text)
    if match is None:
        raise BadRequest(f"malformed: {text.strip()[:80]!r}", where="CSeq")
    digits, method = match.groups()
    # = rfc3261:20.16/1
    return [_new(CSeq, (uint32(digits, "CSeq") if len(digits) > 9 else int(digits), method))]


CSEQ = Field("CSeq", _read, repeats=False, needed=True)
