"""Header fields that are one token or a list of tokens (RFC 3261, section 20; RFC 6665, section 8.2.2; RFC 3903, section 11.3)."""

from __future__ import annotations

import re
from collections.abc import Callable

from disco_ref.notation.abnf import ALPHA, DIGIT, between, kept, repeated, rule, some
from disco_ref.sip.grammar import SWS, TOKEN
from disco_ref.sip.header.field import Field, listed, single
from disco_ref.sip.refusals import BadRequest

_TOKEN = rule(SWS, kept(TOKEN), SWS)
_TOKENS = rule(TOKEN)
_PLAIN = rule(TOKEN, f"(?:, {TOKEN})*")
# language-tag  =  primary-tag *( "-" subtag )          primary-tag, subtag  =  1*8ALPHA
_LANGUAGE = rule(SWS, kept(between(1, 8, ALPHA) + repeated(f"-{between(1, 8, ALPHA)}")), SWS)
# MIME-Version  =  "MIME-Version" HCOLON 1*DIGIT "." 1*DIGIT
_VERSION = rule(SWS, kept(rf"{some(DIGIT)}\.{some(DIGIT)}"), SWS)


def _text(match: re.Match[str]) -> str:
    return match[1]


def tokens(name: str, *, empty: bool = False) -> Callable[[str], list[str]]:
    """A reader of tokens with commas between them; the usual spelling, one comma and one space, is matched at once."""
    plain, whole = _PLAIN.fullmatch, _TOKENS.fullmatch

    def read(text: str) -> list[str]:
        if plain(text) is not None:
            return text.split(", ")
        values = [piece.strip(" \t") for piece in text.split(",")]
        if empty and values == [""]:
            return []
        for value in values:
            if whole(value) is None:
                raise BadRequest(f"malformed: {value[:80]!r}", where=name)
        return values

    return read


# option-tag  =  token          Method  =  INVITEm / ACKm / OPTIONSm / BYEm / CANCELm / REGISTERm / extension-method
# Allow             =  "Allow" HCOLON [Method *(COMMA Method)]
# = rfc3261:20.5/0
ALLOW = Field("Allow", tokens("Allow", empty=True))
# Supported         =  ( "Supported" / "k" ) HCOLON [option-tag *(COMMA option-tag)]
# = rfc3261:20.37/0
SUPPORTED = Field("Supported", tokens("Supported", empty=True), compact="k")
# Require           =  "Require" HCOLON option-tag *(COMMA option-tag)
# = rfc3261:20.32/0
REQUIRE = Field("Require", tokens("Require"), needed=True)
# Proxy-Require     =  "Proxy-Require" HCOLON option-tag *(COMMA option-tag)
# = rfc3261:20.29/0
PROXY_REQUIRE = Field("Proxy-Require", tokens("Proxy-Require"), needed=True)
# Unsupported       =  "Unsupported" HCOLON option-tag *(COMMA option-tag)
# = rfc3261:20.40/0
UNSUPPORTED = Field("Unsupported", tokens("Unsupported"))
# Content-Encoding  =  ( "Content-Encoding" / "e" ) HCOLON content-coding *(COMMA content-coding)
# = rfc3261:20.12/0
# = rfc3261:20.12/2
CONTENT_ENCODING = Field("Content-Encoding", tokens("Content-Encoding"), compact="e", needed=True)
# Content-Language  =  "Content-Language" HCOLON language-tag *(COMMA language-tag)
# = rfc3261:20.13/0
CONTENT_LANGUAGE = Field("Content-Language", listed("Content-Language", _LANGUAGE, _text))
# Allow-Events      =  ( "Allow-Events" / "u" ) HCOLON event-type *(COMMA event-type)
# event-type        =  event-package *( "." event-template ): tokens that dots take apart
# = rfc6665:8.2.2/0
# = rfc6665:8.4/0
ALLOW_EVENTS = Field("Allow-Events", tokens("Allow-Events"), compact="u")
# Priority          =  "Priority" HCOLON priority-value          priority-value  =  ... / other-priority (token)
# = rfc3261:20.26/0
PRIORITY = Field("Priority", single("Priority", _TOKEN, _text), repeats=False)
# SIP-ETag          =  "SIP-ETag" HCOLON entity-tag              entity-tag  =  token
# = rfc3903:11.3/0
SIP_ETAG = Field("SIP-ETag", single("SIP-ETag", _TOKEN, _text), repeats=False, needed=True)
# SIP-If-Match      =  "SIP-If-Match" HCOLON entity-tag
# = rfc3903:11.3/0
SIP_IF_MATCH = Field("SIP-If-Match", single("SIP-If-Match", _TOKEN, _text), repeats=False, needed=True)
# = rfc3261:20.24/0
MIME_VERSION = Field("MIME-Version", single("MIME-Version", _VERSION, _text), repeats=False)
