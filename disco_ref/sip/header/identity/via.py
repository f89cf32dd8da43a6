"""Via: the path a request has taken, and the way its responses take back (RFC 3261, section 20.42; RFC 3581)."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from disco_ref.notation.abnf import HEXDIG, either, few, kept, optional, rule
from disco_ref.sip.grammar import (
    GEN_VALUE,
    HOST,
    IPV4,
    IPV6,
    IPV6_REFERENCE,
    LWS,
    PLAIN_HOST,
    PLAIN_PORT,
    PORT,
    SWS,
    TOKEN,
)
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Field, Plain, listed
from disco_ref.sip.header.parameters import Known, Parameters, tidy
from disco_ref.sip.refusals import BadRequest

# via-params     =  via-ttl / via-maddr / via-received / via-branch / response-port / via-extension
# via-received   =  "received" EQUAL (IPv4address / IPv6address)
# response-port  =  "rport" [EQUAL 1*DIGIT]            (RFC 3581, section 4)
_PARAMETER = f"{TOKEN}(?:{SWS}={SWS}{either(f'(?=[{HEXDIG}]*+:){IPV6}', GEN_VALUE)})?"
# via-parm       =  sent-protocol LWS sent-by *( SEMI via-params )
# sent-protocol  =  protocol-name SLASH protocol-version SLASH transport
# sent-by        =  host [ COLON port ]
# = rfc3261:20.42/0
_VIA = rule(
    f"{SWS}{kept(TOKEN)}{SWS}/{SWS}{kept(TOKEN)}{SWS}/{SWS}{kept(TOKEN)}{LWS}",
    kept(HOST) + optional(f"{SWS}:{SWS}{kept(PORT)}"),
    kept(f"(?:{SWS};{SWS}{_PARAMETER})*") + SWS,
)
_TTL = re.compile("[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]").fullmatch
_RECEIVED = rule(either(IPV4, IPV6, IPV6_REFERENCE)).fullmatch


# = rfc3581:5/0
def _port_or_none(value: str) -> bool:
    return not value or (value.isascii() and value.isdecimal() and len(value) <= 5)


_KNOWN: Known = {
    "ttl": _TTL,
    "maddr": parameters.host,
    "received": _RECEIVED,
    "branch": parameters.token,
    "rport": _port_or_none,
}

# = rfc3261:8.1.1.7/0
MAGIC_COOKIE = "z9hG4bK"
"""How a branch begins that identifies a transaction by itself (section 8.1.1.7)."""


def _port(text: str) -> int:
    port = int(text.lstrip("0") or "0")
    if port > 0xFFFF:
        raise BadRequest(f"no port is {port}", where="Via")
    return port


def _check_colons(text: str) -> None:
    """Refuses an IPv6 address without brackets behind any name but ``received``."""
    for name, value in parameters.typed(parameters.removed(text, "received")).items():
        if value and ":" in value and '="' not in text and not value.startswith("["):
            raise BadRequest(f"no value of {name}: {value!r}", where="Via")


class Via(NamedTuple):
    """One hop of a request: who sent it over what, and where the response goes."""

    protocol_name: str
    """``SIP``."""
    protocol_version: str
    """``2.0``."""
    transport: str
    """``UDP``, ``TCP``, ``TLS``, ``SCTP`` or another token, in any case."""
    host: str
    port_text: str | None = None
    parameter_text: str = ""
    """``;branch=z9hG4bK87a;rport``."""

    def __str__(self) -> str:
        """The value with one space behind the transport and none elsewhere."""
        name, version, transport, host, port, tail = self
        return (
            f"{name}/{version}/{transport} {host}{tail}"
            if port is None
            else f"{name}/{version}/{transport} {host}:{port}{tail}"
        )

    @property
    def protocol(self) -> str:
        """``SIP/2.0``."""
        return f"{self.protocol_name}/{self.protocol_version}"

    @property
    def port(self) -> int | None:
        """The port of sent-by, None where there is none; BadRequest above 65535."""
        text = self.port_text
        return None if text is None else _port(text)

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        text = self.parameter_text
        if ":" in text:
            _check_colons(text)
        return parameters.typed(text, "Via", _KNOWN)

    def parts(self) -> ViaParts:
        """The hop, its port and its parameters."""
        tail = self.parameters
        return self, self.port, tail

    @property
    def branch(self) -> str | None:
        """The transaction identifier (section 17.1.3)."""
        return parameters.value(self.parameter_text, "branch")

    @property
    def received(self) -> str | None:
        """The address that the request came from, where it is not the one in sent-by (section 18.2.1)."""
        return parameters.value(self.parameter_text, "received")

    @property
    def rport(self) -> int | None:
        """The port that the request came from (RFC 3581, section 4), None where none is filled in."""
        # = rfc3581:5/0
        text = parameters.value(self.parameter_text, "rport")
        return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 5 else None

    @property
    def rport_wanted(self) -> bool:
        """Whether the client asks for ``rport`` (RFC 3581, section 3)."""
        # = rfc3581:3/2
        return parameters.present(self.parameter_text, "rport")

    def with_parameter(self, name: str, value: str | None) -> Self:
        """The same hop with one parameter set; all others are as they were."""
        return self._replace(parameter_text=parameters.changed(self.parameter_text, name, value))


ViaParts = tuple[Via, int | None, Parameters]
"""A hop, its port, its parameters."""

# Most hops, matched faster: no needless white space, no quoted strings.
_PLAIN = rule(
    f"(SIP)/([0-9.]++)/([A-Z]++) ({PLAIN_HOST})",
    optional(f":({PLAIN_PORT})"),
    kept(few(f";{TOKEN}{optional(f'={TOKEN}')}", 4)),
)


_new = tuple.__new__


def _plain_value(match: re.Match[str]) -> Via:
    return _new(Via, match.groups())


def _plain_parts(match: re.Match[str]) -> ViaParts:
    groups = match.groups()
    port, tail = groups[4], groups[5]
    parts = parameters.typed(tail, "Via", _KNOWN)
    return _new(Via, groups), None if port is None else _port(port), parts


def _make(match: re.Match[str]) -> Via:
    name, version, transport, host, port, tail = match.groups()
    return Via(name, version, transport, host, port, tidy(tail))


# Via  =  ( "Via" / "v" ) HCOLON via-parm *(COMMA via-parm)
VIA = Field(
    "Via", listed("Via", _VIA, _make), compact="v", needed=True, plain=Plain(_PLAIN, _plain_value, _plain_parts)
)
