"""Fetch (RFC 6940, section 7.4.2)."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from disco_ref.errors import Malformed
from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import (
    ByKind,
    Counted,
    KindVec32,
    Select,
    Unknown,
    Vec16,
    Vec32,
    int32,
    uint64,
)
from disco_ref.reload.ids import KindId, ResourceId
from disco_ref.reload.storage.data_models import DictionaryKey
from disco_ref.reload.storage.stored_data import StoredData


class BadRange(Malformed):
    """Ranges that end before they begin, or overlap (Error_Invalid_Message)."""

    error_code = 20


# = rfc6940:7.4.2.1/0
@struct
class ArrayRange(NamedTuple):
    """A range of indices, both ends included; -1, on the wire 0xffffffff, is the last index.

    Refused when read: a range that ends before it begins (BadRange).
    """

    first: int32
    """The first index."""
    last: int32
    """The last index."""

    @staticmethod
    def refuse(value: ArrayRange, context: Context, offset: int) -> None:
        """Refuse a range that ends before it begins; as unsigned numbers, because 0xffffffff is the last index."""
        if value.first & 0xFFFFFFFF > value.last & 0xFFFFFFFF:
            # = rfc6940:7.4.2.1/2
            raise BadRange(f"{value.first} to {value.last} ends before it begins", where="ArrayRange", offset=offset)


class Indices(NamedTuple):
    """Which elements of an array are meant."""

    # = rfc6940:7.4.2.1/3a
    indices: Vec16[ArrayRange]
    """The ranges."""


class Keys(NamedTuple):
    """Which entries of a dictionary are meant."""

    keys: Vec16[DictionaryKey]
    """The keys; none for all."""


# = rfc6940:7.4.2.1/0
@struct
class StoredDataSpecifier(NamedTuple):
    """Which values of a Kind are meant (section 7.4.2.1); ranges must be disjoint (BadRange)."""

    kind: KindId
    """The Kind."""
    generation: uint64
    """The generation last seen, 0 for none."""
    model_specifier: Annotated[
        Indices | Keys | Unknown | None,
        Counted(16),
        Select(
            "DataModel",
            {DataModel.single_value: None, DataModel.array: Indices, DataModel.dictionary: Keys},
            extensible=True,
            named=True,
        ),
        ByKind("kind"),
    ]
    """The choice; None for a single value, Unknown where the Kind's data model is not known."""

    @staticmethod
    def refuse(value: StoredDataSpecifier, context: Context, offset: int) -> None:
        """Refuse ranges that overlap."""
        if isinstance(value.model_specifier, Indices):
            _refuse_overlap(value.model_specifier.indices, offset)


def _refuse_overlap(indices: tuple[ArrayRange, ...], offset: int) -> None:
    where = "StoredDataSpecifier.indices"
    ranges = sorted((each.first & 0xFFFFFFFF, each.last & 0xFFFFFFFF) for each in indices)
    for (_, last), (first, _) in zip(ranges, ranges[1:], strict=False):
        # = rfc6940:7.4.2.1/3b
        if first <= last:
            raise BadRange(f"two ranges have {first} in common", where=where, offset=offset)


# = rfc6940:7.4.2.1/0
@struct
class FetchReq(NamedTuple):
    """A request for values."""

    resource: ResourceId
    """Where they are."""
    specifiers: Vec16[StoredDataSpecifier]
    """Which ones."""


# = rfc6940:7.4.2.2/0
@struct
class FetchKindResponse(NamedTuple):
    """The values of one Kind (section 7.4.2.2)."""

    kind: KindId
    """The Kind."""
    generation: uint64
    """Its generation."""
    values: KindVec32[StoredData]
    """The values; Unknown where the Kind's data model is not known."""


# = rfc6940:7.4.2.2/0
@struct
class FetchAns(NamedTuple):
    """The answer to a FetchReq."""

    kind_responses: Vec32[FetchKindResponse]
    """One for each Kind that was asked for."""
