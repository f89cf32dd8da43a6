"""A party becomes a peer of the ring, as the newcomer does it (RFC 6940, sections 6.4.2.1, 10.5 and 10.7).

Where its place lies just before the subject, the subject admits it; elsewhere another party has admitted it, and the subject
is one of the neighbours that it attaches to and tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy, writing
from conformance.live.overlay.framing import FramedLink
from conformance.live.overlay.peer import Heard, Peer
from conformance.live.overlay.writing import Object
from conformance.live.wants import NotSeen

if TYPE_CHECKING:
    from conformance.live.overlay.stage import OverlayStage

NEIGHBORS = 3
"""Predecessors, and as many successors, that a peer tries to have (section 10.7)."""
AT_LINK = 2.0
"""Seconds for the link that follows an Attach."""


def ring(stage: OverlayStage) -> list[bytes]:
    """The Node-IDs of the subject and of the parties that have joined, upwards from the subject."""
    joined = [one.node_id for one in stage.peers.values() if one.joined]
    return sorted({stage.subject.node_id, *joined}, key=lambda one: distance(stage.subject.node_id, one))


def distance(start: bytes, end: bytes) -> int:
    """How far it is upwards on the ring from one place to another."""
    return (int.from_bytes(end) - int.from_bytes(start)) % (1 << 8 * len(start))


def tables(peer: Peer) -> tuple[list[bytes], list[bytes]]:
    """Predecessors and successors of a party in the ring as it is, the nearest first."""
    others = [one for one in ring(peer.stage) if one != peer.node_id]
    others.sort(key=lambda one: distance(peer.node_id, one))
    return others[::-1][:NEIGHBORS], others[:NEIGHBORS]


def admitting(peer: Peer) -> bytes:
    """Who is responsible for the place behind a party, and admits it."""
    return tables(peer)[1][0]


def attach(peer: Peer, to: bytes | Sequence[Object], *, update: bool = False, label: str = "") -> FramedLink:
    """Attach (section 6.5.1), and use the link that the other side opens; raises NotSeen where it opens none.

    Where an Attach is refused because there is a link already, that one is used.
    """
    known = set(peer.links)
    request = peer.request("AttachReq", courtesy.attach(peer, update=update), to=to)
    peer.send(request, label=label)
    answer = peer.reply(request)
    if answer.code == rules.ERROR:
        peer.stage.note(f"the Attach of {peer.name} is answered with error {answer.error}")
        return peer.link
    fresh = peer.stage.until(lambda: _opened(peer, known), AT_LINK * max(1.0, peer.stage.scale))
    if fresh is None:
        peer.stage.note(f"no link follows the Attach of {peer.name}")
    return fresh or peer.link


def _opened(peer: Peer, known: set[int]) -> FramedLink | None:
    found = (link for number, link in peer.links.items() if number not in known)
    return next((link for link in found if link.open and not link.closed), None)


def join(peer: Peer, *, tells: bool = True, label: str = "") -> None:
    """Make a party a neighbour of the subject; raises NotSeen where the subject does not admit it.

    The parties that have joined already tell the subject of it as well, unless ``tells`` is False.
    """
    stage = peer.stage
    others = [one for one in stage.peers.values() if one.joined]
    if not any(one.open and not one.closed for one in peer.links.values()):
        peer.connect()
    behind = (int.from_bytes(peer.node_id) + 1) % (1 << 8 * len(peer.node_id))
    admitted = admitting(peer) == stage.subject.node_id
    place: bytes | list[Object] = (
        [writing.resource(behind.to_bytes(len(peer.node_id)))] if admitted else stage.subject.node_id
    )
    attach(peer, place, update=True)
    if admitted:
        request = peer.request("JoinReq", {"joining_peer_id": peer.node_id.hex(), "overlay_specific_data": ""})
        peer.send(request, label=label)
        peer.success(request)
        peer.request_of("UpdateReq", 2 * stage.budget, lambda heard: peer.node_id.hex() in predecessors(heard))
    peer.joined = True
    for one in [peer, *others] if tells else [peer]:
        update(one)
    stage.note(f"{peer.name} has joined")


def predecessors(heard: Heard) -> list[str]:
    """The predecessors that an Update of the subject names."""
    return named(heard, "predecessors")


def successors(heard: Heard) -> list[str]:
    """The successors that an Update of the subject names."""
    return named(heard, "successors")


def named(heard: Heard, table: str) -> list[str]:
    """The Node-IDs in a table of an Update, in hexadecimal."""
    found: Json = heard.body.get(table)
    return [str(one) for one in found] if isinstance(found, list) else []


def update(
    peer: Peer, *, kind: str = "neighbors", before: Sequence[bytes] | None = None, behind: Sequence[bytes] | None = None,
    fingers: Sequence[bytes] = (), label: str = "",
) -> Heard | None:  # fmt: skip
    """Tell the subject the tables of a party as the ring is, or with these predecessors and successors; None where it has no link."""
    down, up = tables(peer)
    shown: dict[str, Json] = {
        "predecessors": [one.hex() for one in (down if before is None else before)],
        "successors": [one.hex() for one in (up if behind is None else behind)],
    }
    body: dict[str, Json] = {"uptime": max(1, int(peer.stage.now - peer.since)), "type": kind}
    if kind != "peer_ready":
        body.update(shown)
    if kind == "full":
        body["fingers"] = [one.hex() for one in fingers]
    try:
        request = peer.request("UpdateReq", body)
        peer.send(request, label=label)
    except NotSeen:
        return None
    return peer.success(request)
