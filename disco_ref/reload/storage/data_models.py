"""Values by data model, and what is known about them (RFC 6940, sections 7.2 and 7.4.3.2)."""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeAlias

from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.cursor import BadValue
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Opaque, Select, Typedef, opaque32, opaque255, uint32
from disco_ref.reload.message.signature import HashAlgorithm

# = rfc6940:7.2.2/0
APPEND = 0xFFFFFFFF
"""The index that appends in a store, and names the last element in a fetch (sections 7.4.1.1, 7.4.2.1)."""

# = rfc6940:7.2.3/0
DictionaryKey: TypeAlias = Annotated[bytes, Opaque(16), Typedef("DictionaryKey")]
"""A key of a dictionary (section 7.2.3)."""


# = rfc6940:7.2.1/0
@struct
class DataValue(NamedTuple):
    """A value, or the fact that there is none (section 7.2.1)."""

    exists: bool
    """False for a value that was removed or never was."""
    value: opaque32
    """The octets; none where there is no value."""

    @staticmethod
    def refuse(value: DataValue, context: Context, offset: int) -> None:
        """Refuse octets of a value that does not exist."""
        if value.value and not value.exists:
            # = rfc6940:7.4.1.3/0
            raise BadValue("bytes of a value that does not exist", where="DataValue.value", offset=offset + 1)


# = rfc6940:7.2.2/0
@struct
class ArrayEntry(NamedTuple):
    """A value at an index (section 7.2.2)."""

    index: uint32  # type: ignore[assignment]
    """The index, from 0; APPEND for a new last one."""
    value: DataValue
    """The value."""


# = rfc6940:7.2.3/0
@struct
class DictionaryEntry(NamedTuple):
    """A value under a key (section 7.2.3)."""

    key: DictionaryKey
    """The key."""
    value: DataValue
    """The value."""


# = rfc6940:7.2/0
StoredDataValue: TypeAlias = Annotated[
    DataValue | ArrayEntry | DictionaryEntry,
    Select(
        "DataModel",
        {
            DataModel.single_value: {"single_value_entry": DataValue},
            DataModel.array: {"array_entry": ArrayEntry},
            DataModel.dictionary: {"dictionary_entry": DictionaryEntry},
        },
        extensible=True,
        name="StoredDataValue",
    ),
]
"""A value in the form of its data model; which one is known from the Kind, not from the octets."""


# = rfc6940:7.4.3.2/0
@struct
class MetaData(NamedTuple):
    """What is known about a value (section 7.4.3.2)."""

    exists: bool
    """As in DataValue."""
    value_length: uint32
    """Octets of the value."""
    hash_algorithm: HashAlgorithm | int
    """The hash that was used."""
    hash_value: opaque255
    """The hash of the value, its four octets of length included."""


# = rfc6940:7.4.3.2/0
@struct
class ArrayEntryMeta(NamedTuple):
    """What is known about the value at an index."""

    index: uint32  # type: ignore[assignment]
    """The index."""
    value: MetaData
    """What is known."""


# = rfc6940:7.4.3.2/0
@struct
class DictionaryEntryMeta(NamedTuple):
    """What is known about the value under a key."""

    key: DictionaryKey
    """The key."""
    value: MetaData
    """What is known."""


# = rfc6940:7.4.3.2/0
MetaDataValue: TypeAlias = Annotated[
    MetaData | ArrayEntryMeta | DictionaryEntryMeta,
    Select(
        "DataModel",
        {
            DataModel.single_value: {"single_value_entry": MetaData},
            DataModel.array: {"array_entry": ArrayEntryMeta},
            DataModel.dictionary: {"dictionary_entry": DictionaryEntryMeta},
        },
        extensible=True,
        name="MetaDataValue",
    ),
]
"""What is known about a value, in the form of its data model."""
