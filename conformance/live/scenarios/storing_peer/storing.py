"""Values are stored, changed, refused: counters, times, sizes, many at once (RFC 6940, sections 7 and 7.4.1)."""

from __future__ import annotations

from conformance.lab import rules
from conformance.live.overlay.document import ARRAY_USER, DICTIONARY_USER_NODE, SINGLE_USER, UNKNOWN
from conformance.live.overlay.peer import Heard
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch, owner, resource_of, signed, store_request, stored
from conformance.live.overlay.writing import entry, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import BAD, GOOD, ROLE, bad, good, seen, sent


@scenario("storing-peer/single-value", what="A value is stored by its user, fetched, and stored anew.", role=ROLE)
def single_value(stage: OverlayStage) -> None:
    """The generation and what is fetched can be seen."""
    ann = owner(stage, "ann")
    ann.connect()
    stored(ann, SINGLE_USER, [signed(ann, SINGLE_USER, single(b"good one"))], label="first")
    fetch(ann, SINGLE_USER, label="fetch")
    stored(ann, SINGLE_USER, [signed(ann, SINGLE_USER, single(b"good two"), later=1.0)], label="second")
    fetch(ann, SINGLE_USER, label="fetch again")


APPEND = 0xFFFFFFFF
"""The index that means the end of an array (section 7.4.1.1)."""


def _counter(answer: Heard) -> int:
    """The generation counter of a StoreAns about one Kind."""
    return rules.number(next(iter(rules.objects(answer.body.get("kind_responses"))), {}).get("generation_counter"))


@scenario(
    "storing-peer/generations", what="Stores expect the right generation counter, a lower and a higher one.", role=ROLE
)
def generations(stage: OverlayStage) -> None:
    """What a refused Store says of the counter can be compared with what is fetched."""
    ann = owner(stage, "ann")
    ann.connect()
    first = _counter(good(ann, SINGLE_USER))
    second = _counter(good(ann, SINGLE_USER, "expected", generation=first, later=1))
    bad(ann, SINGLE_USER, "too low", generation=first, later=2, label="bad: too low")
    bad(ann, SINGLE_USER, "too high", generation=second + 1000, later=2, label="bad: too high")
    seen(ann, SINGLE_USER)
    good(ann, SINGLE_USER, "any", later=2)
    seen(ann, SINGLE_USER, label="fetch: last")
    stage.alive()


@scenario(
    "storing-peer/storage-times",
    what="Values are stored that are older than what lies there, of the same time, and played back.",
    role=ROLE,
)
def storage_times(stage: OverlayStage) -> None:
    """In an array only the value at the same index counts."""
    ann = owner(stage, "ann")
    ann.connect()
    first = signed(ann, SINGLE_USER, single(GOOD + b"to be played back"))
    sent(ann, SINGLE_USER, [first], label="good", must=True)
    good(ann, SINGLE_USER, "newer", later=10)
    bad(ann, SINGLE_USER, "older", later=5, label="bad: older")
    sent(ann, SINGLE_USER, [first], label="bad: older")
    bad(ann, SINGLE_USER, "of the same time", later=10, label="bad: same")
    seen(ann, SINGLE_USER)
    good(ann, SINGLE_USER, "newest", later=11)
    good(ann, ARRAY_USER, "at 0", index=0, later=10)
    good(ann, ARRAY_USER, "at 1, older", index=1, later=5)
    bad(ann, ARRAY_USER, "at 0, older", index=0, later=7, label="bad: older")
    seen(ann, ARRAY_USER)
    stage.alive()


@scenario("storing-peer/sizes", what="Values as large and as many as the Kind allows, and more.", role=ROLE)
def sizes(stage: OverlayStage) -> None:
    """One byte, one element of an array, and one entry of a dictionary too many."""
    ann = owner(stage, "ann")
    ann.connect()
    most = SINGLE_USER.max_size - len(GOOD)
    good(ann, SINGLE_USER, "x" * most)
    bad(ann, SINGLE_USER, "x" * (SINGLE_USER.max_size + 1 - len(BAD)), later=1, label="bad: large")
    bad(ann, SINGLE_USER, "x" * 5000, later=1, label="bad: large")
    seen(ann, SINGLE_USER)
    for index in range(ARRAY_USER.max_count):
        good(ann, ARRAY_USER, str(index), index=index)
    for index in (ARRAY_USER.max_count, APPEND):
        bad(ann, ARRAY_USER, "one more", index=index, label="bad: many")
    seen(ann, ARRAY_USER)
    kind, at = DICTIONARY_USER_NODE, resource_of(ann.identity, DICTIONARY_USER_NODE)
    for number in range(kind.max_count):
        node = stage.peer(f"node{number}", user=ann.identity.user)
        node.connect()
        good(node, kind, str(number), at=at, key=node.node_id)
    bad(ann, kind, "one more", key=ann.node_id, label="bad: many")
    seen(ann, kind)
    stage.alive()


@scenario(
    "storing-peer/atomic",
    what="Stores of two Kinds of which one cannot be stored, and of two values of which one cannot.",
    role=ROLE,
)
def atomic(stage: OverlayStage) -> None:
    """The other one would do by itself; the part that fails comes last and first."""
    ann = owner(stage, "ann")
    ann.connect()
    at = resource_of(ann.identity, SINGLE_USER)
    one, two = signed(ann, SINGLE_USER, single(GOOD)), signed(ann, ARRAY_USER, entry(0, GOOD))
    both = store_request(ann, [(SINGLE_USER, [one], 0), (ARRAY_USER, [two], 0)], at)
    ann.send(both, label="good: both")
    ann.success(both)
    fine = (SINGLE_USER, [signed(ann, SINGLE_USER, single(BAD + b"in company"), later=5)], 0)
    row = signed(ann, ARRAY_USER, entry(1, BAD + b"in company"), later=5)
    forged = {**signed(ann, ARRAY_USER, entry(0, BAD), later=5), "storage_time": str(stage.storage_time(6))}
    for how, part in (
        ("forged", (ARRAY_USER, [forged], 0)),
        ("too old", (ARRAY_USER, [signed(ann, ARRAY_USER, entry(0, BAD), later=-5)], 0)),
        ("too large", (ARRAY_USER, [signed(ann, ARRAY_USER, entry(0, BAD + bytes(300)), later=5)], 0)),
        ("another counter", (ARRAY_USER, [row], 1000)),
        ("unknown", (UNKNOWN, "", 0)),
    ):
        for parts in ([fine, part], [part, fine]):
            request = store_request(ann, parts, at)
            ann.send(request, label=f"bad: {how}")
            ann.reply(request)
    sent(ann, ARRAY_USER, [row, forged], label="bad: second value")
    seen(ann, SINGLE_USER)
    seen(ann, ARRAY_USER)
    stage.alive()
