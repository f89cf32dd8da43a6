"""A subject joins a ring that stands already (RFC 6940, sections 10.5 and 11.4)."""

from __future__ import annotations

from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import NINE

ROLE = "peer"


@scenario("peer/joins-ring", what="The subject joins a ring of nine peers by one that is not to admit it.", role=ROLE)
def joins_ring(stage: OverlayStage) -> None:
    """Everybody answers at once."""
    ring = Surrounding(stage, NINE)
    ring.join([stage.peer("emil")])
    stage.alive()
