"""Stores, taken and refused: counters, times, sizes, many at once (RFC 6940, sections 7, 7.4.1 and 13.5)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.exchanges import body_of, code_of, destinations
from conformance.checks.rfc6940.live.storage.outcomes import (
    GENERATION_TOO_LOW,
    ROLE,
    STORE,
    TOO_LARGE,
    TOO_OLD,
    answer,
    error_of,
    fetched,
    granted,
    labelled,
    refused,
    unspoilt,
)
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear
from conformance.lab import rules
from conformance.lab.context import Context
from conformance.lab.presentation.decoding import Decoder
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.refusal import Json, LabRefusal

storing = partial(check, role=ROLE, protocol="reload")
EVERY = ("storing-peer/single-value", "storing-peer/generations", "storing-peer/storage-times", "storing-peer/sizes")


def counters(evidence: Evidence, *labels: str) -> Iterator[tuple[tuple[str, int], int, Ruling]]:
    """What StoreAnswers say of the generation counters, in order: resource and Kind, the counter, that it is at least 1."""
    for one in labelled(evidence, *labels):
        found = answer(one)
        if found is None or code_of(found[1]) != STORE + 1:
            continue
        for each in destinations(body_of(found[1]).get("kind_responses")):
            counter = rules.number(rules.member(each, "generation_counter"))
            place = (str(one.body.get("resource")), rules.number(rules.member(each, "kind")))
            good = rule(
                counter >= 1, one.event, found[0], why="a generation counter", expected="1 or more", seen=counter
            )
            yield place, counter, good


@storing("rfc6940/s07_4_1_1/stored", "A Store that nothing speaks against succeeds, and its values are what is fetched then.",
         "rfc6940:7.4.1.1/17", "rfc6940:10.4/1", needs="a right Store and a Fetch", scenarios=("storing-peer/single-value",))  # fmt: skip
def stored(evidence: Evidence) -> Iterator[Ruling]:
    """One value, then another one in its place: octets, time and signature as they were stored."""
    yield from granted(evidence, "first", "second")
    for store, fetch in (("first", "fetch"), ("second", "fetch again")):
        wanted = [_values(one.body, "kind_data") for one in labelled(evidence, store)]
        for one, event, _ in fetched(evidence, fetch):
            found = answer(one)
            got = _values(body_of(found[1]), "kind_responses") if found else []
            yield rule(got in wanted, one.event, event, why="the values", expected=str(wanted), seen=got)


def _values(body: dict[str, Json], name: str) -> list[Json]:
    """The values of all Kinds, without their lifetimes."""
    found: list[Json] = []
    for kind in destinations(body.get(name)):
        for one in rules.objects(rules.member(kind, "values")):
            found.append({key: value for key, value in one.items() if key != "lifetime"})
    return found


@storing("rfc6940/s07_4_1_1/generation-raised", "An original Store that changes something raises the generation counter.",
         "rfc6940:7.4.1.1/18", needs="several Stores of one Kind", scenarios=EVERY)  # fmt: skip
def generation_raised(evidence: Evidence) -> Iterator[Ruling]:
    """From one answer to the next; and what is fetched has the last one."""
    last: dict[tuple[str, int], int] = {}
    for place, counter, good in counters(evidence, "good", "first", "second"):
        risen = counter > last.get(place, 0)
        yield good if risen else rule(False, why=f"after {last[place]}", expected="a higher counter", seen=counter)
        last[place] = counter
    for one, event, found in fetched(evidence, "fetch: last", "fetch again"):
        for each in found:
            wanted = last.get((str(one.body.get("resource")), each.kind))
            yield rule(
                each.generation == wanted,
                one.event,
                event,
                why="the counter",
                expected=str(wanted),
                seen=each.generation,
            )


@storing("rfc6940/s07_4_1_1/generation-equal", "A generation counter that is not zero has to equal the stored one.",
         "rfc6940:7.4.1.1/13", needs="Stores with the right counter and with others", scenarios=("storing-peer/generations",))  # fmt: skip
def generation_equal(evidence: Evidence) -> Iterator[Ruling]:
    """One above is refused as well, with whatever error."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad: too low", "bad: too high", why="a Store with another generation counter")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_1_2/generation-too-low", "A counter below the stored one brings Error_Generation_Counter_Too_Low, with a StoreAns that has the right one.",
         "rfc6940:7.4.1.2/2", "rfc6940:7.4.1.2/3", needs="a Store with a counter that is too low", scenarios=("storing-peer/generations",))  # fmt: skip
def generation_too_low(evidence: Evidence) -> Iterator[Ruling]:
    """The error_info is read as a StoreAns; its replicas are none."""
    yield from refused(
        evidence, "bad: too low", codes=(GENERATION_TOO_LOW,), why="a Store with a counter that is too low"
    )
    held = [each.generation for _, _, found in fetched(evidence, "fetch") for each in found]
    for one in labelled(evidence, "bad: too low"):
        found = answer(one)
        if found is None or error_of(found[1]) != GENERATION_TOO_LOW:
            continue
        if not held:
            yield unclear(one.event, found[0], why="the right counter was not fetched")
            continue
        told = _store_answer(bytes.fromhex(str(body_of(found[1]).get("error_info"))))
        wanted: list[tuple[int, int, list[Json]]] = [
            (rules.number(rules.member(each, "kind")), held[0], []) for each in destinations(one.body.get("kind_data"))
        ]
        yield rule(
            told == wanted,
            one.event,
            found[0],
            why="the error_info",
            expected=str(wanted),
            seen=told,
            place="error_info",
        )


def _store_answer(octets: bytes) -> list[tuple[int, int, list[Json]]]:
    """Kinds, counters and replicas of a StoreAns; none where it is not one."""
    try:
        value = Decoder(specified(), Context()).whole("StoreAns", octets)
    except LabRefusal:
        return []
    return [
        (rules.number(one.get("kind")), rules.number(one.get("generation_counter")), destinations(one.get("replicas")))
        for one in rules.objects(rules.member(value, "kind_responses"))
    ]


@storing("rfc6940/s07/too-old", "A value older than the one in its place brings Error_Data_Too_Old.",
         "rfc6940:7/1", needs="Stores of older values", scenarios=("storing-peer/storage-times",))  # fmt: skip
def too_old(evidence: Evidence) -> Iterator[Ruling]:
    """Played back, or signed anew; at another index an older one is taken."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad: older", codes=(TOO_OLD,), why="an older value")
    yield from unspoilt(evidence, "fetch")
    for one, event, found in fetched(evidence, "fetch"):
        back = any(b"played back" in each.octets for each in found)
        yield rule(not back, one.event, event, why="what was played back", expected="the newer value", seen=str(found))


@storing("rfc6940/s13_5_3/not-later", "A value whose storage time is not later than that of the one in its place is refused.",
         "rfc6940:13.5.3/2", needs="a Store with the same time", scenarios=("storing-peer/storage-times",))  # fmt: skip
def not_later(evidence: Evidence) -> Iterator[Ruling]:
    """Another value of the same millisecond, and older ones."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad: same", "bad: older", why="a value that is not later")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_1_2/too-large", "A value larger than the Kind allows brings Error_Data_Too_Large, one just as large is taken.",
         "rfc6940:7.4.1.2/5", "rfc6940:13.5.2/1", needs="a Store of more than max-size", scenarios=("storing-peer/sizes",))  # fmt: skip
def too_large(evidence: Evidence) -> Iterator[Ruling]:
    """By one byte, and by far."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad: large", codes=(TOO_LARGE,), why="a value that is too large")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_1_2/too-many", "More values than the Kind allows bring Error_Data_Too_Large, just as many are taken.",
         "rfc6940:7.4.1.2/5", needs="a Store of more than max-count", scenarios=("storing-peer/sizes",))  # fmt: skip
def too_many(evidence: Evidence) -> Iterator[Ruling]:
    """Elements of an array, entries of a dictionary."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad: many", codes=(TOO_LARGE,), why="one value too many")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_1_1/atomic", "One part of a Store that cannot be stored fails all of it, and everything is as it was before.",
         "rfc6940:7.4.1.1/2", "rfc6940:7.4.1.1/3", "rfc6940:7.4.1.1/7", needs="a Store of a right and a wrong part",
         scenarios=("storing-peer/atomic",))  # fmt: skip
def atomic(evidence: Evidence) -> Iterator[Ruling]:
    """Each test that a part can fail, in either order; values and counters are compared."""
    yield from granted(evidence, "good: both")
    yield from refused(evidence, "bad:", why="a Store with a part that cannot be stored")
    yield from unspoilt(evidence, "fetch")
    before = {place[1]: counter for place, counter, _ in counters(evidence, "good: both")}
    for one, event, found in fetched(evidence, "fetch"):
        for each in found:
            wanted = before.get(each.kind)
            yield rule(
                each.generation == wanted,
                one.event,
                event,
                why="the counter",
                expected=str(wanted),
                seen=each.generation,
            )
