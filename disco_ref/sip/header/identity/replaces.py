"""Replaces: the dialog that a new one shall take the place of (RFC 3891, section 6.1)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import kept, optional, rule
from disco_ref.sip.grammar import GENERIC_PARAMS, SWS, WORD
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Field, single
from disco_ref.sip.header.parameters import Known, Parameters, tidy
from disco_ref.sip.refusals import BadRequest

# Replaces        =  "Replaces" HCOLON callid *(SEMI replaces-param)
# replaces-param  =  to-tag / from-tag / early-flag / generic-param
# to-tag          =  "to-tag" EQUAL token       from-tag  =  "from-tag" EQUAL token       early-flag  =  "early-only"
_REPLACES = rule(SWS, kept(f"{WORD}{optional(f'@{WORD}')}"), kept(GENERIC_PARAMS), SWS)
_KNOWN: Known = {"to-tag": parameters.token, "from-tag": parameters.token, "early-only": parameters.missing}


class Replaces(NamedTuple):
    """The identifiers of a dialog, as its user agent sees them."""

    call_id: str
    parameter_text: str
    """``;to-tag=7743;from-tag=6472``."""

    def __str__(self) -> str:
        """The value without white space."""
        return f"{self.call_id}{self.parameter_text}"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        return parameters.typed(self.parameter_text, "Replaces", _KNOWN)

    @property
    def to_tag(self) -> str:
        """The local tag of the dialog at the recipient."""
        return parameters.value(self.parameter_text, "to-tag") or ""

    @property
    def from_tag(self) -> str:
        """The remote tag of the dialog at the recipient."""
        return parameters.value(self.parameter_text, "from-tag") or ""

    @property
    def early_only(self) -> bool:
        """Whether only an early dialog may be replaced."""
        return parameters.present(self.parameter_text, "early-only")


def _make(match: re.Match[str]) -> Replaces:
    value = Replaces(match[1], tidy(match[2]))
    if not value.to_tag or not value.from_tag:
        raise BadRequest("to-tag and from-tag are both needed", where="Replaces")
    return value


# = rfc3891:6.1/0
REPLACES = Field("Replaces", single("Replaces", _REPLACES, _make), repeats=False, needed=True)
