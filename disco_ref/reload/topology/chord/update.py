"""The Update of CHORD-RELOAD (RFC 6940, section 10.7)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Select, Vec16, enumeration, uint32
from disco_ref.reload.ids import NodeId


# = rfc6940:10.7/0
@enumeration(8)
class ChordUpdateType(enum.IntEnum):
    """Why an Update is sent."""

    invalidChordUpdateType = 0
    peer_ready = 1
    neighbors = 2
    full = 3


# = rfc6940:10.7/0
class Neighbors(NamedTuple):
    """What members of the Neighbor Table are told."""

    predecessors: Vec16[NodeId]
    """The predecessors of the sender."""
    successors: Vec16[NodeId]
    """The successors of the sender."""


# = rfc6940:10.7/0
class Full(NamedTuple):
    """What whoever asked by RouteQuery is told."""

    predecessors: Vec16[NodeId]
    """The predecessors of the sender."""
    successors: Vec16[NodeId]
    """The successors of the sender."""
    fingers: Vec16[NodeId]
    """The Finger Table of the sender, ascending."""


# = rfc6940:10.7/0
@struct
class ChordUpdate(NamedTuple):
    """What a peer knows of the ring."""

    uptime: uint32
    """Seconds since the sender came up."""
    type: ChordUpdateType
    """The reason."""
    tables: Annotated[
        Neighbors | Full | None,
        Select(
            "type",
            {ChordUpdateType.peer_ready: None, ChordUpdateType.neighbors: Neighbors, ChordUpdateType.full: Full},
        ),
    ]
    """The tables; None for peer_ready."""
