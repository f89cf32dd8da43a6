"""What a peer knows of the ring: Neighbor Table, Finger Table, Routing Table (RFC 6940, sections 10.1 and 10.3)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.reload.topology.chord.arithmetic import Circle
from disco_ref.reload.topology.chord.fingers import LEAST_FINGERS, FingerTable
from disco_ref.reload.topology.chord.neighbors import LEAST_NEIGHBORS, NeighborTable
from disco_ref.reload.topology.chord.routing_table import RoutingTable

# = rfc6940:10.4/2
REPLICAS = 2
"""Successors that hold replicas (section 10.4)."""


class Neighborhood(NamedTuple):
    """The Neighbor Table at one time, to see afterwards what has changed."""

    predecessors: tuple[bytes, ...]
    successors: tuple[bytes, ...]


class Tables:
    """The three tables of one peer, kept in step; only peers that are connected stand in them."""

    __slots__ = ("_before", "circle", "fingers", "neighbors", "own", "routing")

    def __init__(self, own: bytes, neighbors: int = LEAST_NEIGHBORS, fingers: int = LEAST_FINGERS) -> None:
        self.own = own
        self.circle = Circle(len(own))
        self.neighbors = NeighborTable(own, self.circle, neighbors)
        self.fingers = FingerTable(own, self.circle, fingers)
        self.routing = RoutingTable(own, self.circle)
        self._before: dict[bytes, bytes] = {}
        """Of peers that take this one for one of their two next, the predecessor that they have told of."""

    @property
    def now(self) -> Neighborhood:
        """The Neighbor Table as it stands."""
        return Neighborhood(self.neighbors.predecessors, self.neighbors.successors)

    @property
    def predecessor(self) -> bytes:
        """The peer before this one; itself where it is alone."""
        return self.neighbors.predecessors[0] if self.neighbors.predecessors else self.own

    @property
    def successor(self) -> bytes:
        """The peer behind this one; itself where it is alone."""
        return self.neighbors.successors[0] if self.neighbors.successors else self.own

    def insert(self, node_id: bytes) -> bool:
        """Take in a peer that is connected, where it belongs; whether the Neighbor Table has changed."""
        before = self.neighbors.members()
        changed = self.neighbors.insert(node_id)
        if self.fingers.insert(node_id, self.neighbors.members()) or node_id in self.neighbors:
            self.routing.insert(node_id)
        for each in before:
            if each not in self.neighbors and each not in self.fingers.entries.values():
                self.routing.remove(each)
        return changed

    def tell(self, node_id: bytes, told: Neighborhood) -> None:
        """A peer has told of its neighbours, and so of what it is responsible for, and who holds replicas of that."""
        if told.predecessors and self.own in told.successors[:REPLICAS]:
            self._before[node_id] = told.predecessors[0]
        else:
            self._before.pop(node_id, None)

    def remove(self, node_id: bytes) -> bool:
        """Take out a peer that is lost; whether the Neighbor Table has changed."""
        self.routing.remove(node_id)
        # = rfc6940:10.7.2/1
        self.fingers.remove(node_id)
        self._before.pop(node_id, None)
        # = rfc6940:10.7.1/1
        return self.neighbors.remove(node_id, self.routing.peers())

    def grow(self) -> None:
        """Let the Finger Table reach as near as the last successor, within its limits; it never shrinks."""
        if self.neighbors.successors:
            # = rfc6940:10.7.4.3/2
            self.fingers.reach(self.neighbors.successors[-1])

    def responsible(self, place: bytes) -> bool:
        """Whether a place lies behind the predecessor, and not behind this peer (section 10.1)."""
        own, before = self.own, self.predecessor
        # = rfc6940:10.1/0
        if len(place) == len(own):
            # octet strings of one length stand in the order of their places
            return before < place <= own if before < own else (place <= own or before < place)
        circle = self.circle
        return circle.within(circle.place(place), circle.place(before), circle.place(own))

    def closer(self, node_id: bytes, resource: bytes) -> bool:
        """Whether a peer is at least as close to a resource, before it on the ring, as every neighbour (section 6.3.4)."""
        circle, place = self.circle, self.circle.place(resource)
        distance = circle.distance(place, circle.place(node_id))
        # = rfc6940:6.3.4/15
        return not any((each - place) % circle.places < distance for each in self.neighbors.places)

    def replicas(self) -> tuple[bytes, ...]:
        """The peers that hold replicas of what this peer is responsible for."""
        return self.neighbors.successors[:REPLICAS]

    def may_replicate(self, node_id: bytes, resource: bytes) -> bool:
        """Whether this peer is to hold a replica of a resource, and that peer is one to store it here (section 7.4.1.1).

        The replica set is the peer that follows the resource and its two successors, out of all that are known here.
        """
        # = rfc6940:6.4.2.3/2 silent: what has become this peer's comes from whoever was responsible before, however far that is
        if self.responsible(resource):
            return True
        circle, place = self.circle, self.circle.place(resource)
        before = self._before.get(node_id)
        # = rfc6940:10.4/3 silent: what it says of itself may be newer than what is known here of the peers between
        if before is not None and circle.within(place, circle.place(before), circle.place(node_id)):
            return True
        known = {self.own, node_id, *self.neighbors.members()}
        order = sorted(known, key=lambda each: circle.distance(place, circle.place(each)))[: REPLICAS + 1]
        # = rfc6940:7.4.1.1/11
        # = rfc6940:10.4/3
        return self.own in order and node_id in order

    def share(self) -> float:
        """The part of the ring that this peer is responsible for."""
        circle = self.circle
        length = circle.distance(circle.place(self.predecessor), circle.place(self.own))
        return length / circle.places if length else 1.0

    def successor_of(self, node_id: bytes) -> bytes:
        """The place right behind a peer (section 10.5)."""
        return self.circle.octets(self.circle.place(node_id) + 1)
