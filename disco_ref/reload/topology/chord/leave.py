"""What a LeaveReq carries under CHORD-RELOAD (RFC 6940, section 10.9)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Select, Vec16, enumeration
from disco_ref.reload.ids import NodeId


# = rfc6940:10.9/0
@enumeration(8)
class ChordLeaveType(enum.IntEnum):
    """On which side of the recipient the leaving peer stood."""

    invalidChordLeaveType = 0
    from_succ = 1
    from_pred = 2


# = rfc6940:10.9/0
@struct
class ChordLeaveData(NamedTuple):
    """The neighbours that the leaving peer leaves behind."""

    type: ChordLeaveType
    """The side."""
    neighbors: Annotated[
        tuple[bytes, ...],
        Select(
            "type",
            {
                ChordLeaveType.from_succ: {"successors": Vec16[NodeId]},
                ChordLeaveType.from_pred: {"predecessors": Vec16[NodeId]},
            },
        ),
    ]
    """The successors of a successor, or the predecessors of a predecessor, as Node-IDs."""
