"""Values that stay in the overlay for as long as somebody wants them there (RFC 6940, section 7).

Each is stored again before its lifetime ends, and when a Store has failed; one that came too late is stored with a later time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Refusal
from disco_ref.reload.actions import About, Action, Incoming, SetTimer
from disco_ref.reload.member import Member
from disco_ref.reload.room import Quiet
from disco_ref.reload.storage.client import Failed, Stored, Where
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.usage.storage_door import StorageDoor, StorageEvent

LIFETIME = 86400
"""Seconds that a value holds; our choice."""

REFRESH = 0.75
"""The part of its lifetime after which a value is stored again; our choice."""

AGAIN = Duration(60.0)
"""Seconds until a Store that has failed is tried again, at most a quarter of the lifetime; our choice."""

TRIES = 3
"""How often a Store follows one that came too late, before it counts as failed."""


class Wish(NamedTuple):
    """What is to stand where."""

    name: bytes
    """The Resource Name."""
    kind: int
    value: bytes
    where: Where = None
    """The key of a dictionary or the index of an array."""
    lifetime: int = LIFETIME
    """Seconds."""


class Kept(NamedTuple):
    """The value stands, and is kept up."""

    key: str
    wish: Wish


class Dropped(NamedTuple):
    """The value is gone, as was wanted."""

    key: str


class NotKept(NamedTuple):
    """The value does not stand, or could not be removed; unless it was to be removed it is tried again."""

    key: str
    why: Refusal


KeepingEvent = Kept | Dropped | NotKept


class _Entry:
    """One value."""

    __slots__ = ("after", "gone", "number", "tries", "wish")

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.gone = False
        """Whether it is to be removed."""
        self.number = 0
        """Of the Store that is under way or was the last; answers to earlier ones are nobody's."""
        self.after = 0
        """The storage time that is to be exceeded."""
        self.tries = 0


class Keeping(Quiet):
    """The values that a usage keeps up."""

    __slots__ = ("_door", "_entries", "_last", "_told")

    def __init__(self, member: Member, topology: TopologyPlugin, told: Callable[[KeepingEvent], list[Action]]) -> None:
        self._door = StorageDoor(member, topology, self._heard)
        self._entries: dict[str, _Entry] = {}
        self._told = told
        self._last = 0

    def __len__(self) -> int:
        """How many values are kept, or are being removed."""
        return len(self._entries)

    def keep(self, key: str, wish: Wish, now: Instant) -> list[Action]:
        """Store a value, and keep it up; one that had the same key and stood at the same place is overwritten."""
        entry = self._entries.setdefault(key, _Entry(wish))
        entry.wish, entry.gone, entry.tries = wish, False, 0
        return self._store(key, entry, now)

    def drop(self, key: str, now: Instant) -> list[Action]:
        """Take a value away; nothing where there is none."""
        entry = self._entries.get(key)
        if entry is None:
            return []
        entry.gone, entry.tries = True, 0
        return [self._timer(key, None), *self._store(key, entry, now)]

    def _store(self, key: str, entry: _Entry, now: Instant) -> list[Action]:
        self._last += 1
        entry.number = self._last
        name, kind, value, where, lifetime = entry.wish
        return self._door.store(
            (key, entry.number),
            name,
            kind,
            None if entry.gone else value,
            now,
            where=where,
            lifetime=lifetime,
            after=entry.after,
        )

    def _heard(self, event: StorageEvent, now: Instant) -> list[Action]:
        key = str(event.about[0])
        entry = self._entries.get(key)
        if entry is None or entry.number != event.about[1]:
            return []
        if isinstance(event, Failed):
            return self._failed(key, entry, event, now)
        if not isinstance(event, Stored):
            raise RuntimeError(f"{event} was not asked for")
        entry.tries = 0
        if entry.gone:
            del self._entries[key]
            return self._told(Dropped(key))
        # = rfc6940:7/0 silent: when a value is refreshed is left to who stores it
        due = Instant(now + entry.wish.lifetime * REFRESH)
        return [self._timer(key, due), *self._told(Kept(key, entry.wish))]

    def _failed(self, key: str, entry: _Entry, event: Failed, now: Instant) -> list[Action]:
        entry.tries += 1
        if event.newer is not None and entry.tries < TRIES:
            entry.after = max([entry.after, *(each.storage_time for each in event.newer.values)])
            # = rfc6940:7.4.1.2/4
            return self._store(key, entry, now)
        entry.tries = 0
        told = self._told(NotKept(key, event.why))
        if entry.gone:
            del self._entries[key]
            return told
        return [*told, self._timer(key, Instant(now + min(AGAIN, entry.wish.lifetime / 4)))]

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """No request is its."""
        raise RuntimeError("no request is for a usage")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """A value is to be stored again."""
        key = str(about[1])
        entry = self._entries.get(key)
        return [] if entry is None or entry.gone else self._store(key, entry, now)

    def _timer(self, key: str, at: Instant | None) -> SetTimer:
        return SetTimer(self, ("keep", key), at)
