"""One packet of a capture, and what is wrong with a capture file."""

from __future__ import annotations

from typing import NamedTuple


class Packet(NamedTuple):
    """A packet as the capture holds it."""

    number: int
    """Counted from 1, as capture programs count frames."""
    time: float
    """Seconds since 1970."""
    link_type: int
    """The LINKTYPE number of the interface."""
    octets: bytes
    """The captured octets, link header included."""
    original: int
    """The octets that were on the wire; more than captured where the capture cut the packet."""
    comment: str = ""
    """The packet's comment, empty where there is none."""


class CaptureFault(Exception):
    """A capture that cannot be read, or not further than here."""

    def __init__(self, why: str, *, offset: int) -> None:
        super().__init__(f"byte {offset}: {why}")
        self.why = why
        """What is wrong."""
        self.offset = offset
        """Octets from the start of the file."""


LINK_NULL = 0
LINK_ETHERNET = 1
LINK_RAW = 101
LINK_LOOP = 108
LINK_LINUX_SLL = 113
LINK_USER0 = 147
LINK_IPV4 = 228
LINK_IPV6 = 229
LINK_LINUX_SLL2 = 276
