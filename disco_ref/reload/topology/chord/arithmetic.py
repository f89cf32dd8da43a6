"""Places on the ring, and the way round it (RFC 6940, section 10.1)."""

from __future__ import annotations


class Circle:
    """A ring of as many places as Node-IDs of this length can name; all arithmetic is modulo their number."""

    __slots__ = ("bits", "places")

    def __init__(self, node_id_length: int) -> None:
        self.bits = 8 * node_id_length
        """Bits of a place: k in the text."""
        self.places = 1 << self.bits
        """How many places there are."""

    def place(self, octets: bytes) -> int:
        """Where a Node-ID or a Resource-ID stands.

        A Resource-ID has 128 bits whatever the Node-IDs have; where they have more, it stands at the place that begins with it.
        """
        # = rfc6940:10.2/0 silent: nothing says how 128 bits compare with more; the most significant bits agree
        number = int.from_bytes(octets, "big")
        shift = self.bits - 8 * len(octets)
        return number << shift if shift >= 0 else number >> -shift

    def octets(self, place: int) -> bytes:
        """The Node-ID of a place."""
        return (place % self.places).to_bytes(self.bits // 8, "big")

    def distance(self, start: int, end: int) -> int:
        """Places from one to another, upwards; 0 where they are the same."""
        return (end - start) % self.places

    def within(self, place: int, after: int, until: int) -> bool:
        """Whether a place lies in the arc that begins behind ``after`` and ends with ``until``; all of the ring where they are the same."""
        length = self.distance(after, until)
        return length == 0 or 0 < self.distance(after, place) <= length
