"""Answers that come back through the subject: by opaque IDs, late, or to who is gone (RFC 6940, sections 6.1.2, 6.1.3 and 6.3.2.2)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import node, opaque
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.routing.answering import pinged
from conformance.live.scenarios.peer.routing.clients import PING, ROLE, arrives, two_clients

AFAR = (0.1, 0.2)
"""Where the nodes are that a request came by before, in turns behind the subject."""
EARLIER = 0.2
"""Seconds before the end of the time for which the way back has to be known."""


def asked(ann: Peer, ben: Peer, *turns: float) -> tuple[Written, Heard]:
    """A Ping for a client that came by such nodes, as it arrives."""
    via: Json = [node(ann.stage.place(turn)) for turn in turns]
    request = ann.request("PingReq", PING, to=ben.node_id, via_list=via)
    ann.send(request, label="from-afar")
    return request, arrives(ben, request)


def compressing(stage: OverlayStage) -> tuple[Peer, Peer]:
    """Two clients of a subject that lets opaque IDs stand for Via Lists, where it can and can be told to."""
    if stage.virtual:
        stage.begin(first=True, compress=True)
    ann, ben = two_clients(stage)
    ben.leaves.add(courtesy.PING)
    return ann, ben


@scenario(
    "peer/opaque-ids",
    what="Requests from afar go through a subject that compresses Via Lists, and their answers come back.",
    role=ROLE,
)
def opaque_ids(stage: OverlayStage) -> None:
    """Three of them by other ways, answered the other way round."""
    ann, ben = compressing(stage)
    came = [asked(ann, ben, *turns) for turns in (AFAR, AFAR[::-1], (*AFAR, 0.4))]
    for request, heard in came[::-1]:
        ben.send(ben.answer(heard, pinged(ben)), label="answer")
        ann.take(lambda one, wanted=request.transaction: one.transaction == wanted, None, "the answer")  # type: ignore[misc]
    stage.alive()


@scenario(
    "peer/slow-answers", what="Answers come just before the overlay-reliability-timer of the request fires.", role=ROLE
)
def slow_answers(stage: OverlayStage) -> None:
    """To requests from near and from afar."""
    ann, ben = compressing(stage)
    timer = stage.overlay.document.reliability / 1000
    came = [asked(ann, ben, *turns) for turns in ((), AFAR, AFAR[::-1])]
    stage.wait(timer - EARLIER)
    for request, heard in came:
        ben.send(ben.answer(heard, pinged(ben)), label="answer")
        ann.take(lambda one, wanted=request.transaction: one.transaction == wanted, None, "the answer")  # type: ignore[misc]
    stage.alive()


@scenario(
    "peer/outdated-opaque-ids",
    what="Answers come back by opaque IDs when who has asked is gone, and others have come.",
    role=ROLE,
)
def outdated_opaque_ids(stage: OverlayStage) -> None:
    """Nobody else may get them."""
    ann, ben = compressing(stage)
    carl = stage.peer("carl")
    carl.connect()
    request, heard = asked(carl, ben, *AFAR)
    ben.send(ben.answer(heard, pinged(ben)), label="answer")
    carl.take(lambda one: one.transaction == request.transaction, None, "the answer")
    came = [asked(ann, ben), asked(ann, ben, *AFAR)]
    ann.hang_up()
    for number in range(3):
        stage.peer(f"other{number}").connect()
    for _, late in came:
        ben.send(ben.answer(late, pinged(ben)), label="outdated")
        stage.wait(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/places-of-others",
    what="Requests came by nodes that have put opaque IDs into the Via List, and places of a type that is not defined.",
    role=ROLE,
)
def places_of_others(stage: OverlayStage) -> None:
    """Short opaque IDs and long ones; all are for whoever made them."""
    ann, ben = two_clients(stage)
    near, far = node(stage.place(0.1)), node(stage.place(0.2))
    unknown: Json = {"type": 9, "destination_data": {"unknown": "0102030405"}}
    for via in ([opaque(b"\x80\x01"), near], [far, opaque(b"\x01\x02\x03\x04\x05\x06"), near], [far, unknown, near]):
        request = ann.request("PingReq", PING, to=ben.node_id, via_list=via)  # type: ignore[arg-type]
        ann.send(request, label="from-afar")
        arrives(ben, request)
        ann.take(lambda one, wanted=request.transaction: one.transaction == wanted, None, "the answer")  # type: ignore[misc]
    stage.alive()
