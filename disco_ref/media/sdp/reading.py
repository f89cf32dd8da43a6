"""Reading a session description: lines in their one order, fields by the grammar (RFC 4566, sections 5 and 9).

Strict, with one leniency that the specification asks for: a line may end in LF alone (section 5).
Refused with the number of the line: an unknown type letter, a line out of order, a missing line, a
version other than 0, and every field that its rule does not match.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile
from typing import NamedTuple, TypeVar

from disco_ref.errors import Malformed
from disco_ref.media.sdp import grammar
from disco_ref.media.sdp.description import (
    Attribute,
    Bandwidth,
    Connection,
    Key,
    MediaDescription,
    Origin,
    Repeat,
    SessionDescription,
    Timing,
    ZoneAdjustment,
)

T = TypeVar("T")


class MalformedDescription(Malformed):
    """The octets are no session description; ``where`` is the line, as ``line 3 (c=)``."""


class Line(NamedTuple):
    """One line: its number from 1, its first octet's place, its letter and its value."""

    number: int
    offset: int
    letter: str
    value: str

    def refusal(self, why: str) -> MalformedDescription:
        """The refusal that names this line."""
        return MalformedDescription(why, where=f"line {self.number} ({self.letter}=)", offset=self.offset)

    def matched(self, pattern: re.Pattern[str], what: str, part: str | None = None) -> str:
        """The value, or a part of it, when the pattern covers it all; refused otherwise."""
        value = self.value if part is None else part
        if not pattern.fullmatch(value):
            raise self.refusal(f"not {what}")
        return value

    def fields(self, least: int, most: int | None, layout: str) -> list[str]:
        """The value taken apart at single spaces; refused where the number of fields is wrong."""
        found = self.value.split(" ")
        if len(found) < least or (most is not None and len(found) > most) or "" in found:
            raise self.refusal(f"expected `{layout}`, single spaces between the fields")
        return found

    def number_of(self, part: str) -> int:
        """Decimal digits as a number; refused beyond the longest that is read."""
        if len(part) > grammar.LONGEST_NUMBER:
            raise self.refusal(f"a number of more than {grammar.LONGEST_NUMBER} digits")
        return int(part)


def read(octets: bytes) -> SessionDescription:
    """Octets to a session description; raises :class:`MalformedDescription`."""
    return _Lines(_lines(octets), len(octets)).session()


def _lines(octets: bytes) -> list[Line]:
    if len(octets) > grammar.LONGEST_DESCRIPTION:
        raise MalformedDescription(f"more than {grammar.LONGEST_DESCRIPTION} octets", where="line 1", offset=0)
    # = rfc4566:5/0
    text = octets.decode("utf-8", "surrogateescape")
    if not text:
        raise MalformedDescription("empty; expected v=", where="line 1", offset=0)
    found: list[Line] = []
    offset = 0
    pieces = text.split("\n")
    for number, piece in enumerate(pieces, 1):
        where = f"line {number}"
        if number == len(pieces):
            if piece:
                raise MalformedDescription("the last line has no end", where=where, offset=offset)
            break
        line = piece.removesuffix("\r")
        if len(line) < 2 or line[1] != "=":
            raise MalformedDescription("not `<letter>=<value>`", where=where, offset=offset)
        if "\r" in line or "\x00" in line:
            raise MalformedDescription("a NUL or CR inside a line", where=where, offset=offset)
        if line[0] not in "vosiuepcbtrzkam":
            raise MalformedDescription(f"unknown type letter {line[0]!r}", where=where, offset=offset)
        found.append(Line(number, offset, line[0], line[2:]))
        offset += (len(piece) if piece.isascii() else len(piece.encode("utf-8", "surrogateescape"))) + 1
    return found


class _Lines:
    """The lines with a place in them; each method reads one rule of section 9."""

    def __init__(self, lines: list[Line], size: int) -> None:
        self._lines = lines
        self._size = size
        self._next = 0
        session = takewhile(lambda line: line.letter != "m", lines)
        self._charset = any(line.letter == "a" and line.value.startswith("charset:") for line in session)

    def session(self) -> SessionDescription:
        """session-description."""
        version = self._version(self._required("v"))
        description = SessionDescription(
            version=version,
            origin=_origin(self._required("o")),
            session_name=self._text(self._required("s")),
            information=self._optional("i", self._text),
            # = rfc4566:5.5/0
            uri=self._optional("u", lambda line: line.matched(grammar.uri_reference, "a URI reference")),
            # = rfc4566:5.6/0
            # = rfc3264:5/2
            emails=self._every("e", lambda line: line.matched(grammar.email_address, "an email address")),
            phones=self._every("p", lambda line: line.matched(grammar.phone_number, "a phone number")),
            connection=self._optional("c", _session_connection),
            bandwidths=self._every("b", _bandwidth),
            times=self._times(),
            zone=self._optional("z", _zone) or (),
            key=self._optional("k", _key),
            attributes=self._every("a", _attribute),
            media=self._media(),
        )
        left = self._peek()
        if left is not None:
            # = rfc3264:5/5
            raise left.refusal("out of order, or once too often")
        self._connected(description)
        return description

    def _peek(self) -> Line | None:
        return self._lines[self._next] if self._next < len(self._lines) else None

    def _take(self, letter: str) -> Line | None:
        place, lines = self._next, self._lines
        if place == len(lines) or lines[place].letter != letter:
            return None
        self._next = place + 1
        return lines[place]

    def _required(self, letter: str) -> Line:
        line = self._take(letter)
        if line is not None:
            return line
        found = self._peek()
        if found is None:
            raise MalformedDescription(f"{letter}= is missing", where="end", offset=self._size)
        raise found.refusal(f"expected {letter}= here")

    def _optional(self, letter: str, reader: Callable[[Line], T]) -> T | None:
        line = self._take(letter)
        return None if line is None else reader(line)

    def _every(self, letter: str, reader: Callable[[Line], T]) -> tuple[T, ...]:
        line = self._take(letter)
        if line is None:
            return ()
        found = [reader(line)]
        while (line := self._take(letter)) is not None:
            found.append(reader(line))
        return tuple(found)

    def _version(self, line: Line) -> int:
        # = rfc4566:5.1/0
        if line.matched(grammar.digits, "a version number").strip("0"):
            raise line.refusal("a version other than 0")
        return 0

    def _text(self, line: Line) -> str:
        # = rfc4566:5.3/0
        # = rfc4566:5.4/0
        value = line.matched(grammar.text, "text of at least one octet")
        if not value.isascii() and not self._charset and any("\udc80" <= each <= "\udcff" for each in value):
            raise line.refusal("not UTF-8, and no a=charset says otherwise")
        return value

    def _times(self) -> tuple[Timing, ...]:
        # = rfc4566:5.9/0
        times = [self._timing(self._required("t"))]
        while (line := self._take("t")) is not None:
            times.append(self._timing(line))
        return tuple(times)

    def _timing(self, line: Line) -> Timing:
        start, stop = line.fields(2, 2, "t=start stop")
        for part in (start, stop):
            line.matched(grammar.time, "0 or at least ten digits of NTP time", part)
        return Timing(start=start, stop=stop, repeats=self._every("r", _repeat))

    def _media(self) -> tuple[MediaDescription, ...]:
        found: list[MediaDescription] = []
        while (line := self._take("m")) is not None:
            # = rfc4566:5.14/0
            # = rfc3264:6/9
            media, port, protocol, *formats = line.fields(4, None, "m=media port proto fmt ...")
            line.matched(grammar.token, "a media type", media)
            ports = grammar.media_port.fullmatch(port)
            if ports is None:
                raise line.refusal("not a port with an optional /number of ports")
            line.matched(grammar.protocol, "a transport protocol", protocol)
            for one in formats:
                line.matched(grammar.token, "a media format", one)
            count = ports["count"]
            found.append(
                MediaDescription(
                    media=media,
                    port=line.number_of(ports["port"]),
                    port_count=None if count is None else line.number_of(count),
                    protocol=protocol,
                    formats=tuple(formats),
                    information=self._optional("i", self._text),
                    connections=self._layers(),
                    bandwidths=self._every("b", _bandwidth),
                    key=self._optional("k", _key),
                    attributes=self._every("a", _attribute),
                )
            )
            self._ports_of(line, found[-1])
        return tuple(found)

    def _layers(self) -> tuple[Connection, ...]:
        first = self._peek()
        found = self._every("c", _connection)
        # = rfc4566:5.7/0
        if first is not None and len(found) > 1 and not all(grammar.may_be_layered(one.address) for one in found):
            raise first.refusal("several c= lines are for multicast addresses only")
        return found

    def _ports_of(self, line: Line, media: MediaDescription) -> None:
        networks = {one.network_type for one in media.connections} or {"IN"}
        # = rfc4566:5.14/0
        if networks == {"IN"} and media.port > 65535:
            raise line.refusal("a port beyond 65535")

    def _connected(self, description: SessionDescription) -> None:
        # = rfc4566:5.7/0
        if description.connection is None and not all(one.connections for one in description.media):
            lines = [line for line in self._lines if line.letter == "m"]
            bare = next(n for n, one in enumerate(description.media) if not one.connections)
            raise lines[bare].refusal("no c= here nor for the session")


def _origin(line: Line) -> Origin:
    # = rfc4566:5.2/0
    layout = "o=username sess-id sess-version nettype addrtype unicast-address"
    username, session_id, version, network, kind, address = line.fields(6, 6, layout)
    line.matched(grammar.non_ws_string, "a user name", username)
    line.matched(grammar.digits, "a session id of digits", session_id)
    line.matched(grammar.digits, "a session version of digits", version)
    line.matched(grammar.token, "a network type", network)
    line.matched(grammar.token, "an address type", kind)
    line.matched(grammar.non_ws_string, "an address", address)
    fault = grammar.unicast_fault(kind, address) if network == "IN" else None
    if fault is not None:
        raise line.refusal(fault)
    return Origin(
        username=username,
        session_id=session_id,
        session_version=version,
        network_type=network,
        address_type=kind,
        unicast_address=address,
    )


def _connection(line: Line) -> Connection:
    network, kind, address = line.fields(3, 3, "c=nettype addrtype connection-address")
    line.matched(grammar.token, "a network type", network)
    line.matched(grammar.token, "an address type", kind)
    line.matched(grammar.non_ws_string, "an address", address)
    # = rfc4566:5.7/0
    fault = grammar.connection_fault(kind, address) if network == "IN" else None
    if fault is not None:
        raise line.refusal(fault)
    return Connection(network_type=network, address_type=kind, address=address)


def _session_connection(line: Line) -> Connection:
    found = _connection(line)
    # = rfc4566:5.7/0
    slashes = {"IP4": 1, "IP6": 0}.get(found.address_type)
    if found.network_type == "IN" and slashes is not None and found.address.count("/") > slashes:
        raise line.refusal("several addresses are for media only")
    return found


def _bandwidth(line: Line) -> Bandwidth:
    # = rfc4566:5.8/0
    found = grammar.bandwidth.fullmatch(line.value)
    if found is None:
        raise line.refusal("expected `b=bwtype:digits`")
    return Bandwidth(type=found["type"], value=line.number_of(found["value"]))


def _repeat(line: Line) -> Repeat:
    # = rfc4566:5.10/0
    interval, duration, *offsets = line.fields(3, None, "r=interval duration offset ...")
    line.matched(grammar.repeat_interval, "a repeat interval", interval)
    for part in (duration, *offsets):
        line.matched(grammar.typed_time, "digits with an optional unit d, h, m or s", part)
    return Repeat(interval=interval, duration=duration, offsets=tuple(offsets))


def _zone(line: Line) -> tuple[ZoneAdjustment, ...]:
    # = rfc4566:5.11/0
    fields = line.fields(2, None, "z=time offset ...")
    if len(fields) % 2:
        raise line.refusal("an adjustment time without its offset")
    found: list[ZoneAdjustment] = []
    for time, offset in zip(fields[::2], fields[1::2], strict=True):
        if time == "0":
            raise line.refusal("not at least ten digits of NTP time")
        line.matched(grammar.time, "at least ten digits of NTP time", time)
        line.matched(grammar.zone_offset, "an offset", offset)
        found.append(ZoneAdjustment(time=time, offset=offset))
    return tuple(found)


def _key(line: Line) -> Key:
    found = grammar.key.fullmatch(line.value)
    # = rfc4566:5.12/0
    if found is None or (found["method"] == "prompt") != (found["value"] is None):
        raise line.refusal("expected `prompt`, `clear:text`, `base64:...` or `uri:...`")
    method, value = found["method"], found["value"]
    if method == "clear":
        line.matched(grammar.text, "a key", value)
    elif method == "base64":
        line.matched(grammar.base64_value, "base64", value)
    elif method == "uri":
        line.matched(grammar.uri_reference, "a URI reference", value)
    return Key(method=method, value=value)


def _attribute(line: Line) -> Attribute:
    found = grammar.attribute.fullmatch(line.value)
    # = rfc4566:5.13/0
    if found is None:
        raise line.refusal("expected `a=name` or `a=name:value`, the value not empty")
    return Attribute(name=found["name"], value=found["value"])
