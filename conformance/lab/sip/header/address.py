"""Names with addresses: From, To, Contact, Route and their like (RFC 3261, section 20.10)."""

from __future__ import annotations

from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.scanner import TOKEN, Scanner, is_token
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import Json, has, text_at


def address(scanner: Scanner) -> Json:
    """``( name-addr / addr-spec ) *( SEMI parameter )``."""
    scanner.space()
    display = _display_name(scanner)
    if scanner.peek() == "<":
        uri = _enclosed(scanner)
    elif display is not None:
        raise scanner.fail("'<' expected after a display name")
    else:
        uri = _bare(scanner)
    return {"display_name": display, "uri": uri, "parameters": scanner.parameters()}


def tagged(scanner: Scanner) -> Json:
    """An address whose parameter ``tag``, if any, is a token (From, To)."""
    value = address(scanner)
    tag = text_at(value, "parameters", "tag")
    if has(value, "parameters", "tag") and not is_token(tag or ""):
        raise scanner.fail("the tag is no token")
    return value


def route(scanner: Scanner) -> Json:
    """``name-addr *( SEMI parameter )``: the brackets are required."""
    scanner.space()
    display = _display_name(scanner)
    if scanner.peek() != "<":
        raise scanner.fail("'<' expected: a route is always in angle brackets")
    return {"display_name": display, "uri": _enclosed(scanner), "parameters": scanner.parameters()}


def contact(scanner: Scanner) -> Json:
    """An address, or ``*`` for all of them."""
    scanner.space()
    rest = scanner.text[scanner.at :].strip(" \t")
    if rest == "*":
        scanner.at = len(scanner.text)
        return "*"
    return address(scanner)


def resource(scanner: Scanner) -> Json:
    """``LAQUOT absoluteURI RAQUOT *( SEMI parameter )``; the URI stays text."""
    scanner.space()
    start = scanner.at
    uri = _enclosed_text(scanner)
    _uri_at(uri, start + 1)
    return {"uri": uri, "parameters": scanner.parameters()}


def _display_name(scanner: Scanner) -> str | None:
    if scanner.peek() == '"':
        name = scanner.quoted()
        scanner.space()
        return name
    start = scanner.at
    words: list[str] = []
    while scanner.peek() != "<":
        word = scanner.run(TOKEN)
        scanner.space()
        if not word or scanner.done or scanner.peek() not in TOKEN | frozenset("<"):
            # No bracket follows: this was the beginning of a bare URI.
            scanner.at = start
            if "<" in scanner.text[start:].split(",")[0].split(";")[0]:
                raise scanner.fail("a display name that is neither tokens nor a quoted string")
            return None
        words.append(word)
    return " ".join(words) or None


def _enclosed(scanner: Scanner) -> Json:
    start = scanner.at
    return _uri_at(_enclosed_text(scanner), start + 1)


def _enclosed_text(scanner: Scanner) -> str:
    scanner.expect("<")
    close = scanner.text.find(">", scanner.at)
    if close < 0:
        raise scanner.fail("'<' is not closed by '>'")
    text = scanner.text[scanner.at : close]
    scanner.at = close + 1
    return text


def _bare(scanner: Scanner) -> Json:
    start = scanner.at
    while not scanner.done and scanner.peek() not in ';, \t<>"':
        scanner.at += 1
    text = scanner.text[start : scanner.at]
    if not text:
        raise scanner.fail("an address expected")
    if "?" in text:
        raise Misread("a URI with '?' must stand in angle brackets", start, "rfc3261:20/11")
    return _uri_at(text, start)


def _uri_at(text: str, start: int) -> Json:
    try:
        return read_uri(text)
    except Misread as fault:
        raise Misread(fault.what, start + fault.at, fault.clause) from None
