"""AppAttach: links for applications (RFC 6940, section 6.5.2)."""

from __future__ import annotations

import contextlib

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.attaching.steps import far, neighbour, opened, says
from conformance.live.wants import NotSeen

ROLE = "peer"
SIP = 5060
"""The application SIP (section 14.5)."""
NOBODYS = 65_001
"""A number that is assigned to nothing."""
ACTIVE, PASSIVE, ACTPASS = "active", "passive", "actpass"


@scenario("peer/app-attach-unknown", what="A link for an application is wanted that nobody has.", role=ROLE)
def app_attach_unknown(stage: OverlayStage) -> None:
    """The answer says so."""
    ann = stage.peer("ann")
    ann.connect()
    ask = ann.request("AppAttachReq", _offer(ann, NOBODYS, PASSIVE))
    ann.send(ask, label="unknown application")
    ann.reply(ask)
    stage.alive()


@scenario("peer/app-attached-to", what="A link for SIP is wanted, whose end is to be opened by the subject.", role=ROLE)
def app_attached_to(stage: OverlayStage) -> None:
    """Nothing is sent over it."""
    ann = stage.peer("ann")
    ann.connect()
    ask = ann.request("AppAttachReq", _offer(ann, SIP, PASSIVE))
    ann.send(ask, label="application")
    ann.success(ask)
    with contextlib.suppress(NotSeen):
        opened(ann, by_subject=True)
    stage.alive()


@scenario(
    "peer/app-attaches", what="The subject wants a link for SIP, and is to open it.", role=ROLE, needs=("trigger",)
)
def app_attaches(stage: OverlayStage) -> None:
    """Where it leaves the choice to the other side, that one waits; else the other side opens the link."""
    neighbour(stage)
    bob = far(stage, "bob", stage.place(0.3))
    bob.leaves.add(courtesy.APP_ATTACH)
    stage.trigger("app-attach", node_id=bob.node_id.hex(), application=SIP)
    request = bob.request_of("AppAttachReq")
    role = bytes.fromhex(str(request.body["role"])).decode("ascii", "replace")
    says(bob, request, _offer(bob, SIP, ACTIVE if role == PASSIVE else PASSIVE), "answer")
    if role == PASSIVE:
        bob.follow(request.body)
    with contextlib.suppress(NotSeen):
        opened(bob, by_subject=role != PASSIVE)
    stage.alive()


def _offer(peer: Peer, application: int, role: str) -> dict[str, Json]:
    return {
        "ufrag": "", "password": "", "application": application, "role": role.encode().hex(),
        "candidates": courtesy.candidates(peer.end, peer.transport),
    }  # fmt: skip
