"""Peers that serve as TURN servers (RFC 6940, section 9)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import uint8
from disco_ref.reload.address import IpAddressPort
from disco_ref.reload.ids import resource_id

MAXIMUM_ITERATION = 20
"""The largest iteration that the policy of TURN-SERVICE admits."""


# = rfc6940:9/0
@struct
class TurnServer(NamedTuple):
    """The value of the Kind TURN-SERVICE, a single value."""

    iteration: uint8
    """Which of its places in the overlay this is, from 1."""
    server_address: IpAddressPort
    """The server's address."""


def turn_resource_id(node_id: bytes, iteration: int) -> bytes:
    """Where the server with this Node-ID is stored for this iteration.

    The width of the iteration inside the Resource Name is not said; it is taken to be that of TurnServer.iteration.
    """
    # = rfc6940:9/0
    return resource_id(node_id + iteration.to_bytes(1, "big"))
