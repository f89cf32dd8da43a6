"""The answer to a RouteQuery under CHORD-RELOAD (RFC 6940, section 10.8)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.reload.ids import NodeId


# = rfc6940:6.4.2.4.2/0
# = rfc6940:10.8/0
@struct
class ChordRouteQueryAns(NamedTuple):
    """The next hop towards the destination that was asked for."""

    next_peer: NodeId
    """Its Node-ID."""
