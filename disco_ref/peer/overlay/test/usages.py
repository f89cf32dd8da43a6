"""An overlay with the Kinds of its usages, for tests."""

from __future__ import annotations

import dataclasses
from functools import cache

from disco_ref.peer.overlay.test.members import configuration
from disco_ref.reload.enrollment.configuration import Kind, KindBlock, RequiredKinds, Signature
from disco_ref.reload.overlay import Overlay, overlay_of

DENSITY = 3
"""The turn-density."""

_KINDS = (
    Kind(
        name="SIP-REGISTRATION", max_count=8, max_size=1000, data_model="DICTIONARY", access_control="USER-NODE-MATCH"
    ),
    Kind(
        name="TURN-SERVICE",
        max_count=1,
        max_size=100,
        max_node_multiple=20,
        data_model="SINGLE",
        access_control="NODE-MULTIPLE",
    ),
    Kind(name="CERTIFICATE_BY_NODE", max_count=4, max_size=4000, data_model="ARRAY", access_control="NODE-MATCH"),
    Kind(name="CERTIFICATE_BY_USER", max_count=4, max_size=4000, data_model="ARRAY", access_control="USER-MATCH"),
)


@cache
def overlay_with_usages() -> Overlay:
    """The overlay of :mod:`~disco_ref.peer.overlay.test.members`, with the registered Kinds instead of its own."""
    unsigned = Signature(security_block=b"")
    blocks = tuple(KindBlock(kind=each, kind_signature=unsigned) for each in _KINDS)
    required = RequiredKinds(kind_block=blocks)
    return overlay_of(dataclasses.replace(configuration(), required_kinds=required, turn_density=DENSITY))
