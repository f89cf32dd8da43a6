"""Signatures and certificates that do not hold, on values and on requests (RFC 6940, sections 6.3.4, 7.1 and 7.4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.live.overlay import authority
from conformance.live.overlay.document import ARRAY_USER, SINGLE_USER
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import owner, resource_of, signed, store_request
from conformance.live.overlay.writing import Object, Sealing, entry, resource_id, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import BAD, ROLE, bad, good, seen, sent, unanswered

WRONG = (authority.EXPIRED, authority.EARLY, authority.FOREIGN, authority.OTHER_OVERLAY, authority.BARE)
"""Certificates that nobody is to be believed by."""


def _forged(peer: Peer, stranger: Peer) -> Iterator[tuple[str, Object]]:
    """Values whose signature does not hold, and what was done to each."""
    at, mine = resource_of(peer.identity, SINGLE_USER), Sealing(by=peer.identity)

    def value(name: str, sealing: Sealing = mine, at: bytes = at) -> Object:
        return signed(peer, SINGLE_USER, single(BAD + name.encode()), at=at, later=2, sealing=sealing)

    yield "a turned bit", value("bit", Sealing(by=peer.identity, spoilt=True))
    yield "another key", value("key", Sealing(by=peer.identity, key=stranger.identity.key))
    yield "for another resource", value("resource", at=resource_id(b"elsewhere"))
    other = signed(peer, ARRAY_USER, entry(0, BAD), at=at, later=2)
    yield "for another Kind", {**value("Kind"), "signature": other["signature"]}
    yield "another value", {**value("one"), "value": single(BAD + b"changed")}
    yield "another time", {**value("time"), "storage_time": str(peer.stage.storage_time(3))}


@scenario("storing-peer/forged-values", what="Values are stored whose signatures do not hold.", role=ROLE)
def forged_values(stage: OverlayStage) -> None:
    """Each in a request that is right in all else."""
    ann, eve = owner(stage, "ann"), owner(stage, "eve")
    ann.connect()
    good(ann, SINGLE_USER)
    for how, value in _forged(ann, eve):
        sent(ann, SINGLE_USER, [value], label=f"bad: {how}")
    unknown = stage.overlay.certify(ann.identity.user)
    bad(
        ann,
        SINGLE_USER,
        "by a certificate that is not there",
        later=2,
        sealing=Sealing(by=unknown),
        label="bad: no certificate",
    )
    good(ann, SINGLE_USER, "again", later=1)
    seen(ann, SINGLE_USER)
    stage.alive()


@scenario(
    "storing-peer/unsigned-values",
    what="Values are stored that nobody has signed: one that exists, and one that does not.",
    role=ROLE,
)
def unsigned_values(stage: OverlayStage) -> None:
    """Only who answers a Fetch may make up values without a signature."""
    ann = owner(stage, "ann")
    ann.connect()
    good(ann, SINGLE_USER)
    nobody = Sealing(by=ann.identity, form="none")
    bad(ann, SINGLE_USER, "of nobody", later=1, sealing=nobody, malformed=True)
    removal = signed(ann, SINGLE_USER, single(b"", exists=False), later=1, sealing=nobody)
    sent(ann, SINGLE_USER, [removal], label="bad", malformed=True)
    seen(ann, SINGLE_USER)
    stage.alive()


@scenario(
    "storing-peer/wrong-certificates",
    what="Values are signed with certificates of the right user that are not to be believed.",
    role=ROLE,
)
def wrong_certificates(stage: OverlayStage) -> None:
    """Expired, not valid yet, of a foreign authority, of another overlay, self-signed; the request is right."""
    ann = owner(stage, "ann")
    ann.connect()
    good(ann, SINGLE_USER)
    for kind in WRONG:
        other = stage.overlay.certify(ann.identity.user, [ann.node_id], kind=kind)
        shown = [*ann.identity.shown, *other.shown]
        bad(ann, SINGLE_USER, kind, later=2, sealing=Sealing(by=other), certificates=shown, label=f"bad: {kind}")
    right = stage.overlay.certify(ann.identity.user)
    shown = [*ann.identity.shown, *right.shown]
    value = signed(ann, SINGLE_USER, single(b"good of another certificate"), later=1, sealing=Sealing(by=right))
    sent(ann, SINGLE_USER, [value], certificates=shown, label="good", must=True)
    seen(ann, SINGLE_USER)
    stage.alive()


@scenario(
    "storing-peer/forged-requests",
    what="Stores of good values whose own signature does not hold, or whose signer is not to be believed.",
    role=ROLE,
)
def forged_requests(stage: OverlayStage) -> None:
    """They may be answered with an error, or not at all."""
    ann, eve = owner(stage, "ann"), owner(stage, "eve")
    at = resource_of(ann.identity, SINGLE_USER)
    ann.connect()
    good(ann, SINGLE_USER)
    value = signed(ann, SINGLE_USER, single(BAD + b"in a forged request"), later=2)
    parts = [(SINGLE_USER, [value], 0)]
    mine = ann.identity
    unanswered(ann, store_request(ann, parts, at, unsigned=True, certificates=mine.shown), "bad: unsigned")
    unanswered(ann, store_request(ann, parts, at, sealing=Sealing(by=mine, spoilt=True)), "bad: a turned bit")
    unanswered(ann, store_request(ann, parts, at, sealing=Sealing(by=mine, key=eve.identity.key)), "bad: another key")
    for kind in WRONG:
        other = stage.overlay.certify(mine.user, [ann.node_id], kind=kind)
        shown = [*mine.shown, *other.shown]
        unanswered(ann, store_request(ann, parts, at, sealing=Sealing(by=other), certificates=shown), f"bad: {kind}")
    seen(ann, SINGLE_USER)
    stage.alive()
