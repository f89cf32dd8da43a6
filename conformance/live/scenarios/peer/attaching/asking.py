"""The subject asks to attach; both ask at once (RFC 6940, section 6.5.1.2)."""

from __future__ import annotations

import contextlib

from conformance.live.overlay import courtesy
from conformance.live.overlay.peer import Heard, Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.attaching.steps import asks_to_attach, far, neighbour, opened, says
from conformance.live.wants import NotSeen

ROLE = "peer"
AFTERWARDS = 40.0
"""Seconds in which a second offer would have come, or a request again that is not given up."""
QUIET = 1.0
"""Seconds in which who is the client of a handshake would have begun it."""


@scenario(
    "peer/attaches", what="The subject asks a node for a link; the node opens it a while later.", role=ROLE,
    needs=("trigger",),
)  # fmt: skip
def attaches(stage: OverlayStage) -> None:
    """Who answers opens the link; nothing more is offered."""
    neighbour(stage)
    bob = far(stage, "bob", stage.place(0.3))
    request = _asked(stage, bob)
    says(bob, request, courtesy.attach(bob, role="active"), "answer")
    stage.wait(QUIET)
    bob.follow(request.body)
    link = opened(bob, by_subject=False)
    ask = bob.request("PingReq", {"padding": ""})
    bob.send(ask, link=link, label="over the link")
    bob.success(ask)
    stage.wait(AFTERWARDS)
    stage.alive()


@scenario(
    "peer/attach-early", what="The link that the subject has asked for is opened before its Attach is answered.",
    role=ROLE, needs=("trigger",),
)  # fmt: skip
def attach_early(stage: OverlayStage) -> None:
    """The answer comes later, and the link is used."""
    neighbour(stage)
    bob = far(stage, "bob", stage.place(0.3))
    request = _asked(stage, bob)
    bob.follow(request.body)
    stage.wait(QUIET)
    says(bob, request, courtesy.attach(bob, role="active"), "answer")
    stage.wait(QUIET)
    with contextlib.suppress(NotSeen):
        link = opened(bob, by_subject=False)
        ask = bob.request("PingReq", {"padding": ""})
        bob.send(ask, link=link, label="over the link")
        bob.reply(ask)
    stage.alive()


@scenario(
    "peer/attach-in-progress",
    what="A node that has answered the subject's Attach, and has yet to open the link, asks to attach itself.",
    role=ROLE,
    needs=("trigger",),
)
def attach_in_progress(stage: OverlayStage) -> None:
    """The link follows in the end."""
    ann = neighbour(stage)
    bob = far(stage, "bob", stage.place(0.3))
    request = _asked(stage, bob)
    says(bob, request, courtesy.attach(bob, role="active"), "answer")
    stage.wait(QUIET)
    bob.reply(asks_to_attach(bob, ann, "crossing"))
    bob.follow(request.body)
    stage.wait(QUIET)
    stage.alive()


@scenario(
    "peer/attach-glare-greater",
    what="The subject and a node with a greater Node-ID ask each other to attach at once.",
    role=ROLE,
    needs=("trigger",),
)
def glare_greater(stage: OverlayStage) -> None:
    """The subject's own request is never answered."""
    ann = neighbour(stage)
    own = int.from_bytes(stage.subject.node_id)
    bob = far(stage, "bob", ((own + (1 << 128) - 1) // 2).to_bytes(16))
    _asked(stage, bob)
    bob.reply(asks_to_attach(bob, ann, "crossing"))
    with contextlib.suppress(NotSeen):
        opened(bob, by_subject=True)
    stage.wait(AFTERWARDS)
    stage.alive()


@scenario(
    "peer/attach-glare-lesser",
    what="The subject and a node with a lesser Node-ID ask each other to attach at once.",
    role=ROLE,
    needs=("trigger",),
)
def glare_lesser(stage: OverlayStage) -> None:
    """The subject's own request is answered afterwards, and the link opened."""
    ann = neighbour(stage)
    bob = far(stage, "bob", (int.from_bytes(stage.subject.node_id) // 2).to_bytes(16))
    request = _asked(stage, bob)
    bob.reply(asks_to_attach(bob, ann, "crossing"))
    says(bob, request, courtesy.attach(bob, role="active"), "answer")
    stage.wait(QUIET)
    bob.follow(request.body)
    with contextlib.suppress(NotSeen):
        link = opened(bob, by_subject=False)
        ask = bob.request("PingReq", {"padding": ""})
        bob.send(ask, link=link, label="over the link")
        bob.reply(ask)
    stage.alive()


def _asked(stage: OverlayStage, bob: Peer) -> Heard:
    stage.trigger("attach", node_id=bob.node_id.hex())
    return bob.request_of("AttachReq")
