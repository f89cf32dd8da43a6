"""Node-IDs, Resource-IDs and the hashes behind them (RFC 6940, sections 6.3.1.1, 6.3.2 and 10.2)."""

from __future__ import annotations

import hashlib
from typing import Annotated, TypeAlias

from disco_ref.notation.presentation import FixedLength, Opaque, Typedef, UInt

# = rfc6940:6.3.1.1/0
NodeId: TypeAlias = Annotated[bytes, FixedLength(), Typedef("NodeId")]
"""A Node-ID: as many octets as the overlay has fixed, 16 to 20, most significant first."""

# = rfc6940:6.3.1.1/0
ResourceId: TypeAlias = Annotated[bytes, Opaque(8), Typedef("ResourceId")]
"""A Resource-ID: up to 255 octets, led by their number. (The prose says 254 bytes, but also 2040 bits.)"""

# = rfc6940:6.5.4.1/0
KindId: TypeAlias = Annotated[int, UInt(32), Typedef("KindId")]
"""The number of a Kind (section 6.5.4.1)."""

CHORD_RESOURCE_ID_LENGTH = 16
"""Octets of a Resource-ID under CHORD-RELOAD (section 10.2)."""

OVERLAY_BITS = 32
"""Bits of the overlay's hash in the forwarding header (section 6.3.2)."""


def overlay_hash(name: str) -> int:
    """The ``overlay`` field for the overlay of this name: the low 32 bits of its SHA-1 (section 6.3.2)."""
    # = rfc6940:6.3.2/2
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[-OVERLAY_BITS // 8 :], "big")


def resource_id(name: bytes | str) -> bytes:
    """The Resource-ID of a Resource Name under CHORD-RELOAD: the first 128 bits of its SHA-1 (section 10.2)."""
    # = rfc6940:10.2/1a
    # = rfc6940:10.2/1b
    octets = name.encode() if isinstance(name, str) else name
    return hashlib.sha1(octets, usedforsecurity=False).digest()[:CHORD_RESOURCE_ID_LENGTH]


def wildcard_node_id(length: int) -> bytes:
    """The Node-ID of all ones, which whoever receives the message takes for its own (section 6.1.1)."""
    # = rfc6940:6.1.1/0
    return b"\xff" * length
