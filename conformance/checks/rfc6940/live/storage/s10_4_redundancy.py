"""Copies, sent to two successors and taken from predecessors (RFC 6940, sections 7.3, 7.4.1 and 10.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from conformance.checks.rfc6940.exchanges import Asked, asked, body_of, code_of, destinations
from conformance.checks.rfc6940.live.storage.outcomes import (
    FETCH,
    FORBIDDEN,
    ROLE,
    STORE,
    TOO_OLD,
    Sent,
    Value,
    answer,
    empty,
    error_of,
    fetched,
    granted,
    labelled,
    refused,
    unspoilt,
    values,
)
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab import rules
from conformance.lab.reload import Message

storing = partial(check, role=ROLE, protocol="reload")
PARTY = re.compile(r"^(\S+) is ([0-9a-f]{32}) at ")
NEWER = ("storing-peer/newer-elsewhere", "storing-peer/higher-elsewhere", "storing-peer/highest-counter")


@dataclass(frozen=True, slots=True)
class Copy:
    """A Store of the subject's at a party, with a replica number or not."""

    asked: Asked
    to: str
    """The Node-ID of the party, in hexadecimal; empty where it is sent to a resource."""
    resource: str
    number: int
    values: list[Value]


def parties(evidence: Evidence) -> dict[str, str]:
    """The Node-IDs of the parties, by their names, as the scenario has noted them."""
    notes = evidence.play.notes if evidence.play else ()
    return {found[1]: found[2] for found in map(PARTY.match, notes) if found}


def copies(evidence: Evidence) -> Iterator[Copy]:
    """Every Store that the subject sends, once."""
    for one in asked(evidence):
        if one.code == STORE and one.event.direction == "sent":
            body = body_of(one.request)
            number = rules.number(body.get("replica_number"))
            yield Copy(one, _towards(one.request), str(body.get("resource")), number, values(one.request))


def _towards(message: Message) -> str:
    last = destinations(message.header["destination_list"])[-1:]
    node = rules.member(rules.member(last[0], "destination_data"), "node_id") if last else None
    return str(node or "")


def _replicated(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """What is stored under these labels goes on to both successors, with the numbers 1 and 2; to whom else is free."""
    known = parties(evidence)
    wanted = {(known.get("first"), 1), (known.get("second"), 2)}
    sent = list(copies(evidence))
    for one in labelled(evidence, *labels):
        found = answer(one)
        if found is None or code_of(found[1]) != STORE + 1:
            continue
        own = [(each.place, each.exists, each.octets, each.storage_time, each.signed) for each in _stored(one)]
        same = [
            each for each in sent
            if each.resource == one.body.get("resource") and each.asked.event.number > one.event.number
            and [(v.place, v.exists, v.octets, v.storage_time, v.signed) for v in each.values] == own
        ]  # fmt: skip
        told = {(each.to, each.number) for each in same}
        events = [each.asked.event for each in same]
        expected = "a copy to each of the two successors, numbered upwards from 1"
        yield rule(wanted <= told, one.event, *events, why="the copies", expected=expected, seen=str(sorted(told)))


def _stored(one: Sent) -> list[Value]:
    message = one.event.reload
    return values(message) if message is not None else []


@storing("rfc6940/s10_4/replicas-sent", "What is stored goes to both successors, with replica numbers counting up.",
         "rfc6940:10.4/2", needs="a Store to a peer with two successors", scenarios=("storing-peer/replicas",))  # fmt: skip
def replicas_sent(evidence: Evidence) -> Iterator[Ruling]:
    """A value, and another one in its place."""
    yield from _replicated(evidence, "good")


@storing("rfc6940/s07_4_1_3/removal-replicated", "A removed value goes to both successors like every other.",
         "rfc6940:7.4.1.3/2", "rfc6940:10.4/2", needs="a removal at a peer with two successors", scenarios=("storing-peer/replicas",))  # fmt: skip
def removal_replicated(evidence: Evidence) -> Iterator[Ruling]:
    """With its signature."""
    yield from _replicated(evidence, "remove")


@storing("rfc6940/s07_4_1_2/replicas-told", "A StoreAns names the peers that get copies.",
         "rfc6940:7.4.1.2/1", needs="a Store to a peer with two successors", scenarios=("storing-peer/replicas",))  # fmt: skip
def replicas_told(evidence: Evidence) -> Iterator[Ruling]:
    """The two successors."""
    known = parties(evidence)
    wanted = {known.get("first"), known.get("second")}
    for one in labelled(evidence, "good", "remove"):
        found = answer(one)
        if found is None or code_of(found[1]) != STORE + 1:
            continue
        for each in destinations(body_of(found[1]).get("kind_responses")):
            told = {str(node) for node in destinations(rules.member(each, "replicas"))}
            yield rule(
                told == wanted,
                one.event,
                found[0],
                why="the replicas",
                expected=str(wanted),
                seen=told,
                place="replicas",
            )


def _held(evidence: Evidence) -> Iterator[tuple[Copy, int, float]]:
    """Copies of what a scenario has stored, the lifetime that was given, and for how long it has lain at the subject."""
    for one in labelled(evidence, "good"):
        for value in _stored(one):
            for each in copies(evidence):
                if each.resource == one.body.get("resource") and each.values and each.number:
                    yield each, value.lifetime, each.asked.event.time - one.event.time


@storing("rfc6940/s07_4_1_1/lifetime-reduced", "What has lain at a peer goes on with a shorter lifetime.",
         "rfc6940:7.4.1.1/20", needs="a copy of a value that is old", scenarios=("storing-peer/late-replicas",))  # fmt: skip
def lifetime_reduced(evidence: Evidence) -> Iterator[Ruling]:
    """Whatever the algorithm is: by half of the time at least."""
    for copy, given, lain in _held(evidence):
        told = copy.values[0].lifetime
        yield rule(
            told < given - lain / 2,
            copy.asked.event,
            why="the lifetime",
            expected=f"less than {given}, by {lain:.0f} s",
            seen=told,
        )


@storing("rfc6940/s07_4_1_1/lifetime-left", "What has lain at a peer goes on with the lifetime that is left.",
         "rfc6940:7.4.1.1/21", needs="a copy of a value that is old", level="SHOULD", scenarios=("storing-peer/late-replicas",))  # fmt: skip
def lifetime_left(evidence: Evidence) -> Iterator[Ruling]:
    """Within two seconds, and what a busy network needs."""
    slack = 2.0 + (evidence.play.slack if evidence.play else 0.0)
    for copy, given, lain in _held(evidence):
        told = copy.values[0].lifetime
        yield rule(
            abs(told - (given - lain)) <= slack,
            copy.asked.event,
            why="the lifetime",
            expected=f"{given - lain:.0f}",
            seen=told,
        )


@storing("rfc6940/s07_4_1_1/newer-fetched", "Where another peer refuses a copy because it has something newer, that is fetched and taken.",
         "rfc6940:7.4.1.1/22", needs="a copy that is refused as too old", scenarios=NEWER)  # fmt: skip
def newer_fetched(evidence: Evidence) -> Iterator[Ruling]:
    """Seen by the Fetch, and by what the subject gives to others then."""
    own = {one.body.get("resource") for one in labelled(evidence, "good")}
    for one in copies(evidence):
        for event, message in one.asked.answers:
            if one.resource in own and error_of(message):
                yield _fetch_after(evidence, one, event.number)
    for sent, event, found in fetched(evidence, "fetch"):
        there = [each.octets for each in found if each.exists]
        yield rule(
            there == [b"good of the successor"],
            sent.event,
            event,
            why="the value",
            expected="the newer one",
            seen=str(there),
        )


def _fetch_after(evidence: Evidence, copy: Copy, number: int) -> Ruling:
    for each in asked(evidence):
        if each.code == FETCH and each.event.number > number and body_of(each.request).get("resource") == copy.resource:
            return right(copy.asked.event, each.event)
    return wrong(copy.asked.event, why="a refused copy", expected="a Fetch", seen="none")


@storing("rfc6940/s07_4_2_2/forged-discarded", "Fetched values whose signature does not hold are thrown away.",
         "rfc6940:7.4.2.2/3", "rfc6940:7.4.2.2/4", needs="a Fetch of the subject's that is answered with a forged value",
         scenarios=("storing-peer/forged-elsewhere", "storing-peer/hostile-successor"))  # fmt: skip
def forged_discarded(evidence: Evidence) -> Iterator[Ruling]:
    """The subject's own value stays."""
    yield from granted(evidence, "good")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s10_4/copy-stored", "Copies from the predecessors whose replica set a peer is in are stored.",
         "rfc6940:10.4/4", "rfc6940:7.4.1.1/5", needs="copies from predecessors", scenarios=("storing-peer/copies",))  # fmt: skip
def copy_stored(evidence: Evidence) -> Iterator[Ruling]:
    """From the next one and from the one before it; what is older than what is there is not."""
    yield from granted(evidence, "good", "good: lower", why="a copy")
    yield from refused(evidence, "bad: older", codes=(TOO_OLD,), why="an older copy")
    yield from unspoilt(evidence, "fetch:")


@storing("rfc6940/s07_4_1_1/copy-counter", "The generation counter of a copy is taken, whatever the one before was.",
         "rfc6940:7.4.1.1/14a", "rfc6940:7.4.1.1/14b", needs="copies with a higher and a lower counter", scenarios=("storing-peer/copies",))  # fmt: skip
def copy_counter(evidence: Evidence) -> Iterator[Ruling]:
    """What is fetched after each has its counter."""
    yield from granted(evidence, "good", "good: lower", why="a copy")
    for one, event, found in fetched(evidence, "fetch:"):
        wanted = one.event.label.rpartition(" ")[2]
        told = [str(each.generation) for each in found]
        yield rule(told == [wanted], one.event, event, why="the counter", expected=wanted, seen=told)


@storing("rfc6940/s07_4_1_1/copy-sender", "Copies from a node that is not near the resource bring Error_Forbidden.",
         "rfc6940:7.4.1.1/11", "rfc6940:7.4.1.1/12", "rfc6940:7.3/3b", needs="a copy from a far node", scenarios=("storing-peer/stray-copies",))  # fmt: skip
def copy_sender(evidence: Evidence) -> Iterator[Ruling]:
    """A peer far away, and a client; that of the right predecessor is stored."""
    yield from granted(evidence, "good", why="a copy")
    yield from refused(evidence, "bad: sender", codes=(FORBIDDEN,), why="a copy from a far node")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s10_4/copy-predecessor", "A peer sees to it that a copy comes from a predecessor that is responsible for it.",
         "rfc6940:10.4/3", needs="copies from a right and a wrong node", level="SHOULD", scenarios=("storing-peer/stray-copies",))  # fmt: skip
def copy_predecessor(evidence: Evidence) -> Iterator[Ruling]:
    """The sender, and what it is responsible for."""
    yield from granted(evidence, "good", why="a copy")
    yield from refused(evidence, "bad:", why="a copy from the wrong node")


@storing("rfc6940/s07_4_1_1/copy-resource", "Copies of what a peer should hold no replica of are refused.",
         "rfc6940:7.4.1.1/5", needs="a copy of a far resource", scenarios=("storing-peer/stray-copies",))  # fmt: skip
def copy_resource(evidence: Evidence) -> Iterator[Ruling]:
    """Of a quarter of the ring away."""
    yield from granted(evidence, "good", why="a copy")
    yield from refused(evidence, "bad: resource", why="a copy of a far resource")
    yield from empty(evidence, "fetch: none")


@storing("rfc6940/s07_3/copy-signer", "In a copy it is the signer of the value that has to have the right to write it.",
         "rfc6940:7.3/3a", needs="copies of right and of wrong values", scenarios=("storing-peer/forged-copies",))  # fmt: skip
def copy_signer(evidence: Evidence) -> Iterator[Ruling]:
    """The predecessor that sends it has none itself."""
    yield from granted(evidence, "good", why="a copy")
    yield from refused(evidence, "bad", codes=(FORBIDDEN,), why="a copy with the value of somebody else")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s10_4/answered-first", "A Store is carried out and answered, whatever becomes of its copies.",
         "rfc6940:10.4/1", needs="a Store to a peer whose successors refuse copies", scenarios=("storing-peer/silent-successors",))  # fmt: skip
def answered_first(evidence: Evidence) -> Iterator[Ruling]:
    """One successor is silent, the other one refuses."""
    yield from granted(evidence, "good")
    yield from unspoilt(evidence, "fetch")
