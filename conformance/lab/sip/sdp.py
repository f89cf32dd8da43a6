"""A reader of session descriptions (RFC 4566, section 5)."""

from __future__ import annotations

from conformance.lab.sip.deviation import LabRefusal
from conformance.lab.sip.scanner import is_ipv4, is_ipv6, is_token
from conformance.lab.sip.value import Json

LONGEST = 1024 * 1024
"""Octets of a description; more are refused."""


class _Lines:
    """The lines of a description, taken in the order of the grammar."""

    def __init__(self, data: bytes) -> None:
        if len(data) > LONGEST:
            raise LabRefusal(f"longer than {LONGEST} octets", where="sdp")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as fault:
            raise LabRefusal("an octet that is not UTF-8", where=f"sdp at byte {fault.start}") from None
        rows = text.split("\n")
        if rows[-1] != "":
            raise LabRefusal("the last line does not end", where=f"line {len(rows)}")
        # = rfc4566:5/0
        self.rows = [row.removesuffix("\r") for row in rows[:-1]]
        self.at = 0
        for number, row in enumerate(self.rows, 1):
            if len(row) < 2 or row[1] != "=" or not row[0].islower() or not row[0].isascii():
                raise LabRefusal("a line is a letter, '=' and a value", where=f"line {number}")
            if "\r" in row or "\0" in row:
                raise LabRefusal("a control character in a line", where=f"line {number}")

    @property
    def where(self) -> str:
        return f"line {self.at}"

    def peek(self) -> str:
        return self.rows[self.at][0] if self.at < len(self.rows) else ""

    def take(self, kind: str) -> str | None:
        if self.peek() != kind:
            return None
        self.at += 1
        return self.rows[self.at - 1][2:]

    def need(self, kind: str) -> str:
        found = self.take(kind)
        if found is None:
            seen = f"{self.peek()}=" if self.peek() else "the end"
            raise LabRefusal(f"{kind}= expected, {seen} found", where=f"line {self.at + 1}")
        return found

    def all(self, kind: str) -> list[str]:
        found: list[str] = []
        while (row := self.take(kind)) is not None:
            found.append(row)
        return found

    def fail(self, why: str) -> LabRefusal:
        return LabRefusal(why, where=self.where)


def decode_sdp(data: bytes) -> dict[str, Json]:
    """The format ``sdp``; raises LabRefusal with the line at fault."""
    lines = _Lines(data)
    version = lines.need("v")
    if version != "0":
        raise lines.fail(f"version {version[:20]!r} is not 0")
    session: dict[str, Json] = {"version": 0, "origin": _origin(lines), "session_name": _name(lines)}
    session["information"] = lines.take("i")
    session["uri"] = lines.take("u")
    session["emails"] = [*lines.all("e")]
    session["phones"] = [*lines.all("p")]
    row = lines.take("c")
    session["connection"] = None if row is None else _connection(lines, row)
    session["bandwidths"] = _bandwidths(lines)
    session["times"] = _times(lines)
    session["zone"] = _zone(lines)
    session["key"] = _key(lines)
    session["attributes"] = _attributes(lines)
    media: list[Json] = []
    while lines.peek() == "m":
        media.append(_media(lines))
    session["media"] = media
    if lines.peek():
        raise LabRefusal(f"{lines.peek()}= may not stand here", where=f"line {lines.at + 1}")
    if session["connection"] is None and not all(isinstance(m, dict) and m["connections"] for m in media):
        raise LabRefusal("neither the session nor every media description has a connection", where="c=")
    return session


def _name(lines: _Lines) -> str:
    name = lines.need("s")
    if not name:
        raise lines.fail("a session name is not empty")
    return name


def _origin(lines: _Lines) -> Json:
    parts = lines.need("o").split(" ")
    if len(parts) != 6 or not all(parts):
        raise lines.fail("an origin has six parts with one space between them")
    if not _digits(parts[1]) or not _digits(parts[2]):
        raise lines.fail("session id and version are numbers")
    if parts[3] != "IN" and not is_token(parts[3]):
        raise lines.fail("network type is no token")
    _check_address(lines, parts[4], parts[5], multicast=False)
    names = ("username", "session_id", "session_version", "network_type", "address_type", "unicast_address")
    return dict(zip(names, parts, strict=True))


def _connection(lines: _Lines, row: str) -> Json:
    parts = row.split(" ")
    if len(parts) != 3 or not all(parts):
        raise lines.fail("a connection has three parts with one space between them")
    _check_address(lines, parts[1], parts[2], multicast=True)
    return {"network_type": parts[0], "address_type": parts[1], "address": parts[2]}


def _check_address(lines: _Lines, kind: str, text: str, *, multicast: bool) -> None:
    address, *suffixes = text.split("/")
    if suffixes and (not multicast or len(suffixes) > 2 or not all(_digits(suffix) for suffix in suffixes)):
        raise lines.fail("what follows '/' in an address are one or two numbers, in a connection only")
    if kind not in ("IP4", "IP6"):
        if not is_token(kind):
            raise lines.fail("address type is no token")
        return
    numeric = is_ipv4(address) if kind == "IP4" else is_ipv6(address)
    named = bool(address) and all(c.isalnum() or c in "-." for c in address) and not _digits(address.replace(".", ""))
    if not numeric and not named:
        raise lines.fail(f"{address[:60]!r} is no {kind} address and no host name")
    if multicast and numeric:
        _check_group(lines, kind, address, [int(suffix) for suffix in suffixes])
    elif suffixes and numeric:
        raise lines.fail("only groups have a time to live or a count")


def _check_group(lines: _Lines, kind: str, address: str, suffixes: list[int]) -> None:
    # = rfc4566:5.7/0
    if kind == "IP4":
        group = 224 <= int(address.split(".")[0]) <= 239
        if group and not suffixes:
            raise lines.fail("an IPv4 multicast address needs a time to live")
        if group and suffixes[0] > 255:
            raise lines.fail("a time to live is at most 255")
        count = suffixes[1:]
    else:
        group, count = address.lower().startswith("ff"), suffixes
        if len(suffixes) > 1:
            raise lines.fail("an IPv6 group has no time to live")
    if suffixes and not group:
        raise lines.fail("only groups have a time to live or a count")
    if count and not count[0]:
        raise lines.fail("a count of groups is at least one")


def _bandwidths(lines: _Lines) -> list[Json]:
    found: list[Json] = []
    while (row := lines.take("b")) is not None:
        kind, colon, value = row.partition(":")
        if not colon or not is_token(kind) or not _digits(value):
            raise lines.fail("a bandwidth is a name, ':' and a number")
        found.append({"type": kind, "value": int(value)})
    return found


def _times(lines: _Lines) -> list[Json]:
    found: list[Json] = []
    row: str | None = lines.need("t")
    while row is not None:
        parts = row.split(" ")
        if len(parts) != 2 or not all(_is_time(part) for part in parts):
            raise lines.fail("a time has a start and a stop, each 0 or of ten digits and more")
        repeats: list[Json] = []
        while (again := lines.take("r")) is not None:
            values = again.split(" ")
            if len(values) < 3 or not all(_is_span(value) for value in values):
                raise lines.fail("a repeat has at least three times with units d, h, m or s")
            repeats.append(again)
        found.append({"start": parts[0], "stop": parts[1], "repeats": repeats})
        row = lines.take("t")
    return found


def _zone(lines: _Lines) -> str | None:
    row = lines.take("z")
    parts = row.split(" ") if row is not None else []
    pairs = zip(parts[::2], parts[1::2], strict=False)
    if len(parts) % 2 or not all(_is_time(time) and _is_span(shift.removeprefix("-")) for time, shift in pairs):
        raise lines.fail("adjustments are pairs of a time and a shift")
    return row


def _key(lines: _Lines) -> str | None:
    row = lines.take("k")
    if row is None or row == "prompt":
        return row
    method, colon, value = row.partition(":")
    base64 = method == "base64" and len(value) % 4 == 0 and all(c.isalnum() or c in "+/=" for c in value)
    if not colon or not (base64 or (method in ("clear", "uri") and value)):
        raise lines.fail("a key is prompt, or clear, base64 or uri with a value")
    return row


def _is_time(text: str) -> bool:
    return text == "0" or (_digits(text) and len(text) >= 10 and text[0] != "0")


def _is_span(text: str) -> bool:
    return _digits(text[:-1] if text[-1:] in ("d", "h", "m", "s") else text)


def _attributes(lines: _Lines) -> list[Json]:
    found: list[Json] = []
    while (row := lines.take("a")) is not None:
        name, colon, value = row.partition(":")
        if not is_token(name):
            raise lines.fail("the name of an attribute is no token")
        found.append({"name": name, "value": value if colon else None})
    return found


def _media(lines: _Lines) -> Json:
    parts = lines.need("m").split(" ")
    if len(parts) < 4 or not all(parts):
        raise lines.fail("a media description has a medium, a port, a protocol and formats")
    port, slash, count = parts[1].partition("/")
    if (
        not is_token(parts[0])
        or not _digits(port)
        or int(port) > 65535
        or (slash and (not _digits(count) or not int(count)))
    ):
        raise lines.fail("the medium or the port cannot be read")
    if not all(is_token(part) for part in parts[2].split("/")) or not all(is_token(part) for part in parts[3:]):
        raise lines.fail("the protocol or a format is no token")
    media: dict[str, Json] = {"media": parts[0], "port": int(port), "port_count": int(count) if slash else None}
    media["protocol"] = parts[2]
    media["formats"] = [*parts[3:]]
    media["information"] = lines.take("i")
    media["connections"] = [_connection(lines, row) for row in lines.all("c")]
    media["bandwidths"] = _bandwidths(lines)
    media["key"] = _key(lines)
    media["attributes"] = _attributes(lines)
    return media


def _digits(text: str) -> bool:
    return bool(text) and text.isascii() and text.isdigit() and len(text) <= 40
