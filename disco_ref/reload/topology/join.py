"""Join: entering the overlay (RFC 6940, section 6.4.2.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import opaque16
from disco_ref.reload.ids import NodeId


@struct
class JoinReq(NamedTuple):
    """A request to become a peer."""

    joining_peer_id: NodeId
    """The Node-ID to be assumed."""
    overlay_specific_data: opaque16
    """What the overlay algorithm adds; nothing for CHORD-RELOAD."""


@struct
class JoinAns(NamedTuple):
    """The consent of the responsible peer."""

    overlay_specific_data: opaque16
    """What the overlay algorithm adds."""
