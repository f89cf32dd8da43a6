"""An address with an optional display name and parameters: what From, Contact, Route and their like share (section 20.10)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, Self, TypeVar

from disco_ref.notation.abnf import WSP, any_number, either, kept, optional, rule
from disco_ref.sip.grammar import (
    GENERIC_PARAMS,
    PLAIN_PARAMS,
    PLAIN_QUOTED,
    QUOTED_STRING,
    SWS,
    TOKEN,
    TOKEN_SET,
    quote,
    unquote,
)
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Plain
from disco_ref.sip.header.parameters import NOTHING_KNOWN, Known, Parameters, tidy
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.uri import (
    ABSOLUTE_ADDR_SPEC,
    ABSOLUTE_URI,
    PLAIN_SIP_URI,
    SIP_ADDR_SPEC,
    SIP_URI,
    SipUri,
    TelUri,
    Uri,
    UriParameters,
    read_uri,
    sip_parameters,
    sip_port,
)

# name-addr     =  [ display-name ] LAQUOT addr-spec RAQUOT
# display-name  =  *(token LWS)/ quoted-string
# = rfc3261:25.1/0 exception: white space between the last token and "<" may be missing (RFC 4475, section 3.1.1.6)
_DISPLAY_NAME = kept(either(QUOTED_STRING, any_number(TOKEN_SET + WSP)))
_TAIL = kept(GENERIC_PARAMS) + SWS
# = rfc3261:25.1/0
_NAME_ADDR = rule(SWS, _DISPLAY_NAME, SWS, "<", kept(either(SIP_URI, ABSOLUTE_URI)), ">", _TAIL)
# addr-spec     =  SIP-URI / SIPS-URI / absoluteURI
# = rfc3261:20.10/1
# = rfc3261:20/11
# = rfc3261:20.20/2
# = rfc3261:20.31/3
_ADDR_SPEC = rule(SWS, kept(either(SIP_ADDR_SPEC, ABSOLUTE_ADDR_SPEC)), _TAIL)
# Most addresses, matched faster: a SIP URI without password, escapes and header fields, and no needless white space.
_PLAIN = optional(f"({PLAIN_QUOTED}|{TOKEN}) ") + f"<({PLAIN_SIP_URI})>({PLAIN_PARAMS})"
_FIELDS = (1, 2, 8)
"""The groups that are the fields of an address; between them are those of its URI."""
_plain_row = rule(_PLAIN)
_plain_element = rule(SWS, _PLAIN, r"(?=,|\Z)").match


AddressParts = tuple[str | None, Uri, int | None, UriParameters, Parameters]
"""Display name, URI, its port, its parameters, and those behind it."""


class NameAddr(NamedTuple):
    """An address; its texts are as received but for white space around separators, and have matched the grammar."""

    display_text: str | None
    """The display name with its quotes and escapes, None where there is none."""
    uri_text: str
    parameter_text: str = ""
    """``;tag=a6c8``, or empty."""

    def __str__(self) -> str:
        """The name-addr form, which can hold every URI."""
        display, uri, tail = self
        return f"{display} <{uri}>{tail}" if display else f"<{uri}>{tail}"

    @property
    def display_name(self) -> str | None:
        """The display name without quotes and escapes, None where there is none."""
        text = self.display_text
        return unquote(text) if text else None

    @property
    def uri(self) -> Uri:
        """The URI, taken apart."""
        return read_uri(self.uri_text)

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        text = self.parameter_text
        return parameters.typed(text, type(self).__name__, self.known()) if text else {}

    def parts(self) -> AddressParts:
        """What the properties give, all at once: display name, URI with its port and its parameters, parameters."""
        tail, uri = self.parameters, self.uri
        if isinstance(uri, SipUri):
            return self.display_name, uri, uri.port, uri.parameters, tail
        return self.display_name, uri, None, uri.parameters if isinstance(uri, TelUri) else {}, tail

    @classmethod
    def known(cls) -> Known:
        """The parameters that the grammar of the field names."""
        return NOTHING_KNOWN

    def parameter(self, name: str) -> str | None:
        """The value of one parameter without quotes and escapes, None where it has none or is absent."""
        return parameters.value(self.parameter_text, name)

    def with_parameter(self, name: str, value: str | None) -> Self:
        """The same address with one parameter set; all others are as they were."""
        return self._replace(parameter_text=parameters.changed(self.parameter_text, name, value))

    @classmethod
    def of(cls, uri: Uri, *, display_name: str | None = None, tail: Parameters | None = None) -> Self:
        """An address made by hand, ``tail`` its parameters; ValueError for what no quoted-string can hold."""
        return cls(quote(display_name) if display_name else None, str(uri), parameters.text_of(tail or {}))


A = TypeVar("A", bound=NameAddr)
_new = tuple.__new__


def plain(form: type[A]) -> Plain[A]:
    """The usual spelling of one address, whose match holds the parts of the URI as well."""
    where, known = form.__name__, form.known()

    def value(match: re.Match[str]) -> A:
        return _new(form, match.group(*_FIELDS))

    def parts(match: re.Match[str]) -> AddressParts:
        display, _, scheme, user, host, port, uri_tail, tail = match.groups()
        tail_parts = parameters.typed(tail, where, known) if tail else {}
        return (
            unquote(display) if display and display[0] == '"' else display,
            _new(SipUri, (scheme, user, None, host, port, uri_tail, "")),
            sip_port(port) if port else None,
            sip_parameters(uri_tail, scheme) if uri_tail else {},
            tail_parts,
        )

    return Plain(_plain_row, value, parts, _plain_elements)


def _plain_elements(text: str) -> list[re.Match[str]] | None:
    found: list[re.Match[str]] = []
    start = 0
    while match := _plain_element(text, start):
        found.append(match)
        start = match.end() + 1
        if start > len(text):
            return found
    return None


def _any_form(name: str, form: type[A], text: str, start: int, bare: bool) -> tuple[A, int]:
    """One address of any form at a place, and the place after it."""
    display = ""
    if match := _NAME_ADDR.match(text, start):
        display, uri, tail = match.groups()
    elif bare and (match := _ADDR_SPEC.match(text, start)):
        uri, tail = match.groups()
    else:
        raise BadRequest(f"no address: {text[start : start + 80].strip()!r}", where=name, offset=start)
    try:
        read_uri(uri)
    except BadRequest as refusal:
        raise BadRequest(refusal.why, where=name, offset=start) from refusal
    return form(display.rstrip(" \t") or None, uri, tidy(tail)), match.end()


def addresses(name: str, form: type[A], *, several: bool = True, bare: bool = True) -> Callable[[str], list[A]]:
    """A reader of addresses with commas between them, or of one; ``bare`` admits the addr-spec form."""

    def read(text: str) -> list[A]:
        found = _plain_elements(text) if several else None
        if found is not None:
            return [_new(form, match.group(*_FIELDS)) for match in found]
        values: list[A] = []
        start = 0
        while True:
            value, end = _any_form(name, form, text, start, bare)
            values.append(value)
            if end == len(text):
                return values
            if not several or text[end] != ",":
                raise BadRequest(f"unexpected {text[end : end + 40]!r} after an address", where=name, offset=end)
            start = end + 1

    return read
