"""Links that ICE makes: what the subject does as STUN, on both sides of an Attach (RFC 6940, sections 6.5.1.3 to 6.5.1.10)."""

from __future__ import annotations

from conformance.live.overlay.sockets.meeting import Meeting
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import node
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.attaching.steps import says
from conformance.live.wants import NotSeen

ROLE = "peer"
NEEDS = ("start", "dtls")
CHECKING = 8.0
"""Seconds in which checks begin, and the handshake behind them is over."""
IDLE = 20.0
"""Seconds of a link on which nothing is sent: keepalives are due every fifteen (RFC 5245, section 10)."""


@scenario(
    "peer/ice-asked", what="A node asks the subject for a link with ICE.", role=ROLE, virtual=False, needs=NEEDS
)  # fmt: skip
def ice_asked(stage: OverlayStage) -> None:
    """The link is left idle for a while."""
    stage.begin(first=True, document=stage.overlay.document.changed(ice=True))
    ann, bob = stage.peer("ann"), stage.peer("bob")
    ann.connect(within=30.0)
    meeting = Meeting(bob, asks=True)
    try:
        request = bob.request("AttachReq", meeting.body(role="passive"), via_list=[node(bob.node_id)])
        ann.send(request, label="attach")
        meeting.heard(bob.success(request).body)
        meeting.meet(CHECKING * stage.scale, until_open=True)
        if not meeting.open:
            raise NotSeen("no handshake follows the connectivity checks")
        meeting.meet(IDLE)
    finally:
        meeting.close()


@scenario("peer/ice-asks", what="The subject asks for a link with ICE, to join.", role=ROLE, virtual=False, needs=NEEDS)
def ice_asks(stage: OverlayStage) -> None:
    """Once ICE has completed nothing more is offered."""
    ann = stage.peer("ann")
    ann.leaves.add(3)
    stage.begin(bootstrap=[ann], document=stage.overlay.document.changed(ice=True))
    request = ann.request_of("AttachReq", within=30.0)
    meeting = Meeting(ann, asks=False)
    try:
        meeting.heard(request.body)
        says(ann, request, meeting.body(role="active"), "answer")
        meeting.meet(CHECKING * stage.scale, until_open=True)
        if not meeting.open:
            raise NotSeen("no handshake follows the connectivity checks")
        meeting.meet(3.0)
    finally:
        meeting.close()
