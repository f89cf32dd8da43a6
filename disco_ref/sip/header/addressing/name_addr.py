"""An address with an optional display name and parameters: what From, Contact, Route and their like share (section 20.10)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar, NamedTuple, Self, TypeVar

from disco_ref.notation.abnf import WSP, any_number, either, kept, rule
from disco_ref.sip.grammar import GENERIC_PARAMS, QUOTED_STRING, SWS, TOKEN_SET, quote, unquote
from disco_ref.sip.header import parameters
from disco_ref.sip.header.parameters import NOTHING_KNOWN, Known, Parameters, tidy
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.uri import ABSOLUTE_ADDR_SPEC, ABSOLUTE_URI, SIP_ADDR_SPEC, SIP_URI, SipUri, Uri, read_uri

# name-addr     =  [ display-name ] LAQUOT addr-spec RAQUOT
# display-name  =  *(token LWS)/ quoted-string
#= rfc3261:25.1/0 exception: white space between the last token and "<" may be missing (RFC 4475, section 3.1.1.6)
_DISPLAY_NAME = kept(either(QUOTED_STRING, any_number(TOKEN_SET + WSP)))
_TAIL = kept(GENERIC_PARAMS) + SWS
_SIP = rule(SWS, _DISPLAY_NAME, SWS, "<", SIP_URI, ">", _TAIL)
_ABSOLUTE = rule(SWS, _DISPLAY_NAME, SWS, "<", ABSOLUTE_URI, ">", _TAIL)
# addr-spec     =  SIP-URI / SIPS-URI / absoluteURI
#= rfc3261:20.10/1
_BARE_SIP = rule(SWS, SIP_ADDR_SPEC, _TAIL)
_BARE_ABSOLUTE = rule(SWS, ABSOLUTE_ADDR_SPEC, _TAIL)
_read_sip = _SIP.fullmatch
_new = tuple.__new__


class NameAddr(NamedTuple):
    """An address; its texts are as received but for white space around separators."""

    display_text: str
    """The display name with its quotes and escapes, empty where there is none."""
    uri: Uri
    parameter_text: str = ""
    """``;tag=a6c8``, or empty."""

    def __str__(self) -> str:
        """The name-addr form, which can hold every URI."""
        display, uri, tail = self
        return f"{display} <{uri}>{tail}" if display else f"<{uri}>{tail}"

    @property
    def display_name(self) -> str | None:
        """The display name without quotes and escapes, None where there is none."""
        return unquote(self.display_text) if self.display_text else None

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        return parameters.typed(self.parameter_text, type(self).__name__, self.known())

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
    def to(cls, uri: Uri, *, display_name: str | None = None, parameter: Parameters | None = None) -> Self:
        """An address made by hand; ValueError for a text that no quoted-string can hold."""
        return cls(quote(display_name) if display_name else "", uri, parameters.text_of(parameter or {}))


A = TypeVar("A", bound=NameAddr)


def _slow(name: str, form: type[A], text: str, start: int, bare: bool) -> tuple[A, int]:
    """One address of any form at a place, and the place after it."""
    if match := _SIP.match(text, start):
        display, *parts, tail = match.groups()
        return form(display.rstrip(" \t"), SipUri(*parts), tidy(tail)), match.end()
    if match := _ABSOLUTE.match(text, start):
        display, scheme, opaque, tail = match.groups()
        return form(display.rstrip(" \t"), read_uri(f"{scheme}:{opaque}"), tidy(tail)), match.end()
    if bare and (match := _BARE_SIP.match(text, start)):
        *parts, tail = match.groups()
        return form("", SipUri(*parts), tidy(tail)), match.end()
    if bare and (match := _BARE_ABSOLUTE.match(text, start)):
        scheme, opaque, tail = match.groups()
        return form("", read_uri(f"{scheme}:{opaque}"), tidy(tail)), match.end()
    raise BadRequest(f"no address: {text[start:start + 80].strip()!r}", where=name, offset=start)


def addresses(name: str, form: type[A], *, several: bool = True, bare: bool = True) -> Callable[[str], list[A]]:
    """A reader of addresses with commas between them, or of one; ``bare`` admits the addr-spec form.

    The plain form, one name-addr with a SIP URI, is built without a constructor's overhead.
    """

    def read(text: str) -> list[A]:
        match = _read_sip(text)
        if match is not None:
            display, scheme, user, password, host, port, uri_tail, headers, tail = match.groups()
            return [
                _new(
                    form,
                    (
                        display.rstrip() if display else "",
                        _new(SipUri, (scheme, user, password, host, port, uri_tail, headers)),
                        tidy(tail) if tail else "",
                    ),
                )
            ]
        values: list[A] = []
        start = 0
        while True:
            value, end = _slow(name, form, text, start, bare)
            values.append(value)
            if end == len(text):
                return values
            if not several or text[end] != ",":
                raise BadRequest(f"unexpected {text[end:end + 40]!r} after an address", where=name, offset=end)
            start = end + 1

    return read
