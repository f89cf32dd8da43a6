"""What a node stores itself, and what it does where that is refused (RFC 6940, sections 7.4.1.2, 7.4.1.3 and 13.5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.exchanges import Asked, asked, body_of, destinations
from conformance.checks.rfc6940.live.storage.outcomes import (
    CONFIG_UPDATE,
    FETCH,
    GENERATION_TOO_LOW,
    UNKNOWN_KIND,
    Value,
    error_of,
)
from conformance.checks.rfc6940.live.storage.s10_4_redundancy import Copy, copies
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab.presentation.refusal import Json

asking = partial(check, role="node", protocol="reload")


def _own(evidence: Evidence) -> Iterator[tuple[Copy, Value]]:
    """The single values that the subject stores as their owner, in order."""
    for one in copies(evidence):
        if not one.number and one.resource:
            for value in one.values:
                if value.place is None:
                    yield one, value


@asking("rfc6940/s13_5_3/later", "Whoever stores a value anew gives it a later storage time, however soon that is.",
        "rfc6940:13.5.3/1", needs="a subject that stores several times", scenarios=("storing-peer/own-stores",))  # fmt: skip
def later(evidence: Evidence) -> Iterator[Ruling]:
    """From each to the next."""
    last: dict[tuple[str, int], tuple[Seen, int]] = {}
    for one, value in _own(evidence):
        key = (one.resource, value.kind)
        if key in last:
            before, time = last[key]
            yield rule(
                value.storage_time > time,
                before,
                one.asked.event,
                why="the storage time",
                expected=f"after {time}",
                seen=value.storage_time,
            )
        last[key] = (one.asked.event, value.storage_time)


@asking("rfc6940/s07_4_1_3/removal-lifetime", "Whoever removes a value gives the removal a lifetime no shorter than the value still had.",
        "rfc6940:7.4.1.3/1", needs="a subject that removes a value", level="SHOULD", scenarios=("storing-peer/own-stores",))  # fmt: skip
def removal_lifetime(evidence: Evidence) -> Iterator[Ruling]:
    """Against the value stored before."""
    ends: dict[tuple[str, int], tuple[Seen, float]] = {}
    for one, value in _own(evidence):
        key = (one.resource, value.kind)
        if not value.exists and key in ends:
            before, end = ends[key]
            left = end - one.asked.event.time
            yield rule(
                value.lifetime >= left - 1,
                before,
                one.asked.event,
                why="the lifetime",
                expected=f"{left:.0f} or more",
                seen=value.lifetime,
            )
        ends[key] = (one.asked.event, one.asked.event.time + value.lifetime)


def _refused(evidence: Evidence, code: int) -> Iterator[tuple[Asked, Seen]]:
    """The original Stores of the subject that were answered with an error, and that answer."""
    for one in copies(evidence):
        for event, message in one.asked.answers:
            if not one.number and error_of(message) == code:
                yield one.asked, event


def _after(evidence: Evidence, answer: Seen, code: int) -> Iterator[Asked]:
    """What the subject asks the same party after an answer."""
    for one in asked(evidence):
        if one.code == code and one.event.number > answer.number and one.event.direction == "sent":
            yield one


@asking("rfc6940/s07_4_1_2/kind-explained", "Whoever gets Error_Unknown_Kind sends a ConfigUpdate with the definition of the Kind.",
        "rfc6940:7.4.1.2/7", needs="a Store of the subject that is refused", scenarios=("storing-peer/own-unknown-kind",))  # fmt: skip
def kind_explained(evidence: Evidence) -> Iterator[Ruling]:
    """Of that Kind, to who does not know it."""
    for store, answer in _refused(evidence, UNKNOWN_KIND):
        wanted = [str(one["kind"]) for one in _objects(store, "kind_data")]
        found = [one for one in _after(evidence, answer, CONFIG_UPDATE) if one.event.destination == answer.source]
        if not found:
            alive = evidence.alive_after(answer)
            yield (
                unclear(store.event, answer, why="nobody asked whether it lives")
                if alive is None
                else wrong(store.event, answer, why="Error_Unknown_Kind", expected="a ConfigUpdate", seen="none")
            )
        for one in found[:1]:
            body = body_of(one.request)
            kinds = [bytes.fromhex(str(each)).decode("utf-8", "replace") for each in destinations(body.get("kinds"))]
            good = body.get("type") == "kind" and all(any(f'"{kind}"' in each for each in kinds) for kind in wanted)
            yield rule(
                good,
                store.event,
                answer,
                one.event,
                why="the ConfigUpdate",
                expected=f"Kinds {wanted}",
                seen=str(kinds),
            )


def _objects(one: Asked, name: str) -> list[dict[str, Json]]:
    return [each for each in destinations(body_of(one.request).get(name)) if isinstance(each, dict)]


@asking("rfc6940/s07_4_1_2/newer-looked-for", "Whoever gets Error_Generation_Counter_Too_Low for a Store of its own fetches what is there.",
        "rfc6940:7.4.1.2/4", needs="a Store of the subject that is refused", level="SHOULD", scenarios=("storing-peer/own-too-low",))  # fmt: skip
def newer_looked_for(evidence: Evidence) -> Iterator[Ruling]:
    """The same Kind at the same place."""
    for store, answer in _refused(evidence, GENERATION_TOO_LOW):
        at = body_of(store.request).get("resource")
        kinds = {one["kind"] for one in _objects(store, "kind_data") if isinstance(one["kind"], int)}
        found = [
            one for one in _after(evidence, answer, FETCH)
            if body_of(one.request).get("resource") == at and kinds & {each["kind"] for each in _objects(one, "specifiers")}
        ]  # fmt: skip
        if found:
            yield right(store.event, answer, found[0].event)
        elif evidence.alive_after(answer) is None:
            yield unclear(store.event, answer, why="nobody asked whether it lives")
        else:
            yield wrong(store.event, answer, why="a counter that is too low", expected="a Fetch", seen="none")
