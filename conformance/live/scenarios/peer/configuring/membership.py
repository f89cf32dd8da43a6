"""Who may be in an overlay by its configuration: bad nodes, mandatory extensions (RFC 6940, section 11.1)."""

from __future__ import annotations

import contextlib
import hashlib

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.authority import BARE, FOREIGN
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import node
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.attaching.steps import neighbour
from conformance.live.scenarios.peer.configuring.updating import adopted, config_update
from conformance.live.wants import NotClaimed, NotSeen

ROLE = "peer"
EXTENSION = "urn:example:overlay-extension-of-nobody"
"""A namespace that no implementation can know."""
WHILE = 40.0
"""Seconds in which who would join has begun to."""
LEAVING = 20.0
"""Seconds in which who leaves has left."""


@scenario(
    "peer/bad-node", what="A node whose Node-ID is listed as bad asks, over a link and through others.", role=ROLE
)
def bad_node(stage: OverlayStage) -> None:
    """What a good node asks in the same ways is answered."""
    bad = stage.overlay.certify("bad@" + stage.overlay.name)
    stage.begin(first=True, document=stage.overlay.document.changed(bad_nodes=[bad.node_id]))
    ann, bob = stage.peer("ann"), stage.peer("bob", identity=bad)
    ann.connect()
    carl = stage.peer("carl")
    _asks(carl, ann, "good")
    _asks(bob, ann, "bad")
    link = bob.dial()
    stage.until(lambda: link.open or link.closed, stage.budget)
    if link.open and not link.closed:
        _asks(bob, bob, "bad")
    _asks(carl, ann, "good")
    stage.alive()


@scenario("peer/bad-node-listed", what="A node is listed as bad while it has a link.", role=ROLE)
def bad_node_listed(stage: OverlayStage) -> None:
    """It asks before and after."""
    ann, bob = stage.peer("ann"), stage.peer("bob")
    ann.connect()
    bob.connect()
    _asks(bob, bob, "good")
    adopted(ann, stage.overlay.document.changed(bad_nodes=[bob.node_id]), "listed")
    stage.wait(stage.budget)
    with contextlib.suppress(NotSeen):
        _asks(bob, bob, "bad")
    _asks(bob, ann, "bad")
    _asks(ann, ann, "good")
    stage.alive()


@scenario(
    "peer/without-credentials",
    what="Nodes ask that the overlay has certified, and nodes with certificates of others, in an overlay with an enrolment server.",
    role=ROLE,
)
def without_credentials(stage: OverlayStage) -> None:
    """Over links of their own, and through another node."""
    further = "<enrollment-server>https://enrolment.example.org/</enrollment-server>"
    stage.begin(first=True, document=stage.overlay.document.changed(further=further))
    ann, carl = stage.peer("ann"), stage.peer("carl")
    ann.connect()
    _asks(carl, ann, "good")
    for kind in (FOREIGN, BARE):
        bob = stage.peer(f"bob {kind}", kind=kind)
        _asks(bob, ann, "uncertified")
        bob.dial()
        stage.wait(stage.budget)
        with contextlib.suppress(NotSeen):
            _asks(bob, bob, "uncertified")
    _asks(carl, ann, "good")
    stage.alive()


@scenario(
    "peer/self-signed", what="The subject has a certificate that it has signed itself, where that is permitted.",
    role=ROLE,
)  # fmt: skip
def self_signed(stage: OverlayStage) -> None:
    """It is the first one; a neighbour that joins is given copies of what is stored."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    node_id = hashlib.sha256(public).digest()[:16]
    if stage.subject.identity is None:
        raise NotClaimed("the subject brings its own certificate")
    mine = stage.overlay.certify("subject@" + stage.overlay.name, [node_id], kind=BARE, key=key)
    stage.subject.identity = mine
    stage.overlay.trusted.append(mine.certificate)
    stage.begin(first=True, document=stage.overlay.document.changed(self_signed="sha256"))
    facts: dict[str, Json] = {"what": "self-signed", "link": 0, "party": "", "certificate": mine.certificate.hex()}
    stage.record.note(stage.now, "the subject's certificate is signed by itself", facts=facts)
    neighbour(stage)
    stage.wait(WHILE)
    stage.alive()


@scenario(
    "peer/extension-unknown",
    what="An overlay is joined; anew, when its configuration names a mandatory extension that nobody can know.",
    role=ROLE,
)
def extension_unknown(stage: OverlayStage) -> None:
    """A subject that does not start at all with such a configuration does not join either."""
    ann = stage.peer("ann")
    plain = stage.overlay.document
    _phase(stage, "without")
    stage.begin(bootstrap=[ann], document=plain)
    ann.request_of("AttachReq", within=WHILE)
    stage.wait(1.0)
    _phase(stage, "with")
    with contextlib.suppress(NotSeen):
        stage.begin(bootstrap=[ann], document=plain.changed(extensions=[EXTENSION]))
        stage.wait(WHILE)


@scenario(
    "peer/extension-added",
    what="A newer document names a mandatory extension that the subject cannot know.",
    role=ROLE,
)
def extension_added(stage: OverlayStage) -> None:
    """It is asked once more after a while; one that has ended is not there to be asked."""
    ann = stage.peer("ann")
    ann.connect()
    _asks(ann, ann, "before")
    document = stage.overlay.document.changed(extensions=[EXTENSION])
    ann.send(config_update(ann, document.octets()), label="added")
    with contextlib.suppress(NotSeen):
        stage.wait(LEAVING)
        _asks(ann, ann, "after")
        stage.overlay.document = document
        _asks(ann, ann, "after")


def _phase(stage: OverlayStage, what: str) -> None:
    """A note that says from where on the subject has another configuration."""
    facts: dict[str, Json] = {"what": "extension", "link": 0, "party": "", "phase": what}
    stage.record.note(stage.now, f"a mandatory extension: {what}", facts=facts)


def _asks(peer: Peer, through: Peer, label: str) -> None:
    """A Ping of a party, by its own link or by that of another one; who waits for the answer waits a little."""
    via = [] if peer is through else [node(peer.node_id)]
    ask = peer.request("PingReq", {"padding": ""}, via_list=[*via])
    through.send(ask, label=label)
    with contextlib.suppress(NotSeen):
        peer.reply(ask)
