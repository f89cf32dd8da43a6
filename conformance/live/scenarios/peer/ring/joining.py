"""A subject joins a ring that stands already (RFC 6940, sections 6.4.2.1, 10.5 and 11.4)."""

from __future__ import annotations

from conformance.live.overlay import courtesy
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import SETTLING, Surrounding
from conformance.live.overlay.writing import Sealing
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import NINE

ROLE = "peer"
TRIES = 300.0
"""Seconds in which a node that is to join tries it several times."""
LATE = 2.0
"""Seconds for which a neighbour lets the subject wait; less than a request is repeated after."""


@scenario(
    "peer/joins-ring",
    what="The subject joins a ring of nine peers by one that is not to admit it.",
    role=ROLE,
    needs=("start",),
)
def joins_ring(stage: OverlayStage) -> None:
    """Everybody answers at once."""
    ring = Surrounding(stage, NINE)
    ring.join([stage.peer("emil")])
    stage.alive()


@scenario(
    "peer/joins-one",
    what="The subject joins a ring of one peer, which is the bootstrap node too.",
    role=ROLE,
    needs=("start",),
)
def joins_one(stage: OverlayStage) -> None:
    """The same party is predecessor and successor."""
    ring = Surrounding(stage, {"ada": 0.3})
    ring.join()
    stage.alive()


@scenario(
    "peer/joins-slowly",
    what="One of those who are to be neighbours is slow when the subject joins.",
    role=ROLE,
    needs=("start",),
)
def joins_slowly(stage: OverlayStage) -> None:
    """Its answer to the Attach comes two seconds late, and everything is as usual from then on."""
    ring = Surrounding(stage, NINE)
    slow = stage.peer("gwen")
    slow.leaves.add(courtesy.ATTACH)
    ring.begin([stage.peer("emil")])
    attach = slow.request_of("AttachReq")
    stage.wait(LATE)
    slow.leaves.clear()
    slow.obliges(attach)
    ring.wait_admitted()
    stage.wait(SETTLING)
    stage.alive()


@scenario(
    "peer/join-answered-by-another",
    what="The Join of the subject is answered by a node that was not asked.",
    role=ROLE,
    needs=("start",),
)
def join_answered_by_another(stage: OverlayStage) -> None:
    """Another peer's signature, over the right link; the right answer follows when the Join comes again."""
    ring = Surrounding(stage, NINE)
    ring.admitting.leaves.add(courtesy.JOIN)
    ring.begin([stage.peer("emil")])
    join = ring.admitting.request_of("JoinReq")
    body = {"overlay_specific_data": ""}
    forged = ring.admitting.answer(join, body, sealing=Sealing(by=stage.peer("dora").identity))
    ring.admitting.send(forged, label="forged")
    ring.admitting.request_of("JoinReq", 3 * stage.budget)
    ring.admitting.leaves.clear()
    ring.admitting.obliges(join)
    ring.wait_admitted()
    stage.wait(SETTLING)
    stage.alive()


@scenario(
    "peer/joins-by-second", what="The first bootstrap node of the configuration cannot be reached, the second one can.",
    role=ROLE, slow=True, needs=("start",),
)  # fmt: skip
def joins_by_second(stage: OverlayStage) -> None:
    """Its host refuses connections; an order is not prescribed."""
    ring = Surrounding(stage, NINE)
    dead = stage.peer("dead", turn=0.5)
    stage.links.deaf("dead", deaf=True)
    ring.begin([dead, stage.peer("emil")])
    stage.wait(TRIES)
    stage.alive()


@scenario(
    "peer/admitting-fails", what="The peer that is to admit the subject fails when it is asked to.", role=ROLE, slow=True,
    needs=("start",),
)  # fmt: skip
def admitting_fails(stage: OverlayStage) -> None:
    """The next one on the ring would admit it."""
    ring = Surrounding(stage, NINE)
    ada = ring.admitting
    ada.leaves.add(courtesy.JOIN)
    ring.begin([stage.peer("emil")])
    ada.request_of("JoinReq", TRIES)
    ring.fail(ada)
    stage.wait(TRIES)
    stage.alive()
