"""What a peer of a ring says of itself (RFC 6940, sections 6.4.2.4, 6.4.2.5 and 10.8)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import node, resource
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.failing import stood
from conformance.live.scenarios.peer.ring.places import keeps, somebody

ROLE = "peer"
PIECES = ("responsible_set", "num_resources", "uptime")
UNKNOWN = 200
"""A type of information that nobody has registered (section 14.12)."""
UP = 30.0
"""Seconds between two questions for the uptime."""


@scenario(
    "peer/probe",
    what="A client asks for each piece of information, for all, for an unknown one, for nothing.",
    role=ROLE,
)
def probe(stage: OverlayStage) -> None:
    """The subject is alone, and then keeps a value."""
    ann = stage.peer("ann")
    ann.connect()
    several: list[list[Json]] = [[one] for one in PIECES]
    several += [list(PIECES), list(PIECES[::-1]), [PIECES[2], UNKNOWN, PIECES[0]], []]
    for pieces in several:
        ann.ask("ProbeReq", {"requested_info": pieces}, label="probe of it")
    stage.wait(UP)
    keeps(somebody(stage, "bea", 0.2, 0.8), "kept")
    ann.ask("ProbeReq", {"requested_info": list(PIECES)}, label="probe of it")
    stage.alive()


@scenario(
    "peer/route-query",
    what="A client asks where messages would be routed, and for the tables.",
    role=ROLE,
    needs=("start",),
)
def route_query(stage: OverlayStage) -> None:
    """In a ring of nine others, of which seven at least are known to the subject."""
    stood(stage)
    carl = stage.peer("carl")
    for turn in (0.02, 0.15, 0.65, 0.97):
        place = resource(stage.place(turn))
        body: dict[str, Json] = {"send_update": False, "destination": place, "overlay_specific_data": ""}
        carl.ask("RouteQueryReq", body, label="query")
    place = node(stage.peer("bob").node_id)
    body = {"send_update": False, "destination": place, "overlay_specific_data": ""}
    carl.ask("RouteQueryReq", body, label="query")
    stage.wait(stage.budget)
    body = {"send_update": True, "destination": resource(stage.place(0.15)), "overlay_specific_data": ""}
    carl.ask("RouteQueryReq", body, label="query with Update")
    stage.wait(stage.budget)
    stage.alive()
