"""Requests that come twice, by an older or newer configuration, or from whom has several Node-IDs (RFC 6940, sections 6.1.2, 6.2.1 and 6.3.2.1)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import resource_of, signed, specifier, store_request
from conformance.live.overlay.writing import resource, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.routing.clients import PING, ROLE, two_clients

NUMBERS, FAR = 65535, 30000
"""How many sequence numbers there are, and how far away a document can be that is older, or newer, all the same."""


@scenario(
    "peer/asked-twice",
    what="A Store and a Fetch come again under their transaction IDs, at once and 14 seconds later.",
    role=ROLE,
)
def asked_twice(stage: OverlayStage) -> None:
    """A Store that were taken twice would have another generation."""
    ann, _ = two_clients(stage)
    at = resource_of(ann.identity, SINGLE_USER)
    request = store_request(ann, [(SINGLE_USER, [signed(ann, SINGLE_USER, single(b"one"))], 0)], at)
    ann.send(request, label="store")
    ann.success(request)
    again = store_request(ann, [(SINGLE_USER, [signed(ann, SINGLE_USER, single(b"two"), later=1.0)], 1)], at)
    body: dict[str, Json] = {"resource": at.hex(), "specifiers": [specifier(SINGLE_USER)]}
    fetch = ann.request("FetchReq", body, to=[resource(at)])
    for one, label in ((again, "store-again"), (fetch, "fetch-again")):
        ann.send(one, label=label)
        ann.success(one)
        ann.send(one, label=label)
        ann.reply(one)
        ann.silence(14.0)
        ann.send(one, label=label)
        ann.reply(one)
    stage.alive()


@scenario("peer/other-sequences", what="Requests come of who has an older configuration, or a newer one.", role=ROLE)
def other_sequences(stage: OverlayStage) -> None:
    """By parties of their own, so that it shows who is sent the newer one."""
    sequence = stage.overlay.document.sequence
    same, old, new = stage.peer("same"), stage.peer("old"), stage.peer("new")
    for one in (same, old, new):
        one.connect()
    same.ask("PingReq", PING, label="same")
    sequences(old, "older", (sequence - 1) % NUMBERS, (sequence - FAR) % NUMBERS)
    sequences(new, "newer", (sequence + 1) % NUMBERS, (sequence + FAR) % NUMBERS)
    stage.wait(stage.budget)
    stage.alive()


def sequences(peer: Peer, label: str, *wanted: int) -> None:
    """Requests with these sequence numbers, one after the other, whatever is answered."""
    for one in wanted:
        request = peer.request("PingReq", PING, configuration_sequence=one)
        peer.send(request, label=label)
        peer.reply(request)


@scenario(
    "peer/sequence-wraps",
    what="The configuration has the last sequence number; requests come with those around it.",
    role=ROLE,
)
def sequence_wraps(stage: OverlayStage) -> None:
    """65534 is followed by 0."""
    stage.overlay.document = stage.overlay.document.changed(sequence=65534)
    old, new = stage.peer("old"), stage.peer("new")
    old.connect()
    new.connect()
    sequences(new, "newer", 0, 1)
    sequences(old, "older", 65533)
    stage.alive()


@scenario(
    "peer/several-node-ids",
    what="A node whose certificate has several Node-IDs asks without an Attach, and after one.",
    role=ROLE,
)
def several_node_ids(stage: OverlayStage) -> None:
    """Ping and Attach are passed on at once."""
    ann, ben, carl = stage.peer("ann", count=3), stage.peer("ben"), stage.peer("carl")
    for one in (ann, ben, carl):
        one.connect()
    probe: dict[str, Json] = {"requested_info": ["uptime"]}
    fetch: dict[str, Json] = {"resource": "00" * 16, "specifiers": []}
    carl.ask("ProbeReq", probe, to=ben.node_id, label="one-node-id")
    ann.ask("PingReq", PING, label="ping")
    ann.send(ann.request("PingReq", PING, to=ben.node_id), label="ping")
    ann.silence(stage.budget / 5)
    for name, body in (("ProbeReq", probe), ("FetchReq", fetch)):
        ann.send(ann.request(name, body, to=ben.node_id), label="without-attach")
        ann.silence(stage.budget / 5)
    ann.ask("AttachReq", courtesy.attach(ann), label="attach")
    stage.wait(stage.budget / 5)
    ann.send(ann.request("ProbeReq", probe, to=ben.node_id), label="after-attach")
    stage.wait(stage.budget / 5)
    stage.alive()
