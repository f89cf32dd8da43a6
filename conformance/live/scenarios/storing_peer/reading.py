"""What lies at a peer is asked for in every way: Fetch, Stat, Find, by model and counter (RFC 6940, sections 7.2 and 7.4.2 to 7.4.4)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.document import ARRAY_USER, DICTIONARY_USER_NODE, SINGLE_USER, UNKNOWN, Kind
from conformance.live.overlay.joining import join
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch, owner, resource_of, signed, store_request
from conformance.live.overlay.writing import resource, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import BAD, ROLE, good, seen

APPEND = 0xFFFFFFFF
"""The index that means the end of an array (section 7.4.1.1)."""
ALSO_UNKNOWN = UNKNOWN - 1


def _everything(at: bytes, kinds: Sequence[Kind | int]) -> str:
    """The body of a FetchReq or StatReq, whose specifiers are empty, as for single values and for Kinds that nobody knows."""
    numbers = (one if isinstance(one, int) else one.id for one in kinds)
    specifiers = b"".join(one.to_bytes(4) + bytes(8 + 2) for one in numbers)
    return (len(at).to_bytes(1) + at + len(specifiers).to_bytes(2) + specifiers).hex()


@scenario(
    "storing-peer/unknown-kinds",
    what="Store, Fetch and Stat of Kinds that nobody has configured, by themselves and beside a known one.",
    role=ROLE,
)
def unknown_kinds(stage: OverlayStage) -> None:
    """The known one is not served then either."""
    ann = owner(stage, "ann")
    ann.connect()
    at = resource_of(ann.identity, SINGLE_USER)
    good(ann, SINGLE_USER)
    value = signed(ann, SINGLE_USER, single(BAD + b"in company"), later=5)
    groups: tuple[tuple[Kind | int, ...], ...] = ((UNKNOWN,), (UNKNOWN, SINGLE_USER, ALSO_UNKNOWN))
    for parts in groups:
        data = [(one, "" if isinstance(one, int) else [value], 0) for one in parts]
        request = store_request(ann, data, at)
        ann.send(request, label="store unknown")
        ann.reply(request)
        for name, label in (("FetchReq", "fetch unknown"), ("StatReq", "stat unknown")):
            request = ann.request(name, _everything(at, parts), to=[resource(at)])
            ann.send(request, label=label)
            ann.reply(request)
    seen(ann, SINGLE_USER)
    stage.alive()


def _some(peer: Peer, label: str, *ranges: tuple[int, int], kind: str = "FetchReq") -> None:
    """Fetch, or Stat, ranges of an array."""
    indices: list[Json] = [{"first": first, "last": last} for first, last in ranges]
    peer.granted(fetch(peer, ARRAY_USER, model={"indices": indices}, label=label, name=kind))


@scenario("storing-peer/array", what="An array is filled at its end and behind a gap, and fetched in parts.", role=ROLE)
def array(stage: OverlayStage) -> None:
    """Two are appended, the second one behind the gap."""
    ann = owner(stage, "ann")
    ann.connect()
    good(ann, ARRAY_USER, "appended first", index=APPEND, label="append")
    good(ann, ARRAY_USER, "at 2", index=2)
    seen(ann, ARRAY_USER, label="fetch: gap")
    good(ann, ARRAY_USER, "appended last", index=APPEND, label="append")
    seen(ann, ARRAY_USER, label="fetch: all")
    _some(ann, "fetch: 1", (1, 1))
    _some(ann, "fetch: 0, 2-3", (0, 0), (2, 3))
    good(ann, ARRAY_USER, "at 2, anew", index=2, later=1)
    _some(ann, "fetch: anew", (2, 2))
    stage.alive()


@scenario(
    "storing-peer/dictionary",
    what="Entries of two nodes in a dictionary are fetched, all, one, and one that is not there.",
    role=ROLE,
)
def dictionary(stage: OverlayStage) -> None:
    """One entry is then stored anew."""
    ann = owner(stage, "ann")
    other = stage.peer("other", user=ann.identity.user)
    for party in (ann, other):
        party.connect()
    kind, at = DICTIONARY_USER_NODE, resource_of(ann.identity, DICTIONARY_USER_NODE)
    for party in (ann, other):
        good(party, kind, party.name, at=at, key=party.node_id)
    seen(ann, kind, label="fetch: all")
    ann.granted(fetch(ann, kind, model={"keys": [other.node_id.hex()]}, label="fetch: one"))
    ann.granted(fetch(ann, kind, model={"keys": [b"nobody".hex()]}, label="fetch: none"))
    good(other, kind, "anew", at=at, key=other.node_id, later=1)
    seen(ann, kind, label="fetch: anew")
    stage.alive()


@scenario(
    "storing-peer/seen-generation", what="A Fetch and a Stat tell the generation counter that was seen last.", role=ROLE
)
def seen_generation(stage: OverlayStage) -> None:
    """The one that holds, and after another Store the same one again."""
    ann = owner(stage, "ann")
    ann.connect()
    good(ann, SINGLE_USER)
    kinds = rules.objects(seen(ann, SINGLE_USER).body.get("kind_responses"))
    counter = rules.number(next(iter(kinds), {}).get("generation"))
    for name, label in (("FetchReq", "fetch"), ("StatReq", "stat")):
        ann.granted(fetch(ann, SINGLE_USER, generation=counter, name=name, label=f"{label}: known"))
    good(ann, SINGLE_USER, "anew", later=1)
    for name, label in (("FetchReq", "fetch"), ("StatReq", "stat")):
        ann.granted(fetch(ann, SINGLE_USER, generation=counter, name=name, label=f"{label}: not known"))
    stage.alive()


@scenario("storing-peer/stat", what="What is known of values is asked for, of each data model.", role=ROLE)
def stat(stage: OverlayStage) -> None:
    """The Fetch beside each Stat tells what is to be known."""
    ann = owner(stage, "ann")
    ann.connect()
    good(ann, SINGLE_USER, "single")
    good(ann, ARRAY_USER, "at 0", index=0)
    good(ann, ARRAY_USER, "at 2", index=2)
    good(ann, DICTIONARY_USER_NODE, "entry", key=ann.node_id)
    for kind in (SINGLE_USER, ARRAY_USER, DICTIONARY_USER_NODE):
        seen(ann, kind, label=f"fetch: {kind.model}")
        ann.granted(fetch(ann, kind, name="StatReq", label=f"stat: {kind.model}"))
    stage.alive()


def _find(peer: Peer, kinds: list[int], at: bytes, label: str, *, malformed: bool = False) -> None:
    """A Find to the subject itself, whoever is responsible."""
    listed: list[Json] = [*kinds]
    request = peer.request("FindReq", {"resource": at.hex(), "kinds": listed})
    peer.send(request, label=label, malformed=malformed)
    peer.reply(request)


@scenario(
    "storing-peer/find",
    what="The nearest resources are asked for, of a Kind that is there, of a Kind that nobody knows, and twice of one.",
    role=ROLE,
)
def find(stage: OverlayStage) -> None:
    """The nearest one to a resource that is there is that one itself."""
    ann = owner(stage, "ann")
    ann.connect()
    good(ann, SINGLE_USER)
    at = resource_of(ann.identity, SINGLE_USER)
    _find(ann, [SINGLE_USER.id], at, "find")
    _find(ann, [SINGLE_USER.id, UNKNOWN], at, "find: unknown")
    _find(ann, [SINGLE_USER.id, SINGLE_USER.id], at, "bad: twice", malformed=True)
    stage.alive()


@scenario(
    "storing-peer/responsibility",
    what="Stores and Finds for resources in the subject's half of the ring, and in that of another peer.",
    role=ROLE,
)
def responsibility(stage: OverlayStage) -> None:
    """They are addressed to the subject itself."""
    join(stage.peer("half", turn=0.5))
    near, far = (
        owner(stage, "near", SINGLE_USER, within=(-0.45, -0.05)),
        owner(stage, "far", SINGLE_USER, within=(0.05, 0.45)),
    )
    for party, label in ((near, "good"), (far, "bad")):
        party.connect()
        at = resource_of(party.identity, SINGLE_USER)
        value = signed(party, SINGLE_USER, single(label.encode() + b" place"))
        request = store_request(party, [(SINGLE_USER, [value], 0)], at, to=stage.subject.node_id)
        party.send(request, label=label)
        party.reply(request)
        _find(party, [SINGLE_USER.id], at, f"{label} find")
    seen(near, SINGLE_USER)
    stage.alive()
