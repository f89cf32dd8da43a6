"""What a decoder must know and the octets do not say (RFC 6940, sections 6.3.1.1 and 7.2)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple


# = rfc6940:7.2/0
class DataModel(enum.Enum):
    """How the values of a Kind are addressed; known from the Kind, never on the wire (section 7.2)."""

    single_value = "SINGLE"
    array = "ARRAY"
    dictionary = "DICTIONARY"


class Context(NamedTuple):
    """What an overlay has fixed outside the octets; an explicit argument of every decode and encode."""

    node_id_length: int = 16
    """Octets of a Node-ID, 16 to 20 (section 6.3.1.1)."""

    data_model: DataModel | None = None
    """The data model for a struct that stands alone and does not say its Kind."""

    models: Mapping[int, DataModel] = {}
    """The data model of every known Kind-ID; values of other Kinds stay octets."""

    overlay: int | None = None
    """The hash of the overlay's name, None where messages of any overlay are read (section 6.3.2)."""

    initial_ttl: int = 100
    """The largest ttl that the overlay admits, in hops (section 6.3.2)."""

    max_message_size: int | None = None
    """The largest message the overlay admits, in octets; None where there is no bound (section 6.6)."""


# = rfc6940:6.3.1.1/0
NODE_ID_LENGTHS = range(16, 21)
"""The lengths of a Node-ID that an overlay may choose, in octets (section 6.3.1.1)."""
