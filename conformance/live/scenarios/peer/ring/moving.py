"""Peers come to a ring that the subject is a part of, and data moves (RFC 6940, sections 6.4.2.3, 10.6 and 10.7.3)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.overlay.writing import resource
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import NINE, keeps, somebody

ROLE = "peer"
FOLLOWED = 20.0
"""Seconds for what an Update leads to: Attach, Updates, Stores."""
GIVEN_UP = 60.0
"""Seconds in which Attaches to nobody come to nothing."""
HELD_DOWN = 60.0
"""Seconds in which replicas are made anew, 30 of them for waiting (section 10.7.1)."""
FORGOTTEN = 900.0
"""Seconds after which what is nobody's any more is gone; a peer may wait with it."""
PROBE: dict[str, Json] = {"requested_info": ["responsible_set", "num_resources", "uptime"]}


def keeping(stage: OverlayStage, low: float, high: float) -> tuple[Surrounding, Peer]:
    """A ring of nine that the subject has joined, and a client of which it keeps a value that lies between two places."""
    ring = Surrounding(stage, NINE)
    ring.join([stage.peer("emil")])
    carl = somebody(stage, "carl", low, high)
    keeps(carl, "kept")
    stage.wait(1.0)
    return ring, carl


@scenario(
    "peer/better-neighbour",
    what="A predecessor names a peer that is nearer than the successor of the subject.",
    role=ROLE,
    needs=("start",),
)
def better_neighbour(stage: OverlayStage) -> None:
    """The way to it by the tables would be another one."""
    ring, _ = keeping(stage, 0.955, 0.995)
    ring.add("zoe", 0.02)
    ring.tell(stage.peer("hugo"), label="named")
    stage.wait(FOLLOWED)
    stage.alive()


@scenario(
    "peer/told-of-ghosts",
    what="A neighbour names peers that do not exist, the subject itself, and one that is there.",
    role=ROLE,
    needs=("start",),
)
def told_of_ghosts(stage: OverlayStage) -> None:
    """Whoever cannot be attached to is no neighbour; the client asks for the tables at the end."""
    ring, carl = keeping(stage, 0.955, 0.995)
    ghosts = [stage.place(turn) for turn in (0.001, 0.002, 0.003)]
    ring.add("zoe", 0.02)
    zoe, own = stage.peer("zoe").node_id, ring.own
    ring.tell(stage.peer("hugo"), before=[own, *ghosts], behind=[*ghosts, own, zoe], label="named")
    stage.wait(GIVEN_UP)
    body: dict[str, Json] = {
        "send_update": True, "destination": resource(stage.place(0.3)), "overlay_specific_data": "",
    }  # fmt: skip
    carl.ask("RouteQueryReq", body, label="tables")
    stage.wait(stage.budget)
    stage.alive()


@scenario(
    "peer/better-predecessor",
    what="A successor names a peer between the predecessor and the subject.",
    role=ROLE,
    needs=("start",),
)
def better_predecessor(stage: OverlayStage) -> None:
    """A value that the subject keeps is the other one's from now on."""
    ring, _ = keeping(stage, 0.951, 0.975)
    ring.add("yves", 0.98)
    ring.tell(stage.peer("ada"), label="named")
    stage.wait(FOLLOWED)
    stage.alive()


@scenario(
    "peer/successor-fails-with-data",
    what="A successor that holds replicas of the subject fails.",
    role=ROLE,
    slow=True,
    needs=("start",),
)
def successor_fails_with_data(stage: OverlayStage) -> None:
    """Nobody says who is there in its place."""
    ring, _ = keeping(stage, 0.955, 0.995)
    ring.tells = False
    ring.fail(stage.peer("ada"))
    stage.wait(HELD_DOWN)
    stage.alive()


@scenario(
    "peer/three-before",
    what="Three peers come between a value and the subject that keeps it.",
    role=ROLE,
    slow=True,
    needs=("start",),
)
def three_before(stage: OverlayStage) -> None:
    """How many resources it keeps is asked before and afterwards."""
    ring, carl = keeping(stage, 0.951, 0.957)
    carl.ask("ProbeReq", PROBE, label="before")
    for name, turn in (("wim", 0.96), ("xena", 0.97), ("yves", 0.98)):
        ring.add(name, turn)
    ring.tell(stage.peer("ada"), label="named")
    stage.wait(FORGOTTEN)
    carl.ask("ProbeReq", PROBE, label="afterwards")
    stage.alive()
