"""The Finger Table: peers half, a quarter, an eighth ... of the ring away (RFC 6940, sections 10.1, 10.5 and 10.7.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from disco_ref.entropy import Entropy
from disco_ref.reload.topology.chord.arithmetic import Circle

# = rfc6940:10.7.4.3/1
LEAST_FINGERS = 16
"""Entries that a peer tries to fill (section 10.7.4.3)."""

# = rfc6940:10.7.4.3/2
MOST_FINGERS = 128
"""Entries that a table can grow to."""


class FingerTable:
    """Entries by number, from 1: the i-th is valid if its peer is ``2**(bits-i)`` to ``2**(bits-i+1) - 1`` places away."""

    __slots__ = ("_circle", "_own", "entries", "size")

    def __init__(self, own: bytes, circle: Circle, size: int = LEAST_FINGERS) -> None:
        if not LEAST_FINGERS <= size <= MOST_FINGERS:
            raise ValueError(f"a Finger Table has {LEAST_FINGERS} to {MOST_FINGERS} entries")
        self._own = circle.place(own)
        self._circle = circle
        self.size = size
        self.entries: dict[int, bytes] = {}

    def number(self, node_id: bytes) -> int | None:
        """The entry that this peer is valid for; None where the table has no such entry."""
        distance = self._circle.distance(self._own, self._circle.place(node_id))
        # = rfc6940:10.7.4.2/0
        found = self._circle.bits - distance.bit_length() + 1
        return found if distance and found <= self.size else None

    def reach(self, node_id: bytes) -> None:
        """Have at least so many entries that one of them is this peer's, as far as a table may grow."""
        distance = self._circle.distance(self._own, self._circle.place(node_id))
        self.size = max(self.size, min(self._circle.bits - distance.bit_length() + 1, MOST_FINGERS))

    def insert(self, node_id: bytes, neighbors: Collection[bytes] = ()) -> bool:
        """Take a peer into its entry if that is free, or held by a neighbour though this one is none; whether it was."""
        number = self.number(node_id)
        if number is None:
            return False
        held = self.entries.get(number)
        if held is not None and (held not in neighbors or node_id in neighbors):
            return False
        self.entries[number] = node_id
        return True

    def remove(self, node_id: bytes) -> int | None:
        """Take a peer out; the number of its entry, None where it had none."""
        number = self.number(node_id)
        if number is None or self.entries.get(number) != node_id:
            return None
        del self.entries[number]
        return number

    def invalid(self) -> Iterator[int]:
        """The entries without a peer, the farthest first."""
        return (each for each in range(1, self.size + 1) if each not in self.entries)

    def begins(self, number: int) -> bytes:
        """The place at which an entry begins, as a joining node asks for it (section 10.5)."""
        # = rfc6940:10.5/19
        return self._circle.octets(self._own + (1 << self._circle.bits - number))

    def anywhere(self, number: int, entropy: Entropy) -> bytes:
        """A place taken at random out of the range of an entry."""
        # = rfc6940:10.7.4.2/3
        width = 1 << self._circle.bits - number
        offset = int.from_bytes(entropy(self._circle.bits // 8), "big") % width
        return self._circle.octets(self._own + width + offset)

    def ascending(self) -> tuple[bytes, ...]:
        """The peers of the table in numerical order, each once (section 10.7)."""
        return tuple(sorted(set(self.entries.values())))
