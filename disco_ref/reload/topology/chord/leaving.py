"""Going, and hearing that another goes (RFC 6940, sections 6.4.2.2 and 10.9)."""

from __future__ import annotations

from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.reload.actions import Action, Ask, Room
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.chord.leave import ChordLeaveData, ChordLeaveType
from disco_ref.reload.topology.chord.tables import Tables
from disco_ref.reload.topology.leave import LeaveReq


def leave_requests(tables: Tables, room: Room, context: Context) -> list[Action]:
    """A Leave to every neighbour: to those before this peer with its successors, to those behind it with its predecessors."""
    neighbors = tables.neighbors
    actions: list[Action] = []
    for each in neighbors.members():
        # = rfc6940:10.9/2
        if each in neighbors.predecessors:
            left = ChordLeaveData(ChordLeaveType.from_succ, neighbors.successors)
        else:
            left = ChordLeaveData(ChordLeaveType.from_pred, neighbors.predecessors)
        body = LeaveReq(tables.own, encode(left, context))
        # = rfc6940:10.9/1
        # = rfc6940:6.4.2.2/1
        actions.append(Ask(room, ("leave", each), (node_place(each),), MessageCode.leave_req, body))
    return actions
