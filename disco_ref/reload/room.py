"""A room that waits for nothing: what the others share (RFC 6940, section 1.2)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.reload.actions import About, Action, Incoming


class Quiet:
    """A room that neither asks nor connects nor sets timers; what it is told of such things is a mistake of the node."""

    __slots__ = ()

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """Nothing was asked."""
        raise RuntimeError(f"{type(self).__name__} asked nothing, and is answered about {about}")

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """Nothing was asked."""
        raise RuntimeError(f"{type(self).__name__} asked nothing, and {about} failed")

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """Nothing was to be connected."""
        raise RuntimeError(f"{type(self).__name__} wanted no connection, and has one about {about}")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """No timer was set."""
        raise RuntimeError(f"{type(self).__name__} set no timer, and {about} is due")
