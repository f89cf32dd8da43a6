"""What an overlay algorithm does for a node: the boundary of the Topology Plug-in (RFC 6940, sections 1.2.4 and 6.4.1).

An algorithm is a room of its own: requests Join, Leave, Update and RouteQuery are its, and it asks, connects and sets timers
like every room.  Besides that the other rooms put these questions to it.  None of them may take longer as the overlay grows.
"""

from __future__ import annotations

from typing import Protocol

from disco_ref.clock import Instant
from disco_ref.reload.actions import Action, Room


class TopologyPlugin(Room, Protocol):
    """An overlay algorithm; CHORD-RELOAD is :class:`disco_ref.reload.topology.chord.ring.Chord`."""

    @property
    def joined(self) -> bool:
        """Whether the node is a peer, not only a client or on its way."""

    # --- what routing asks (sections 6.1.2 and 6.2.1)

    def responsible(self, place: bytes) -> bool:
        """Whether this node is the responsible peer for a Resource-ID, or for where a Node-ID would stand."""

    def next_hop(self, place: bytes) -> bytes | None:
        """The Node-ID of the peer most likely to be responsible, out of the Routing Table; None where it is empty."""

    def closer(self, node_id: bytes, resource: bytes) -> bool:
        """Whether a node is at least as close to a Resource-ID as every node of the Neighbor Table (section 6.3.4)."""

    # --- what storage asks (sections 6.4.1 and 7.4.1.1)

    def resource_id(self, name: bytes) -> bytes:
        """The Resource-ID of a Resource Name."""

    def replicas(self, resource: bytes) -> tuple[bytes, ...]:
        """The Node-IDs of the peers that hold, or shall hold, replicas of what this node is responsible for."""

    def may_replicate(self, node_id: bytes, resource: bytes) -> bool:
        """Whether a Store of a replica may come from this node."""

    # --- what the node tells

    def begin(self, first: bool, now: Instant) -> list[Action]:
        """Join; where it is ``first``, the node takes the whole overlay, because somebody says so (section 6.4.2.1)."""

    def linked(self, node_id: bytes, now: Instant) -> list[Action]:
        """A direct connection has come up, whoever wanted it."""

    def lost(self, node_id: bytes, now: Instant) -> list[Action]:
        """The last connection to a node is down, or answers too slowly."""

    def restored(self, node_id: bytes, now: Instant) -> list[Action]:
        """A connection that was too slow answers again (section 6.6.3.1)."""

    def update(self, node_id: bytes, now: Instant) -> list[Action]:
        """An Update was asked for by ``send_update`` (section 6.4.2.3)."""

    def leave(self, now: Instant) -> list[Action]:
        """Say goodbye (section 6.4.2.2)."""

    # --- what people ask

    def routing_table(self) -> tuple[bytes, ...]:
        """The Node-IDs of the Routing Table."""

    def share(self) -> float:
        """The part of the overlay that this node is responsible for, from 0 to 1 (section 6.4.2.5.2)."""
