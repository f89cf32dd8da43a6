"""Storage, for usages: what comes of a request goes to who has made it (RFC 6940, section 7.4)."""

from __future__ import annotations

from collections.abc import Callable

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.reload.actions import About, Action, Incoming, Tell
from disco_ref.reload.member import Member
from disco_ref.reload.storage.client import Failed, Fetched, Found, Statted, StorageClient, Stored
from disco_ref.reload.topology.plugin import TopologyPlugin

StorageEvent = Stored | Fetched | Statted | Found | Failed
"""What can come of a request."""

Listener = Callable[[StorageEvent, Instant], list[Action]]


class StorageDoor(StorageClient):
    """A client of storage whose answers are heard by a usage, not told to whoever runs the node."""

    __slots__ = ("_listener",)

    def __init__(self, member: Member, topology: TopologyPlugin, listener: Listener) -> None:
        super().__init__(member, topology)
        self._listener = listener

    def stores(self, kind: int) -> bool:
        """Whether the overlay has this Kind."""
        return kind in self._member.overlay.kinds

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The answer of the peer that is responsible."""
        return self._heard(super().answered(about, answer, now), now)

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """There is no answer, or it is an error."""
        return self._heard(super().failed(about, why, now), now)

    def _heard(self, actions: list[Action], now: Instant) -> list[Action]:
        heard: list[Action] = []
        for each in actions:
            if isinstance(each, Tell) and isinstance(each.event, StorageEvent):
                heard += self._listener(each.event, now)
            else:
                heard.append(each)
        return heard
