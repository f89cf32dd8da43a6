"""The unit of storage (RFC 6940, section 7)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Received, uint32, uint64
from disco_ref.reload.message.signature import Signature
from disco_ref.reload.storage.data_models import StoredDataValue


# = rfc6940:7/0
@struct(length=32)
class StoredData(NamedTuple):
    """A value with its times and its signature."""

    storage_time: uint64
    """When it was stored, in milliseconds since 1970-01-01T00:00:00Z."""
    lifetime: uint32
    """For how long it is valid, in seconds from its arrival."""
    value: StoredDataValue
    """The value."""
    signature: Signature
    """The signature over it (section 7.1)."""
    received: Received = b""
    """The octets it was read from, without ``length``; its signature is verified over these."""
