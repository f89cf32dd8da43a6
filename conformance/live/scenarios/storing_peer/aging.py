"""Values that are removed, and values whose lifetime ends (RFC 6940, sections 7 and 7.4.1.3)."""

from __future__ import annotations

from conformance.live.overlay.document import ARRAY_USER, DICTIONARY_USER_NODE, SINGLE_USER
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import owner, signed
from conformance.live.overlay.writing import keyed, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import ROLE, bad, good, seen, sent


@scenario(
    "storing-peer/removal",
    what="A value is removed; what was there before comes again, then something newer.",
    role=ROLE,
)
def removal(stage: OverlayStage) -> None:
    """A removed value is fetched as one that does not exist, with its signature."""
    ann = owner(stage, "ann")
    ann.connect()
    for kind, gone in (
        (SINGLE_USER, single(b"", exists=False)), (DICTIONARY_USER_NODE, keyed(ann.node_id, b"", exists=False)),
    ):  # fmt: skip
        key = ann.node_id if kind.model == "DICTIONARY" else b""
        good(ann, kind, key=key)
        sent(ann, kind, [signed(ann, kind, gone, later=10)], label="remove", must=True)
        seen(ann, kind, label="fetch: removed")
        bad(ann, kind, "older than the removal", later=5, key=key, label="bad: older")
        seen(ann, kind, label="fetch: still removed")
        good(ann, kind, "newer", later=11, key=key)
        seen(ann, kind)
    stage.alive()


@scenario(
    "storing-peer/lifetimes",
    what="A value and a removal live for a minute, another value for a day.",
    role=ROLE,
    slow=True,
)
def lifetimes(stage: OverlayStage) -> None:
    """After the end of a removal something older can be stored again."""
    ann, bob, carl = owner(stage, "ann"), owner(stage, "bob"), owner(stage, "carl")
    for party in (ann, bob, carl):
        party.connect()
    good(ann, SINGLE_USER, "for a minute", lifetime=60)
    good(bob, SINGLE_USER, "for a day")
    good(carl, SINGLE_USER, "to be removed", lifetime=60)
    gone = signed(carl, SINGLE_USER, single(b"", exists=False), later=10, lifetime=60)
    sent(carl, SINGLE_USER, [gone], label="remove", must=True)
    good(ann, ARRAY_USER, "for a minute", index=0, lifetime=60)
    good(ann, ARRAY_USER, "for a day", index=1)
    stage.wait(30)
    seen(ann, SINGLE_USER)
    seen(carl, SINGLE_USER, label="fetch: removed")
    stage.wait(60)
    seen(ann, SINGLE_USER, label="fetch: over")
    seen(carl, SINGLE_USER, label="fetch: over")
    seen(ann, ARRAY_USER, label="fetch: gap")
    seen(bob, SINGLE_USER)
    good(carl, SINGLE_USER, "of the time before the removal", later=-85, label="good: again")
    seen(carl, SINGLE_USER)
    stage.alive()
