"""Links that ICE makes: what the subject does as STUN, on both sides of an Attach (RFC 6940, sections 6.5.1.3 to 6.5.1.10)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.peer import Heard, Peer
from conformance.live.overlay.sockets.meeting import STEP, Meeting
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
    """The handshake behind it is waited for."""
    _asked(stage, 1.0)


@scenario(
    "peer/ice-idle", what="A link with ICE is left idle.", role=ROLE, virtual=False, slow=True, needs=NEEDS
)  # fmt: skip
def ice_idle(stage: OverlayStage) -> None:
    """For longer than a keepalive may take."""
    _asked(stage, IDLE)


def _asked(stage: OverlayStage, idle: float) -> None:
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
        meeting.meet(idle)
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


@scenario(
    "peer/ice-servers",
    what="Nodes ask for links with ICE one after another, all of which see the subject at one address; one of them goes.",
    role=ROLE, virtual=False, needs=NEEDS,
)  # fmt: skip
def ice_servers(stage: OverlayStage) -> None:
    """Whom the subject takes for a STUN server is seen each time that it gathers candidates."""
    stage.begin(first=True, document=stage.overlay.document.changed(ice=True))
    ann = stage.peer("ann")
    ann.connect(within=30.0)
    meetings: list[Meeting] = []
    before: list[int] = []
    try:
        for name in ("bob", "carl", "dora", "erin"):
            before = [len(one.questions) for one in meetings]
            _linked(stage.peer(name), ann, meetings)
        used = next((one for one, count in zip(meetings[:2], before, strict=False) if len(one.questions) > count), None)
        if used is None:
            raise NotSeen("none of the first two nodes is asked how the subject is seen")
        facts: dict[str, Json] = {"what": "hangs up", "link": 0, "party": used.peer.name}
        stage.record.note(stage.now, f"{used.peer.name} goes", facts=facts)
        meetings.remove(used)
        used.close()
        _together(meetings, 1.0)
        _linked(stage.peer("fay"), ann, meetings)
    finally:
        for one in meetings:
            one.close()


def _linked(peer: Peer, through: Peer, meetings: list[Meeting]) -> None:
    """A further node has a link; those that are there go on meanwhile.  Raises NotSeen where it gets none."""
    meeting = Meeting(peer, asks=True)
    request = peer.request("AttachReq", meeting.body(role="passive"), via_list=[node(peer.node_id)])
    through.send(request, label=f"attach {peer.name}")

    def answer() -> Heard | None:
        return next((one for one in peer.heard if one.transaction == request.transaction), None)

    limit = peer.stage.now + 2 * peer.stage.budget
    while answer() is None and peer.stage.now < limit:
        _together(meetings, STEP) if meetings else peer.stage.wait(STEP)
    meetings.append(meeting)
    meeting.heard(peer.success(request).body)
    limit = peer.stage.now + CHECKING * peer.stage.scale
    while not meeting.open and peer.stage.now < limit:
        _together(meetings, STEP)
    if not meeting.open:
        raise NotSeen(f"{peer.name} gets no link")
    _together(meetings, 0.5)


def _together(meetings: list[Meeting], seconds: float) -> None:
    """All of them go on for a while."""
    if not meetings:
        return
    stage = meetings[0].peer.stage
    limit = stage.now + seconds
    while True:
        for one in meetings:
            one.step()
        stage.wait(STEP)
        if stage.now >= limit:
            return
