"""Headers of one number, one word or a line of text (RFC 3261, section 20)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.scanner import ALPHANUM, DIGIT, TOKEN, WORD, Scanner
from conformance.lab.sip.value import Json

Reader = Callable[[Scanner], Json]
"""Reads one value and leaves the scanner behind it."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(highest: int, clause: str, lowest: int = 0) -> Reader:
    """The reader of a decimal number between two bounds."""

    def read(scanner: Scanner) -> Json:
        scanner.space()
        found = scanner.digits("number", highest, clause)
        if found < lowest:
            raise Misread(f"number is below {lowest}", 0, clause)
        return found

    return read


def word(scanner: Scanner) -> Json:
    """One token."""
    scanner.space()
    return scanner.token()


def call_id(scanner: Scanner) -> str:
    """``word [ "@" word ]`` (RFC 3261, section 20.8)."""
    scanner.space()
    front = scanner.some(WORD, "Call-ID")
    if scanner.peek() == "@":
        scanner.at += 1
        return f"{front}@{scanner.some(WORD, 'the part of a Call-ID after @')}"
    return front


def call_identity(scanner: Scanner) -> Json:
    """A Call-ID as a value."""
    return call_id(scanner)


def line(scanner: Scanner) -> Json:
    """The rest of the line as text; possibly empty."""
    text = scanner.text[scanner.at :].strip(" \t")
    for place, character in enumerate(text):
        if (character < " " and character != "\t") or character == "\x7f" or "\ud800" <= character <= "\udfff":
            raise Misread(f"character {ord(character):#x} may not stand in text", place)
    scanner.at = len(scanner.text)
    return text


def products(scanner: Scanner) -> Json:
    """``server-val *( LWS server-val )``: products and comments, kept as text (20.35, 20.41)."""
    scanner.space()
    start = scanner.at
    count = 0
    while not scanner.done:
        if scanner.peek() == "(":
            scanner.comment()
        else:
            scanner.token("product")
            if scanner.mark("/"):
                scanner.token("product version")
        scanner.space()
        count += 1
    if not count:
        raise scanner.fail("a product or a comment expected")
    return scanner.text[start:].rstrip(" \t")


def mime_version(scanner: Scanner) -> Json:
    """``1*DIGIT "." 1*DIGIT`` (RFC 3261, section 20.24)."""
    scanner.space()
    major = scanner.some(DIGIT, "number")
    scanner.expect(".")
    return f"{major}.{scanner.some(DIGIT, 'number')}"


def language(scanner: Scanner) -> Json:
    """``1*8ALPHA *( "-" 1*8ALPHA )`` (RFC 3261, section 20.13)."""
    scanner.space()
    start = scanner.at
    tag = scanner.some(ALPHANUM | frozenset("-"), "language tag")
    if any(not part or len(part) > 8 for part in tag.split("-")):
        raise Misread("a language tag has parts of one to eight characters", start)
    return tag


def date(scanner: Scanner) -> Json:
    """An RFC 1123 date in GMT, kept as text (RFC 3261, section 20.17)."""
    text = str(line(scanner))
    parts = text.split(" ")
    good = (
        len(parts) == 6
        and parts[0][:-1] in _DAYS
        and parts[0].endswith(",")
        and len(parts[1]) == 2
        and parts[1].isdigit()
        and 1 <= int(parts[1]) <= 31
        and parts[2] in _MONTHS
        and len(parts[3]) == 4
        and parts[3].isdigit()
        and _clock(parts[4])
    )
    if not good:
        raise Misread("not a date in the form of RFC 1123", 0, "rfc3261:20.17/0")
    if parts[5] != "GMT":
        raise Misread("a date is given in GMT only", len(text) - len(parts[5]), "rfc3261:20.17/0")
    return text


def _clock(text: str) -> bool:
    parts = text.split(":")
    if len(parts) != 3 or any(len(p) != 2 or not (p.isascii() and p.isdigit()) for p in parts):
        return False
    hour, minute, second = (int(p) for p in parts)
    return hour < 24 and minute < 60 and second < 61


def timestamp(scanner: Scanner) -> Json:
    """``1*DIGIT [ "." *DIGIT ] [ LWS delay ]`` (RFC 3261, section 20.38)."""
    scanner.space()
    start = scanner.at
    scanner.some(DIGIT, "timestamp")
    if scanner.peek() == ".":
        scanner.at += 1
        scanner.run(DIGIT)
    stamp = scanner.text[start : scanner.at]
    delay: str | None = None
    if scanner.space() and not scanner.done:
        start = scanner.at
        scanner.run(DIGIT)
        if scanner.peek() == ".":
            scanner.at += 1
            scanner.run(DIGIT)
        delay = scanner.text[start : scanner.at]
    return {"timestamp": stamp, "delay": delay}


def retry_after(scanner: Scanner) -> Json:
    """``delta-seconds [ comment ] *( SEMI retry-param )`` (RFC 3261, section 20.33)."""
    scanner.space()
    seconds = scanner.digits("seconds", 2**32 - 1, "rfc3261:20.33/0")
    scanner.space()
    remark = scanner.comment() if scanner.peek() == "(" else None
    parameters = scanner.parameters()
    duration = parameters.get("duration")
    if "duration" in parameters and not (isinstance(duration, str) and duration.isascii() and duration.isdigit()):
        raise scanner.fail("duration is not a number of seconds")
    return {"seconds": seconds, "comment": remark, "parameters": parameters}


def warning(scanner: Scanner) -> Json:
    """``warn-code SP warn-agent SP warn-text`` (RFC 3261, section 20.43)."""
    scanner.space()
    start = scanner.at
    code = scanner.some(DIGIT, "warning code")
    if len(code) != 3:
        raise Misread("a warning code has three digits", start)
    scanner.expect(" ")
    agent = scanner.some(TOKEN | frozenset("[]:"), "warning agent")
    scanner.expect(" ")
    return {"code": int(code), "agent": agent, "text": scanner.quoted()}
