"""Uniform Resource Identifiers: sip, sips, tel and any absolute one (RFC 3261, sections 19.1 and 25.1; RFC 3966, section 3).

The fields of a URI are its texts as received, so that ``str(uri)`` is byte for byte what was read; properties give what they
mean.  Components that section 19.1.1 does not allow in a context are left in place: rfc3261:19.1.1/13 has them ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from disco_ref.notation.abnf import (
    ALPHA,
    ALPHANUM,
    DIGIT,
    HEXDIG,
    any_case,
    any_escaped,
    any_number,
    either,
    few,
    kept,
    one,
    optional,
    rule,
    some,
    some_escaped,
)
from disco_ref.sip.grammar import HOST, HOSTNAME, IPV6_REFERENCE, PLAIN_HOST, PLAIN_PORT, PORT, UNRESERVED
from disco_ref.sip.refusals import BadRequest

# user             =  1*( unreserved / escaped / user-unreserved )
# user-unreserved  =  "&" / "=" / "+" / "$" / "," / ";" / "?" / "/"
# = rfc3261:19.1.1/2
# = rfc3261:19.1.2/3
# = rfc3261:19.1.2/5
# = rfc3261:25.1/4
# = rfc3261:19.1.2/1
USER = some_escaped(UNRESERVED + r"&=+$,;?/")
# password         =  *( unreserved / escaped / "&" / "=" / "+" / "$" / "," )
# = rfc3261:19.1.2/3
PASSWORD = any_escaped(UNRESERVED + r"&=+$,")
# uri-parameters   =  *( ";" uri-parameter)          other-param  =  pname [ "=" pvalue ]
# paramchar        =  param-unreserved / unreserved / escaped
# param-unreserved =  "[" / "]" / "/" / ":" / "&" / "+" / "$"
_PNAME = some_escaped(UNRESERVED + r"\[\]/:&+$")
# = rfc3261:25.1/0 exception: coord=, base64 in the example of disco00 section 4.4, may end in "=" unescaped
_COORD = f"{any_case('coord')}={_PNAME}={{1,2}}(?=[;?>, \\t]|\\Z)"
# = rfc3261:19.1.1/12
# = rfc3261:19.1.2/1
URI_PARAMETERS = f"(?:;(?:{_COORD}|{_PNAME}(?:={_PNAME})?))*"
_PLAIN_PNAME = some(UNRESERVED + r"\[\]/:&+$")
PLAIN_URI_PARAMETERS = few(f";{_PLAIN_PNAME}{optional(f'={_PLAIN_PNAME}')}")
"""Most parameters, matched faster: without escapes."""
# headers          =  "?" header *( "&" header )     header  =  hname "=" hvalue
# hnv-unreserved   =  "[" / "]" / "/" / "?" / ":" / "+" / "$"
_HNV = UNRESERVED + r"\[\]/?:+$"
_HEADER = f"{some_escaped(_HNV)}={any_escaped(_HNV)}"
# = rfc3261:19.1.2/4
URI_HEADERS = rf"(?:\?{_HEADER}(?:&{_HEADER})*)?"
# SIP-URI          =  "sip:" [ userinfo ] hostport uri-parameters [ headers ]
# SIPS-URI         =  "sips:" [ userinfo ] hostport uri-parameters [ headers ]
_SCHEME = f"{any_case('sip')}[sS]?"
# = rfc3261:19.1.1/0
# = rfc3261:19.1.1/1
# = rfc3261:19.1.2/2
# = rfc3261:19.1.2/6
SIP_URI = f"{_SCHEME}:(?:{USER}(?::{PASSWORD})?@)?{HOST}(?::{PORT})?{URI_PARAMETERS}{URI_HEADERS}"

_BARE_USERINFO = f"{some_escaped(UNRESERVED + '&=+$/')}(?::{any_escaped(UNRESERVED + '&=+$')})?@"
# = rfc3261:20/11
SIP_ADDR_SPEC = f"{_SCHEME}:(?:{_BARE_USERINFO})?{HOST}(?::{PORT})?"
"""A SIP-URI outside angle brackets: no comma, semicolon or question mark (section 20.10)."""

# reserved  =  ";" / "/" / "?" / ":" / "@" / "&" / "=" / "+" / "$" / ","
_RESERVED = r";/?:@&=+$,"
_URIC = UNRESERVED + _RESERVED
_SCHEME_NAME = one(ALPHA) + any_number(ALPHA + DIGIT + r"+\-.")
# hier-part  =  ( net-path / abs-path ) [ "?" query ]     net-path  =  "//" authority [ abs-path ]
_REG_NAME = any_escaped(UNRESERVED + r"$,;:@&=+")
_AUTHORITY = either(f"(?:{any_escaped(UNRESERVED + r'&=+$,;:')}@)?{IPV6_REFERENCE}(?::{some(DIGIT)})?", _REG_NAME)
_PATH = f"/{any_escaped(UNRESERVED + r':@&=+$,;/')}"
_QUERY = rf"(?:\?{any_escaped(_URIC)})?"
# opaque-part  =  uric-no-slash *uric
_OPAQUE = f"(?!/){some_escaped(_URIC)}"
# absoluteURI  =  scheme ":" ( hier-part / opaque-part )
_AFTER_SCHEME = either(f"//{_AUTHORITY}(?:{_PATH})?{_QUERY}", f"(?!//){_PATH}{_QUERY}", _OPAQUE)
# = rfc3261:25.1/0
ABSOLUTE_URI = f"{_SCHEME_NAME}:{_AFTER_SCHEME}"
# = rfc3261:20/11
ABSOLUTE_ADDR_SPEC = f"{_SCHEME_NAME}:{some_escaped(UNRESERVED + '/:@&=+$')}"
"""An absoluteURI outside angle brackets: no comma, semicolon or question mark (section 20.10)."""

# global-number-digits  =  "+" *phonedigit DIGIT *phonedigit
# phonedigit            =  DIGIT / [ visual-separator ]      visual-separator  =  "-" / "." / "(" / ")"
_VISUAL = r"\-.()"
_GLOBAL = rf"\+{any_number(_VISUAL)}{one(DIGIT)}{any_number(DIGIT + _VISUAL)}"
# local-number-digits   =  *phonedigit-hex (HEXDIG / "*" / "#") *phonedigit-hex
_LOCAL = f"{any_number(_VISUAL)}[{HEXDIG}*#]{any_number(HEXDIG + '*#' + _VISUAL)}"
# parameter  =  ";" pname ["=" pvalue ]      isdn-subaddress  =  ";isub=" 1*uric
_TEL_VALUE = some_escaped(UNRESERVED + r"\[\]/:&+$?@=,")
_TEL_PARAMETERS = f"(?:;{some(ALPHANUM + r'%-')}(?:={_TEL_VALUE})?)*"
# telephone-uri  =  "tel:" telephone-subscriber
_TEL_URI = rule(kept(any_case("tel")), ":", kept(either(_GLOBAL, _LOCAL)), kept(_TEL_PARAMETERS))
# context  =  ";phone-context=" descriptor      descriptor  =  domainname / global-number-digits
_DESCRIPTOR = rule(either(HOSTNAME, _GLOBAL))
_EXTENSION = rule(some(DIGIT + _VISUAL))

_SIP_URI = rule(
    f"({_SCHEME}):(?:({USER})(?::({PASSWORD}))?@)?({HOST})(?::({PORT}))?({URI_PARAMETERS})({URI_HEADERS})",
)
_ABSOLUTE_URI = rule(f"({_SCHEME_NAME}):({_AFTER_SCHEME})")
_read_sip = _SIP_URI.fullmatch
PLAIN_USER = some(UNRESERVED + "+")
PLAIN_SIP_URI = "".join(
    (
        "(sips?+):",
        optional(f"({PLAIN_USER})@"),
        kept(PLAIN_HOST),
        optional(f":({PLAIN_PORT})"),
        kept(PLAIN_URI_PARAMETERS),
    )
)
"""Most SIP URIs, matched faster; keeps scheme, user, host, port, parameters."""
_plain = rule(PLAIN_SIP_URI).fullmatch
_new = tuple.__new__

# ttl  =  1*3DIGIT ; 0 to 255
_TTL = re.compile("[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]")

UriParameters = dict[str, str | None]
"""From the name in lower case to the value as received, None where there is none."""


def _check_ttl(value: str) -> None:
    if _TTL.fullmatch(value) is None:
        raise BadRequest("ttl is not a number from 0 to 255", where="URI.ttl")


def _check_reliable(transport: str) -> None:
    if transport.lower() == "udp":
        # = rfc3261:19.1.1/8
        raise BadRequest("a sips URI needs a reliable transport", where="URI.transport")


_Known = dict[str, Callable[[str], None]]
_NOTHING_KNOWN: _Known = {}
_KNOWN: dict[str, _Known] = {"sip": {"ttl": _check_ttl}, "sips": {"ttl": _check_ttl, "transport": _check_reliable}}
"""From the scheme to the parameters that not every value is good for, with what refuses the others."""


def sip_parameters(text: str, scheme: str) -> UriParameters:
    """The parameters of a SIP URI by name (RFC 3261, section 19.1.1); BadRequest where one comes twice or its value is wrong."""
    known = _KNOWN.get(scheme) or _KNOWN.get(scheme.lower(), _NOTHING_KNOWN)
    parameters: UriParameters = {}
    pieces = text.split(";")
    for piece in pieces:
        if piece:
            name, equals, value = piece.partition("=")
            name = name.lower()
            if name in known:
                known[name](value)
            parameters[name] = value if equals else None
    if len(parameters) != len(pieces) - 1:
        # = rfc3261:19.1.1/7
        raise BadRequest("a URI parameter comes twice", where="URI")
    return parameters


def sip_port(text: str) -> int:
    """The number of a port from its digits; BadRequest above 65535."""
    port = int(text if len(text) < 6 else text.lstrip("0") or "0")
    if port > 0xFFFF:
        raise BadRequest(f"no port is {port}", where="URI.port")
    return port


# = rfc3261:8.1.1.2/2
# = rfc3261:8.1.1.2/3
# = rfc3261:19.1.1/0
class SipUri(NamedTuple):
    """A SIP or SIPS URI (RFC 3261, section 19.1.1); its fields are as received, escapes and all."""

    scheme_text: str
    """``sip`` or ``sips``, in any case."""
    user: str | None
    password: str | None
    host: str
    """A name, an IPv4 address, or an IPv6 address in brackets."""
    port_text: str | None = None
    parameter_text: str = ""
    """``;transport=tcp;lr``, or empty."""
    header_text: str = ""
    """``?subject=x&priority=urgent``, or empty."""

    def __str__(self) -> str:
        """The URI as received."""
        scheme, user, password, host, port, parameters, headers = self
        userinfo = "" if user is None else f"{user}@" if password is None else f"{user}:{password}@"
        hostport = host if port is None else f"{host}:{port}"
        return f"{scheme}:{userinfo}{hostport}{parameters}{headers}"

    @property
    def scheme(self) -> str:
        """``sip`` or ``sips``."""
        return self.scheme_text.lower()

    @property
    def port(self) -> int | None:
        """The port, None where the URI names none; BadRequest above 65535."""
        text = self.port_text
        return None if text is None else sip_port(text)

    @property
    def parameters(self) -> UriParameters:
        """The parameters by name in lower case; BadRequest where one comes twice, ``ttl`` is above 255, or sips goes over UDP."""
        text = self.parameter_text
        return sip_parameters(text, self.scheme_text) if text else {}

    @property
    def headers(self) -> dict[str, str]:
        """The header fields by name in lower case, values as received; of two with one name the last."""
        pairs = (piece.partition("=") for piece in self.header_text[1:].split("&")) if self.header_text else ()
        return {name.lower(): value for name, _, value in pairs}


# = rfc3261:8.1.1.2/1
class TelUri(NamedTuple):
    """A telephone number (RFC 3966, section 3)."""

    scheme_text: str
    """``tel``, in any case."""
    number: str
    """``+1-201-555-0123`` or, with a phone-context, ``7042``; visual separators as received."""
    parameter_text: str = ""

    def __str__(self) -> str:
        """The URI as received."""
        return f"{self.scheme_text}:{self.number}{self.parameter_text}"

    @property
    def scheme(self) -> str:
        """``tel``."""
        return "tel"

    @property
    def parameters(self) -> UriParameters:
        """The parameters by name in lower case."""
        text = self.parameter_text
        return sip_parameters(text, "tel") if text else {}


# = rfc3261:25.1/0
class AbsoluteUri(NamedTuple):
    """A URI of any other scheme (RFC 3261, section 25.1; RFC 2396)."""

    scheme_text: str
    opaque: str
    """All that follows the colon."""

    def __str__(self) -> str:
        """The URI as received."""
        return f"{self.scheme_text}:{self.opaque}"

    @property
    def scheme(self) -> str:
        """The scheme in lower case."""
        return self.scheme_text.lower()


Uri = SipUri | TelUri | AbsoluteUri


LONGEST_URI = 65536
"""Characters of a URI that are read; no datagram holds more."""


def read_uri(text: str) -> Uri:
    """The URI that is the whole of the text; BadRequest where it breaks the grammar of its scheme.

    A scheme that is not known is accepted: whether a request to it can be served is told by its recipient (416).
    """
    if len(text) > LONGEST_URI:
        raise BadRequest(f"longer than {LONGEST_URI} characters", where="URI")
    match = _plain(text)
    if match is not None:
        scheme, user, host, port, tail = match.groups()
        return _new(SipUri, (scheme, user, None, host, port, tail, ""))
    match = _read_sip(text)
    if match is not None:
        # = rfc3261:19.1.1/13
        return SipUri(*match.groups())
    scheme = text.partition(":")[0].lower()
    if scheme in ("sip", "sips"):
        raise BadRequest(f"no {scheme} URI: {text[:80]!r}", where="URI")
    if scheme == "tel":
        return _read_tel(text)
    match = _ABSOLUTE_URI.fullmatch(text)
    if match is None:
        raise BadRequest(f"no URI: {text[:80]!r}", where="URI")
    # = rfc3261:7.1/2
    # = rfc3261:8.1.1.2/1
    return AbsoluteUri(*match.groups())


def _read_tel(text: str) -> TelUri:
    match = _TEL_URI.fullmatch(text)
    if match is None:
        raise BadRequest(f"no tel URI: {text[:80]!r}", where="URI")
    uri = TelUri(*match.groups())
    parameters = uri.parameters
    context = parameters.get("phone-context")
    if "phone-context" in parameters and not (context and _DESCRIPTOR.fullmatch(context)):
        raise BadRequest("phone-context is neither a domain nor a global number", where="URI.phone-context")
    if not uri.number.startswith("+") and context is None:
        raise BadRequest("a local number needs a phone-context", where="URI")
    if "ext" in parameters and not _EXTENSION.fullmatch(parameters["ext"] or ""):
        raise BadRequest("ext is not made of digits", where="URI.ext")
    return uri


def sip_uri(
    host: str,
    *,
    user: str | None = None,
    port: int | None = None,
    parameters: UriParameters | None = None,
    scheme: str = "sip",
) -> SipUri:
    """A SIP URI from its parts, already escaped where they must be; BadRequest where they make none."""
    text = "".join(f";{name}" if value is None else f";{name}={value}" for name, value in (parameters or {}).items())
    uri = SipUri(scheme, user, None, host, None if port is None else str(port), text)
    if _read_sip(str(uri)) is None:
        raise BadRequest(f"no SIP URI: {uri}", where="URI")
    return uri


_ESCAPES = re.compile(f"%[{HEXDIG}]{{2}}")
_NEVER_ALONE = ("user", "ttl", "method", "maddr", "transport")


def _unescaped(text: str | None) -> str | None:
    """The text with every escape of a character outside the reserved set undone, the others in upper case."""
    if text is None or "%" not in text:
        return text

    # = rfc3261:19.1.2/0
    def undone(match: re.Match[str]) -> str:
        character = unquote_to_bytes(match[0]).decode("latin-1")
        return match[0].upper() if character in _RESERVED or character in "%\x00" or character > "~" else character

    return _ESCAPES.sub(undone, text)


def _folded(text: str | None) -> str | None:
    plain = _unescaped(text)
    return plain.lower() if plain is not None else None


def equivalent(one: Uri, other: Uri) -> bool:
    """Whether two URIs are the same (RFC 3261, section 19.1.4; RFC 3966, section 4, for telephone numbers).

    ``transport`` in one URI only counts as a difference: the rules are silent on it, the examples say so.
    """
    if isinstance(one, TelUri) and isinstance(other, TelUri):
        bare = [re.sub(rf"[{_VISUAL}]", "", uri.number).lower() for uri in (one, other)]
        return bare[0] == bare[1] and _comparable(one.parameters) == _comparable(other.parameters)
    if not (isinstance(one, SipUri) and isinstance(other, SipUri)):
        return str(one) == str(other)
    # = rfc3261:19.1.4/0
    same = one.scheme == other.scheme and _unescaped(one.user) == _unescaped(other.user)
    same = same and _unescaped(one.password) == _unescaped(other.password) and one.host.lower() == other.host.lower()
    if not same or one.port != other.port:
        return False
    mine, theirs = _comparable(one.parameters), _comparable(other.parameters)
    if any(mine[name] != theirs[name] for name in mine.keys() & theirs.keys()):
        return False
    if any(name in _NEVER_ALONE for name in mine.keys() ^ theirs.keys()):
        return False
    # = rfc3261:19.1.4/1
    return _comparable(one.headers) == _comparable(other.headers)


def _comparable(parameters: UriParameters | dict[str, str]) -> dict[str | None, str | None]:
    return {_folded(name): _folded(value) for name, value in parameters.items()}
