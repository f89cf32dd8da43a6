"""What arrives at a node, as a request says it (``node.receive``, conformance/SUBJECT.md)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.sip.flow import Address


class Arrival(NamedTuple):
    """A datagram, a piece of a stream, a part of a handshake, or the end of a connection."""

    transport: str
    source: Address
    destination: Address
    number: int
    """That of the connection, 0 for a datagram."""
    octets: bytes
    certificates: tuple[bytes, ...] | None
    """What the other end shows; None where it shows nothing now."""
    closed: bool
