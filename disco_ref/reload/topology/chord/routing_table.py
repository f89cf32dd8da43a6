"""The Routing Table: who messages are sent through (RFC 6940, section 10.3)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from disco_ref.reload.topology.chord.arithmetic import Circle


class RoutingTable:
    """Peers by their distance from this one; a look-up takes the logarithm of their number."""

    __slots__ = ("_circle", "_distances", "_own", "_peers")

    def __init__(self, own: bytes, circle: Circle) -> None:
        self._own = circle.place(own)
        self._circle = circle
        self._distances: list[int] = []
        self._peers: dict[int, bytes] = {}

    def __len__(self) -> int:
        """How many peers there are."""
        return len(self._distances)

    def __contains__(self, node_id: bytes) -> bool:
        """Whether messages are sent through this peer."""
        return self._circle.distance(self._own, self._circle.place(node_id)) in self._peers

    def insert(self, node_id: bytes) -> None:
        """Send messages through this peer too."""
        distance = self._circle.distance(self._own, self._circle.place(node_id))
        if distance and distance not in self._peers:
            insort(self._distances, distance)
            self._peers[distance] = node_id

    def remove(self, node_id: bytes) -> None:
        """Send nothing more through this peer."""
        distance = self._circle.distance(self._own, self._circle.place(node_id))
        if self._peers.pop(distance, None) is not None:
            del self._distances[bisect_left(self._distances, distance)]

    def peers(self) -> tuple[bytes, ...]:
        """All peers, upwards from this one."""
        return tuple(self._peers[each] for each in self._distances)

    def next_hop(self, place: bytes) -> bytes | None:
        """The peer with the largest Node-ID between this one and the place, else the first behind the place; None where there are none."""
        distances = self._distances
        if not distances:
            return None
        wanted = self._circle.distance(self._own, self._circle.place(place))
        found = bisect_right(distances, wanted)
        # = rfc6940:10.3/2
        # = rfc6940:10.3/3
        return self._peers[distances[found - 1 if found else 0]]
