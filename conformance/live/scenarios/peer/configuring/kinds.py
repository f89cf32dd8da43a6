"""Descriptions of Kinds that come by themselves, and Kinds of a document (RFC 6940, sections 6.5.4 and 11.1)."""

from __future__ import annotations

import dataclasses

from conformance.live.overlay.document import CERTIFICATE_BY_NODE, KINDS, SINGLE_USER, Kind
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch, resource_of, signed, store, stored
from conformance.live.overlay.writing import entry, keyed, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.configuring.updating import (
    FRESH,
    adopted,
    config_update,
    kind_update,
    looked_up,
    update,
)

ROLE = "peer"
LEARNED = dataclasses.replace(FRESH, id=FRESH.id + 1)
FOREIGN = dataclasses.replace(FRESH, id=FRESH.id + 2)
SPOILT = dataclasses.replace(FRESH, id=FRESH.id + 3)
UNSIGNED = dataclasses.replace(FRESH, id=FRESH.id + 4)
WITHDRAWN = dataclasses.replace(FRESH, id=FRESH.id + 5)
FALSE_REGISTRATION = dataclasses.replace(
    CERTIFICATE_BY_NODE, model="SINGLE", access="USER-MATCH", registered_model=CERTIFICATE_BY_NODE.model
)


@scenario("peer/kind-update", what="A kind-block comes that a kind-signer has signed.", role=ROLE)
def kind_updated(stage: OverlayStage) -> None:
    """It has no namespace but the default one; the Kind is asked for before and after."""
    ann = stage.peer("ann")
    ann.connect()
    looked_up(ann, LEARNED, "before")
    ann.granted(update(ann, kind_update(ann, [stage.overlay.document.kind_block(LEARNED)]), "kind"))
    looked_up(ann, LEARNED, "after")
    stage.alive()


@scenario(
    "peer/kind-update-refused", what="Kind-blocks come that no kind-signer has signed, and a good one.", role=ROLE
)
def kind_update_refused(stage: OverlayStage) -> None:
    """After each the subject is asked for the Kind."""
    ann = stage.peer("ann")
    ann.connect()
    document = stage.overlay.document
    stranger = stage.overlay.certify("stranger@" + stage.overlay.name)
    spoilt = document.kind_block(SPOILT).replace(b"<max-count>1<", b"<max-count>2<")
    whole = document.kind_block(UNSIGNED)
    bare = whole[: whole.index(b"<kind-signature>")] + b"</kind-block>"
    cases = ((FOREIGN, document.kind_block(FOREIGN, by=stranger)), (SPOILT, spoilt), (UNSIGNED, bare))
    for kind, block in cases:
        update(ann, kind_update(ann, [block]), "foreign kind")
        looked_up(ann, kind, "still")
    ann.granted(update(ann, kind_update(ann, [document.kind_block(LEARNED)]), "kind"))
    looked_up(ann, LEARNED, "after")
    stage.alive()


@scenario(
    "peer/config-foreign-kind", what="A newer document comes, in which one Kind is signed by a stranger.", role=ROLE
)
def config_foreign_kind(stage: OverlayStage) -> None:
    """Whether the document is refused or only the Kind left out, that Kind is not known; a good document follows."""
    ann = stage.peer("ann")
    ann.connect()
    known = stage.overlay.document
    stranger = stage.overlay.certify("stranger@" + stage.overlay.name)
    spoilt = known.changed(kinds=(*known.kinds, FOREIGN), kind_by={FOREIGN.id: stranger})
    answer = update(ann, config_update(ann, spoilt.octets()), "in a document")
    if not answer.error:
        stage.overlay.document = spoilt
    looked_up(ann, FOREIGN, "still")
    adopted(ann, spoilt.changed(kinds=(*known.kinds, LEARNED), kind_by={}), "good")
    looked_up(ann, LEARNED, "after")
    stage.alive()


@scenario(
    "peer/kind-signer-withdrawn", what="A kind-signer is one no more, whose Kind values are stored of.", role=ROLE
)
def kind_signer_withdrawn(stage: OverlayStage) -> None:
    """Another one signs the same Kind later: there are no values of it any more."""
    other = stage.overlay.certify("other signer@" + stage.overlay.name)
    plain = stage.overlay.document
    ids = [plain.signer.node_id, other.node_id]
    kinds = (*plain.kinds, WITHDRAWN)
    first = dataclasses.replace(plain, kinds=kinds, kind_signers=ids, kind_by={WITHDRAWN.id: other})
    stage.overlay.models[WITHDRAWN.id] = WITHDRAWN.model
    stage.begin(first=True, document=first)
    ann = stage.peer("ann")
    ann.connect()
    for kind in (WITHDRAWN, SINGLE_USER):
        stored(ann, kind, [signed(ann, kind, single(b"kept"))], label="store")
        ann.granted(fetch(ann, kind, label="stored"))
    adopted(ann, stage.overlay.document.changed(kinds=plain.kinds, kind_signers=ids[:1], kind_by={}), "withdrawn")
    adopted(ann, stage.overlay.document.changed(kinds=kinds), "signed by another")
    ann.granted(fetch(ann, WITHDRAWN, label="discarded"))
    ann.granted(fetch(ann, SINGLE_USER, label="kept"))
    stage.alive()


@scenario("peer/required-kinds", what="A value of every Kind that the configuration requires is stored.", role=ROLE)
def required_kinds(stage: OverlayStage) -> None:
    """And fetched."""
    ann = stage.peer("ann")
    ann.connect()
    for kind in KINDS[:5]:
        _kept(ann, kind, b"a value", "required")
    _kept(ann, CERTIFICATE_BY_NODE, _certificate(ann), "required")
    stage.alive()


@scenario(
    "peer/registered-kind",
    what="The configuration says of a registered Kind another data model and access control than its registration.",
    role=ROLE,
)
def registered_kind(stage: OverlayStage) -> None:
    """A value is stored and fetched as the registration has it."""
    document = stage.overlay.document
    kinds = tuple(FALSE_REGISTRATION if one is CERTIFICATE_BY_NODE else one for one in document.kinds)
    stage.begin(first=True, document=dataclasses.replace(document, kinds=kinds))
    ann = stage.peer("ann")
    ann.connect()
    _kept(ann, SINGLE_USER, b"a value", "other")
    _kept(ann, CERTIFICATE_BY_NODE, _certificate(ann), "registered")
    stage.alive()


def _kept(peer: Peer, kind: Kind, value: bytes, label: str) -> None:
    made = {"SINGLE": single(value), "ARRAY": entry(0, value), "DICTIONARY": keyed(peer.node_id, value)}[kind.model]
    at = resource_of(peer.identity, kind)
    store(peer, kind, [signed(peer, kind, made)], at=at, label=label)
    fetch(peer, kind, at=at, label=label)


def _certificate(peer: Peer) -> bytes:
    """The value of CERTIFICATE_BY_NODE: the certificate as X.509 (section 8)."""
    der = peer.identity.certificate
    return bytes([0]) + len(der).to_bytes(2) + der
