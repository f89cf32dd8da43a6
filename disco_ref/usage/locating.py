"""Looking up an address-of-record in the overlay (RFC 7904, from memory: the text is not at hand).

What stands there is fetched; a URI is looked up in turn, a Destination List is a way.  Both the number of look-ups and the
number of ways are bounded, and nothing is looked up twice, so that registrations that go in circles end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal, Unroutable
from disco_ref.notation.codec import decode
from disco_ref.notation.context import Context
from disco_ref.reload.actions import Action
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import DataKind
from disco_ref.reload.storage.client import Failed, Fetched
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.sip.uri import Uri, read_uri
from disco_ref.usage.address_of_record import leading_to_a_node, resource_name
from disco_ref.usage.sip_registration import SipRegistration, SipRegistrationRoute, SipRegistrationUri
from disco_ref.usage.storage_door import StorageDoor, StorageEvent

MOST_NAMES = 8
"""Addresses-of-record that one look-up may lead to."""

MOST_ROUTES = 16
"""Ways that are kept of one look-up."""

_Q = re.compile(r"(?:\A|[;,\s])q\s*=\s*([01](?:\.[0-9]{0,3})?)(?![0-9.])", re.IGNORECASE)


class NotRegistered(Unroutable):
    """Nobody has registered a way to the address-of-record."""


class Route(NamedTuple):
    """A way to an instance of a user agent."""

    way: tuple[Destination, ...]
    """The Destination List; it ends at a node."""
    contact_prefs: bytes
    """What the instance can, and likes, as registered."""
    preference: float
    """From 0 to 1, the more the rather."""


Done = Callable[[tuple[Route, ...], Refusal | None, Instant], list[Action]]
"""Told once: the ways, the preferred one first, or why there is none."""


class _Search:
    """One look-up, until it is done."""

    __slots__ = ("done", "names", "routes", "seen", "why")

    def __init__(self, done: Done) -> None:
        self.done = done
        self.names: list[bytes] = []
        """To be looked up yet."""
        self.seen: set[bytes] = set()
        self.routes: list[Route] = []
        self.why: Refusal | None = None


class Locating:
    """The look-ups of a node."""

    __slots__ = ("_door", "_last", "_member", "_searches")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._door = StorageDoor(member, topology, self._heard)
        self._searches: dict[int, _Search] = {}
        self._last = 0

    def locate(self, aor: Uri, done: Done) -> list[Action]:
        """Find the ways to an address-of-record; NoAddressOfRecord where the URI is none."""
        search = _Search(done)
        self._add(search, resource_name(aor))
        self._last += 1
        self._searches[self._last] = search
        return self._fetch(self._last, search)

    def _fetch(self, number: int, search: _Search) -> list[Action]:
        # = rfc7904:7/0
        return self._door.fetch(("locate", number), search.names.pop(0), DataKind.SIP_REGISTRATION)

    def _add(self, search: _Search, name: bytes) -> None:
        if name not in search.seen and len(search.seen) < MOST_NAMES:
            search.seen.add(name)
            search.names.append(name)

    def _heard(self, event: StorageEvent, now: Instant) -> list[Action]:
        number = event.about[1]
        if not isinstance(number, int):
            raise RuntimeError(f"{event} was not asked for")
        search = self._searches[number]
        if isinstance(event, Fetched):
            self._read(search, event)
        elif isinstance(event, Failed):
            search.why = event.why
        if search.names:
            return self._fetch(number, search)
        del self._searches[number]
        routes = tuple(search.routes[:MOST_ROUTES])
        if not routes:
            return search.done((), search.why or NotRegistered("no way is registered"), now)
        return search.done(routes, None, now)

    def _read(self, search: _Search, fetched: Fetched) -> None:
        """The ways of one address-of-record, by preference, after those of the one that led to it."""
        routes, names = registered(fetched.values, self._member.overlay.context)
        search.routes += routes
        for name in names:
            self._add(search, name)


def registered(values: Iterable[StoredData], context: Context) -> tuple[list[Route], list[bytes]]:
    """What stands at an address-of-record: the ways, the preferred one first, and the Resource Names to be looked up in turn.

    Of two ways that are liked as much the one that was stored later comes first.  What cannot be read is left out.
    """
    routes: list[Route] = []
    names: list[bytes] = []
    for each in sorted(values, key=lambda stored: -stored.storage_time):
        try:
            found = _registration(each, context)
        except Malformed:
            # = rfc7904:7/0 silent: one that cannot be read does not keep from the others
            continue
        if isinstance(found, Route):
            routes.append(found)
        elif found is not None:
            names.append(found)
    # = rfc7904:7/0
    return sorted(routes, key=lambda route: -route.preference), names


def _registration(stored: StoredData, context: Context) -> Route | bytes | None:
    """What one entry says: a way, the Resource Name of another URI, or nothing."""
    value = value_of(stored)
    if not value.exists:
        return None
    data = decode(SipRegistration, value.value, context).data
    if isinstance(data, SipRegistrationUri):
        return resource_name(read_uri(data.uri.decode("utf-8", "surrogateescape")))
    if not isinstance(data, SipRegistrationRoute):
        return None
    return Route(leading_to_a_node(data.destination_list), data.contact_prefs, _preference(data.contact_prefs))


def _preference(contact_prefs: bytes) -> float:
    """The ``q`` of the preferences, 1 where they have none (RFC 3261, section 20.10)."""
    found = _Q.search(contact_prefs.decode("utf-8", "replace"))
    return 1.0 if found is None else min(1.0, float(found[1]))
