"""What updates of the configuration are made of, and how it shows whether one has taken effect (RFC 6940, section 6.5.4)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import writing
from conformance.live.overlay.document import Document, Kind
from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.storage import fetch_request, specifier

ANY_SEQUENCE = 65535
"""The sequence number with which a ConfigUpdate is taken whatever the receiver works by (section 6.3.2.1)."""
FRESH = Kind(id=0xF0000030, model="SINGLE", access="USER-MATCH")
"""A Kind that only an update brings."""


def with_fresh(document: Document, **changes: object) -> Document:
    """The next document, which has one Kind more."""
    return document.changed(kinds=(*document.kinds, FRESH), **changes)


def config_update(peer: Peer, octets: bytes) -> Written:
    """A ConfigUpdateReq with a document, not sent."""
    body: dict[str, Json] = {"type": "config", "config_data": octets.hex()}
    return peer.request("ConfigUpdateReq", body, configuration_sequence=ANY_SEQUENCE)


def kind_update(peer: Peer, blocks: Sequence[bytes]) -> Written:
    """A ConfigUpdateReq with descriptions of Kinds, not sent."""
    body: dict[str, Json] = {"type": "kind", "kinds": [one.hex() for one in blocks]}
    return peer.request("ConfigUpdateReq", body, configuration_sequence=ANY_SEQUENCE)


def update(peer: Peer, written: Written, label: str) -> Heard:
    """Send an update, and wait for the answer, whatever it says."""
    peer.send(written, label=label)
    return peer.reply(written)


def adopted(peer: Peer, document: Document, label: str) -> None:
    """Send a document that must be taken; the parties work by it from now on.  Raises NotSeen where it is refused."""
    peer.granted(update(peer, config_update(peer, document.octets()), label))
    peer.stage.overlay.document = document


def looked_up(peer: Peer, kind: Kind, label: str) -> Heard:
    """What a Fetch of a Kind comes to: an error where the subject does not know the Kind."""
    peer.stage.overlay.models[kind.id] = kind.model
    at = writing.resource_id(peer.identity.user)
    request = fetch_request(peer, [specifier(kind)], at)
    peer.send(request, label=label)
    return peer.reply(request)
