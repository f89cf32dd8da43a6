"""The Neighbor Table: the peers before and behind a peer on the ring (RFC 6940, sections 10.1 and 10.7)."""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.reload.topology.chord.arithmetic import Circle

# = rfc6940:10.7/2
LEAST_NEIGHBORS = 3
"""Predecessors, and as many successors, that a peer tries to have (section 10.7)."""


class NeighborTable:
    """Predecessors and successors, the nearest first; in a small ring the same peer is both."""

    __slots__ = ("_ahead", "_behind", "_circle", "_own", "places", "predecessors", "size", "successors")

    def __init__(self, own: bytes, circle: Circle, size: int = LEAST_NEIGHBORS) -> None:
        self._own = circle.place(own)
        self._circle = circle
        self.size = size
        self.predecessors: tuple[bytes, ...] = ()
        self.successors: tuple[bytes, ...] = ()
        self.places: tuple[int, ...] = ()
        """Where the neighbours stand."""
        self._ahead = self._behind = 0
        """How far the last predecessor, and the last successor, are."""

    def __contains__(self, node_id: bytes) -> bool:
        """Whether this is a neighbour."""
        return node_id in self.successors or node_id in self.predecessors

    def members(self) -> tuple[bytes, ...]:
        """Every neighbour once, successors first."""
        return tuple(dict.fromkeys(self.successors + self.predecessors))

    def wants(self, node_id: bytes) -> bool:
        """Whether this peer is none of the neighbours and should be: it is closer than one of them, or there are too few."""
        place = self._circle.place(node_id)
        # = rfc6940:10.7.3/4
        if place == self._own:
            return False
        behind, before = self._circle.distance(self._own, place), self._circle.distance(place, self._own)
        return ((len(self.successors) < self.size or behind < self._behind) and node_id not in self.successors) or (
            (len(self.predecessors) < self.size or before < self._ahead) and node_id not in self.predecessors
        )

    def insert(self, node_id: bytes) -> bool:
        """Take a peer in where it belongs; whether anything has changed."""
        if not self.wants(node_id):
            return False
        self.keep((*self.members(), node_id))
        return True

    def remove(self, node_id: bytes, others: Iterable[bytes]) -> bool:
        """Take a peer out, and in its place the best of the others that are connected; whether anything has changed."""
        if node_id not in self:
            return False
        # = rfc6940:10.7.1/1
        self.keep(each for each in (*self.members(), *others) if each != node_id)
        return True

    def keep(self, peers: Iterable[bytes]) -> None:
        """Choose the neighbours among these peers."""
        around = {self._circle.distance(self._own, self._circle.place(each)): each for each in peers}
        # = rfc6940:10.7.3/4
        around.pop(0, None)
        distances = sorted(around)
        order = [around[each] for each in distances]
        self.successors = tuple(order[: self.size])
        self.predecessors = tuple(reversed(order[-self.size :]))
        self.places = tuple(self._circle.place(each) for each in self.members())
        if distances:
            self._behind = distances[: self.size][-1]
            self._ahead = self._circle.places - distances[-self.size :][0]
