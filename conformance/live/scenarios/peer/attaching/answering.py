"""The subject is asked to attach (RFC 6940, section 6.5.1.2)."""

from __future__ import annotations

import contextlib

from conformance.live.overlay.stage import OverlayStage
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.attaching.steps import asks_to_attach, neighbour, opened
from conformance.live.wants import NotSeen

ROLE = "peer"
AFTERWARDS = 40.0
"""Seconds in which a second offer or answer would have come."""


@scenario("peer/attached-to", what="A node asks the subject for a link, through another one.", role=ROLE)
def attached_to(stage: OverlayStage) -> None:
    """The link that follows is used, and nothing more is offered."""
    ann, bob = stage.peer("ann"), stage.peer("bob")
    ann.connect()
    bob.success(asks_to_attach(bob, ann, "attach"))
    link = opened(bob, by_subject=True)
    ask = bob.request("PingReq", {"padding": ""})
    bob.send(ask, link=link, label="over the link")
    bob.success(ask)
    stage.wait(AFTERWARDS)
    stage.alive()


@scenario(
    "peer/attach-impostor",
    what="A node asks for a link to an address where somebody else is; then that one asks for himself.",
    role=ROLE,
)
def attach_impostor(stage: OverlayStage) -> None:
    """What becomes of the two links is seen."""
    ann, bob, dora = stage.peer("ann"), stage.peer("bob"), stage.peer("dora")
    ann.connect()
    asks_to_attach(dora, ann, "somebody else", at=bob.end)
    with contextlib.suppress(NotSeen):
        opened(bob, by_subject=True)
    stage.wait(stage.budget)
    bob.hang_up()
    bob.links.clear()
    bob.success(asks_to_attach(bob, ann, "himself"))
    opened(bob, by_subject=True)
    stage.wait(stage.budget)
    stage.alive()


@scenario(
    "peer/client-not-a-way",
    what="A message for a third node comes to a peer that has a client close to it, and a neighbour.",
    role=ROLE,
)
def client_not_a_way(stage: OverlayStage) -> None:
    """The client has sent no Update."""
    ann = neighbour(stage)
    target = stage.place(0.25)
    carl = stage.peer("carl", node_ids=[(int.from_bytes(target) - 1).to_bytes(16)])
    carl.connect()
    bob = stage.peer("bob", turn=0.6)
    bob.connect()
    ask = bob.request("PingReq", {"padding": ""}, to=target)
    bob.send(ask, label="for a third node")
    ann.request_of("PingReq")
    stage.wait(stage.budget)
    stage.alive()
