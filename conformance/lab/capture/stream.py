"""TCP segments put in order: each direction of a connection is one stream of octets with known frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from conformance.lab.capture.layers import Payload

FIN, SYN, RST = 1, 2, 4
MOST_WAITING = 1024 * 1024
"""Octets of one direction that may wait for a missing segment; beyond that the gap is passed over."""
MOST_STREAMS = 4096
"""Directions followed at once; the one longest silent is given up beyond that."""
_WRAP = 1 << 32


class Piece(NamedTuple):
    """Octets of a stream in their order."""

    payload: Payload
    """The segment they came in."""
    octets: bytes
    """The octets that are new."""
    gap: bool = False
    """Octets before these were never captured."""
    fresh: bool = False
    """The first piece of a connection."""


class _Direction:
    def __init__(self) -> None:
        self.next: int | None = None
        self.waiting: dict[int, Payload] = {}
        self.held = 0
        self.fresh = True
        self.gap = False

    def start(self, sequence: int) -> None:
        self.next = sequence % _WRAP
        self.waiting.clear()
        self.held = 0
        self.fresh = True
        self.gap = False


class Streams:
    """All connections of a capture."""

    def __init__(self) -> None:
        self._directions: dict[tuple[str, str], _Direction] = {}

    def take(self, segment: Payload) -> Iterator[Piece]:
        """What this segment brings into order, possibly with segments that waited for it."""
        key = (segment.source, segment.destination)
        direction = self._directions.pop(key, None) or _Direction()
        self._directions[key] = direction
        if len(self._directions) > MOST_STREAMS:
            self._directions.pop(next(iter(self._directions)))
        if segment.flags & SYN:
            direction.start(segment.sequence + 1)
        if not segment.octets:
            return
        if direction.next is None:
            direction.next = segment.sequence
        at = segment.sequence + (1 if segment.flags & SYN else 0)
        yield from self._insert(direction, segment, at % _WRAP)
        if direction.held > MOST_WAITING:
            yield from self._pass_over(direction)

    def end(self) -> Iterator[Piece]:
        """What still waits at the end of the capture, each run behind a gap."""
        for direction in self._directions.values():
            while direction.waiting:
                yield from self._pass_over(direction)

    def _insert(self, direction: _Direction, segment: Payload, at: int) -> Iterator[Piece]:
        assert direction.next is not None
        ahead = (at - direction.next) % _WRAP
        if ahead and ahead < _WRAP // 2:
            if at not in direction.waiting or len(direction.waiting[at].octets) < len(segment.octets):
                direction.held += len(segment.octets) - len(
                    direction.waiting[at].octets if at in direction.waiting else b""
                )
                direction.waiting[at] = segment
            return
        known = (direction.next - at) % _WRAP
        octets = segment.octets[known:]
        if octets:
            yield self._piece(direction, segment, octets)
        yield from self._drain(direction)

    def _drain(self, direction: _Direction) -> Iterator[Piece]:
        while direction.waiting:
            assert direction.next is not None
            at = min(direction.waiting, key=lambda place: (place - (direction.next or 0) + _WRAP // 2) % _WRAP)
            behind = (direction.next - at) % _WRAP
            if behind >= _WRAP // 2:
                return
            segment = direction.waiting.pop(at)
            direction.held -= len(segment.octets)
            if segment.octets[behind:]:
                yield self._piece(direction, segment, segment.octets[behind:])

    def _pass_over(self, direction: _Direction) -> Iterator[Piece]:
        start = direction.next or 0
        direction.next = min(direction.waiting, key=lambda place: (place - start) % _WRAP)
        direction.gap = True
        yield from self._drain(direction)

    def _piece(self, direction: _Direction, segment: Payload, octets: bytes) -> Piece:
        assert direction.next is not None
        piece = Piece(segment, octets, direction.gap, direction.fresh)
        direction.next = (direction.next + len(octets)) % _WRAP
        direction.gap = direction.fresh = False
        return piece
