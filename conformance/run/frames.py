"""Messages as a capture file that other programs read: pcapng with a comment on every frame.

The subject was asked through pipes, not over a network: the addresses are those for documentation (RFC 5737), the ports
say which dissector fits.  Only what is a whole message, or octets of a link, becomes a frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import BinaryIO, NamedTuple

from conformance.run.model import Event, Result

HARNESS, SUBJECT = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))
PORTS = {"sip.message": (17, 5060), "sip.stream": (6, 5060), "reload.framed": (17, 6084), "reload.message": (17, 16084)}
"""IP protocol and port by format."""
LARGEST = 65535 - 40
"""The longest message that fits a packet, in octets."""

_RAW_IP = 101  # the link type of packets that begin with their IP header


class Frame(NamedTuple):
    """One packet to be written."""

    time: float
    octets: bytes
    comment: str


def with_frames(results: Iterable[Result]) -> tuple[list[Result], list[Frame]]:
    """The results with the frame numbers of their messages, and the frames in order."""
    frames: list[Frame] = []
    marked = []
    for result in results:
        events = []
        form = ""
        for event in result.events:
            form = _format(event) if event.kind == "request" else form
            octets = _message(event)
            if form in PORTS and 0 < len(octets) <= LARGEST:
                frames.append(Frame(event.time, _packet(form, octets, event.source), _comment(result, event)))
                event = replace(event, frame=len(frames))
            events.append(event)
        marked.append(replace(result, events=tuple(events)))
    return marked, frames


def _params(event: Event) -> Mapping[str, object]:
    params = event.value.get("params") if isinstance(event.value, Mapping) else None
    return params if isinstance(params, Mapping) else {}


def _format(event: Event) -> str:
    return str(_params(event).get("format", ""))


def _message(event: Event) -> bytes:
    """The message in an event: the input of a decode or verify, or the octets of a reply."""
    if not isinstance(event.value, Mapping):
        return b""
    if event.kind == "request":
        found = _params(event).get("bytes") if event.value.get("command") in ("decode", "verify") else None
    else:
        result = event.value.get("result")
        found = result.get("bytes") if isinstance(result, Mapping) else None
    try:
        return bytes.fromhex(found) if isinstance(found, str) else b""
    except ValueError:
        return b""


def _comment(result: Result, event: Event) -> str:
    faulty = " DELIBERATELY MALFORMED." if event.malformed else ""
    return f"{result.id}: event {event.number}, {event.summary}.{faulty} {result.what} Verdict: {result.verdict.value}"


def _packet(form: str, octets: bytes, source: str) -> bytes:
    protocol, port = PORTS[form]
    here, there = (HARNESS, SUBJECT) if source == "harness" else (SUBJECT, HARNESS)
    if protocol == 6:
        segment = struct.pack("!HHIIBBHHH", port, port, 1, 1, 0x50, 0x18, 65535, 0, 0) + octets
        at = 16
    else:
        segment = struct.pack("!HHHH", port, port, 8 + len(octets), 0) + octets
        at = 6
    pseudo = here + there + struct.pack("!BBH", 0, protocol, len(segment))
    total = _checksum(pseudo + segment) or 0xFFFF
    segment = segment[:at] + struct.pack("!H", total) + segment[at + 2 :]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol, 0) + here + there
    return header[:10] + struct.pack("!H", _checksum(header)) + header[12:] + segment


def _checksum(octets: bytes) -> int:
    """The checksum of RFC 1071."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def write_frames(stream: BinaryIO, frames: Iterable[Frame], program: str) -> None:
    """Write a pcapng file: a section header, one interface, one enhanced packet per frame."""
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(4, program)
    stream.write(_block(0x0A0D0D0A, section + _END))
    stream.write(_block(1, struct.pack("<HHI", _RAW_IP, 0, 0) + _option(2, "the subject's pipes") + _END))
    for frame in frames:
        ticks = int(frame.time * 1_000_000)
        fixed = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame.octets), len(frame.octets))
        stream.write(_block(6, fixed + _padded(frame.octets) + _option(1, frame.comment) + _END))


_END = b"\0\0\0\0"


def _padded(octets: bytes) -> bytes:
    return octets + b"\0" * (-len(octets) % 4)


def _option(code: int, text: str) -> bytes:
    octets = text.encode()[:4000]
    return struct.pack("<HH", code, len(octets)) + _padded(octets)


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)
