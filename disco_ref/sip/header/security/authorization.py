"""Authorization, WWW-Authenticate and their like: a scheme with parameters (RFC 3261, sections 20.6, 20.7, 20.27, 20.28, 20.44)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from disco_ref.notation.abnf import WSP, any_number, either, kept, repeated, rule
from disco_ref.sip.grammar import LWS, PLAIN_QUOTED, QUOTED_STRING, SWS, TOKEN, quote, unquote
from disco_ref.sip.header.field import Field, plain
from disco_ref.sip.header.parameters import Known, Parameters
from disco_ref.sip.refusals import BadRequest

# other-response   =  auth-scheme LWS auth-param *(COMMA auth-param)
# auth-param       =  auth-param-name EQUAL ( token / quoted-string )
_AUTH_PARAM = f"{TOKEN}{SWS}={SWS}{either(TOKEN, QUOTED_STRING)}"
_PARAMS = f"{_AUTH_PARAM}(?:{SWS},{SWS}{_AUTH_PARAM})*"
_CREDENTIALS = rule(SWS, kept(TOKEN), LWS, kept(_PARAMS), SWS)
_INFO = rule(SWS, kept(_PARAMS), SWS)
_pairs = rule(
    kept(TOKEN), SWS, "=", SWS, kept(either(PLAIN_QUOTED, TOKEN, QUOTED_STRING)), any_number(WSP + ",")
).findall
# Most credentials, matched faster: no needless white space, no escapes.
_PLAIN_PARAM = f"{TOKEN}={either(PLAIN_QUOTED, TOKEN)}"
_PLAIN = rule(kept(TOKEN), " ", kept(_PLAIN_PARAM + repeated(f", {_PLAIN_PARAM}")))

# request-digest   =  LDQUOT 32LHEX RDQUOT             nc-value  =  8LHEX          stale  =  ( "true" / "false" )
_NC = re.compile("[0-9a-f]{8}").fullmatch
_STALE = re.compile("true|false", re.IGNORECASE).fullmatch
_QUOTED = frozenset(("realm", "nonce", "opaque", "cnonce"))
_Known = tuple[frozenset[str], Known]
"""The parameters whose values are quoted-strings, and those whose values are not, with what is true of them."""
# = rfc3261:22.4/0
# = rfc3261:22.4/3
_RESPONSE: _Known = (_QUOTED | {"username", "uri", "response"}, {"nc": _NC})
_CHALLENGE: _Known = (_QUOTED | {"domain"}, {"stale": _STALE})
_INFO_OF_DIGEST: _Known = (frozenset(("nextnonce", "rspauth", "cnonce")), {"nc": _NC})
_OTHER: _Known = (frozenset(), {})


def _wrong(name: str, value: str, where: str) -> BadRequest:
    return BadRequest(f"no value of {name}: {value[:80]!r}", where=where)


def _typed(text: str, where: str, known: _Known) -> Parameters:
    quoted, bare = known
    parameters: dict[str, str | None] = {}
    pairs = _pairs(text)
    escapes = "\\" in text
    for name, value in pairs:
        name = name.lower()
        if value[0] == '"':
            if name in bare:
                raise _wrong(name, value, where)
            value = unquote(value) if escapes else value[1:-1]
        elif name in quoted or (name in bare and not bare[name](value)):
            raise _wrong(name, value, where)
        parameters[name] = value
    if len(parameters) != len(pairs):
        raise BadRequest("a parameter comes twice", where=where)
    return parameters


class Credentials(NamedTuple):
    """What a client proves itself with: a scheme and its parameters."""

    scheme: str
    """``Digest``; case does not count."""
    parameter_text: str
    """``username="bob", realm="biloxi.com"``: as received."""

    def __str__(self) -> str:
        """The value with one space behind the scheme."""
        return f"{self.scheme} {self.parameter_text}"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or one of Digest is malformed."""
        return _typed(self.parameter_text, "Authorization", _RESPONSE if self.scheme.lower() == "digest" else _OTHER)


class Challenge(NamedTuple):
    """What a server asks a client to prove: a scheme and its parameters."""

    scheme: str
    parameter_text: str
    """``realm="biloxi.com", nonce="...", qop="auth,auth-int"``: as received."""

    def __str__(self) -> str:
        """The value with one space behind the scheme."""
        return f"{self.scheme} {self.parameter_text}"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or one of Digest is malformed."""
        return _typed(
            self.parameter_text, "WWW-Authenticate", _CHALLENGE if self.scheme.lower() == "digest" else _OTHER
        )


class AuthenticationInfo(NamedTuple):
    """What a server proves in return."""

    parameter_text: str
    """``nextnonce="47364c23432d2e131a5fb210812c"``: as received."""

    def __str__(self) -> str:
        """The value as received."""
        return self.parameter_text

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or is malformed."""
        return _typed(self.parameter_text, "Authentication-Info", _INFO_OF_DIGEST)


S = TypeVar("S", Credentials, Challenge)


def _schemes(name: str, form: type[S]) -> Callable[[str], list[S]]:
    matched = _CREDENTIALS.fullmatch

    def read(text: str) -> list[S]:
        match = matched(text)
        if match is None:
            raise BadRequest(f"malformed: {text.strip()[:80]!r}", where=name)
        return [form(match[1], match[2])]

    return read


def _info(text: str) -> list[AuthenticationInfo]:
    match = _INFO.fullmatch(text)
    if match is None:
        raise BadRequest(f"malformed: {text.strip()[:80]!r}", where="Authentication-Info")
    return [AuthenticationInfo(match[1])]


def parameter_text(parameters: Parameters, bare: tuple[str, ...] = ("algorithm", "stale", "nc")) -> str:
    """Parameters as text with commas, quoted but for those named in ``bare``; None is not a value here."""
    return ", ".join(
        f"{name}={value}" if name in bare else f"{name}={quote(value or '')}" for name, value in parameters.items()
    )


# Authorization        =  "Authorization" HCOLON credentials
# = rfc3261:20.7/0
# = rfc3261:20.7/1
# = rfc3261:7.3.1/4b
AUTHORIZATION = Field(
    "Authorization", _schemes("Authorization", Credentials), lone=True, plain=plain(_PLAIN, Credentials)
)
# Proxy-Authorization  =  "Proxy-Authorization" HCOLON credentials
# = rfc3261:20.28/0
# = rfc3261:20.28/1
PROXY_AUTHORIZATION = Field(
    "Proxy-Authorization", _schemes("Proxy-Authorization", Credentials), lone=True, plain=plain(_PLAIN, Credentials)
)
# WWW-Authenticate     =  "WWW-Authenticate" HCOLON challenge
# = rfc3261:20.44/0
WWW_AUTHENTICATE = Field(
    "WWW-Authenticate", _schemes("WWW-Authenticate", Challenge), lone=True, plain=plain(_PLAIN, Challenge)
)
# Proxy-Authenticate   =  "Proxy-Authenticate" HCOLON challenge
# = rfc3261:20.27/0
PROXY_AUTHENTICATE = Field(
    "Proxy-Authenticate", _schemes("Proxy-Authenticate", Challenge), lone=True, plain=plain(_PLAIN, Challenge)
)
# Authentication-Info  =  "Authentication-Info" HCOLON ainfo *(COMMA ainfo)
# = rfc3261:20.6/0
AUTHENTICATION_INFO = Field("Authentication-Info", _info, repeats=False)
