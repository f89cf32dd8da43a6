"""What an answer has settled, stream by stream, as one side sees it (RFC 3264, sections 6.1 and 7)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.formats import Format
from disco_ref.sip.flow import Address


class AgreedStream(NamedTuple):
    """A stream that both sides use."""

    position: int
    """Of its ``m=`` line, from 0."""
    media: str
    family: int
    """4 or 6."""
    host: str
    """The other side's, as announced: may be a name or unspecified."""
    address: Address | None
    """Where media goes; None where the other side holds it by an unspecified address."""
    rtcp: Address | None
    direction: Direction
    """As this side sees it."""
    sent: tuple[Format, ...]
    """What this side may send, by the other side's numbers, the preferred one first."""
    received: tuple[Format, ...]
    """What this side may get, by the numbers of its own description."""
    packet_time: int | None = None
    """Milliseconds that the other side would like in a packet."""


Agreement = tuple[AgreedStream, ...]
"""The streams in use; those refused or ended are not there."""
