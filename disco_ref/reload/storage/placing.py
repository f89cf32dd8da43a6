"""Where values of a Store come to stand, before anything dear is done for them (RFC 6940, sections 7 and 7.4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.storage.data_models import APPEND, ArrayEntry
from disco_ref.reload.storage.holdings import Held, Place, place_of, value_of
from disco_ref.reload.storage.refusals import DataTooLarge, DataTooOld
from disco_ref.reload.storage.stored_data import StoredData

MOST_REMOVED = 64
"""Values of a Kind at a Resource-ID that may be removed and not yet expired, beyond max-count; our bound."""

MOST_KEY = 1024
"""Octets of a dictionary key, where the Kind does not admit longer values; our bound."""

_VALUES = "StoreReq.kind_data.values"


class Placing:
    """Values take their places among those that are held, one after the other; nothing that is held changes by it."""

    __slots__ = ("existing", "fresh", "values")

    def __init__(self, held: Mapping[Place, Held]) -> None:
        self.values: dict[Place, StoredData] = {place: each.stored for place, each in held.items()}
        """What would stand where."""
        self.existing = sum(value_of(each).exists for each in self.values.values())
        """How many of them are not removed ones."""
        self.fresh: list[StoredData] = []
        """What has come, without what stands there already; each with the index it is to have."""

    def take(self, stored: StoredData) -> None:
        """One more value; DataTooOld where another one of the same time or later stands in its place."""
        if _appended(stored):
            if any(_same(each, stored) for each in self.values.values()):
                return
            stored = self._at_the_end(stored)
        old = self.values.get(place_of(stored))
        if old is not None and old.storage_time >= stored.storage_time:
            # = rfc6940:7.4.1.1/17 silent: the very same value again, after an answer was lost, is no second store
            if _same(old, stored):
                return
            # = rfc6940:7/1
            why = f"stored at {old.storage_time}, not before {stored.storage_time}"
            raise DataTooOld(why, where=f"{_VALUES}.storage_time")
        self.put(stored)

    def merge(self, stored: StoredData) -> bool:
        """One more value of another peer's, if it is no older than what stands in its place; whether it was taken."""
        old = self.values.get(place_of(stored))
        # = rfc6940:7.4.1.1/22
        if _appended(stored) or (old is not None and (old.storage_time > stored.storage_time or _same(old, stored))):
            return False
        self.put(stored)
        return True

    def put(self, stored: StoredData) -> None:
        """A value, whatever stands in its place."""
        self.take_away(place_of(stored))
        self.values[place_of(stored)] = stored
        self.existing += value_of(stored).exists
        self.fresh.append(stored)

    def take_away(self, place: Place) -> None:
        """What stands in a place, if anything does, stands there no more."""
        old = self.values.pop(place, None)
        self.existing -= old is not None and value_of(old).exists

    def refuse_crowd(self, definition: KindDefinition) -> None:
        """DataTooLarge where there would be more values than the Kind admits."""
        # = rfc6940:7.4.1.2/5
        if self.existing > definition.max_count:
            raise DataTooLarge(f"more than {definition.max_count} values", where=_VALUES)
        # = rfc6940:7.4.1.2/5 silent: removed values are not counted there, but they have to be kept as well
        if len(self.values) - self.existing > definition.max_count + MOST_REMOVED:
            raise DataTooLarge("too many removed values that have not expired", where=_VALUES)

    def _at_the_end(self, stored: StoredData) -> StoredData:
        """The value with an index behind the last one (section 7.4.1.1)."""
        last = max((each for each in self.values if isinstance(each, int)), default=-1)
        # the index counts as zero in the signature, so the octets stay verifiable with the new one in them
        received = stored.received[:12] + (last + 1).to_bytes(4, "big") + stored.received[16:]
        return stored._replace(value=ArrayEntry(last + 1, value_of(stored)), received=received)


def refuse_large(stored: StoredData, definition: KindDefinition) -> None:
    """DataTooLarge where a value, its key or its index is beyond what the Kind admits."""
    # = rfc6940:7.4.1.2/5
    if len(value_of(stored).value) > definition.max_size:
        raise DataTooLarge(f"a value has more than {definition.max_size} bytes", where=_VALUES)
    place = place_of(stored)
    # = rfc6940:7.4.1.2/5 silent: keys have no limit of their own
    if isinstance(place, bytes) and len(place) > max(definition.max_size, MOST_KEY):
        raise DataTooLarge(f"a key of {len(place)} bytes", where=_VALUES)
    # = rfc6940:7.4.1.2/5 silent: an array with an element beyond max-count has more elements than that
    if isinstance(place, int) and place >= definition.max_count:
        raise DataTooLarge(f"an array of more than {definition.max_count} elements", where=_VALUES)


def refuse_too_many(values: Sequence[StoredData], definition: KindDefinition) -> None:
    """DataTooLarge where a request holds more values of a Kind than can ever stand at one Resource-ID."""
    if len(values) > most_values(definition):
        raise DataTooLarge(f"{len(values)} values at once", where=_VALUES)


def most_values(definition: KindDefinition) -> int:
    """How many values of a Kind, removed ones among them, can stand at one Resource-ID."""
    return 2 * definition.max_count + MOST_REMOVED


def _appended(stored: StoredData) -> bool:
    return isinstance(stored.value, ArrayEntry) and stored.value.index == APPEND


def _same(one: StoredData, other: StoredData) -> bool:
    """Whether two values are one, signed once; lifetimes differ by where a value has been."""
    return (
        one.storage_time == other.storage_time and one.signature == other.signature and value_of(one) == value_of(other)
    )
