"""Messages in fragments: in any order, twice, overlapping, late, too many; and answers that are long (RFC 6940, section 6.7)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.live.overlay.document import ARRAY_USER
from conformance.live.overlay.framing import fragments
from conformance.live.overlay.peer import Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch, resource_of, signed, store_request
from conformance.live.overlay.writing import entry, new_transaction
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.links.framing import DTLS, TLS, linked
from conformance.live.scenarios.peer.routing.clients import ROLE
from conformance.live.scenarios.peer.routing.signing import TRANSACTION
from conformance.live.wants import NotSeen

LIFETIME = 15.0
"""Seconds for which fragments wait for their rest (section 6.7)."""
FLOOD = 500
"""Messages of which only the beginning comes."""


def long_ping(peer: Peer, octets: int = 2500) -> Written:
    """A Ping that is worth to be cut."""
    return peer.request("PingReq", {"padding": bytes(range(250)).hex() * (octets // 250)})


def cut(peer: Peer, written: Written, size: int = 1000) -> list[bytes]:
    """A message in fragments of at most so many octets."""
    return fragments(written.octets, peer.stage.overlay.context, size)


def give(peer: Peer, pieces: Sequence[bytes], label: str) -> None:
    """Each fragment in a frame of its own."""
    for one in pieces:
        peer.put(peer.link.frame(one, peer.stage.now), label=label)


@scenario(
    "peer/fragments",
    what="Messages come in fragments: in order, reversed, twice, overlapping, with one missing.",
    role=ROLE,
)
def in_fragments(stage: OverlayStage) -> None:
    """Over DTLS and over TLS; time for an answer behind each."""
    for transport in (DTLS, TLS):
        ann = linked(stage, f"ann-{transport}", transport)
        give(ann, cut(ann, long_ping(ann)), "whole")
        give(ann, cut(ann, long_ping(ann))[::-1], "whole")
        first, second, *rest = cut(ann, long_ping(ann), 900)
        give(ann, [second, *rest, first], "whole")
        give(ann, [one for one in cut(ann, long_ping(ann)) for _ in range(2)], "whole")
        written = long_ping(ann)
        give(ann, [*cut(ann, written, 800)[:2], *cut(ann, written, 1100)], "whole")
        stage.wait(stage.budget / 5)
        first, second, *rest = cut(ann, long_ping(ann), 900)
        give(ann, [first, *rest], "one-missing")
        stage.wait(stage.budget / 5)
        pieces = cut(ann, long_ping(ann), 900)
        other = pieces[1][:-1] + bytes([pieces[1][-1] ^ 1])
        give(ann, [pieces[0], other, *pieces[1:]], "contradicting")
        stage.wait(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/late-fragments",
    what="The rest of a message comes after ten seconds, of another one after sixteen.",
    role=ROLE,
    slow=True,
)
def late_fragments(stage: OverlayStage) -> None:
    """Fragments are kept for 15 seconds."""
    ann = linked(stage, "ann", DTLS)
    for seconds, label in ((LIFETIME - 5, "in-time"), (LIFETIME + 1, "too-late")):
        first, *rest = cut(ann, long_ping(ann))
        give(ann, [first], label)
        stage.wait(seconds)
        give(ann, rest, label)
        stage.wait(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/fragments-without-end",
    what="The beginnings of very many messages come, and one that is whole.",
    role=ROLE,
    slow=True,
)
def fragments_without_end(stage: OverlayStage) -> None:
    """And when all of them have been given up, one in fragments."""
    ann, ben = linked(stage, "ann", TLS), linked(stage, "ben", TLS)
    first = cut(ann, long_ping(ann))[0]
    try:
        for _ in range(FLOOD):
            one = first[:TRANSACTION] + int(new_transaction()).to_bytes(8) + first[TRANSACTION + 8 :]
            ann.put(ann.link.frame(one, stage.now), label="beginning")
    except NotSeen as gone:
        stage.note(str(gone))
    ben.ask("PingReq", {"padding": ""}, label="meanwhile")
    stage.alive()
    stage.wait(LIFETIME + 1)
    give(ben, cut(ben, long_ping(ben)), "afterwards")
    stage.wait(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/fragments-too-long", what="A message comes in fragments that is longer than max-message-size.", role=ROLE
)
def fragments_too_long(stage: OverlayStage) -> None:
    """And one that is not."""
    stage.overlay.document = stage.overlay.document.changed(max_message_size=6000)
    ann = linked(stage, "ann", TLS)
    give(ann, cut(ann, long_ping(ann)), "whole")
    stage.wait(stage.budget / 5)
    try:
        give(ann, cut(ann, long_ping(ann, 12_000)), "too-long")
    except NotSeen as gone:
        stage.note(str(gone))
    stage.wait(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/fragment-for-another", what="One fragment of a message for another client comes to the subject.", role=ROLE
)
def fragment_for_another(stage: OverlayStage) -> None:
    """Only the destination puts fragments together."""
    ann, ben = linked(stage, "ann", TLS), linked(stage, "ben", TLS)
    written = ann.request("PingReq", {"padding": "00" * 2500}, to=ben.node_id)
    give(ann, cut(ann, written)[:1], "fragment")
    stage.wait(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/long-answers", what="Values are fetched over DTLS whose answer is too long for one datagram.", role=ROLE
)
def long_answers(stage: OverlayStage) -> None:
    """Four values of as many octets as the Kind has room for."""
    ann = linked(stage, "ann", DTLS)
    for index in range(ARRAY_USER.max_count):
        value = signed(ann, ARRAY_USER, entry(index, bytes([index]) * ARRAY_USER.max_size), later=float(index))
        request = store_request(ann, [(ARRAY_USER, [value], 0)], resource_of(ann.identity, ARRAY_USER))
        ann.send(request)
        ann.success(request)
    fetch(ann, ARRAY_USER, label="long-answer")
    stage.alive()
