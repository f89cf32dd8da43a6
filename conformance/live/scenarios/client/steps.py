"""What the scenarios with clients have in common: a subject that is connected to one peer of a ring, and whether it lives."""

from __future__ import annotations

from conformance.live.overlay import courtesy
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.scenarios.peer.ring.places import FOUR
from conformance.live.wants import NotSeen

ROLE = "client"
CONNECTED = 10.0
"""Seconds until a client has its link."""


def visited(stage: OverlayStage) -> tuple[Surrounding, Peer]:
    """A ring of four others and the peer of it that the subject is connected to."""
    ring = Surrounding(stage, FOUR)
    boot = stage.peer("bob")
    ring.begin([boot])
    linked = lambda: any(one.open and not one.closed for one in boot.links.values())  # noqa: E731
    if not stage.until(linked, CONNECTED * max(1.0, stage.scale)):
        raise NotSeen("the subject does not connect to its bootstrap node")
    stage.wait(1.0)
    return ring, boot


def sane(stage: OverlayStage, boot: Peer) -> None:
    """A client is asked by its user alone: it is to ping the peer that it is connected to; raises NotSeen where it does not."""
    boot.leaves.add(courtesy.PING)
    boot.heard.clear()
    stage.trigger("ping", node_id=boot.node_id.hex())
    try:
        asked = boot.request_of("PingReq")
    except NotSeen:
        stage.record.note(stage.now, "the subject does not ask anything any more", alive=False)
        raise NotSeen("the subject does not ask anything any more") from None
    boot.leaves.discard(courtesy.PING)
    boot.obliges(asked)
    stage.wait(1.0)
    stage.record.note(stage.now, "the subject asks what it is to ask", alive=True)
