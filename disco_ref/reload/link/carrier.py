"""What carries messages over one link, whatever the link is made of (RFC 6940, section 6.6)."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from disco_ref.clock import Duration, Instant
from disco_ref.notation.context import Context


class Carried(NamedTuple):
    """What came of octets that a link has brought."""

    messages: tuple[bytes, ...]
    """Whole messages or fragments, in the order of arrival."""
    replies: tuple[bytes, ...]
    """Octets that leave at once: acknowledgements, and what they made room for."""


class Carrier(Protocol):
    """Frames, acknowledges and, where the link may lose, repeats; one to each link, with clocks and octets from outside."""

    @property
    def deadline(self) -> Instant | None:
        """When :meth:`expire` is owed."""

    @property
    def failing(self) -> bool:
        """Whether the link answers too slowly to be routed over (sections 6.6.3.1 and 6.6.5)."""

    @property
    def failed(self) -> bool:
        """Whether the link is to be closed."""

    @property
    def round_trip(self) -> Duration | None:
        """The smoothed round trip in seconds, None where nothing has been acknowledged yet."""

    def send(self, message: bytes, now: Instant) -> tuple[bytes, ...]:
        """The octets that leave now for a message; it may wait behind others."""

    def receive(self, octets: bytes, now: Instant) -> Carried:
        """Take what the link has brought; Malformed where it is out of step and has to be closed."""

    def follow(self, context: Context) -> None:
        """From now on messages may be as large as a newer configuration has it."""

    def expire(self, now: Instant) -> tuple[bytes, ...]:
        """The octets that leave because a time has come."""
