"""Peers of a ring say goodbye, the subject among them (RFC 6940, sections 6.4.2.2 and 10.9)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.peer import Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.overlay.writing import node
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.failing import UPDATE, stood
from conformance.live.scenarios.peer.ring.moving import HELD_DOWN, keeping

ROLE = "peer"
GONE = 30.0
"""Seconds that a peer may take to leave: data is handed on first."""
MOMENT = 5.0
"""Seconds after which who has left closes its links."""
FROM_SUCCESSOR, FROM_PREDECESSOR = 1, 2
"""ChordLeaveType (section 10.9)."""


def leave(ring: Surrounding, peer: Peer, *, named: bytes = b"", **header: Json) -> Written:
    """The Leave of a neighbour of the subject, not sent; with its own tables."""
    down, up = ring.around(peer.node_id)
    behind = peer.node_id in ring.around(ring.own)[1]
    nodes = b"".join(up if behind else down)
    kind = FROM_SUCCESSOR if behind else FROM_PREDECESSOR
    octets = kind.to_bytes(1) + len(nodes).to_bytes(2) + nodes
    body: dict[str, Json] = {"leaving_peer_id": (named or peer.node_id).hex(), "overlay_specific_data": octets.hex()}
    return peer.request("LeaveReq", body, **header)  # type: ignore[arg-type]


@scenario(
    "peer/neighbour-leaves",
    what="The successor of the subject leaves, and goes a moment later.",
    role=ROLE,
    slow=True,
    needs=("start",),
)
def neighbour_leaves(stage: OverlayStage) -> None:
    """It holds replicas of the subject."""
    ring, _ = keeping(stage, 0.955, 0.995)
    ada = stage.peer("ada")
    goodbye = leave(ring, ada)
    ring.tells = False
    ring.leaves(ada)
    ada.send(goodbye, label="leave")
    ada.reply(goodbye)
    stage.wait(MOMENT)
    ada.hang_up()
    stage.wait(HELD_DOWN)
    stage.alive()


@scenario(
    "peer/leaves-strayed",
    what="Leaves come over somebody else's link, and in somebody else's name.",
    role=ROLE,
    slow=True,
    needs=("start",),
)
def leaves_strayed(stage: OverlayStage) -> None:
    """Regular Updates show who is a neighbour still; at the end one leaves as it should."""
    ring = stood(stage, update=UPDATE)
    ada, bob = stage.peer("ada"), stage.peer("bob")
    ada.send(leave(ring, ada, via_list=[node(ada.node_id)]), link=bob.link, label="strayed")
    stage.wait(2 * UPDATE)
    stage.alive()
    lying = leave(ring, ada, named=bob.node_id)
    ada.send(lying, label="in another name")
    ada.reply(lying)
    stage.wait(2 * UPDATE)
    stage.alive()
    goodbye = leave(ring, ada)
    ada.send(goodbye, label="leave")
    ada.reply(goodbye)
    stage.wait(2 * UPDATE)
    stage.alive()


@scenario("peer/leaves", what="The subject leaves the ring.", role=ROLE, needs=("start", "trigger"))
def leaves(stage: OverlayStage) -> None:
    """Everybody answers."""
    keeping(stage, 0.955, 0.995)
    stage.trigger("leave")
    stage.wait(GONE)
