"""Parameters behind a header field's value (RFC 3261, sections 7.3.1 and 25.1).

A value keeps its parameters as *text*, ``;tag=a6c8;other="x;y"``, as received but for white space around ``;`` and ``=``; so
what is not understood survives byte for byte.  The functions here read and change such text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from disco_ref.notation.abnf import HEXDIG, kept, optional, rule
from disco_ref.sip.grammar import (
    DELTA_SECONDS,
    GEN_VALUE,
    HOST,
    IPV6,
    QVALUE,
    SWS,
    TOKEN,
    is_host,
    is_token,
    quote,
    unquote,
)
from disco_ref.sip.refusals import BadRequest

Parameters = Mapping[str, str | None]
"""From the name in lower case to the value without quotes and escapes, None where there is none."""

Known = Mapping[str, Callable[[str], object]]
"""Parameters that the grammar of a field names, with what is true of their values as text; a missing value is empty."""

_PARAM = rule(f";{SWS}", kept(TOKEN), optional(f"{SWS}={SWS}" + kept(f"(?=[{HEXDIG}]*:){IPV6}|{GEN_VALUE}")), SWS)
_pairs = _PARAM.findall
_pieces = rule(";", kept(f"{TOKEN}(?:={GEN_VALUE})?")).findall

NOTHING_KNOWN: Known = {}


def token(value: str) -> bool:
    """Whether a value that has matched gen-value is a token or a name of a host."""
    return value != "" and value[0] not in '"['


def missing(value: str) -> bool:
    """Whether there is no value."""
    return value == ""


host = rule(HOST).fullmatch
seconds = rule(DELTA_SECONDS).fullmatch
qvalue = rule(QVALUE).fullmatch


def tidy(text: str) -> str:
    """The same parameters without white space around ``;`` and ``=``."""
    if " " not in text and "\t" not in text:
        return text
    return "".join([f";{name}={value}" if value else f";{name}" for name, value in _pairs(text)])


def typed(text: str, where: str = "", known: Known = NOTHING_KNOWN) -> Parameters:
    """Names and values; BadRequest where a name comes twice or the value of a known one is malformed.

    The text has matched ``GENERIC_PARAMS`` before, and is tidy.
    """
    if not text:
        return {}
    quotes = '"' in text
    pieces = ["", *_pieces(text)] if quotes and text.find(";", 1) > 0 else text.split(";")
    parameters: dict[str, str | None] = {}
    for piece in pieces:
        if piece:
            name, _, value = piece.partition("=")
            name = name.lower()
            # = rfc3261:20/10
            if name in known and not known[name](value):
                raise BadRequest(f"no value of {name}: {value[:80]!r}", where=where)
            parameters[name] = unquote(value) if quotes and value[:1] == '"' else value or None
    if len(parameters) != len(pieces) - 1:
        # = rfc3261:7.3.1/6
        raise BadRequest("a parameter comes twice", where=where)
    return parameters


def value(text: str, name: str) -> str | None:
    """The value of one parameter without quotes and escapes; None where it has none or is absent."""
    start = text.find(f";{name}=")
    if start >= 0 and '"' not in text:
        start += len(name) + 2
        end = text.find(";", start)
        return text[start:] if end < 0 else text[start:end]
    for key, found in _pairs(text):
        if key.lower() == name:
            return unquote(found) if found else None
    return None


def present(text: str, name: str) -> bool:
    """Whether a parameter is there, with or without a value."""
    return any(key.lower() == name for key, _ in _pairs(text))


def written(name: str, value: str | None) -> str:
    """One parameter as text, its value quoted if it must be; ValueError where none can be written."""
    if not is_token(name):
        raise ValueError(f"{name!r} is no token")
    if value is None:
        return f";{name}"
    return f";{name}={value}" if is_token(value) or is_host(value) else f";{name}={quote(value)}"


def text_of(parameters: Parameters) -> str:
    """Parameters as text; ValueError for names that are no tokens and values that cannot be quoted."""
    return "".join([written(name, value) for name, value in parameters.items()])


def changed(text: str, name: str, value: str | None) -> str:
    """The text with one parameter set: in its place where it stood before, else at the end."""
    piece = written(name, value)
    place = _place(text, name)
    return text + piece if place is None else text[: place[0]] + piece + text[place[1] :]


def removed(text: str, name: str) -> str:
    """The text without one parameter."""
    place = _place(text, name)
    return text if place is None else text[: place[0]] + text[place[1] :]


def _place(text: str, name: str) -> tuple[int, int] | None:
    for match in _PARAM.finditer(text):
        if match[1].lower() == name.lower():
            return match.span()
    return None
