"""Leave: going away (RFC 6940, section 6.4.2.2)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import opaque16
from disco_ref.reload.ids import NodeId


# = rfc6940:6.4.2.2/0
@struct
class LeaveReq(NamedTuple):
    """A notice that a peer leaves."""

    leaving_peer_id: NodeId
    """The Node-ID of the leaving peer."""
    # = rfc6940:6.4.2.2/2
    overlay_specific_data: opaque16
    """For CHORD-RELOAD a ChordLeaveData (section 10.9)."""


# = rfc6940:6.4.2.2/0
@struct
class LeaveAns(NamedTuple):
    """The empty answer to a LeaveReq."""
