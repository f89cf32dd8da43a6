"""Answers that come back through a peer (RFC 6940, sections 6.1.2, 6.1.3 and 6.3.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import is_answer
from conformance.checks.rfc6940.live.labelled import Put, listed, put, vanished
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear, wrong
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

PEER = "peer"
OPAQUE = "opaque_id_type"


def received(evidence: Evidence, one: Put) -> Message | None:
    """What the harness sent, as the reader has it."""
    sent = (event.reload for event in evidence.events if event.direction == "received" and event.reload is not None)
    return next((each for each in sent if str(each.header["transaction_id"]) == one.transaction), None)


def opaque(places: list[Json]) -> bool:
    """Whether a list has an opaque ID in it."""
    return any(rules.member(each, "type") == OPAQUE for each in places)


def returned(evidence: Evidence, *, compressed: bool) -> Iterator[Ruling]:
    """The answers to requests from afar, on the link of who asked, with the Via List that they had; ``compressed``: only where opaque IDs stood for it."""
    for one in put(evidence, "from-afar"):
        asked = received(evidence, one)
        gone = [message for _, message in one.elsewhere if not is_answer(message)]
        if asked is None or not gone:
            yield unclear(one.event, why="the request was not passed on")
            continue
        if compressed and not opaque(listed(gone[0], "via_list")):
            yield unclear(one.event, why="the subject has not compressed the Via List")
            continue
        if not one.answers:
            yield wrong(one.event, why="no answer came back", expected="the answer", seen="nothing")
            continue
        event, answer = one.answers[0]
        wanted = list(reversed(listed(asked, "via_list")))
        got = listed(answer, "destination_list")
        good = bool(got) and rules.member(got[0], "type") == "node" and got[1:] == wanted
        yield rule(good, one.event, event, why="another way back", expected=f"who asked, then {wanted}", seen=got,
                   place="destination_list")  # fmt: skip


@check(
    "rfc6940/s06_1_3/unpacked", "An opaque ID of the subject in the Destination List of an answer is replaced by the Via List that it stood for.",
    "rfc6940:6.1.3/1", "rfc6940:6.1.2/5", "rfc6940:6.1.2/7", needs="an answer by an opaque ID of the subject", role=PEER, protocol="reload",
    scenarios=("peer/opaque-ids",),
)  # fmt: skip
def unpacked(evidence: Evidence) -> Iterator[Ruling]:
    """The Destination List with which the answer leaves."""
    yield from returned(evidence, compressed=True)


@check(
    "rfc6940/s06_1_2/slow-answer", "The way back is known for as long as the overlay-reliability-timer at least.", "rfc6940:6.1.2/6a",
    needs="an answer just before that time is over", role=PEER, protocol="reload", scenarios=("peer/slow-answers",),
)  # fmt: skip
def slow_answer(evidence: Evidence) -> Iterator[Ruling]:
    """The answer on the link of who asked."""
    yield from returned(evidence, compressed=False)


@check(
    "rfc6940/s06_3_2_2/outdated", "An answer by an opaque ID whose link is gone is dropped: nobody gets it, and nobody is told.",
    "rfc6940:6.3.2.2/8", "rfc6940:6.3.2.2/9", needs="an answer by an opaque ID of the subject when who asked is gone, and one that came back before",
    role=PEER, protocol="reload", scenarios=("peer/outdated-opaque-ids",),
)  # fmt: skip
def outdated(evidence: Evidence) -> Iterator[Ruling]:
    """No message under that transaction behind the answer."""
    returns = any(one.answers for one in put(evidence, "from-afar"))
    for one in put(evidence, "outdated"):
        answer = next((each.reload for each in evidence.events if each.number > one.event.number and each.direction == "received" and each.reload is not None), None)  # fmt: skip
        if answer is None or not opaque(listed(answer, "destination_list")):
            yield unclear(one.event, why="the subject has not compressed the Via List")
        else:
            yield vanished(evidence, one, returns)


@check(
    "rfc6940/s06_3_2_2/places-carried", "Opaque IDs of others, and places of a type that nobody knows, are carried along and come back.",
    "rfc6940:6.3.2.2/0", "rfc6940:6.1.2/5", needs="an answer to a request whose Via List has such places", role=PEER, protocol="reload",
    scenarios=("peer/places-of-others",),
)  # fmt: skip
def places_carried(evidence: Evidence) -> Iterator[Ruling]:
    """The Destination List with which the answer leaves."""
    yield from returned(evidence, compressed=False)
