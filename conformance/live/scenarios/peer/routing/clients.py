"""Two clients of the subject, and messages between them (RFC 6940, sections 6.1.1, 6.1.2 and 6.3.2)."""

from __future__ import annotations

from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import node
from conformance.live.scenario import scenario

ROLE = "peer"
PING = {"padding": ""}


def two_clients(stage: OverlayStage) -> tuple[Peer, Peer]:
    """Two parties, each with a link to the subject."""
    ann, ben = stage.peer("ann", turn=0.3), stage.peer("ben", turn=0.6)
    ann.connect()
    ben.connect()
    return ann, ben


def arrives(peer: Peer, request: Written) -> Heard:
    """A request at another party; raises NotSeen where it does not come."""
    return peer.take(lambda one: one.transaction == request.transaction, None, "what the subject passes on")


@scenario(
    "peer/to-client", what="A client sends requests to another client of the subject, by two ways to say so.", role=ROLE
)
def to_client(stage: OverlayStage) -> None:
    """The second is by way of the subject; both are answered."""
    ann, ben = two_clients(stage)
    ann.ask("PingReq", PING, to=ben.node_id, label="to-client")
    ann.ask("PingReq", PING, to=[node(stage.subject.node_id), node(ben.node_id)], label="by-the-subject")
    everybody = node(b"\xff" * len(ben.node_id))
    ann.ask("PingReq", PING, to=[everybody], label="wildcard")
    ann.send(ann.request("PingReq", PING, to=[everybody, node(ben.node_id)]), label="wildcard-first")
    stage.wait(stage.budget / 5)
    came_by = [node(stage.place(0.1)), node(stage.place(0.2))]
    request = ann.request("PingReq", PING, to=ben.node_id, via_list=[*came_by])
    ann.send(request, label="from-afar")
    arrives(ben, request)
    ann.take(lambda one: one.transaction == request.transaction, None, "the answer on its way back")
    stage.alive()


@scenario(
    "peer/to-nobody",
    what="A client sends requests to Node-IDs that are nobody's, and one to another client.",
    role=ROLE,
)
def to_nobody(stage: OverlayStage) -> None:
    """Nobody is told of what leads nowhere."""
    ann, ben = two_clients(stage)
    for turn in (0.25, 0.5, 0.75):
        ann.send(ann.request("PingReq", PING, to=stage.place(turn)), label="to-nobody")
    ann.send(ann.request("PingReq", PING, to=[node(stage.subject.node_id), node(stage.place(0.4))]), label="to-nobody")
    ann.ask("PingReq", PING, to=ben.node_id, label="to-client")
    ann.silence(stage.budget)
    stage.alive()


@scenario("peer/hops-left", what="A client sends messages with few hops left, and with too many.", role=ROLE)
def hops_left(stage: OverlayStage) -> None:
    """To another client and to the subject itself."""
    ann, ben = two_clients(stage)
    request = ann.request("PingReq", PING, to=ben.node_id, ttl=1)
    ann.send(request, label="last-hop")
    arrives(ben, request)
    ann.send(ann.request("PingReq", PING, to=ben.node_id, ttl=0), label="no-hop-left")
    ann.silence(stage.budget)
    ann.ask("PingReq", PING, label="here", ttl=0)
    for ttl in (min(255, stage.overlay.document.initial_ttl + 1), 255):
        ann.send(ann.request("PingReq", PING, ttl=ttl), malformed=True, label="too-many-hops")
    ann.silence(stage.budget)
    stage.alive()
