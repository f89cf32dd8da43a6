"""The subject admits parties of the harness, and refuses others (RFC 6940, sections 6.4.2.1 and 10.5)."""

from __future__ import annotations

from conformance.live.overlay import joining
from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.peer import Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch
from conformance.live.overlay.writing import node
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import keeps, somebody

ROLE = "peer"
HANDED = 10.0
"""Seconds for what follows a Join: Stores, Updates."""


@scenario(
    "peer/admits-first",
    what="A peer joins where the subject is alone with its clients and their data, and fails again.",
    role=ROLE,
)
def admits_first(stage: OverlayStage) -> None:
    """One value becomes the newcomer's, one stays; then there is nobody but the subject for both."""
    ann, bea = somebody(stage, "ann", 0.1, 0.4), somebody(stage, "bea", 0.6, 0.9)
    keeps(ann, "kept by the newcomer")
    keeps(bea, "kept by the subject")
    nora = stage.peer("nora", turn=0.5)
    joining.join(nora, label="join")
    stage.wait(HANDED)
    stage.alive()
    stage.links.deaf("nora", deaf=True)
    nora.joined = False
    nora.hang_up()
    stage.wait(HANDED)
    fetch(ann, SINGLE_USER, label="fetch what was given away")
    stage.alive()


@scenario("peer/admits-between", what="A peer joins just before the subject, in a ring of four others.", role=ROLE)
def admits_between(stage: OverlayStage) -> None:
    """All others are connected with the subject, and so is a client whose data becomes the newcomer's."""
    for name, turn in (("pia", 0.2), ("quinn", 0.4), ("rosa", 0.6), ("sven", 0.7)):
        joining.join(stage.peer(name, turn=turn))
    ann = somebody(stage, "ann", 0.71, 0.79)
    keeps(ann, "kept by the newcomer")
    stage.wait(HANDED)
    joining.join(stage.peer("nora", turn=0.8), label="join")
    stage.wait(HANDED)
    stage.alive()


@scenario(
    "peer/joins-strayed",
    what="Joins come over somebody else's link, and in somebody else's name; then the right one.",
    role=ROLE,
)
def joins_strayed(stage: OverlayStage) -> None:
    """Only the last one is to be granted."""
    nora, otto = stage.peer("nora", turn=0.5), stage.peer("otto", turn=0.75)
    nora.connect()
    otto.connect()
    strayed = _join(nora.node_id.hex(), nora.name, stage, via_list=[node(nora.node_id)])
    nora.send(strayed, link=otto.link, label="strayed")
    nora.silence(stage.budget)
    stage.alive()
    lying = _join(otto.node_id.hex(), nora.name, stage)
    nora.send(lying, label="in another name")
    nora.reply(lying)
    nora.silence(stage.budget)
    stage.alive()
    joining.join(nora, label="join")
    stage.wait(HANDED)
    stage.alive()


def _join(named: str, by: str, stage: OverlayStage, **header: object) -> Written:
    body = {"joining_peer_id": named, "overlay_specific_data": ""}
    return stage.peer(by).request("JoinReq", body, **header)  # type: ignore[arg-type]


@scenario(
    "peer/attach-update", what="A client attaches and wants the subject's tables; another one does not.", role=ROLE
)
def attach_update(stage: OverlayStage) -> None:
    """The Update comes over the link that the subject opens."""
    joining.join(stage.peer("pia", turn=0.4))
    for name, update in (("ann", True), ("bea", False)):
        client = stage.peer(name)
        client.connect()
        joining.attach(client, stage.subject.node_id, update=update, label=f"update: {update}".lower())
        stage.wait(HANDED)
    stage.alive()
