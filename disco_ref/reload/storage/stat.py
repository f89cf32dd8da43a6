"""Stat (RFC 6940, section 7.4.3)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import KindVec32, Vec16, Vec32, uint32, uint64
from disco_ref.reload.ids import KindId, ResourceId
from disco_ref.reload.storage.data_models import MetaDataValue
from disco_ref.reload.storage.fetch import StoredDataSpecifier


# = rfc6940:7.4.3.1/0
@struct
class StatReq(NamedTuple):
    """A request for what is known about values (section 7.4.3.1)."""

    resource: ResourceId
    """Where they are."""
    specifiers: Vec16[StoredDataSpecifier]
    """Which ones."""


# = rfc6940:7.4.3.2/0
@struct
class StoredMetaData(NamedTuple):
    """What is known about a stored value (section 7.4.3.2)."""

    value_length: uint32
    """Octets of the stored value, or of this struct after this field: the text can be read both ways, so neither is
    enforced; what follows says where the struct ends."""
    storage_time: uint64
    """When it was stored, in milliseconds since 1970-01-01T00:00:00Z."""
    lifetime: uint32
    """For how long it is valid, in seconds."""
    metadata: MetaDataValue
    """What is known about the value."""


# = rfc6940:7.4.3.2/0
@struct
class StatKindResponse(NamedTuple):
    """What is known about the values of one Kind."""

    kind: KindId
    """The Kind."""
    generation: uint64
    """Its generation."""
    values: KindVec32[StoredMetaData]
    """One for each value; Unknown where the Kind's data model is not known."""


# = rfc6940:7.4.3.2/0
@struct
class StatAns(NamedTuple):
    """The answer to a StatReq."""

    kind_responses: Vec32[StatKindResponse]
    """One for each Kind that was asked for."""
