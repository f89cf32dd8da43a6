"""Which values a specifier means (RFC 6940, section 7.4.2.1), and what stands for those that are not there (7.4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
_LIFETIME = slice(8, 12)
"""Where in the octets of a StoredData its lifetime stands."""

Found = Held | StoredData
"""A value that is held, or one that was made up because nothing is."""


def selected(specifier: StoredDataSpecifier, definition: KindDefinition, resource: Resource | None) -> Iterator[Found]:
    """The values that are meant, in the order of asking, each made when it is taken."""
    values: Mapping[Place, Held] = {} if resource is None else resource.values
    for place in _places(specifier, definition, values):
        held = values.get(place)
        yield _absent(place, definition.data_model) if held is None else held


def remaining(held: Held, now: Instant) -> StoredData:
    """The value with what is left of its lifetime (section 7.4.1.1)."""
    # = rfc6940:7.4.1.1/20
    # = rfc6940:7.4.1.1/21
    left = max(0, int(held.until - now))
    octets = held.stored.received
    received = octets[: _LIFETIME.start] + left.to_bytes(4, "big") + octets[_LIFETIME.stop :]
    return held.stored._replace(lifetime=left, received=received)


def _places(
    specifier: StoredDataSpecifier, definition: KindDefinition, values: Mapping[Place, Held]
) -> Iterator[Place]:
    match specifier.model_specifier:
        case Indices(ranges):
            yield from _indices(ranges, values, definition.max_count)
        case Keys(keys) if keys:
            yield from dict.fromkeys(keys)
        case Keys():
            yield from tuple(values)
        case _:
            yield None


def _indices(ranges: tuple[ArrayRange, ...], values: Mapping[Place, Held], max_count: int) -> Iterator[Place]:
    """The indices of the ranges; the first of a range always, further ones as far as the Kind admits elements.

    The final element is the last one that is there; an array without elements has none.
    """
    last = max((each for each in values if isinstance(each, int)), default=-1)
    for each in ranges:
        first, end = each.first & _LAST, each.last & _LAST
        if first == _LAST:
            # = rfc6940:7.4.2.1/0
            yield from range(max(last, 0), last + 1)
        elif end == _LAST:
            yield from range(first, last + 1)
        else:
            # = rfc6940:7.2.2/0
            # = rfc6940:7.4.2.2/2
            yield from range(first, min(end, max(first, max_count - 1)) + 1)


def _absent(place: Place, model: DataModel) -> StoredData:
    """A value that nobody signed, for one that is not there."""
    value: StoredDataValue = _ABSENT
    if isinstance(place, int):
        value = ArrayEntry(place, _ABSENT)
    elif model is DataModel.dictionary:
        value = DictionaryEntry(place or b"", _ABSENT)
    # = rfc6940:7.4.2.2/0
    return StoredData(0, 0, value, NOT_SIGNED)
