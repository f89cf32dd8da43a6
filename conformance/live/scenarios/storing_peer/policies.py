"""Who may write where: the access control policies (RFC 6940, section 7.3), kept and tried."""

from __future__ import annotations

from conformance.live.overlay.document import (
    ARRAY_USER,
    DICTIONARY_USER_NODE,
    SINGLE_MULTIPLE,
    SINGLE_NODE,
    SINGLE_USER,
)
from conformance.live.overlay.joining import attach
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import owner, resource_of
from conformance.live.overlay.writing import Sealing, resource_id
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import ROLE, bad, good, seen


@scenario("storing-peer/user-match", what="A user writes under its own name and under that of another one.", role=ROLE)
def user_match(stage: OverlayStage) -> None:
    """A second certificate of the same user writes as well, whatever its Node-ID."""
    ann, eve = owner(stage, "ann"), owner(stage, "eve")
    other = stage.peer("other", user=ann.identity.user)
    at = resource_of(ann.identity, SINGLE_USER)
    for party in (ann, eve, other):
        party.connect()
    good(ann, SINGLE_USER)
    good(other, SINGLE_USER, "by another node", at=at, later=1)
    bad(eve, SINGLE_USER, "of another user", at=at, later=2)
    bad(eve, SINGLE_USER, "where nothing lies", at=resource_id(b"nobody " + eve.node_id))
    bad(ann, SINGLE_USER, "at the Node-ID", at=resource_id(ann.node_id))
    bad(eve, ARRAY_USER, "of another user, another Kind", at=at)
    seen(ann, SINGLE_USER)
    stage.alive()


@scenario("storing-peer/node-match", what="A node writes under its own Node-ID and under others.", role=ROLE)
def node_match(stage: OverlayStage) -> None:
    """With a certificate of two Node-IDs, it is the one that signs which counts."""
    ann, eve, two = owner(stage, "ann"), owner(stage, "eve"), owner(stage, "two", count=2)
    same = stage.peer("same", user=ann.identity.user)
    at = resource_of(ann.identity, SINGLE_NODE)
    for party in (ann, eve, two, same):
        party.connect()
    first, second = two.identity.node_ids
    attach(two, stage.subject.node_id)
    good(ann, SINGLE_NODE)
    good(two, SINGLE_NODE, "of the second", at=resource_id(second), sealing=Sealing(by=two.identity, node_id=second))
    good(two, SINGLE_NODE, "of the first", at=resource_id(first), sealing=Sealing(by=two.identity, node_id=first))
    bad(eve, SINGLE_NODE, "of another node", at=at, later=1)
    bad(same, SINGLE_NODE, "of another node of the same user", at=at, later=1)
    bad(ann, SINGLE_NODE, "under the user", at=resource_id(ann.identity.user))
    named = Sealing(by=two.identity, node_id=first)
    bad(two, SINGLE_NODE, "as the other Node-ID", at=resource_id(second), later=1, sealing=named, request=named,
        label="bad: as the other")  # fmt: skip
    seen(ann, SINGLE_NODE)
    seen(two, SINGLE_NODE, at=resource_id(second))
    stage.alive()


@scenario(
    "storing-peer/user-node-match",
    what="A user writes under its own name, with its own Node-ID as the key and with others.",
    role=ROLE,
)
def user_node_match(stage: OverlayStage) -> None:
    """Two nodes of one user have an entry each; neither writes that of the other."""
    kind = DICTIONARY_USER_NODE
    ann, eve = owner(stage, "ann"), owner(stage, "eve")
    other, two = stage.peer("other", user=ann.identity.user), owner(stage, "two", count=2)
    at = resource_of(ann.identity, kind)
    for party in (ann, eve, other, two):
        party.connect()
    good(ann, kind, "of the first node", at=at, key=ann.node_id)
    good(other, kind, "of the second node", at=at, key=other.node_id)
    first, second = two.identity.node_ids
    attach(two, stage.subject.node_id)
    good(two, kind, "of the second", key=second, sealing=Sealing(by=two.identity, node_id=second))
    bad(eve, kind, "of another user", at=at, key=eve.node_id, label="bad: user")
    bad(eve, kind, "of another user, over the entry", at=at, key=ann.node_id, later=1, label="bad: user")
    bad(other, kind, "over the entry of the other node", at=at, key=ann.node_id, later=1, label="bad: key")
    bad(ann, kind, "under no Node-ID", at=at, key=b"anything", label="bad: key")
    bad(ann, kind, "under an empty key", at=at, key=b"", label="bad: key")
    named = Sealing(by=two.identity, node_id=first)
    bad(two, kind, "as the other Node-ID", key=second, later=1, sealing=named, request=named, label="bad: as the other")
    seen(ann, kind)
    seen(two, kind)
    stage.alive()


@scenario(
    "storing-peer/node-multiple",
    what="A node writes under each number up to the limit of the Kind, one above, and elsewhere.",
    role=ROLE,
)
def node_multiple(stage: OverlayStage) -> None:
    """The limit is three."""
    kind = SINGLE_MULTIPLE
    ann, eve = owner(stage, "ann"), owner(stage, "eve")
    for party in (ann, eve):
        party.connect()
    assert kind.node_multiple is not None
    for number in range(1, kind.node_multiple + 1):
        good(ann, kind, str(number), at=resource_of(ann.identity, kind, number))
    bad(ann, kind, "above", at=resource_of(ann.identity, kind, kind.node_multiple + 1), label="bad: above")
    bad(ann, kind, "far above", at=resource_of(ann.identity, kind, 200), label="bad: above")
    bad(ann, kind, "no number", at=resource_id(ann.node_id))
    bad(ann, kind, "under the user", at=resource_id(ann.identity.user))
    bad(eve, kind, "of another node", at=resource_of(ann.identity, kind, 1), later=1)
    for number in range(1, kind.node_multiple + 1):
        seen(ann, kind, number=number)
    seen(ann, kind, number=kind.node_multiple + 1, label="fetch: none")
    stage.alive()


@scenario("storing-peer/two-signers", what="Only one of value and request is signed by who may write.", role=ROLE)
def two_signers(stage: OverlayStage) -> None:
    """A stranger sends what the user has signed, and the user sends what a stranger has signed."""
    ann, eve = owner(stage, "ann"), owner(stage, "eve")
    at = resource_of(ann.identity, SINGLE_USER)
    both = [*ann.identity.shown, *eve.identity.shown]
    for party in (ann, eve):
        party.connect()
    good(ann, SINGLE_USER)
    bad(eve, SINGLE_USER, "sent by a stranger", at=at, later=1, sealing=Sealing(by=ann.identity), certificates=both,
        label="bad: request")  # fmt: skip
    bad(ann, SINGLE_USER, "signed by a stranger", at=at, later=1, sealing=Sealing(by=eve.identity), certificates=both,
        label="bad: value")  # fmt: skip
    good(ann, SINGLE_USER, "again", later=1)
    seen(ann, SINGLE_USER)
    stage.alive()
