"""The subject is a peer of a ring, and others fail (RFC 6940, sections 10.7.1 and 10.7.2)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import SETTLING, Surrounding
from conformance.live.overlay.writing import resource
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import FOUR, NINE

ROLE = "peer"
NOTICED = 10.0
"""Seconds for what a closed link leads to at once."""
UPDATE = 60
"""chord-update-interval where failures are to be found by it, in seconds."""
INTERVAL = 200
"""All intervals where a peer is to try again by them, in seconds."""
LONG = 900.0


def stood(stage: OverlayStage, **changes: object) -> Surrounding:
    """A ring of nine that the subject has joined, and a client of the subject; nobody tells it anything from now on."""
    ring = Surrounding(stage, NINE)
    document = stage.overlay.document.changed(**changes) if changes else None
    ring.join([stage.peer("emil")], document=document)  # type: ignore[arg-type]
    stage.peer("carl").connect()
    stage.wait(1.0)
    ring.tells = False
    return ring


@scenario(
    "peer/successor-fails", what="The link with the successor of the subject is closed.", role=ROLE, needs=("start",)
)
def successor_fails(stage: OverlayStage) -> None:
    """Nobody says who takes its place."""
    ring = stood(stage)
    ring.fail(stage.peer("ada"))
    stage.wait(NOTICED)
    stage.alive()


@scenario(
    "peer/predecessor-fails",
    what="The link with the predecessor of the subject is closed.",
    role=ROLE,
    needs=("start",),
)
def predecessor_fails(stage: OverlayStage) -> None:
    """The subject is responsible for more than before."""
    ring = stood(stage)
    ring.fail(stage.peer("ines"))
    stage.wait(NOTICED)
    stage.alive()


@scenario(
    "peer/predecessor-fails-calmly",
    what="The predecessor fails in an overlay without reactive recovery.",
    role=ROLE,
    needs=("start",),
)
def predecessor_fails_calmly(stage: OverlayStage) -> None:
    """The range has changed all the same."""
    ring = stood(stage, reactive=False)
    ring.fail(stage.peer("ines"))
    stage.wait(NOTICED)
    stage.alive()


@scenario(
    "peer/successor-silent",
    what="The successor of the subject does not answer any more; its link stays.",
    role=ROLE,
    slow=True,
    needs=("start",),
)
def successor_silent(stage: OverlayStage) -> None:
    """The next regular Update finds it out."""
    ring = stood(stage, update=UPDATE)
    ring.silence(stage.peer("ada"))
    stage.wait(4 * UPDATE)
    stage.alive()


@scenario(
    "peer/finger-fails",
    what="The link with a finger of the subject that is no neighbour is closed.",
    role=ROLE,
    needs=("start",),
)
def finger_fails(stage: OverlayStage) -> None:
    """Another peer is there that could be the finger; the client asks for the tables, and where messages would go."""
    ring = stood(stage)
    ring.fail(stage.peer("dora"))
    stage.wait(NOTICED)
    body: dict[str, Json] = {
        "send_update": True, "destination": resource(stage.place(0.3)), "overlay_specific_data": "",
    }  # fmt: skip
    stage.peer("carl").ask("RouteQueryReq", body, label="tables")
    stage.wait(stage.budget)
    stage.alive()


@scenario(
    "peer/all-lost",
    what="All links of the subject are closed, and everybody can be reached as before.",
    role=ROLE,
    needs=("start",),
)
def all_lost(stage: OverlayStage) -> None:
    """The others make a ring without it."""
    ring = Surrounding(stage, FOUR)
    ring.join([stage.peer("bob")])
    ring.cut()
    stage.wait(SETTLING)
    ring.wait_admitted()
    stage.wait(NOTICED)
    stage.alive()


@scenario(
    "peer/cut-off",
    what="All links of the subject are closed, and nobody answers it for a quarter of an hour.",
    role=ROLE,
    slow=True,
    needs=("start",),
)
def cut_off(stage: OverlayStage) -> None:
    """Everybody takes links and says nothing; then all is as before."""
    ring = Surrounding(stage, FOUR)
    ring.join([stage.peer("bob")], document=stage.overlay.document.changed(update=INTERVAL, ping=INTERVAL))  # type: ignore[arg-type]
    for one in ring.members:
        one.polite = False
    ring.cut()
    stage.wait(LONG)
    for one in ring.members:
        one.polite = True
    stage.wait(SETTLING)
    stage.alive()
