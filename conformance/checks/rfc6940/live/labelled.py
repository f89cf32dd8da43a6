"""What a scenario sent under a label, and what the subject made of it: answers, and the same message on its way elsewhere.

The frame is looked at, not the message in it: what is deliberately wrong may not be readable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.rfc6940.exchanges import ERROR, body_of, code_of, is_answer
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, right, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

FRAME = 8
"""Octets before the message in a data frame."""
TRANSACTION = slice(20, 28)
"""Where a message has its transaction ID."""


@dataclass(frozen=True, slots=True)
class Put:
    """One frame with a message, or with a fragment of one."""

    event: Seen
    octets: bytes
    """The message."""
    answers: tuple[tuple[Seen, Message], ...]
    """What the subject sent back behind it under the same transaction ID, to whoever sent it."""
    elsewhere: tuple[tuple[Seen, Message], ...]
    """What it sent to others behind it under the same transaction ID."""

    @property
    def transaction(self) -> str:
        """The transaction ID."""
        return str(int.from_bytes(self.octets[TRANSACTION]))

    @property
    def error(self) -> int:
        """The code of the error that it was answered with first; 0 where it was not."""
        return error_of(self.answers[0][1]) if self.answers else 0

    @property
    def outcome(self) -> str:
        """What came of it, in a word."""
        if not self.answers:
            return "no answer"
        return f"error {self.error}" if self.error else f"an answer with code {code_of(self.answers[0][1])}"


def error_of(message: Message) -> int:
    """The error code; 0 where the message is no error."""
    if code_of(message) != ERROR:
        return 0
    return rules.number(body_of(message).get("error_code"))


def put(evidence: Evidence, *labels: str) -> Iterator[Put]:
    """Everything that a scenario sent under one of these labels, in order."""
    for event in evidence.labelled(*labels):
        if event.link is None or event.link["type"] != "data":
            continue
        octets = event.octets[FRAME:]
        transaction = str(int.from_bytes(octets[TRANSACTION]))
        same = [
            (one, one.reload) for one in evidence.events
            if one.number > event.number and one.direction == "sent" and one.reload is not None
            and str(one.reload.header["transaction_id"]) == transaction
        ]  # fmt: skip
        back = [pair for pair in same if pair[0].destination == event.source and is_answer(pair[1])]
        yield Put(event, octets, tuple(back), tuple(pair for pair in same if pair not in back))


def party_of(evidence: Evidence, event: Seen) -> str:
    """The name of the party that a message of the subject came to, or that sent one; empty where it is not known."""
    theirs = event.destination if event.direction == "sent" else event.source
    for _, fact in evidence.play.facts if evidence.play else ():
        if fact.get("near") == theirs:
            return str(fact["party"])
    return ""


def listed(message: Message, name: str) -> list[Json]:
    """A list of the forwarding header."""
    found = message.header[name]
    return list(found) if isinstance(found, list) else []


def closed(evidence: Evidence, event: Seen) -> bool:
    """Whether the subject closed the link of something that it was sent, after that."""
    facts = evidence.play.facts if evidence.play else ()
    return any(
        number >= event.number and fact.get("near") == event.source and fact.get("what") == "closed" and fact.get("by") == "subject"
        for number, fact in facts
    )  # fmt: skip


def fails(one: Put, expected: str, why: str = "not refused") -> Ruling:
    """Something else came of it than what is required."""
    last = [one.answers[0][0]] if one.answers else []
    return wrong(one.event, *last, why=why, expected=expected, seen=one.outcome)


def refused(one: Put, *codes: int) -> Ruling:
    """Whether it was answered with one of these errors, and not passed on."""
    expected = f"error {' or '.join(map(str, codes))}"
    if one.elsewhere:
        return wrong(
            one.event, one.elsewhere[0][0], why="passed on", expected=expected, seen="the message at another node"
        )
    return right(one.event, one.answers[0][0]) if one.error in codes else fails(one, expected)


def granted(one: Put) -> Ruling:
    """Whether it was answered without an error."""
    good = bool(one.answers) and not one.error
    return right(one.event, one.answers[0][0]) if good else fails(one, "an answer without error", "not served")


def vanished(evidence: Evidence, one: Put, served: bool) -> Ruling:
    """Whether nothing came of it, while the subject lives and serves what it should."""
    alive = evidence.alive_after(one.event)
    if one.answers or one.elsewhere:
        seen = one.outcome if one.answers else "the message at another node"
        return wrong(one.event, why="not dropped in silence", expected="nothing", seen=seen)
    if alive is False:
        return wrong(one.event, why="it is dead", expected="nothing, and life", seen="no life")
    if alive is None or not served:
        return unclear(one.event, why="nothing shows that it serves anything")
    return right(one.event)
