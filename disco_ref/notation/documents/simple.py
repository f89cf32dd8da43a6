"""Simple types of XML Schema: text of an element or attribute to a value and back (XML Schema part 2)."""

from __future__ import annotations

import base64
import binascii
import calendar
import ipaddress
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

E = TypeVar("E", bound=StrEnum)


class Simple(NamedTuple):
    """A simple type; ``read`` raises ValueError with the reason."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _collapsed(text: str) -> str:
    return re.sub("[ \t\r\n]+", " ", text).strip(" ")


def whole(name: str, least: int, most: int) -> Simple:
    """A whole number within bounds."""

    def read(text: str) -> int:
        digits = _collapsed(text)
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", digits) or not least <= int(digits) <= most:
            raise ValueError(f"not a whole number from {least} to {most}")
        return int(digits)

    return Simple(name, read, str)


def _boolean(text: str) -> bool:
    found = {"true": True, "1": True, "false": False, "0": False}.get(_collapsed(text))
    if found is None:
        raise ValueError("neither true nor false")
    return found


_DATE_TIME = re.compile(
    r"(-?(?:[1-9][0-9]{4,9}|[0-9]{4}))-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)


def _date_time(text: str) -> str:
    written = _collapsed(text)
    found = _DATE_TIME.fullmatch(written)
    if found is None:
        raise ValueError("not a date and time")
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    leap = calendar.isleap(year if year > 0 else year + 1)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    midnight = hour == 24 and minute == second == 0 and not (found[7] or "").strip(".0")
    in_day = hour <= 23 or midnight
    if not (year and 1 <= month <= 12 and 1 <= day <= lengths[month - 1] and in_day and minute < 60 and second < 60):
        raise ValueError("not a date and time of the calendar")
    return written


def _trimmed(text: str) -> str:
    return text.strip(" \t\r\n")


def _base64(text: str) -> bytes:
    digits = _collapsed(text).replace(" ", "")
    try:
        octets = base64.b64decode(digits, validate=True)
    except ValueError:
        raise ValueError("not base64") from None
    # The bits before the padding are zero (XML Schema part 2, section 3.2.16).
    if base64.b64encode(octets).decode() != digits:
        raise ValueError("not base64: bits are set where the padding begins")
    return octets


def _hexadecimal(text: str) -> bytes:
    try:
        return binascii.unhexlify(_trimmed(text))
    except ValueError:
        raise ValueError("not pairs of hexadecimal digits") from None


def _ip_address(text: str) -> str:
    address = _trimmed(text)
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise ValueError("not an IPv4 or IPv6 address") from None
    return address


def _words(text: str) -> tuple[str, ...]:
    # Not at the spaces of other scripts: to XML Schema they are characters like others.
    return tuple(_collapsed(text).split(" ")) if _collapsed(text) else ()


def _languages(text: str) -> tuple[str, ...]:
    found = _words(text)
    for one in found:
        if not re.fullmatch("[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*", one):
            raise ValueError(f"{one[:40]!r} is not a language tag")
    return found


def matching(name: str, within: Simple, pattern: str, what: str) -> Simple:
    """A simple type whose text must also match a pattern; ``what`` says what it is, for the refusal.

    White space around the text counts for ``string``, as it does in its value.
    """

    def read(text: str) -> Any:
        if not re.fullmatch(pattern, text if within is string else _trimmed(text)):
            raise ValueError(f"not {what}")
        return within.read(text)

    return Simple(name, read, within.write)


def enumeration(members: type[E]) -> Simple:
    """One of the values of an enum; anything else is refused."""

    def read(text: str) -> E:
        try:
            return members(text)
        except ValueError:
            raise ValueError(f"none of {', '.join(members)}") from None

    return Simple(members.__name__, read, str)


string = Simple("string", str, str)
any_uri = Simple("anyURI", _collapsed, str)
boolean = Simple("boolean", _boolean, lambda value: "true" if value else "false")
unsigned_int = whole("unsignedInt", 0, (1 << 32) - 1)
unsigned_short = whole("unsignedShort", 0, (1 << 16) - 1)
unsigned_byte = whole("unsignedByte", 0, 255)
date_time = Simple("dateTime", _date_time, str)
trimmed = Simple("string without white space around it", _trimmed, str)
base64_binary = Simple("base64Binary", _base64, lambda octets: base64.b64encode(octets).decode())
hexadecimal = Simple("hexadecimal digits", _hexadecimal, bytes.hex)
ip_address = Simple("IP address", _ip_address, str)
words = Simple("list of string", _words, " ".join)
languages = Simple("list of language", _languages, " ".join)
