"""Ping: is there anybody (RFC 6940, section 6.5.3)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import opaque16, uint64


# = rfc6940:6.5.3.1/0
@struct
class PingReq(NamedTuple):
    """A request without meaning, of any size (section 6.5.3.1)."""

    padding: opaque16
    """Octets to find out how large a message may be."""


# = rfc6940:6.5.3.2/0
@struct
class PingAns(NamedTuple):
    """A sign of life (section 6.5.3.2)."""

    response_id: uint64
    """Random, to tell responses apart."""
    time: uint64
    """When the answer was made, in milliseconds since 1970-01-01T00:00:00Z."""
