"""Content-Type and Accept: media types of bodies, sent and understood (RFC 3261, sections 20.15 and 20.1)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import either, few, kept, rule
from disco_ref.sip.grammar import GENERIC_PARAMS, PLAIN_QUOTED, QUOTED_STRING, SWS, TOKEN
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Field, listed, plain, single
from disco_ref.sip.header.parameters import Known, Parameters, tidy

# media-type    =  m-type SLASH m-subtype *(SEMI m-parameter)
# m-parameter   =  m-attribute EQUAL m-value          m-value  =  token / quoted-string
_M_PARAMETERS = f"(?:{SWS};{SWS}{TOKEN}{SWS}={SWS}{either(TOKEN, QUOTED_STRING)})*"
_MEDIA_TYPE = rule(SWS, kept(TOKEN), f"{SWS}/{SWS}", kept(TOKEN), kept(_M_PARAMETERS), SWS)
# accept-range  =  media-range *(SEMI accept-param)
# media-range   =  ( "*/*" / ( m-type SLASH "*" ) / ( m-type SLASH m-subtype ) ) *( SEMI m-parameter )
_ACCEPT_RANGE = rule(SWS, kept(TOKEN), f"{SWS}/{SWS}", kept(TOKEN), kept(GENERIC_PARAMS), SWS)
# Most media types, matched faster: no needless white space, parameters that have values.
_PLAIN = rule(kept(TOKEN), "/", kept(TOKEN), kept(few(f";{TOKEN}={either(TOKEN, PLAIN_QUOTED)}")))
_KNOWN: Known = {"q": parameters.qvalue}


class MediaType(NamedTuple):
    """A media type with its parameters."""

    type_text: str
    subtype_text: str
    parameter_text: str = ""
    """``;charset=utf-8``."""

    def __str__(self) -> str:
        """The value without white space."""
        return f"{self.type_text}/{self.subtype_text}{self.parameter_text}"

    @property
    def name(self) -> str:
        """``application/sdp``, in lower case."""
        return f"{self.type_text}/{self.subtype_text}".lower()

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or ``q`` is no qvalue."""
        return parameters.typed(self.parameter_text, "Content-Type", _KNOWN)

    def admits(self, other: MediaType) -> bool:
        """Whether this range, as in Accept, holds another media type; parameters do not count."""
        if self.type_text == "*":
            return True
        if self.subtype_text == "*":
            return self.type_text.lower() == other.type_text.lower()
        return self.name == other.name


def _make(match: re.Match[str]) -> MediaType:
    return MediaType(match[1], match[2], tidy(match[3]))


# Content-Type  =  ( "Content-Type" / "c" ) HCOLON media-type
# = rfc3261:20.15/0
CONTENT_TYPE = Field(
    "Content-Type",
    single("Content-Type", _MEDIA_TYPE, _make),
    compact="c",
    repeats=False,
    needed=True,
    plain=plain(_PLAIN, MediaType),
)
# Accept        =  "Accept" HCOLON [ accept-range *(COMMA accept-range) ]
# = rfc3261:20.1/0
ACCEPT = Field("Accept", listed("Accept", _ACCEPT_RANGE, _make, empty=True))


def media_type(text: str) -> MediaType:
    """One media type; BadRequest where the text is none."""
    return CONTENT_TYPE.read(text)[0]
