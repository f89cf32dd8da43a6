"""Going, and hearing that another goes (RFC 6940, sections 6.4.2.2 and 10.9)."""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.errors import Malformed
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import Context
from disco_ref.reload.actions import Action, Ask, Room
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.chord.leave import ChordLeaveData, ChordLeaveType
from disco_ref.reload.topology.chord.tables import Tables
from disco_ref.reload.topology.leave import LeaveReq


def leave_requests(
    peers: Iterable[bytes], tables: Tables, room: Room, context: Context, why: str = "leave"
) -> list[Action]:
    """A Leave to every peer: to those before this one with its successors, to those behind it with its predecessors.

    The answers are about ``why`` and the peer.  A peer that is no neighbour is told like those on its side of the ring.
    """
    neighbors, circle = tables.neighbors, tables.circle
    own = circle.place(tables.own)
    actions: list[Action] = []
    for each in peers:
        behind = circle.distance(own, circle.place(each)) <= circle.places // 2
        if each in neighbors:
            behind = each in neighbors.successors and each not in neighbors.predecessors
        # = rfc6940:10.9/2
        if behind:
            left = ChordLeaveData(ChordLeaveType.from_pred, neighbors.predecessors)
        else:
            left = ChordLeaveData(ChordLeaveType.from_succ, neighbors.successors)
        body = LeaveReq(tables.own, encode(left, context))
        # = rfc6940:10.9/1
        # = rfc6940:6.4.2.2/1
        actions.append(Ask(room, (why, each), (node_place(each),), MessageCode.leave_req, body))
    return actions


def left_behind(leave: LeaveReq, context: Context) -> tuple[bytes, ...]:
    """The peers that one which leaves names; none where it says nothing that can be read (an extension may say more)."""
    try:
        return decode(ChordLeaveData, leave.overlay_specific_data, context).neighbors
    except Malformed:
        return ()
