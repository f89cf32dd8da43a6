"""The grammar of a session description's fields (RFC 4566, section 9), one pattern a rule.

The names of the rules are the specification's, with underscores.  Every pattern runs in time linear
in the text: where a rule of the specification is ambiguous, the pattern accepts the same words
by one path.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

# = rfc4566:9/0
ANY = "[^\x00\r\n]"
"""byte-string: any octet except NUL, CR and LF."""
TOKEN = r"[!#-'*+\-.0-9A-Z^-~]+"
NON_WS = "[!-~\x80-\U0010ffff]+"
TYPED_TIME = "[0-9]+[dhms]?"
TIME = "[1-9][0-9]{9,}"
EMAIL_SAFE = "[^\x00\r\n()<>]"
DOT_ATOM = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*"
QUOTED = r'"(?:[^"\\\x00\r\n]|\\[^\x00\r\n])*"'
ADDR_SPEC = rf"(?:{DOT_ATOM}|{QUOTED})@(?:{DOT_ATOM}|\[[!-Z^-~]*\])"
PHONE = r"\+?[0-9][ 0-9\-]+"
URI_CHARACTER = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\[\]]|%[0-9A-Fa-f]{2})"

text = re.compile(f"{ANY}+")
token = re.compile(TOKEN)
digits = re.compile("[0-9]+")
integer = re.compile("[1-9][0-9]*")
non_ws_string = re.compile(NON_WS)
time = re.compile(f"{TIME}|0")
typed_time = re.compile(TYPED_TIME)
repeat_interval = re.compile("[1-9][0-9]*[dhms]?")
zone_offset = re.compile(f"-?{TYPED_TIME}")
email_address = re.compile(
    rf"(?:{ADDR_SPEC}(?:\x20+\({EMAIL_SAFE}+\))?|{EMAIL_SAFE}{{2,}}(?<=\x20)<{ADDR_SPEC}>)",
)
phone_number = re.compile(rf"(?:{PHONE}(?:\({EMAIL_SAFE}+\))?|{EMAIL_SAFE}+<{PHONE}>)")
uri_reference = re.compile(f"{URI_CHARACTER}*(?:#{URI_CHARACTER}*)?")
base64_value = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
attribute = re.compile(f"(?P<name>{TOKEN})(?::(?P<value>{ANY}+))?")
bandwidth = re.compile(f"(?P<type>{TOKEN}):(?P<value>[0-9]+)")
key = re.compile(f"(?P<method>prompt|clear|base64|uri)(?::(?P<value>{ANY}*))?")
media_port = re.compile("(?P<port>[0-9]+)(?:/(?P<count>[1-9][0-9]*))?")
protocol = re.compile(f"{TOKEN}(?:/{TOKEN})*")
fully_qualified = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9.])?")
dotted = re.compile(r"[0-9]+(?:\.[0-9]+)+")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_ADDRESS = 64
"""Characters of the longest numeric address, with a zone of some length."""

LONGEST_DESCRIPTION = 1 << 20
"""Octets of a description that are read; the specification sets no bound."""

LONGEST_NUMBER = 18
"""Digits of a port count or bandwidth that are read; the specification sets no bound."""


def unicast_fault(address_type: str, address: str) -> str | None:
    """Why this cannot stand in an ``o=`` line, or None (RFC 4566, section 5.2)."""
    fault = _address_fault(address_type, address)
    if fault is None and address_type in ("IP4", "IP6") and _is_multicast(address):
        return "a multicast address"
    return fault


def may_be_layered(address: str) -> bool:
    """Whether the address of a ``c=`` line can be one of several: multicast, a name that may stand for it, or no IP address."""
    base = address.split("/")[0]
    return not _is_ip(base) or _is_multicast(base)


def _address_fault(address_type: str, address: str) -> str | None:
    if address_type == "IP4":
        if ":" in address:
            return "an IPv6 address under IP4"
        if dotted.fullmatch(address):
            # = rfc3264:8.4/3
            return None if _is_ipv4(address) else "not an IPv4 address"
    elif address_type == "IP6":
        if ":" in address:
            return None if _is_ipv6(address) else "not an IPv6 address"
        if dotted.fullmatch(address):
            return "an IPv4 address under IP6"
    else:
        return None
    # = rfc4566:5/0
    return None if fully_qualified.fullmatch(address) else "neither an address nor a domain name"


def connection_fault(address_type: str, address: str) -> str | None:
    """Why this cannot stand in a ``c=`` line, or None (RFC 4566, section 5.7)."""
    if address_type not in ("IP4", "IP6"):
        return None
    base, *suffixes = address.split("/")
    fault = _address_fault(address_type, base)
    if fault is not None:
        return fault
    # = rfc4566:5.7/0
    if not _is_multicast(base):
        return "a slash is for multicast addresses only" if suffixes and _is_literal(base) else _plain(suffixes)
    if address_type == "IP4":
        if not suffixes:
            return "an IPv4 multicast address needs a time to live"
        if not re.fullmatch("0|[1-9][0-9]{0,2}", suffixes[0]) or int(suffixes[0]) > 255:
            return "the time to live is not within 0 to 255"
        suffixes = suffixes[1:]
    return _plain(suffixes)


def _plain(suffixes: list[str]) -> str | None:
    if len(suffixes) > 1:
        return "too many fields behind slashes"
    if suffixes and not integer.fullmatch(suffixes[0]):
        return "the number of addresses is not a positive integer"
    return None


def _is_ipv4(address: str) -> bool:
    return isinstance(literal(address), ipaddress.IPv4Address)


def _is_ipv6(address: str) -> bool:
    return isinstance(literal(address), ipaddress.IPv6Address) and "%" not in address


def _is_literal(base: str) -> bool:
    return ":" in base or bool(dotted.fullmatch(base))


def _is_ip(base: str) -> bool:
    return literal(base) is not None


def _is_multicast(base: str) -> bool:
    found = literal(base)
    return found is not None and found.is_multicast


def literal(text: str) -> IpAddress | None:
    """The address that a text is, None for a name; the same few addresses come with every call, so the last ones are kept."""
    return None if len(text) > LONGEST_ADDRESS else _literal(text)


@lru_cache(maxsize=1024)
def _literal(text: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
