"""Steps of an Attach, one by one (RFC 6940, section 6.5.1)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.framing import FramedLink
from conformance.live.overlay.joining import join
from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import node
from conformance.live.subject import End
from conformance.live.wants import NotSeen

BEFORE = -1e-6
"""The place of a peer so close before the subject that all others lie between the subject and it."""
IN_PROGRESS = 17
"""Error_In_Progress (section 14.9)."""


def neighbour(stage: OverlayStage, name: str = "ann") -> Peer:
    """A party that has joined just before the subject: whatever the subject sends to third ones goes through it."""
    peer = stage.peer(name, turn=BEFORE)
    join(peer)
    return peer


def far(stage: OverlayStage, name: str, node_id: bytes) -> Peer:
    """A party without a link, that answers no Attach by itself."""
    peer = stage.peer(name, node_ids=[node_id])
    peer.leaves = {courtesy.ATTACH}
    return peer


def asks_to_attach(peer: Peer, through: Peer, label: str, at: End | None = None) -> Written:
    """An Attach of a party to the subject through another one; ``at`` is the end that it offers, where it is not its own."""
    body = courtesy.attach(peer)
    if at is not None:
        body["candidates"] = courtesy.candidates(at, peer.transport)
    request = peer.request("AttachReq", body, via_list=[node(peer.node_id)])
    through.send(request, label=label)
    return request


def says(peer: Peer, request: Heard, body: dict[str, Json], label: str) -> None:
    """The answer of a party to what came to it, perhaps through another one."""
    through = request.through or peer
    through.send(peer.answer(request, body), link=through.links[request.link], label=label)


def opened(peer: Peer, *, by_subject: bool, within: float | None = None) -> FramedLink:
    """A link that is open between the subject and a party; raises NotSeen where there is none in time."""
    stage = peer.stage

    def here() -> FramedLink | None:
        return next((one for one in peer.links.values() if one.open and (one.number < 0) is by_subject), None)

    found = stage.until(here, within or stage.budget)
    if found is None:
        who = "the subject" if by_subject else peer.name
        raise NotSeen(f"no link that {who} has begun opens")
    return found
