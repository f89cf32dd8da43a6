"""The subject in a ring: what it passes on and asks itself, and by whom that goes (RFC 6940, sections 6.1.2, 6.2.1 and 10.3)."""

from __future__ import annotations

import hashlib

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.document import SINGLE_NODE, SINGLE_USER, Kind
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import resource_of, signed, specifier, store_request
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.overlay.writing import resource, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import NINE
from conformance.live.scenarios.peer.routing.clients import PING, ROLE

PLACES = (0.02, 0.07, 0.15, 0.25, 0.33, 0.5, 0.65, 0.75, 0.9)
"""In the range of each of the peers of the ring of nine, in turns behind the subject."""
OWN = 0.97
"""A place that the subject is responsible for."""


def settled(stage: OverlayStage) -> tuple[Surrounding, Peer, Peer]:
    """The subject in a ring of ten, and two clients of it that are elsewhere on the ring."""
    ring = Surrounding(stage, NINE)
    ring.join()
    zoe, yan = stage.peer("zoe", turn=0.52), stage.peer("yan", turn=0.47)
    zoe.connect()
    yan.connect()
    zoe.ask("PingReq", PING, label="settled")
    return ring, zoe, yan


def fetching(at: bytes) -> dict[str, Json]:
    """The body of a Fetch of everything of a Kind."""
    return {"resource": at.hex(), "specifiers": [specifier(SINGLE_USER)]}


@scenario(
    "peer/next-hops", what="A client of the subject asks for places all around the ring, and for nodes.", role=ROLE
)
def next_hops(stage: OverlayStage) -> None:
    """For a peer with a link, one without, another client; and a place of the subject's own."""
    ring, zoe, yan = settled(stage)
    for turn in PLACES:
        at = stage.place(turn)
        request = zoe.request("FetchReq", fetching(at), to=[resource(at)])
        zoe.send(request, label="to-place")
        zoe.reply(request)
    for peer in ring.members:
        request = zoe.request("PingReq", PING, to=peer.node_id)
        zoe.send(request, label="to-place")
        zoe.reply(request)
    zoe.ask("PingReq", PING, to=yan.node_id, label="to-client")
    own = stage.place(OWN)
    zoe.ask("FetchReq", fetching(own), to=[resource(own)], label="own-place")
    stage.alive()


@scenario(
    "peer/joining-behind", what="A node attaches to the peer that is to admit it by way of the subject.", role=ROLE
)
def joining_behind(stage: OverlayStage) -> None:
    """It has one Node-ID and no Attach with the subject: its Ping and Attach come back all the same."""
    Surrounding(stage, NINE).join()
    nina = stage.peer("nina", turn=0.55)
    stage.peer("finn").attaches = False
    nina.connect()
    nina.ask("PingReq", PING, label="ping")
    request = nina.request("AttachReq", courtesy.attach(nina), to=[resource(stage.place(0.5500001))])
    nina.send(request, label="attach")
    nina.reply(request)
    stage.alive()


@scenario(
    "peer/asks-in-ring",
    what="The subject is made to ask for places and nodes of a ring.",
    role=ROLE,
    needs=("trigger",),
)
def asks_in_ring(stage: OverlayStage) -> None:
    """Nodes with a link and without one."""
    ring, _, yan = settled(stage)
    for turn in PLACES:
        stage.trigger("fetch", kind=SINGLE_USER.id, resource=stage.place(turn).hex())
        stage.wait(stage.budget / 5)
    for peer in (*ring.members, yan):
        stage.trigger("ping", node_id=peer.node_id.hex())
        stage.wait(stage.budget / 5)
    stage.alive()


def others(name: bytes) -> list[bytes]:
    """Resource-IDs that a name does not have: other digests, and another part of the right one."""
    right = hashlib.sha1(name, usedforsecurity=False).digest()
    return [right[-16:], right, hashlib.sha256(name).digest()[:16], hashlib.md5(name, usedforsecurity=False).digest()]


def stored_at(peer: Peer, kind: Kind, at: bytes, label: str) -> None:
    """A Store at a Resource-ID, whatever is answered."""
    request = store_request(peer, [(kind, [signed(peer, kind, single(b"x"), at=at)], 0)], at)
    peer.send(request, label=label)
    peer.reply(request)


@scenario(
    "peer/where-values-belong",
    what="Values are stored under the first 128 bits of the SHA-1 of their names, and under other digests of them.",
    role=ROLE,
)
def where_values_belong(stage: OverlayStage) -> None:
    """By a user, and by a node; the subject founded the overlay, and is responsible for everything."""
    ann = stage.peer("ann")
    ann.connect()
    for kind, name in ((SINGLE_USER, ann.identity.user.encode()), (SINGLE_NODE, ann.node_id)):
        stored_at(ann, kind, resource_of(ann.identity, kind), "by-sha-1")
        for at in others(name):
            stored_at(ann, kind, at, "by-another-digest")
    stage.alive()
