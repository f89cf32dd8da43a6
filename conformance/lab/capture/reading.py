"""Reads capture files: pcap (both byte orders, micro- and nanoseconds) and pcapng.

One packet is held at a time; a length that the file cannot honour is refused before anything is
read for it.  Own code, because the libraries at hand read one of the two formats only or do not
say where a broken file breaks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from conformance.lab.capture.packet import CaptureFault, Packet

LONGEST_PACKET = 1024 * 1024
"""Octets of one packet; a longer one is taken for a broken file."""
LONGEST_BLOCK = 16 * 1024 * 1024
"""Octets of one block that is not a packet."""
MOST_INTERFACES = 4096

_PCAP = {
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
}
_SECTION = b"\x0a\x0d\x0d\x0a"


class _Source:
    """A file with the count of octets read so far."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.at = 0

    def take(self, count: int, what: str) -> bytes:
        """Exactly so many octets, or a fault at the place where they end."""
        octets = self.file.read(count)
        if len(octets) < count:
            why = f"the file ends inside {what}: need {count} bytes, have {len(octets)}"
            raise CaptureFault(why, offset=self.at)
        self.at += count
        return octets

    def take_or_end(self, count: int, what: str) -> bytes | None:
        """As ``take``; None where the file ends here."""
        first = self.file.read(1)
        if not first:
            return None
        self.at += 1
        return first + self.take(count - 1, what)


def packets(file: BinaryIO) -> Iterator[Packet]:
    """Every packet in order; raises CaptureFault where the file cannot be followed, after all packets before it."""
    source = _Source(file)
    magic = source.take_or_end(4, "the file header")
    if magic is None:
        raise CaptureFault("the file is empty", offset=0)
    if magic in _PCAP:
        yield from _pcap(source, *_PCAP[magic])
    elif magic == _SECTION:
        yield from _pcapng(source)
    else:
        raise CaptureFault(f"neither pcap nor pcapng: begins with {magic.hex()}", offset=0)


def _pcap(source: _Source, order: str, resolution: int) -> Iterator[Packet]:
    header = source.take(20, "the file header")
    link_type = struct.unpack(f"{order}I", header[16:20])[0] & 0x0FFFFFFF
    number = 0
    while (record := source.take_or_end(16, "a packet header")) is not None:
        seconds, fraction, captured, original = struct.unpack(f"{order}IIII", record)
        if captured > LONGEST_PACKET:
            raise CaptureFault(f"a packet of {captured} bytes", offset=source.at - 16)
        octets = source.take(captured, "a packet")
        number += 1
        yield Packet(number, seconds + fraction / resolution, link_type, octets, original)


class _Interface:
    """What a section says of one interface."""

    def __init__(self, link_type: int, options: dict[int, bytes]) -> None:
        self.link_type = link_type
        raw = options.get(9, b"\x06")[:1] or b"\x06"
        self.units = 2.0 ** (raw[0] & 0x7F) if raw[0] & 0x80 else 10.0 ** raw[0]

    def seconds(self, high: int, low: int) -> float:
        """Seconds since 1970 of a time stamp."""
        return float((high << 32) | low) / self.units


def _pcapng(source: _Source) -> Iterator[Packet]:
    order = "<"
    interfaces: list[_Interface] = []
    number = 0
    kind = _SECTION
    first = True
    while first or (found := source.take_or_end(4, "a block")) is not None:
        start = source.at - 4
        if not first:
            assert found is not None
            kind = found
        first = False
        if kind == _SECTION:
            order, interfaces = _section(source, start), []
            continue
        code = struct.unpack(f"{order}I", kind)[0]
        body = _block(source, order, start)
        if code == 1:
            interfaces.append(_interface(body, order, start))
            if len(interfaces) > MOST_INTERFACES:
                raise CaptureFault(f"more than {MOST_INTERFACES} interfaces", offset=start)
        elif code in (2, 3, 6):
            number += 1
            yield _packet(code, body, order, interfaces, number, start)


def _section(source: _Source, start: int) -> str:
    head = source.take(8, "a section header")
    order = ">" if head[4:] == b"\x1a\x2b\x3c\x4d" else "<"
    if head[4:] not in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
        raise CaptureFault(f"byte-order magic {head[4:].hex()}", offset=start + 8)
    total = struct.unpack(f"{order}I", head[:4])[0]
    if total < 28 or total % 4 or total > LONGEST_BLOCK:
        raise CaptureFault(f"a section header of {total} bytes", offset=start + 4)
    rest = source.take(total - 12, "a section header")
    major = struct.unpack(f"{order}H", rest[:2])[0]
    if major != 1:
        raise CaptureFault(f"pcapng version {major}", offset=start + 12)
    return order


def _block(source: _Source, order: str, start: int) -> bytes:
    total = struct.unpack(f"{order}I", source.take(4, "a block"))[0]
    if total < 12 or total % 4 or total > LONGEST_BLOCK:
        raise CaptureFault(f"a block of {total} bytes", offset=start + 4)
    body = source.take(total - 12, "a block")
    again = struct.unpack(f"{order}I", source.take(4, "a block"))[0]
    if again != total:
        raise CaptureFault(f"a block begins with length {total} and ends with {again}", offset=source.at - 4)
    return body


def _interface(body: bytes, order: str, start: int) -> _Interface:
    if len(body) < 8:
        raise CaptureFault("an interface description is too short", offset=start)
    return _Interface(struct.unpack(f"{order}H", body[:2])[0], _options(body[8:], order))


def _packet(code: int, body: bytes, order: str, known: list[_Interface], number: int, start: int) -> Packet:
    fixed = 4 if code == 3 else 20
    if len(body) < fixed:
        raise CaptureFault("a packet block is too short", offset=start)
    if code == 3:
        (original,) = struct.unpack(f"{order}I", body[:4])
        interface, high, low, captured = 0, 0, 0, min(original, len(body) - 4)
    elif code == 2:
        interface, _, high, low, captured, original = struct.unpack(f"{order}HHIIII", body[:20])
    else:
        interface, high, low, captured, original = struct.unpack(f"{order}IIIII", body[:20])
    if interface >= len(known):
        raise CaptureFault(f"a packet of interface {interface}, which nothing describes", offset=start)
    if captured > len(body) - fixed or captured > LONGEST_PACKET:
        raise CaptureFault(f"a packet of {captured} bytes in a block of {len(body)}", offset=start)
    comment = ""
    if code != 3:
        options = _options(body[fixed + captured + (-captured) % 4 :], order)
        comment = options.get(1, b"").decode("utf-8", "replace")
    seen = known[interface]
    octets = body[fixed : fixed + captured]
    return Packet(number, seen.seconds(high, low), seen.link_type, octets, original, comment)


def _options(octets: bytes, order: str) -> dict[int, bytes]:
    """The options of a block, the first of each code; what follows a broken one is left out."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(octets):
        code, length = struct.unpack(f"{order}HH", octets[at : at + 4])
        if code == 0:
            break
        found.setdefault(code, octets[at + 4 : at + 4 + length])
        at += 4 + length + (-length) % 4
    return found
