"""Session descriptions (RFC 4566): values, the grammar of section 9, reading and writing."""

from disco_ref.media.sdp.description import (
    Attribute,
    Bandwidth,
    Connection,
    Key,
    MediaDescription,
    Origin,
    Repeat,
    SessionDescription,
    Timing,
    ZoneAdjustment,
)
from disco_ref.media.sdp.reading import MalformedDescription, read
from disco_ref.media.sdp.writing import write

__all__ = [
    "Attribute",
    "Bandwidth",
    "Connection",
    "Key",
    "MalformedDescription",
    "MediaDescription",
    "Origin",
    "Repeat",
    "SessionDescription",
    "Timing",
    "ZoneAdjustment",
    "read",
    "write",
]
