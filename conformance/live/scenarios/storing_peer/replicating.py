"""Copies that the subject sends to its two successors, and what it does where they know better (RFC 6940, 7.4.1.1, 10.4 and 10.7.3)."""

from __future__ import annotations

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.document import SINGLE_USER, Kind
from conformance.live.overlay.joining import join
from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import owner, resource_of, signed, store_request
from conformance.live.overlay.writing import Object, Sealing, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import BAD, GOOD, ROLE, good, seen, sent, unanswered

TOO_OLD, TOO_LOW, FORBIDDEN = 9, 5, 2
"""Error_Data_Too_Old, Error_Generation_Counter_Too_Low, Error_Forbidden (section 14.9)."""
MINUTE = 60.0
ARC = (-0.19, -0.01)
"""What the subject is responsible for, where ``neighbours`` have joined."""


def neighbours(stage: OverlayStage) -> tuple[Peer, Peer, Peer]:
    """Two successors and a predecessor, which leaves the subject a fifth of the ring."""
    first, second, last = (
        stage.peer(name, turn=turn) for name, turn in (("first", 0.1), ("second", 0.2), ("last", -0.2))
    )
    for one in (first, second, last):
        join(one)
    stage.wait(1)
    return first, second, last


@scenario(
    "storing-peer/replicas",
    what="A value is stored, changed and removed where the subject has two successors.",
    role=ROLE,
)
def replicas(stage: OverlayStage) -> None:
    """They take whatever they are given."""
    neighbours(stage)
    ann = owner(stage, "ann", SINGLE_USER, within=ARC)
    ann.connect()
    good(ann, SINGLE_USER)
    stage.wait(2 * stage.budget)
    good(ann, SINGLE_USER, "anew", later=1)
    stage.wait(2 * stage.budget)
    gone = signed(ann, SINGLE_USER, single(b"", exists=False), later=2)
    sent(ann, SINGLE_USER, [gone], label="remove", must=True)
    stage.wait(2 * stage.budget)
    stage.alive()


@scenario(
    "storing-peer/late-replicas",
    what="A value has lain at the subject for a minute when its successors join.",
    role=ROLE,
    slow=True,
)
def late_replicas(stage: OverlayStage) -> None:
    """It lives for ten."""
    ann = owner(stage, "ann", SINGLE_USER, within=ARC)
    ann.connect()
    good(ann, SINGLE_USER, lifetime=600)
    stage.wait(MINUTE)
    neighbours(stage)
    stage.wait(MINUTE)
    seen(ann, SINGLE_USER)
    stage.alive()


def _refuses_once(peer: Peer, code: int, newer: Object, owner_of_it: Peer, kind: Kind, generation: int = 9) -> None:
    """Let a successor refuse one copy, and give what it has instead when it is asked."""
    stage, at = peer.stage, resource_of(owner_of_it.identity, kind).hex()
    copy = peer.request_of("StoreReq", 2 * stage.budget, lambda heard: heard.body.get("resource") == at)
    told = b"" if code == TOO_OLD else _counter(kind, 9)
    stage.says(peer, peer.answer(copy, {"error_code": code, "error_info": told.hex()}, code=rules.ERROR), copy)
    peer.leaves = {courtesy.FETCH}
    asked = peer.request_of("FetchReq", 4 * stage.budget, lambda heard: heard.body.get("resource") == at)
    stage.says(peer, _told(peer, asked, newer, owner_of_it, kind, generation), asked)
    peer.leaves = set()


def _counter(kind: Kind, generation: int) -> bytes:
    """A StoreAns about one Kind, without replicas."""
    response = kind.id.to_bytes(4) + generation.to_bytes(8) + bytes(2)
    return len(response).to_bytes(2) + response


def _told(peer: Peer, asked: Heard, newer: Object, owner_of_it: Peer, kind: Kind, generation: int) -> Written:
    """A FetchAns with one value of the Kind, and nothing of others."""
    responses: list[Json] = []
    for one in rules.objects(asked.body.get("specifiers")):
        known = rules.number(one["kind"]) == kind.id
        responses.append(
            {"kind": one["kind"], "generation": str(generation if known else 0), "values": [newer] if known else []}
        )
    shown = [*peer.identity.shown, *owner_of_it.identity.shown]
    return peer.answer(asked, {"kind_responses": responses}, certificates=shown)


def _newer(stage: OverlayStage, code: int, *, spoilt: bool = False) -> None:
    first, _, _ = neighbours(stage)
    ann = owner(stage, "ann", SINGLE_USER, within=ARC)
    ann.connect()
    text = BAD + b"forged" if spoilt else GOOD + b"of the successor"
    sealing = Sealing(by=ann.identity, spoilt=spoilt)
    newer = signed(ann, SINGLE_USER, single(text), later=30, sealing=sealing, at=resource_of(ann.identity, SINGLE_USER))
    first.leaves = {courtesy.STORE, courtesy.FETCH}
    good(ann, SINGLE_USER, "of the subject")
    _refuses_once(first, code, newer, ann, SINGLE_USER)
    stage.wait(2 * stage.budget)
    seen(ann, SINGLE_USER)
    stage.alive()


@scenario(
    "storing-peer/newer-elsewhere", what="A successor refuses a copy as too old, and has a newer value.", role=ROLE
)
def newer_elsewhere(stage: OverlayStage) -> None:
    """Who fetches from the subject afterwards gets that one."""
    _newer(stage, TOO_OLD)


@scenario(
    "storing-peer/higher-elsewhere",
    what="A successor refuses a copy for its generation counter, and has a newer value.",
    role=ROLE,
)
def higher_elsewhere(stage: OverlayStage) -> None:
    """Who fetches from the subject afterwards gets that one."""
    _newer(stage, TOO_LOW)


@scenario(
    "storing-peer/forged-elsewhere",
    what="A successor refuses a copy as too old, and has a newer value whose signature does not hold.",
    role=ROLE,
)
def forged_elsewhere(stage: OverlayStage) -> None:
    """Who fetches from the subject afterwards gets the subject's own."""
    _newer(stage, TOO_OLD, spoilt=True)


@scenario(
    "storing-peer/hostile-successor",
    what="A successor refuses a copy as too old, and has newer values that may not lie there: of a stranger, too large, too many, under an expired certificate.",
    role=ROLE,
)
def hostile_successor(stage: OverlayStage) -> None:
    """Who fetches from the subject afterwards gets the subject's own."""
    first, _, _ = neighbours(stage)
    ann, eve = owner(stage, "ann", SINGLE_USER, within=ARC), owner(stage, "eve")
    ann.connect()
    at = resource_of(ann.identity, SINGLE_USER)
    expired = stage.overlay.certify(ann.identity.user, kind="expired")
    values = [
        signed(ann, SINGLE_USER, single(BAD + text), later=later, at=at, sealing=Sealing(by=by))
        for later, (text, by) in enumerate(
            ((b"of a stranger", eve.identity), (bytes(300), ann.identity), (b"expired", expired)), 30
        )
    ]
    first.leaves = {courtesy.STORE, courtesy.FETCH}
    good(ann, SINGLE_USER, "of the subject")
    copy = first.request_of("StoreReq", 2 * stage.budget, lambda heard: heard.body.get("resource") == at.hex())
    stage.says(first, first.error(copy, TOO_OLD), copy)
    asked = first.request_of("FetchReq", 4 * stage.budget, lambda heard: heard.body.get("resource") == at.hex())
    responses: list[Json] = [{"kind": SINGLE_USER.id, "generation": "9", "values": [*values]}]
    shown = [each for one in (first.identity, ann.identity, eve.identity, expired) for each in one.shown]
    stage.says(first, first.answer(asked, {"kind_responses": responses}, certificates=shown), asked)
    first.leaves = set()
    stage.wait(2 * stage.budget)
    seen(ann, SINGLE_USER)
    stage.alive()


@scenario(
    "storing-peer/silent-successors",
    what="One successor does not answer when it is given copies, the other one refuses them.",
    role=ROLE,
)
def silent_successors(stage: OverlayStage) -> None:
    """The owner does not notice."""
    first, second, _ = neighbours(stage)
    first.leaves = second.leaves = {courtesy.STORE}
    ann = owner(stage, "ann", SINGLE_USER, within=ARC)
    ann.connect()
    at = resource_of(ann.identity, SINGLE_USER).hex()
    good(ann, SINGLE_USER)
    copy = second.request_of("StoreReq", 2 * stage.budget, lambda heard: heard.body.get("resource") == at)
    stage.says(second, second.error(copy, FORBIDDEN), copy)
    good(ann, SINGLE_USER, "anew", later=1)
    seen(ann, SINGLE_USER)
    stage.wait(8 * stage.budget)
    seen(ann, SINGLE_USER)
    stage.alive()


@scenario(
    "storing-peer/highest-counter",
    what="A successor has a newer value, and the highest generation counter that there is.",
    role=ROLE,
)
def highest_counter(stage: OverlayStage) -> None:
    """The owner stores anew afterwards, which may be refused."""
    first, _, _ = neighbours(stage)
    ann = owner(stage, "ann", SINGLE_USER, within=ARC)
    ann.connect()
    at = resource_of(ann.identity, SINGLE_USER)
    newer = signed(ann, SINGLE_USER, single(GOOD + b"of the successor"), later=30, at=at)
    first.leaves = {courtesy.STORE, courtesy.FETCH}
    good(ann, SINGLE_USER, "of the subject")
    _refuses_once(first, TOO_OLD, newer, ann, SINGLE_USER, (1 << 64) - 1)
    stage.wait(2 * stage.budget)
    seen(ann, SINGLE_USER)
    again = signed(ann, SINGLE_USER, single(GOOD + b"anew"), later=60)
    unanswered(ann, store_request(ann, [(SINGLE_USER, [again], 0)], at), "odd: behind the highest counter")
    stage.alive()
    seen(ann, SINGLE_USER, label="fetch: last")
