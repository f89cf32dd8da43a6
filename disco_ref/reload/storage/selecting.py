"""Which values a specifier means (RFC 6940, section 7.4.2.1), and what stands for those that are not there (7.4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from disco_ref.clock import Instant
from disco_ref.notation.context import DataModel
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.storage.data_models import ArrayEntry, DataValue, DictionaryEntry, StoredDataValue
from disco_ref.reload.storage.fetch import ArrayRange, Indices, Keys, StoredDataSpecifier
from disco_ref.reload.storage.holdings import Held, Place, Resource
from disco_ref.reload.storage.stored_data import StoredData

_LAST = 0xFFFFFFFF
_ABSENT = DataValue(False, b"")

Found = Held | StoredData
"""A value that is held, or one that was made up because nothing is."""


def selected(
    specifier: StoredDataSpecifier, definition: KindDefinition, resource: Resource | None
) -> tuple[Found, ...]:
    """The values that are meant, in the order of asking."""
    values = {} if resource is None else resource.values
    match specifier.model_specifier:
        case Indices(ranges):
            places: Iterator[Place] = _indices(ranges, values, definition.max_count)
        case Keys(keys) if keys:
            places = iter(dict.fromkeys(keys))
        case Keys():
            places = iter(tuple(values))
        case _:
            places = iter((None,))
    return tuple(values[each] if each in values else _absent(each, definition.data_model) for each in places)


def remaining(held: Held, now: Instant) -> StoredData:
    """The value with what is left of its lifetime (section 7.4.1.1)."""
    # = rfc6940:7.4.1.1/20
    # = rfc6940:7.4.1.1/21
    left = max(0, int(held.until - now))
    received = held.stored.received[:8] + left.to_bytes(4, "big") + held.stored.received[12:]
    return held.stored._replace(lifetime=left, received=received)


def _indices(ranges: tuple[ArrayRange, ...], values: dict[Place, Held], max_count: int) -> Iterator[Place]:
    """The indices of the ranges, up to the last element of the array; no index that the Kind does not admit."""
    last = max((each for each in values if isinstance(each, int)), default=-1)
    for each in ranges:
        first, final = (last if end & _LAST == _LAST else end & _LAST for end in each)
        # = rfc6940:7.2.2/0
        yield from range(max(first, 0), min(final, max(last, first), max_count - 1) + 1)


def _absent(place: Place, model: DataModel) -> StoredData:
    """A value that nobody signed, for one that is not there."""
    value: StoredDataValue = _ABSENT
    if isinstance(place, int):
        value = ArrayEntry(place, _ABSENT)
    elif model is DataModel.dictionary:
        value = DictionaryEntry(place or b"", _ABSENT)
    # = rfc6940:7.4.2.2/0
    return StoredData(0, 0, value, NOT_SIGNED)
