"""Warning: what a server has to say about the status of a response (RFC 3261, section 20.43)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import DIGIT, between, either, kept, optional, rule
from disco_ref.sip.grammar import HOST, PORT, QUOTED_STRING, SWS, TOKEN, quote, unquote
from disco_ref.sip.header.field import Field, listed

# warning-value  =  warn-code SP warn-agent SP warn-text
# warn-code      =  3DIGIT          warn-agent  =  hostport / pseudonym          warn-text  =  quoted-string
# = rfc3261:25.1/1
_AGENT = either(f"{HOST}{optional(f':{PORT}')}(?=[ ])", TOKEN)
_WARNING = rule(SWS, kept(between(3, 3, DIGIT)), " ", kept(_AGENT), " ", SWS, kept(QUOTED_STRING), SWS)


_ODD = re.compile(r"[^ !#-\[\]-~]")
LONGEST = 200
"""Characters of a text that comes from anywhere."""


class Warning(NamedTuple):  # noqa: A001 - the name of the header field
    """A code, who warns, and the text for people."""

    code: int
    """Three digits; 3xx come from SIP."""
    agent: str
    """A host with or without port, or a pseudonym."""
    quoted: str
    """The text with its quotes and escapes."""

    def __str__(self) -> str:
        """The value with single spaces."""
        return f"{self.code:03} {self.agent} {self.quoted}"

    @property
    def text(self) -> str:
        """The text without quotes and escapes."""
        return unquote(self.quoted)

    @classmethod
    def of(cls, code: int, agent: str, text: str) -> Warning:
        """A warning made by hand; ValueError for a text that no quoted-string can hold."""
        return cls(code, agent, quote(text))

    @classmethod
    def about(cls, code: int, agent: str, text: object) -> Warning:
        """A warning of a text that may come from anywhere: cut, and with ``?`` for whatever is no plain character."""
        return cls(code, agent, f'"{_ODD.sub("?", str(text)[:LONGEST])}"')


def _make(match: re.Match[str]) -> Warning:
    return Warning(int(match[1]), match[2], match[3])


# Warning  =  "Warning" HCOLON warning-value *(COMMA warning-value)
# = rfc3261:20.43/0
WARNING = Field("Warning", listed("Warning", _WARNING, _make))
