"""Registering an address-of-record in the overlay (RFC 7904, from memory: the text is not at hand).

One entry of the Kind SIP-REGISTRATION stands for this node: its key is the node's own Node-ID, because the Kind's policy is
USER-NODE-MATCH.  It is stored again before its lifetime ends, until it is removed.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Refusal
from disco_ref.notation.codec import encode
from disco_ref.reload.actions import About, Action, Incoming, SetTimer, Tell
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import DataKind
from disco_ref.reload.room import Quiet
from disco_ref.reload.storage.client import Failed, Stored
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.sip.uri import SipUri
from disco_ref.usage.address_of_record import resource_name
from disco_ref.usage.sip_registration import (
    SipRegistration,
    SipRegistrationRoute,
    SipRegistrationType,
    SipRegistrationUri,
)
from disco_ref.usage.storage_door import StorageDoor, StorageEvent

LIFETIME = 86400
"""Seconds that a registration holds; our choice."""

AGAIN = Duration(60.0)
"""Seconds until a registration that has failed is tried again, at most a quarter of its lifetime; our choice."""

TRIES = 3
"""How often a Store follows one that came too late, before it counts as failed."""


class Registered(NamedTuple):
    """The registration stands, until it is removed or fails."""

    aor: str
    lifetime: int
    """Seconds for which it holds; it is refreshed before."""


class RegistrationRemoved(NamedTuple):
    """The registration is gone."""

    aor: str


class RegistrationFailed(NamedTuple):
    """The registration does not stand; unless it was to be removed it is tried again."""

    aor: str
    why: Refusal


class _Entry:
    """What this node has at one address-of-record."""

    __slots__ = ("after", "aor", "lifetime", "number", "tries", "value")

    def __init__(self, aor: SipUri, value: bytes | None, lifetime: int) -> None:
        self.aor = aor
        self.value = value
        """The registration in octets, None while it is being removed."""
        self.lifetime = lifetime
        self.number = 0
        """Of the Store that is under way or was the last; answers to earlier ones are nobody's."""
        self.after = 0
        """The storage time that is to be exceeded."""
        self.tries = 0


class Registering(Quiet):
    """The registrations that a node makes and keeps up."""

    __slots__ = ("_door", "_entries", "_last", "_member")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._door = StorageDoor(member, topology, self._heard)
        self._entries: dict[str, _Entry] = {}
        self._last = 0

    def register_route(
        self,
        aor: SipUri,
        now: Instant,
        *,
        way: tuple[Destination, ...] = (),
        contact_prefs: bytes = b"",
        lifetime: int = LIFETIME,
    ) -> list[Action]:
        """Say that an address-of-record is reached by a Destination List, this node where none is given.

        ``lifetime`` in seconds.  NoAddressOfRecord where the URI names no user.
        """
        route = SipRegistrationRoute(contact_prefs, way or (node_place(self._member.node_id),))
        value = SipRegistration(SipRegistrationType.sip_registration_route, route)
        return self._register(aor, value, lifetime, now)

    def register_uri(self, aor: SipUri, uri: SipUri, now: Instant, *, lifetime: int = LIFETIME) -> list[Action]:
        """Say that an address-of-record stands for another one."""
        other = SipRegistrationUri(str(uri).encode())
        value = SipRegistration(SipRegistrationType.sip_registration_uri, other)
        return self._register(aor, value, lifetime, now)

    def remove(self, aor: SipUri, now: Instant) -> list[Action]:
        """Take the registration away; nothing where there is none."""
        entry = self._entries.get(str(aor))
        if entry is None:
            return []
        entry.value, entry.tries = None, 0
        return [self._timer(entry, None), *self._store(entry, now)]

    def _register(self, aor: SipUri, value: SipRegistration, lifetime: int, now: Instant) -> list[Action]:
        resource_name(aor)
        entry = self._entries.setdefault(str(aor), _Entry(aor, None, lifetime))
        entry.value, entry.lifetime, entry.tries = encode(value, self._member.overlay.context), lifetime, 0
        return self._store(entry, now)

    def _store(self, entry: _Entry, now: Instant) -> list[Action]:
        self._last += 1
        entry.number = self._last
        # = rfc7904:7/0
        return self._door.store(
            (str(entry.aor), entry.number),
            resource_name(entry.aor),
            DataKind.SIP_REGISTRATION,
            entry.value,
            now,
            where=self._member.node_id,
            lifetime=entry.lifetime,
            after=entry.after,
        )

    # --- what comes of it

    def _heard(self, event: StorageEvent, now: Instant) -> list[Action]:
        entry = self._entries.get(str(event.about[0]))
        if entry is None or entry.number != event.about[1]:
            return []
        match event:
            case Stored():
                return self._stored(entry, now)
            case Failed():
                return self._failed(entry, event, now)
            case _:
                raise RuntimeError(f"{event} was not asked for")

    def _stored(self, entry: _Entry, now: Instant) -> list[Action]:
        entry.tries = 0
        if entry.value is None:
            del self._entries[str(entry.aor)]
            return [Tell(RegistrationRemoved(str(entry.aor)))]
        # = rfc6940:7/0 silent: when a value is refreshed is left to who stores it
        due = Instant(now + entry.lifetime * 0.75)
        return [self._timer(entry, due), Tell(Registered(str(entry.aor), entry.lifetime))]

    def _failed(self, entry: _Entry, event: Failed, now: Instant) -> list[Action]:
        entry.tries += 1
        if event.newer is not None and entry.tries < TRIES:
            times = [each.storage_time for each in event.newer.values]
            entry.after = max([entry.after, *times])
            # = rfc6940:7.4.1.2/4
            return self._store(entry, now)
        entry.tries = 0
        told = Tell(RegistrationFailed(str(entry.aor), event.why))
        if entry.value is None:
            del self._entries[str(entry.aor)]
            return [told]
        return [told, self._timer(entry, Instant(now + min(AGAIN, entry.lifetime / 4)))]

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """No request is its."""
        raise RuntimeError("no request is a registration's")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """A registration is to be stored again."""
        entry = self._entries.get(str(about[1]))
        return [] if entry is None or entry.value is None else self._store(entry, now)

    def _timer(self, entry: _Entry, at: Instant | None) -> SetTimer:
        return SetTimer(self, ("register", str(entry.aor)), at)
