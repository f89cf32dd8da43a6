"""Accept-Encoding, Accept-Language and Content-Disposition: a token with parameters (RFC 3261, sections 20.2, 20.3, 20.11)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import ALPHA, between, either, kept, repeated, rule
from disco_ref.sip.grammar import GENERIC_PARAMS, SWS, TOKEN
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Field, listed, single
from disco_ref.sip.header.parameters import Known, Parameters, tidy

# encoding        =  codings *(SEMI accept-param)          codings  =  content-coding / "*"
QUALIFIED = rule(SWS, kept(TOKEN), kept(GENERIC_PARAMS), SWS)
# language-range  =  ( ( 1*8ALPHA *( "-" 1*8ALPHA ) ) / "*" )
_LANGUAGE_RANGE = either(between(1, 8, ALPHA) + repeated(f"-{between(1, 8, ALPHA)}"), r"\*")
_LANGUAGE = rule(SWS, kept(_LANGUAGE_RANGE), kept(GENERIC_PARAMS), SWS)
_KNOWN: Known = {"q": parameters.qvalue, "handling": parameters.token}


class Qualified(NamedTuple):
    """A token with parameters."""

    value: str
    parameter_text: str = ""
    """``;q=0.5``."""

    def __str__(self) -> str:
        """The value without white space."""
        return f"{self.value}{self.parameter_text}"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        return parameters.typed(self.parameter_text, self.value, _KNOWN)


def qualified(match: re.Match[str]) -> Qualified:
    """What ``QUALIFIED`` has matched."""
    return Qualified(match[1], tidy(match[2]))


# Accept-Encoding      =  "Accept-Encoding" HCOLON [ encoding *(COMMA encoding) ]
# = rfc3261:20.2/0
ACCEPT_ENCODING = Field("Accept-Encoding", listed("Accept-Encoding", QUALIFIED, qualified, empty=True))
# Accept-Language      =  "Accept-Language" HCOLON [ language *(COMMA language) ]
# = rfc3261:20.3/0
ACCEPT_LANGUAGE = Field("Accept-Language", listed("Accept-Language", _LANGUAGE, qualified, empty=True))
# Content-Disposition  =  "Content-Disposition" HCOLON disp-type *( SEMI disp-param )
# handling-param       =  "handling" EQUAL ( "optional" / "required" / other-handling )
# = rfc3261:20.11/0
CONTENT_DISPOSITION = Field("Content-Disposition", single("Content-Disposition", QUALIFIED, qualified), repeats=False)
