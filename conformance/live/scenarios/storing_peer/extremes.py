"""Stores and Fetches at the edge of what can be written, and beyond (RFC 6940, sections 7, 7.2 and 7.4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.document import ARRAY_USER, DICTIONARY_USER_NODE, SINGLE_USER
from conformance.live.overlay.peer import Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch_request, owner, resource_of, signed, specifier, store_request
from conformance.live.overlay.writing import entry, resource, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import BAD, GOOD, ROLE, bad, good, seen, sent, unanswered

YEAR = 365 * 86400.0
LONGEST = 0xFFFFFFFF
"""Seconds of the longest lifetime."""


@scenario(
    "storing-peer/other-clocks",
    what="Users whose clocks are years before and behind store for the first time.",
    role=ROLE,
)
def other_clocks(stage: OverlayStage) -> None:
    """What comes next has a time after that."""
    for name, later in (("early", -40 * YEAR), ("late", 5 * YEAR)):
        party = owner(stage, name)
        party.connect()
        good(party, SINGLE_USER, name, later=later)
        good(party, SINGLE_USER, f"{name}, again", later=later + 1)
        seen(party, SINGLE_USER)
    stage.alive()


@scenario(
    "storing-peer/empty-values",
    what="Values that exist and have no bytes are stored, and one for the longest lifetime.",
    role=ROLE,
)
def empty_values(stage: OverlayStage) -> None:
    """That is another thing than not to exist."""
    ann = owner(stage, "ann")
    ann.connect()
    sent(ann, SINGLE_USER, [signed(ann, SINGLE_USER, single(b""), lifetime=LONGEST)], label="empty", must=True)
    sent(ann, ARRAY_USER, [signed(ann, ARRAY_USER, entry(1, b""))], label="empty", must=True)
    seen(ann, SINGLE_USER, label="fetch: empty")
    seen(ann, ARRAY_USER, label="fetch: empty")
    stage.alive()


def _odd(ann: Peer, at: bytes) -> list[tuple[str, Written]]:
    """Requests that ask for nothing, or for very much."""
    everything = specifier(ARRAY_USER, model={"indices": [{"first": 0, "last": 0x7FFFFFFF}]})
    ranges = specifier(ARRAY_USER, model={"indices": [{"first": one, "last": one} for one in range(0, 4000, 2)]})
    keys = specifier(DICTIONARY_USER_NODE, model={"keys": [one.to_bytes(2).hex() for one in range(4000)]})
    far = signed(ann, ARRAY_USER, entry(0xFFFFFFFE, BAD))
    over = signed(ann, SINGLE_USER, single(BAD), later=1, lifetime=0)
    return [
        ("a Store of nothing", store_request(ann, [], at)),
        ("a Kind without values", store_request(ann, [(SINGLE_USER, [], 0)], at)),
        ("a Fetch of nothing", fetch_request(ann, [], at)),
        ("a Find of nothing", ann.request("FindReq", {"resource": at.hex(), "kinds": []}, to=[resource(at)])),
        ("the last index but one", store_request(ann, [(ARRAY_USER, [far], 0)], at)),
        ("a value that is over at once", store_request(ann, [(SINGLE_USER, [over], 0)], at)),
        ("a range without end", fetch_request(ann, [everything], at)),
        ("thousands of ranges", fetch_request(ann, [ranges], at)),
        ("thousands of keys", fetch_request(ann, [keys], at)),
        *_lengths(ann),
    ]


def _lengths(ann: Peer) -> Iterator[tuple[str, Written]]:
    """Resource-IDs of other lengths than those of the overlay."""
    for length in (0, 1, 20, 254):
        at = bytes(length)
        to = ann.stage.subject.node_id
        value = signed(ann, SINGLE_USER, single(BAD), at=at)
        yield f"a Store at {length} bytes", store_request(ann, [(SINGLE_USER, [value], 0)], at, to=to)
        body: dict[str, Json] = {"resource": at.hex(), "specifiers": [specifier(SINGLE_USER)]}
        yield f"a Fetch at {length} bytes", ann.request("FetchReq", body, to=to)


@scenario(
    "storing-peer/odd-requests", what="Stores and Fetches of nothing and of very much, which may be refused.", role=ROLE
)
def odd_requests(stage: OverlayStage) -> None:
    """A sane exchange follows each."""
    ann = owner(stage, "ann")
    ann.connect()
    for how, request in _odd(ann, resource_of(ann.identity, SINGLE_USER)):
        unanswered(ann, request, f"odd: {how}")
        stage.alive()
    good(ann, ARRAY_USER, index=0)
    seen(ann, ARRAY_USER)


@scenario(
    "storing-peer/broken-stores",
    what="Stores that name a Kind twice, and a copy with the generation counter 0.",
    role=ROLE,
)
def broken_stores(stage: OverlayStage) -> None:
    """No reader of the rules takes them."""
    ann = owner(stage, "ann")
    ann.connect()
    at = resource_of(ann.identity, SINGLE_USER)
    good(ann, SINGLE_USER)
    parts = [
        (SINGLE_USER, [signed(ann, SINGLE_USER, single(BAD + name), later=later)], 0)
        for name, later in ((b"1", 1), (b"2", 2))
    ]
    unanswered(ann, store_request(ann, parts, at), "bad: Kind twice", malformed=True)
    bad(ann, SINGLE_USER, "a copy of any generation", later=3, replica=1, malformed=True, label="bad: copy")
    good(ann, SINGLE_USER, GOOD.decode(), later=4)
    seen(ann, SINGLE_USER)
    stage.alive()
