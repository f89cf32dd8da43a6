"""RELOAD in a capture: raw messages, frames of a link, fragments put together (RFC 6940, sections 6.3, 6.6.2, 6.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.judge.seen import Seen
from conformance.lab import reload, rules
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import LabRefusal

TOKEN = rules.RELO_TOKEN.to_bytes(4)
DATA, ACK = 128, 129
MOST_FRAGMENTS = 4096
"""Fragments held for messages that are not whole yet; the oldest message is given up beyond that."""


MOST_PARTS = 256
"""Fragments of one message."""


def _ended(parts: list[Seen]) -> bool:
    """Whether a last fragment is among them."""
    return any(rules.number((part.header or {}).get("fragment")) & rules.LAST_FRAGMENT for part in parts)


def looks_raw(octets: bytes | bytearray) -> bool:
    """Whether octets begin as a RELOAD message does."""
    return octets[:4] == TOKEN


def looks_framed(octets: bytes, *, known: bool = False) -> bool:
    """Whether octets begin as a frame does; an acknowledgement is believed on known links only."""
    if octets[:1] == bytes([DATA]):
        return octets[8:12] == TOKEN or (known and len(octets) >= 8 and octets[1:2] == b"\0")
    return known and octets[:1] == bytes([ACK]) and len(octets) >= 9


class Overlay:
    """Reads RELOAD with one context and keeps fragments until their message is whole."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._fragments: dict[tuple[str, str, str], list[Seen]] = {}
        self._held = 0

    def raw(self, seen: Seen) -> Iterator[Seen]:
        """One RELOAD message or fragment; ``seen`` is the template with its octets."""
        seen = replace(seen, protocol="reload")
        try:
            header, _ = reload.read_header(seen.octets, self.context)
        except LabRefusal as refusal:
            yield replace(seen, fault=str(refusal), clause=refusal.clause)
            return
        if rules.number(header["fragment"]) & 0x7FFFFFFF != rules.LAST_FRAGMENT:
            yield replace(seen, header=header)
            yield from self._assemble(replace(seen, header=header))
            return
        try:
            message = reload.read_message(seen.octets, self.context)
        except LabRefusal as refusal:
            yield replace(seen, header=header, fault=str(refusal), clause=refusal.clause)
            return
        yield replace(seen, header=header, reload=message)

    def _assemble(self, seen: Seen) -> Iterator[Seen]:
        assert seen.header is not None
        key = (seen.source, seen.destination, str(seen.header["transaction_id"]))
        parts = self._fragments.setdefault(key, [])
        if all(part.octets != seen.octets for part in parts):
            parts.append(seen)
            self._held += 1
        while self._held > MOST_FRAGMENTS or len(parts) > MOST_PARTS:
            self._held -= len(self._fragments.pop(next(iter(self._fragments)) if len(parts) <= MOST_PARTS else key))
            if key not in self._fragments:
                return
        try:
            octets = reload.reassemble([part.octets for part in parts], self.context) if _ended(parts) else b""
        except LabRefusal:
            return
        if not octets:
            return
        self._held -= len(self._fragments.pop(key))
        frames = tuple(frame for part in parts for frame in part.frames)
        yield from self.raw(replace(seen, octets=octets, frames=frames, assembled=True, header=None))

    def stacked(self, seen: Seen) -> tuple[list[Seen], int]:
        """The raw messages one behind the other at the start of octets, and the octets they took."""
        found: list[Seen] = []
        at = 0
        while (length := int.from_bytes(seen.octets[at + 16 : at + 20])) >= 38 and at + length <= len(seen.octets):
            if not looks_raw(seen.octets[at : at + 4]):
                break
            found.extend(self.raw(replace(seen, octets=seen.octets[at : at + length])))
            at += length
        return found, at

    def framed(self, seen: Seen) -> tuple[list[Seen], int]:
        """The frames at the start of octets, each followed by the message it carries; and the octets they took."""
        found: list[Seen] = []
        octets = seen.octets
        at = 0
        while at < len(octets):
            end = at + frame_length(octets, at)
            if end == at or end > len(octets):
                break
            part = replace(seen, protocol="reload-link", octets=octets[at:end])
            at = end
            found.extend(self._frame(part))
        return found, at

    def _frame(self, part: Seen) -> Iterator[Seen]:
        try:
            value = reload.decode_struct("FramedMessage", part.octets, self.context)
        except LabRefusal as refusal:
            yield replace(part, fault=str(refusal), clause=refusal.clause)
            return
        assert isinstance(value, dict)
        yield replace(part, link=value)
        message = value.get("message")
        if isinstance(message, str):
            yield from self.raw(replace(part, octets=bytes.fromhex(message)))


def frame_length(octets: bytes, at: int) -> int:
    """The length of the frame that begins here, 0 where it cannot be told."""
    if octets[at] == DATA:
        return 8 + int.from_bytes(octets[at + 5 : at + 8]) if len(octets) - at >= 8 else 0
    return 9 if octets[at] == ACK else 0
