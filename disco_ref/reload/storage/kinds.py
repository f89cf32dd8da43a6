"""The Kinds that are registered, with their data models (RFC 6940, sections 7.2, 8, 9 and 14.6; RFC 7904)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Vec8
from disco_ref.reload.ids import KindId, overlay_hash

# = rfc7904:7/0
SIP_REGISTRATION = 1
"""Where a user of SIP can be reached (RFC 7904)."""

# = rfc6940:9/0
TURN_SERVICE = 2
"""Where a TURN server is (section 9)."""

# = rfc6940:8/0
CERTIFICATE_BY_NODE = 3
"""The certificates of a node (section 8)."""

# = rfc6940:8/0
CERTIFICATE_BY_USER = 0x10
"""The certificates of a user (section 8)."""

# = rfc6940:14.6/0
PRIVATE_KINDS = range(0xF0000001, 0xFFFFFFFF)
"""Kind-IDs that a configuration document may define for itself (section 14.6)."""

# = rfc6940:14.6/0
MODELS: Mapping[int, DataModel] = {
    SIP_REGISTRATION: DataModel.dictionary,
    TURN_SERVICE: DataModel.single_value,
    CERTIFICATE_BY_NODE: DataModel.array,
    CERTIFICATE_BY_USER: DataModel.array,
}
"""The data models of the registered Kinds."""


# = rfc6940:7.4.1.2/0
@struct
class UnknownKinds(NamedTuple):
    """The error_info of Error_Unknown_Kind (section 7.4.1.2)."""

    unknown_kinds: Vec8[KindId]
    """The Kinds that were not recognised."""


def overlay_context(
    overlay_name: str | None = None,
    kinds: Mapping[int, DataModel] | None = None,
    *,
    node_id_length: int = 16,
    initial_ttl: int = 100,
    max_message_size: int | None = None,
    data_model: DataModel | None = None,
) -> Context:
    """The context of an overlay: its name, the Kinds its configuration adds, its lengths and limits."""
    return Context(
        node_id_length=node_id_length,
        data_model=data_model,
        models={**MODELS, **(kinds or {})},
        overlay=None if overlay_name is None else overlay_hash(overlay_name),
        initial_ttl=initial_ttl,
        max_message_size=max_message_size,
    )
