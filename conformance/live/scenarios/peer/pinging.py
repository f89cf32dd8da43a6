"""Ping, the first thing that is asked of a peer (RFC 6940, section 6.5.3)."""

from __future__ import annotations

from conformance.live.overlay.stage import OverlayStage
from conformance.live.scenario import scenario

ROLE = "peer"


@scenario("peer/ping", what="A node that is just connected sends two Pings, one with padding.", role=ROLE)
def ping(stage: OverlayStage) -> None:
    """Both answers are awaited."""
    ann = stage.peer("ann")
    ann.connect()
    ann.ask("PingReq", {"padding": ""}, label="ping")
    ann.ask("PingReq", {"padding": "00" * 400}, label="ping")
