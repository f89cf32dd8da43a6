"""The Neighbor Table: the peers before and behind a peer on the ring (RFC 6940, sections 10.1 and 10.7)."""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.reload.topology.chord.arithmetic import Circle

# = rfc6940:10.7/2
LEAST_NEIGHBORS = 3
"""Predecessors, and as many successors, that a peer tries to have (section 10.7)."""


class NeighborTable:
    """Predecessors and successors, the nearest first; in a small ring the same peer is both."""

    __slots__ = ("_circle", "_own", "predecessors", "size", "successors")

    def __init__(self, own: bytes, circle: Circle, size: int = LEAST_NEIGHBORS) -> None:
        self._own = circle.place(own)
        self._circle = circle
        self.size = size
        self.predecessors: tuple[bytes, ...] = ()
        self.successors: tuple[bytes, ...] = ()

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
        return (node_id not in self.successors and self._room(self.successors, behind, True)) or (
            node_id not in self.predecessors and self._room(self.predecessors, before, False)
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
        order = [around[each] for each in sorted(around)]
        self.successors = tuple(order[: self.size])
        self.predecessors = tuple(reversed(order[-self.size :]))

    def _room(self, table: tuple[bytes, ...], distance: int, behind: bool) -> bool:
        if len(table) < self.size:
            return True
        last = self._circle.place(table[-1])
        farthest = self._circle.distance(self._own, last) if behind else self._circle.distance(last, self._own)
        return distance < farthest
