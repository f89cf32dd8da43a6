"""Alert-Info, Call-Info and Error-Info: URIs of something to play, show or read (RFC 3261, sections 20.4, 20.9 and 20.18)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import kept, rule
from disco_ref.sip.grammar import GENERIC_PARAMS, SWS
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Field, listed
from disco_ref.sip.header.parameters import Known, Parameters, tidy
from disco_ref.sip.uri import ABSOLUTE_URI

# alert-param  =  LAQUOT absoluteURI RAQUOT *( SEMI generic-param )
_REFERENCE = rule(SWS, "<", kept(ABSOLUTE_URI), ">", kept(GENERIC_PARAMS), SWS)
_KNOWN: Known = {"purpose": parameters.token}


class Reference(NamedTuple):
    """A URI in angle brackets, with parameters."""

    uri: str
    parameter_text: str = ""
    """``;purpose=icon``."""

    def __str__(self) -> str:
        """The value without white space."""
        return f"<{self.uri}>{self.parameter_text}"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        return parameters.typed(self.parameter_text, "Call-Info", _KNOWN)


def _make(match: re.Match[str]) -> Reference:
    return Reference(match[1], tidy(match[2]))


# Alert-Info  =  "Alert-Info" HCOLON alert-param *(COMMA alert-param)
# = rfc3261:20.4/0
ALERT_INFO = Field("Alert-Info", listed("Alert-Info", _REFERENCE, _make))
# Call-Info   =  "Call-Info" HCOLON info *(COMMA info)          info-param  =  ( "purpose" EQUAL token ) / generic-param
# = rfc3261:20.9/0
CALL_INFO = Field("Call-Info", listed("Call-Info", _REFERENCE, _make))
# Error-Info  =  "Error-Info" HCOLON error-uri *(COMMA error-uri)
# = rfc3261:20.18/0
ERROR_INFO = Field("Error-Info", listed("Error-Info", _REFERENCE, _make))
