"""What a peer stores of its own accord: its certificate, its TURN server (RFC 6940, sections 8 and 9)."""

from __future__ import annotations

from conformance.live.overlay.document import CERTIFICATE_BY_NODE, CERTIFICATE_BY_USER, Kind
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import owner
from conformance.live.overlay.writing import resource_id
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.asking import named
from conformance.live.scenarios.storing_peer.steps import ROLE, seen

TURN_SERVICE = Kind(id=2, model="SINGLE", access="NODE-MULTIPLE", node_multiple=20)
DENSITY = 3
PRIVATE = ("10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1")
"""Addresses of RFC 1918."""
PUBLIC = "198.51.100.7"


@scenario(
    "storing-peer/own-certificate",
    what="The subject's certificate is looked for under its user and under its Node-ID.",
    role=ROLE,
)
def own_certificate(stage: OverlayStage) -> None:
    """A while after the subject has begun."""
    user = named(stage)
    stage.wait(2 * stage.budget)
    ann = owner(stage, "ann")
    ann.connect()
    seen(ann, CERTIFICATE_BY_USER, at=resource_id(user), label="fetch: user")
    seen(ann, CERTIFICATE_BY_NODE, at=resource_id(stage.subject.node_id), label="fetch: node")
    stage.alive()


def _places(stage: OverlayStage, ann: Peer, label: str) -> None:
    """What stands in each place of the subject's TURN server, and in the one after the last."""
    for number in range(1, DENSITY + 2):
        at = resource_id(stage.subject.node_id + bytes([number]))
        seen(ann, TURN_SERVICE, at=at, label=f"{label}: {number}")


@scenario("storing-peer/turn-server", what="The subject has a TURN server at private addresses, then at a public one; its places are looked at.", role=ROLE,
          needs=("trigger",))  # fmt: skip
def turn_server(stage: OverlayStage) -> None:
    """The turn-density of the overlay is three."""
    document = stage.overlay.document
    further = f"<turn-density>{DENSITY}</turn-density>"
    stage.begin(first=True, document=document.changed(kinds=(*document.kinds, TURN_SERVICE), further=further))
    ann = owner(stage, "ann")
    ann.connect()
    for host in PRIVATE:
        stage.trigger("turn", address=f"{host}:3478")
        stage.wait(stage.budget)
        _places(stage, ann, "fetch: private")
    stage.trigger("turn", address=f"{PUBLIC}:3478")
    stage.wait(stage.budget)
    _places(stage, ann, "fetch: public")
    stage.alive()
