"""What came of Stores and Fetches that a scenario sent under a label (RFC 6940, section 7.4).

Values of the harness say whether they may lie at the subject: those that may begin with ``good``, all others with ``bad``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from conformance.checks.rfc6940.exchanges import ERROR, asked, body_of, code_of, destinations, is_answer, judged
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, rule, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

FORBIDDEN, NOT_FOUND, GENERATION_TOO_LOW, TOO_LARGE, TOO_OLD, UNKNOWN_KIND = 2, 3, 5, 8, 9, 12
"""Error codes (section 14.9)."""
NAMES = {
    FORBIDDEN: "Error_Forbidden", NOT_FOUND: "Error_Not_Found", GENERATION_TOO_LOW: "Error_Generation_Counter_Too_Low",
    TOO_LARGE: "Error_Data_Too_Large", TOO_OLD: "Error_Data_Too_Old", UNKNOWN_KIND: "Error_Unknown_Kind",
}  # fmt: skip
STORE, FETCH, STAT, FIND, CONFIG_UPDATE = 7, 9, 25, 13, 33
ROLE = "storing-peer"
TRANSACTION = slice(20, 28)
"""Where a message has its transaction ID (section 6.3.2)."""


class Value(NamedTuple):
    """A value of a FetchAns, or what a StatAns tells of one."""

    kind: int
    generation: int
    place: str | int | None
    """An index, a key in hexadecimal, None for a single value."""
    exists: bool
    octets: bytes
    """Empty in a StatAns."""
    storage_time: int
    lifetime: int
    signed: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of the harness and what came back; where it is deliberately unreadable, its code is 0."""

    event: Seen
    code: int
    body: dict[str, Json]
    answers: tuple[tuple[Seen, Message], ...]


def labelled(evidence: Evidence, *labels: str) -> Iterator[Sent]:
    """The requests that a scenario sent under one of these labels; those that begin so, where a label ends with a colon."""
    for one in asked(evidence):
        if _named(one.event.label, labels):
            yield Sent(one.event, one.code, body_of(one.request), tuple(one.answers))
    for event in evidence.events:
        if event.protocol == "reload" and event.malformed and event.reload is None and _named(event.label, labels):
            transaction = str(int.from_bytes(event.octets[TRANSACTION]))
            back = tuple(
                (each, message) for each, message in judged(evidence)
                if each.number > event.number and each.destination == event.source and is_answer(message)
                and str(message.header["transaction_id"]) == transaction
            )  # fmt: skip
            yield Sent(event, 0, {}, back)


def _named(label: str, labels: tuple[str, ...]) -> bool:
    return any(label == each or (each.endswith(":") and label.startswith(each)) for each in labels)


def answer(one: Sent) -> tuple[Seen, Message] | None:
    """The first answer of the subject."""
    return next(((event, message) for event, message in one.answers if event.direction == "sent"), None)


def error_of(message: Message) -> int:
    """The error code; 0 where a message is no error."""
    return rules.number(body_of(message).get("error_code")) if code_of(message) == ERROR else 0


def says(message: Message) -> str:
    """What an answer says, in a word."""
    code = error_of(message)
    return NAMES.get(code, f"error {code}") if code else "success"


def granted(evidence: Evidence, *labels: str, why: str = "a Store that is right") -> Iterator[Ruling]:
    """Every request under these labels is answered without error."""
    for one in labelled(evidence, *labels):
        found = answer(one)
        if found is None:
            yield wrong(one.event, why=why, expected="success", seen="no answer")
        else:
            good = code_of(found[1]) == one.code + 1
            yield rule(good, one.event, found[0], why=why, expected="success", seen=says(found[1]))


def refused(
    evidence: Evidence, *labels: str, codes: tuple[int, ...] = (), why: str = "", silence: bool = False
) -> Iterator[Ruling]:
    """Every request under these labels is answered with one of these errors, or any; with ``silence``, or not at all."""
    expected = " or ".join(NAMES.get(one, str(one)) for one in codes) or "an error"
    for one in labelled(evidence, *labels):
        found = answer(one)
        if found is None and silence:
            alive = evidence.alive_after(one.event)
            if alive is not None:
                yield rule(alive, one.event, why=why, expected="life", seen="no answer, and no life after it")
        elif found is None:
            yield wrong(one.event, why=why, expected=expected, seen="no answer")
        else:
            code = error_of(found[1])
            yield rule(
                code in codes if codes else code != 0,
                one.event,
                found[0],
                why=why,
                expected=expected,
                seen=says(found[1]),
            )


def values(message: Message) -> list[Value]:
    """What a StoreReq, a FetchAns or a StatAns has."""
    found = []
    body = body_of(message)
    for kind in destinations(body.get("kind_responses") or body.get("kind_data")):
        number = rules.number(rules.member(kind, "kind"))
        counter = rules.member(kind, "generation")
        generation = rules.number(rules.member(kind, "generation_counter") if counter is None else counter)
        for one in destinations(rules.member(kind, "values")):
            found.append(value_of(number, generation, one))
    return found


def value_of(kind: int, generation: int, one: Json) -> Value:
    """A StoredData or StoredMetaData."""
    shaped = rules.member(one, "value") or rules.member(one, "metadata")
    place: str | int | None = None
    inner = rules.member(shaped, "single_value_entry")
    for name, where in (("array_entry", "index"), ("dictionary_entry", "key")):
        if (entry := rules.member(shaped, name)) is not None:
            known = rules.member(entry, where)
            place = known if isinstance(known, int) else str(known)
            inner = rules.member(entry, "value")
    octets = rules.member(inner, "value")
    identity = rules.member(rules.member(one, "signature"), "identity")
    return Value(
        kind=kind, generation=generation, place=place, exists=rules.member(inner, "exists") is True,
        octets=bytes.fromhex(octets) if isinstance(octets, str) else b"",
        storage_time=rules.number(rules.member(one, "storage_time")), lifetime=rules.number(rules.member(one, "lifetime")),
        signed=rules.member(identity, "identity_type") not in (None, "none"),
    )  # fmt: skip


def fetched(evidence: Evidence, *labels: str) -> Iterator[tuple[Sent, Seen, list[Value]]]:
    """The successful answers to the Fetches and Stats under these labels, with their values."""
    for one in labelled(evidence, *labels):
        found = answer(one)
        if found is not None and code_of(found[1]) == one.code + 1:
            yield one, found[0], values(found[1])


def unspoilt(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """What is fetched under these labels is there, and only what may be."""
    for one, event, found in fetched(evidence, *labels):
        there = [each.octets.decode("utf-8", "replace") for each in found if each.exists]
        good = bool(there) and all(each.startswith("good") for each in there)
        yield rule(
            good, one.event, event, why="what lies there", expected="what was stored, only good", seen=str(there)
        )


def empty(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """Nothing is fetched under these labels that exists."""
    for one, event, found in fetched(evidence, *labels):
        there = [each.octets.decode("utf-8", "replace") for each in found if each.exists]
        yield rule(not there, one.event, event, why="what lies there", expected="nothing", seen=str(there))
