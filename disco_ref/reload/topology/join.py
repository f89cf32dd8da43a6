"""Join: entering the overlay (RFC 6940, section 6.4.2.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import opaque16
from disco_ref.reload.ids import NodeId


# = rfc6940:6.4.2.1/0
@struct
class JoinReq(NamedTuple):
    """A request to become a peer."""

    joining_peer_id: NodeId
    """The Node-ID to be assumed."""
    # = rfc6940:6.4.2.1/1
    overlay_specific_data: opaque16
    """What the overlay algorithm adds; nothing for CHORD-RELOAD."""


# = rfc6940:6.4.2.1/0
@struct
class JoinAns(NamedTuple):
    """The consent of the responsible peer."""

    # = rfc6940:6.4.2.1/6
    overlay_specific_data: opaque16
    """What the overlay algorithm adds."""
