"""Telling a node about Kinds that it did not know (RFC 6940, sections 6.5.4.1 and 7.4.1.2)."""

from __future__ import annotations

import base64
from collections.abc import Collection

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode
from disco_ref.reload.actions import Action, AnsweredWithError, Ask, Room
from disco_ref.reload.enrollment.document import read
from disco_ref.reload.forwarding.config_update import ConfigUpdateReq, ConfigUpdateType
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.kinds import UnknownKinds

EXPLAINED = "explained"
"""The first word of what these ConfigUpdates are about; neither their answers nor their failures lead to anything."""


def explained(room: Room, why: Refusal, overlay: Overlay) -> list[Action]:
    """A ConfigUpdate to the node that does not know a Kind; nothing for other refusals, and for Kinds that no document defines."""
    if not isinstance(why, AnsweredWithError) or why.error_code != ErrorCode.Error_Unknown_Kind:
        return []
    try:
        unknown = decode(UnknownKinds, why.error_info).unknown_kinds
        kinds = descriptions(overlay, unknown)
    except Refusal:
        return []
    if not kinds:
        return []
    # = rfc6940:7.4.1.2/7
    body = ConfigUpdateReq(ConfigUpdateType.kind, kinds)
    return [Ask(room, (EXPLAINED, why.by), (node_place(why.by),), MessageCode.config_update_req, body)]


def descriptions(overlay: Overlay, kinds: Collection[int]) -> tuple[bytes, ...]:
    """The signed definitions of Kinds, as they stand in the document of the overlay; the octets that are signed stay."""
    if not overlay.document:
        return ()
    found = [each for each in read(overlay.document) if each.configuration.instance_name == overlay.name]
    return tuple(
        b"<kind-block>%b<kind-signature>%b</kind-signature></kind-block>"
        % (octets, base64.b64encode(block.kind_signature.security_block))
        for signed in found[:1]
        for block, octets in zip(signed.configuration.kind_blocks, signed.kinds, strict=True)
        if block.kind.kind_id in kinds
    )
