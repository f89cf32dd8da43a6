"""What a peer holds: values by Resource-ID, Kind, and index or key (RFC 6940, sections 7 and 7.4.1.1)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Mapping
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.machine.deadlines import Deadlines
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Vec16, Vec32, opaque16, opaque32, uint64
from disco_ref.reload.actions import Change
from disco_ref.reload.storage.data_models import ArrayEntry, DataValue, DictionaryEntry
from disco_ref.reload.storage.stored_data import StoredData

Place = int | bytes | None
"""Where a value of a Kind stands: an index, a key, None for the single one."""

OVERHEAD = 512
"""Octets that a value is reckoned to cost besides its own; our estimate."""


class Held(NamedTuple):
    """A value as it was taken in."""

    stored: StoredData
    """With the octets it came in, over which its signature is verified."""
    at: Instant
    """When it was taken in."""
    until: Instant
    """When its lifetime is over, or its signer's certificate expires."""
    certificates: tuple[bytes, ...]
    """In DER, what its signature needs (section 6.3.4)."""


def cost(held: Held) -> int:
    """Octets that a value is reckoned to cost."""
    return len(held.stored.received) + OVERHEAD


class Resource:
    """The values of one Kind at one Resource-ID."""

    __slots__ = ("changed", "generation", "values")

    def __init__(self, generation: int, values: dict[Place, Held], changed: Instant) -> None:
        self.generation = generation
        """The generation counter, 1 or more."""
        self.values = values
        self.changed = changed
        """When it last changed."""


Key = tuple[bytes, int]
"""Resource-ID and Kind."""


def place_of(stored: StoredData) -> Place:
    """Where a value stands."""
    match stored.value:
        case ArrayEntry(index, _):
            return index
        case DictionaryEntry(key, _):
            return key
    return None


def value_of(stored: StoredData) -> DataValue:
    """The value without its index or key."""
    return stored.value if isinstance(stored.value, DataValue) else stored.value.value


@struct
class HeldRow(NamedTuple):
    """A value, as it is written to where it outlives the node; the layout is ours."""

    at: uint64
    """When it was taken in, in milliseconds since 1970-01-01T00:00:00Z."""
    until: uint64
    """Until when it is held, in the same way."""
    stored: opaque32
    """The StoredData without its length, as received."""
    certificates: Vec16[opaque16]
    """In DER."""


@struct
class HeldRows(NamedTuple):
    """All values of a Kind at a Resource-ID; the layout is ours."""

    generation: uint64
    rows: Vec32[HeldRow]


class Holdings:
    """Everything a peer holds; expired values go when their time has come.

    Resource-IDs lie sorted, so that what stands in an arc, or closest to a place, is found without looking at the rest.
    """

    __slots__ = ("_context", "_deadlines", "_held", "_kinds", "_of_kind", "_order", "octets")

    def __init__(self, context: Callable[[], Context]) -> None:
        self._context = context
        self._held: dict[Key, Resource] = {}
        self._kinds: dict[bytes, list[int]] = {}
        self._order: list[bytes] = []
        self._of_kind: dict[int, list[bytes]] = {}
        self._deadlines: Deadlines[tuple[bytes, int, Place]] = Deadlines()
        self.octets = 0
        """What all values are reckoned to cost."""

    def __len__(self) -> int:
        """How many Resource-IDs something is held at."""
        return len(self._order)

    @property
    def deadline(self) -> Instant | None:
        """When the next value expires."""
        return self._deadlines.next

    # --- what is held

    def get(self, resource: bytes, kind: int) -> Resource | None:
        """What is held of a Kind at a Resource-ID."""
        return self._held.get((resource, kind))

    def kinds(self, resource: bytes) -> tuple[int, ...]:
        """The Kinds held at a Resource-ID."""
        return tuple(self._kinds.get(resource, ()))

    def within(self, after: bytes, until: bytes) -> list[bytes]:
        """The Resource-IDs in the arc behind ``after`` that ends with ``until``, in its order; all where the two are the same.

        As octet strings they stand in the order of their places, because a Resource-ID that is shorter than a Node-ID
        stands where the Node-ID begins with it (section 10.2).
        """
        first, behind = bisect_right(self._order, after), bisect_right(self._order, until)
        return self._order[first:behind] if after < until else self._order[first:] + self._order[:behind]

    def closest(self, resource: bytes, kind: int) -> bytes | None:
        """The first Resource-ID with values of a Kind from this one on, upwards on the ring; None where there is none."""
        order = self._of_kind.get(kind)
        if not order:
            return None
        # = rfc6940:7.4.4/0
        return order[bisect_left(order, resource) % len(order)]

    # --- what changes

    def put(self, resource: bytes, kind: int, new: Resource) -> Change:
        """Hold this instead of what was held; the change, to be written."""
        written = self._written(new)
        old = self._held.get((resource, kind))
        before: Mapping[Place, Held] = {} if old is None else old.values
        for place, gone in before.items():
            if new.values.get(place) is not gone:
                self.octets -= cost(gone)
                self._deadlines.cancel((resource, kind, place))
        for place, held in new.values.items():
            if before.get(place) is not held:
                self.octets += cost(held)
                self._deadlines.set((resource, kind, place), held.until)
        if old is None:
            self._enter(resource, kind)
        self._held[resource, kind] = new
        return Change(resource, kind, written)

    def drop(self, resource: bytes, kind: int) -> Change:
        """Hold nothing of a Kind at a Resource-ID any more."""
        old = self._held.pop((resource, kind))
        for place in old.values:
            self._deadlines.cancel((resource, kind, place))
        self.octets -= sum(map(cost, old.values.values()))
        self._kinds[resource].remove(kind)
        _remove(self._of_kind[kind], resource)
        if not self._kinds[resource]:
            del self._kinds[resource]
            _remove(self._order, resource)
        return Change(resource, kind, None)

    def expire(self, now: Instant) -> tuple[Change, ...]:
        """Let go what has lived its time; what becomes of the rows it stood in."""
        touched: dict[Key, None] = {}
        for resource, kind, place in self._deadlines.due(now):
            # = rfc6940:7.4.1.3/2
            self.octets -= cost(self._held[resource, kind].values.pop(place))
            touched[resource, kind] = None
        return tuple(self._after_expiry(*key) for key in touched)

    def restore(self, change: Change, model: DataModel, now: Instant) -> Change | None:
        """Hold again what was written before the node went down; Malformed where it is no row.

        Where all of it has expired in the meantime, the change that takes it away.
        """
        context = self._context()._replace(data_model=model)
        rows = decode(HeldRows, change.held or b"", context)
        values: dict[Place, Held] = {}
        for row in rows.rows:
            length = len(row.stored).to_bytes(4, "big")
            stored = decode(StoredData, length + row.stored, context)
            until = Instant(row.until / 1000)
            if until > now:
                values[place_of(stored)] = Held(stored, Instant(row.at / 1000), until, row.certificates)
        if not values:
            return Change(change.resource, change.kind, None)
        self.put(change.resource, change.kind, Resource(rows.generation, values, now))
        return None

    def _enter(self, resource: bytes, kind: int) -> None:
        if resource not in self._kinds:
            self._kinds[resource] = []
            insort(self._order, resource)
        self._kinds[resource].append(kind)
        insort(self._of_kind.setdefault(kind, []), resource)

    def _after_expiry(self, resource: bytes, kind: int) -> Change:
        left = self._held[resource, kind]
        return Change(resource, kind, self._written(left)) if left.values else self.drop(resource, kind)

    def _written(self, resource: Resource) -> bytes:
        rows = tuple(
            HeldRow(int(each.at * 1000), int(each.until * 1000), each.stored.received, each.certificates)
            for each in resource.values.values()
        )
        return encode(HeldRows(resource.generation, rows), self._context())


def _remove(order: list[bytes], resource: bytes) -> None:
    del order[bisect_left(order, resource)]
