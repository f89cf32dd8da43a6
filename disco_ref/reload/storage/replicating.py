"""What is held goes to other peers: replicas, and what another is responsible for now (RFC 6940, sections 7.4.1.1 and 10.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.reload.actions import Action, Ask, Replicate, Room
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.member import Member
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.fetching import FRAME
from disco_ref.reload.storage.holdings import Held, Holdings, Place
from disco_ref.reload.storage.selecting import remaining
from disco_ref.reload.storage.store import StoreKindData, StoreReq
from disco_ref.reload.storage.stored_data import StoredData

WINDOW = 8
"""Stores under way at once for one handing over; our choice."""

MOST_CERTIFICATES = 32768
"""Octets of certificates besides its own that a node puts into one Store; a message has room for 65535."""

Places = Mapping[int, Collection[Place]]
"""Which values are meant: places by Kind."""


class Sending(NamedTuple):
    """Values of one Resource-ID on their way to another peer; what the Store there is about."""

    resource: bytes
    to: bytes
    number: int
    """Of the replica."""
    tries: int = 0
    """How often this has come to nothing before."""
    task: int = 0
    """The handing over that waits for it, 0 for none."""


class _Part(NamedTuple):
    """So many values that one message holds them."""

    body: StoreReq
    certificates: tuple[bytes, ...]


class _Task:
    """One :class:`Replicate`, under way."""

    __slots__ = ("left", "missed", "number", "parts", "under_way", "wanted")

    def __init__(self, number: int, wanted: Replicate, left: Iterable[bytes]) -> None:
        self.number = number
        self.wanted = wanted
        self.left = deque(left)
        self.parts: deque[_Part] = deque()
        """Of the Resource-ID that was taken last."""
        self.under_way = 0
        self.missed = False
        """Whether a Store has failed."""


class Replicating:
    """Stores at other peers, a few at a time."""

    __slots__ = ("_holdings", "_last", "_member", "_room", "_tasks")

    def __init__(self, member: Member, holdings: Holdings, room: Room) -> None:
        self._member = member
        self._holdings = holdings
        self._room = room
        self._tasks: dict[int, _Task] = {}
        self._last = 0

    def begin(self, wanted: Replicate, now: Instant) -> list[Action]:
        """Store all that is held in an arc at another peer."""
        left = (each for each in self._holdings.within(wanted.after, wanted.until) if self._changed(each, wanted.since))
        return self._begin(wanted, left, now)

    def these(self, resources: Iterable[bytes], to: bytes, number: int, now: Instant) -> list[Action]:
        """Store all that is held at these Resource-IDs at another peer."""
        return self._begin(Replicate(to, b"", b"", number), resources, now)

    def _begin(self, wanted: Replicate, resources: Iterable[bytes], now: Instant) -> list[Action]:
        self._last += 1
        task = self._tasks[self._last] = _Task(self._last, wanted, resources)
        return self._go_on(task, now)

    def send(self, sending: Sending, now: Instant, places: Places | None = None) -> list[Action]:
        """Store what is held at one Resource-ID at another peer, or only what stands at these places, all of which are taken.

        After a second failure every value goes by itself, so that one that is refused there does not hold up the others.
        """
        parts = self._parts(sending.resource, sending.number, now, places, alone=sending.tries > 1)
        return [self._ask(sending, part) for part in parts]

    def copies(self, resource: bytes, to: Iterable[bytes], now: Instant, places: Places) -> list[Action]:
        """Store what stands at these places, each copy under its number, at one peer after the other."""
        parts = list(self._parts(resource, 1, now, places))
        actions: list[Action] = []
        for number, each in enumerate(to, 1):
            for part in parts:
                numbered = part if number == 1 else part._replace(body=part.body._replace(replica_number=number))
                actions.append(self._ask(Sending(resource, each, number), numbered))
        return actions

    def ended(self, number: int, now: Instant, missed: bool = False) -> list[Action]:
        """A Store of this handing over is answered, or where it is ``missed`` has failed."""
        task = self._tasks.get(number)
        if task is None:
            return []
        task.under_way -= 1
        task.missed |= missed
        return self._go_on(task, now)

    def _go_on(self, task: _Task, now: Instant) -> list[Action]:
        actions: list[Action] = []
        wanted = task.wanted
        while task.under_way < WINDOW and (task.parts or task.left):
            if not task.parts:
                task.parts.extend(self._parts(task.left.popleft(), wanted.replica_number, now, None))
                continue
            part = task.parts.popleft()
            task.under_way += 1
            sending = Sending(part.body.resource, wanted.to, wanted.replica_number, 0, task.number)
            actions.append(self._ask(sending, part))
        if not task.left and not task.parts and not task.under_way:
            del self._tasks[task.number]
            actions += wanted.then if wanted.missed is None or not task.missed else wanted.missed
        return actions

    def _ask(self, sending: Sending, part: _Part) -> Ask:
        # = rfc6940:10.4/2
        # = rfc6940:6.4.2.3/2
        to = (node_place(sending.to) if sending.to else resource_place(sending.resource),)
        return Ask(self._room, ("replica", *sending), to, MessageCode.store_req, part.body, part.certificates)

    def _parts(
        self, resource: bytes, number: int, now: Instant, places: Places | None, alone: bool = False
    ) -> Iterator[_Part]:
        """Values in as many Stores as the overlay's max-message-size makes necessary."""
        most = 0 if alone else self._member.overlay.configuration.max_message_size - FRAME
        most -= sum(map(len, self._member.identity.certificates))
        values: list[tuple[int, StoredData]] = []
        certificates: dict[bytes, None] = {}
        octets = bucket = 0
        for kind, held in self._meant(resource, places):
            new = [each for each in held.certificates if each not in certificates]
            more = sum(map(len, new)) + 3 * len(new)
            size = len(held.stored.received) + 4 + more
            if values and (octets + size > most or bucket + more > MOST_CERTIFICATES):
                yield self._part(resource, number, values, certificates)
                values, certificates, octets, bucket = [], {}, 0, 0
                more = sum(len(each) + 3 for each in held.certificates)
                size = len(held.stored.received) + 4 + more
            octets, bucket = octets + size, bucket + more
            certificates.update(dict.fromkeys(held.certificates))
            # = rfc6940:7.4.1.1/20
            values.append((kind, remaining(held, now)))
        if values:
            yield self._part(resource, number, values, certificates)

    def _meant(self, resource: bytes, places: Places | None) -> list[tuple[int, Held]]:
        """The values that are meant and held, of Kinds that this node knows how to write."""
        found: list[tuple[int, Held]] = []
        for kind in self._holdings.kinds(resource) if places is None else places:
            held = self._holdings.get(resource, kind)
            if held is not None and kind in self._member.overlay.kinds:
                meant = held.values if places is None else places[kind]
                found += [(kind, held.values[place]) for place in meant]
        return found

    def _part(
        self, resource: bytes, number: int, values: list[tuple[int, StoredData]], certificates: Iterable[bytes]
    ) -> _Part:
        by_kind: dict[int, list[StoredData]] = {}
        for kind, stored in values:
            by_kind.setdefault(kind, []).append(stored)
        # = rfc6940:7.4.1.1/15
        parts = tuple(
            StoreKindData(kind, self._generation(resource, kind), tuple(each)) for kind, each in by_kind.items()
        )
        return _Part(StoreReq(resource, number, parts), tuple(certificates))

    def _generation(self, resource: bytes, kind: int) -> int:
        held = self._holdings.get(resource, kind)
        return 1 if held is None else held.generation

    def _changed(self, resource: bytes, since: Instant | None) -> bool:
        if since is None:
            return True
        held = (self._holdings.get(resource, kind) for kind in self._holdings.kinds(resource))
        return any(each is not None and each.changed >= since for each in held)
