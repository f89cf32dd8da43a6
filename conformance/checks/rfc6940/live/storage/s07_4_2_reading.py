"""What lies at a peer, asked for in every way: Fetch, Stat, Find (RFC 6940, sections 7.2 and 7.4.2 to 7.4.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.exchanges import body_of, code_of, destinations
from conformance.checks.rfc6940.live.storage.outcomes import (
    FETCH,
    FIND,
    NOT_FOUND,
    ROLE,
    STAT,
    UNKNOWN_KIND,
    Value,
    answer,
    error_of,
    granted,
    labelled,
    refused,
    unspoilt,
    values,
)
from conformance.checks.rfc6940.live.storage.shelf import Read, reads
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json

storing = partial(check, role=ROLE, protocol="reload")
KNOWN = {"sha1", "sha224", "sha256", "sha384", "sha512"}


def _unknown(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """Refused, with all Kinds that are not known, and no others."""
    yield from granted(evidence, "good")
    yield from refused(evidence, *labels, codes=(UNKNOWN_KIND,), why="a Kind that nobody has configured")
    for one in labelled(evidence, *labels):
        found = answer(one)
        if found is None or error_of(found[1]) != UNKNOWN_KIND:
            continue
        asked = {rules.number(rules.member(each, "kind")) for each in _kinds(one.body)}
        wanted = asked - set(evidence.context.kinds)
        octets = bytes.fromhex(str(body_of(found[1]).get("error_info")))
        told = [int.from_bytes(octets[at : at + 4]) for at in range(1, len(octets), 4)]
        good = octets[:1] == bytes([4 * len(told)]) and set(told) == wanted
        yield rule(good, one.event, found[0], why="the Kinds", expected=str(wanted), seen=told, place="error_info")


def _kinds(body: dict[str, Json]) -> list[Json]:
    return destinations(body.get("kind_data")) or destinations(body.get("specifiers"))


@storing("rfc6940/s07_4_1_2/unknown-kind", "Store and Stat of a Kind that nobody has configured bring Error_Unknown_Kind, which lists those Kinds.",
         "rfc6940:7.4.1.1/6", "rfc6940:7.4.1.2/6", needs="a Store of an unknown Kind", scenarios=("storing-peer/unknown-kinds",))  # fmt: skip
def unknown_kind(evidence: Evidence) -> Iterator[Ruling]:
    """By itself, and two beside a known one, which is not stored."""
    yield from _unknown(evidence, "store unknown", "stat unknown")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_2_1/unknown-kind", "Fetch of a Kind that nobody has configured brings Error_Unknown_Kind, which lists those Kinds.",
         "rfc6940:7.4.2.1/1", "rfc6940:7.4.1.2/6", needs="a Fetch of an unknown Kind", level="SHOULD",
         scenarios=("storing-peer/unknown-kinds",))  # fmt: skip
def fetched_unknown_kind(evidence: Evidence) -> Iterator[Ruling]:
    """By itself, and two beside a known one."""
    yield from _unknown(evidence, "fetch unknown")


def _complete(evidence: Evidence, one: Read) -> Iterator[Ruling]:
    """All values that are wanted and there, and no others."""
    got: dict[int, dict[str | int | None, bytes]] = {kind: {} for kind in one.there}
    for each in values(one.answer):
        if each.exists:
            got.setdefault(each.kind, {})[each.place] = each.octets
    yield rule(got == one.there, one.sent.event, one.event, why="the values", expected=str(one.there), seen=str(got))


@storing("rfc6940/s07_4_2_2/all-values", "Whoever does not have the newest generation gets every value that was asked for, and no other.",
         "rfc6940:7.4.2.2/2", needs="Stores and Fetches of them",
         scenarios=("storing-peer/array", "storing-peer/dictionary", "storing-peer/seen-generation", "storing-peer/single-value"))  # fmt: skip
def all_values(evidence: Evidence) -> Iterator[Ruling]:
    """Single values, parts of arrays, entries of dictionaries, as they were stored before."""
    for one in reads(evidence):
        if one.sent.code == FETCH and one.sent.event.label != "fetch: known":
            yield from _complete(evidence, one)


@storing("rfc6940/s07_2_2/array", "An array takes a value at an index or at its end; in its gaps stand values that do not exist and nobody has signed.",
         "rfc6940:7.2.2/0", "rfc6940:7.4.2.2/0", needs="an array with a gap", scenarios=("storing-peer/array",))  # fmt: skip
def array(evidence: Evidence) -> Iterator[Ruling]:
    """The index of what was appended is the one it has."""
    yield from granted(evidence, "append", "good")
    for one in reads(evidence):
        yield from _complete(evidence, one)
        for kind, places in one.gaps.items():
            absent = {each.place for each in values(one.answer) if each.kind == kind and _made_up(each)}
            good = places <= absent
            yield rule(
                good,
                one.sent.event,
                one.event,
                why="the gaps",
                expected=f"made up values at {places}",
                seen=str(absent),
            )


def _made_up(one: Value) -> bool:
    return not one.exists and not one.octets and not one.signed


@storing("rfc6940/s07_2_3/dictionary", "A dictionary has one value for each key, and a key that nobody has used has one that does not exist.",
         "rfc6940:7.2.3/0", "rfc6940:7.4.2.2/0", needs="a dictionary", scenarios=("storing-peer/dictionary",))  # fmt: skip
def dictionary(evidence: Evidence) -> Iterator[Ruling]:
    """All entries without keys, else those that are named."""
    for one in reads(evidence):
        yield from _complete(evidence, one)
        if one.sent.event.label == "fetch: none":
            found = values(one.answer)
            good = all(_made_up(each) for each in found)
            yield rule(
                good,
                one.sent.event,
                one.event,
                why="an entry that is not there",
                expected="a made up value",
                seen=str(found),
            )


@storing("rfc6940/s07_4_2_1/known-generation", "Whoever has the newest generation gets no values, neither by Fetch nor by Stat.",
         "rfc6940:7.4.2.1/0", "rfc6940:7.4.3.2/0", needs="a Fetch with the generation that holds", scenarios=("storing-peer/seen-generation",))  # fmt: skip
def known_generation(evidence: Evidence) -> Iterator[Ruling]:
    """After another Store they come."""
    for one in reads(evidence):
        label, found = one.sent.event.label, values(one.answer)
        if label.endswith(": known"):
            yield rule(
                not found,
                one.sent.event,
                one.event,
                why="the generation that holds",
                expected="no values",
                seen=str(found),
            )
        elif label.endswith(": not known"):
            yield rule(bool(found), one.sent.event, one.event, why="an old generation", expected="values", seen="none")


@storing("rfc6940/s07_4_3_2/metadata", "A StatAns tells of each value whether it exists, its length, its time, and the digest with its four bytes of length.",
         "rfc6940:7.4.3.2/0", needs="Stores and a Stat of them", scenarios=("storing-peer/stat",))  # fmt: skip
def metadata(evidence: Evidence) -> Iterator[Ruling]:
    """Against what was stored, and the storage times against what is fetched."""
    times: dict[tuple[int, str | int | None], int] = {}
    for one in reads(evidence):
        for each in values(one.answer):
            if one.sent.code == FETCH:
                times[each.kind, each.place] = each.storage_time
        if one.sent.code != STAT:
            continue
        told = {(kind, place): _matches(meta, one.there[kind].get(place)) for kind, place, meta in _metadata(one)}
        missing = [(kind, place) for kind, row in one.there.items() for place in row if (kind, place) not in told]
        wrong = [place for place, good in told.items() if not good]
        yield rule(
            not missing and not wrong,
            one.sent.event,
            one.event,
            why="what is told",
            expected=str(one.there),
            seen=f"wrong {wrong}, missing {missing}",
        )
        for each in values(one.answer):
            if each.exists:
                wanted = times.get((each.kind, each.place))
                yield rule(
                    each.storage_time == wanted,
                    one.sent.event,
                    one.event,
                    why="the time",
                    expected=str(wanted),
                    seen=each.storage_time,
                )


def _metadata(one: Read) -> Iterator[tuple[int, str | int | None, Json]]:
    """Kind, place and MetaData of all that a StatAns tells."""
    for kind in destinations(body_of(one.answer).get("kind_responses")):
        number = rules.number(rules.member(kind, "kind"))
        for each in destinations(rules.member(kind, "values")):
            shaped = rules.member(each, "metadata")
            for name, where in (("array_entry", "index"), ("dictionary_entry", "key")):
                if (entry := rules.member(shaped, name)) is not None:
                    known = rules.member(entry, where)
                    yield number, known if isinstance(known, int) else str(known), rules.member(entry, "value")
            if (single := rules.member(shaped, "single_value_entry")) is not None:
                yield number, None, single


def _matches(meta: Json, octets: bytes | None) -> bool:
    """Whether a MetaData is that of a value, or of none."""
    exists, length = rules.member(meta, "exists"), rules.number(rules.member(meta, "value_length"))
    if octets is None:
        return exists is False and length == 0
    name, told = str(rules.member(meta, "hash_algorithm")), str(rules.member(meta, "hash_value"))
    digest = (
        hashlib.new(name, len(octets).to_bytes(4) + octets, usedforsecurity=False).hexdigest()
        if name in KNOWN
        else told
    )
    return exists is True and length == len(octets) and told == digest


@storing("rfc6940/s07_4_4_2/closest", "A FindAns names for every Kind the nearest resource that has it: at a resource that is there, that one; 0 for a Kind that is not known.",
         "rfc6940:7.4.4.2/2a", "rfc6940:7.4.4.2/3", needs="a Find", scenarios=("storing-peer/find",))  # fmt: skip
def closest(evidence: Evidence) -> Iterator[Ruling]:
    """One Kind, and an unknown one beside it."""
    yield from granted(evidence, "good", "find", "find: unknown")
    for one in labelled(evidence, "find", "find: unknown"):
        found = answer(one)
        if found is None or code_of(found[1]) != FIND + 1:
            continue
        told = {
            rules.number(rules.member(each, "kind")): str(rules.member(each, "closest")).strip("0")
            and str(rules.member(each, "closest"))
            for each in destinations(body_of(found[1]).get("results"))
        }
        kinds = [rules.number(each) for each in destinations(one.body.get("kinds"))]
        wanted = {each: str(one.body.get("resource")) if each in evidence.context.kinds else "" for each in kinds}
        yield rule(
            told == wanted,
            one.event,
            found[0],
            why="the nearest resources",
            expected=str(wanted),
            seen=told,
            place="results",
        )


@storing("rfc6940/s07_4_4_1/kind-twice", "A Find that names a Kind twice is refused.",
         "rfc6940:7.4.4.1/2", needs="a Find that names a Kind twice", scenarios=("storing-peer/find",))  # fmt: skip
def kind_twice(evidence: Evidence) -> Iterator[Ruling]:
    """With whatever error; without the second mention it is served."""
    yield from granted(evidence, "find")
    yield from refused(evidence, "bad: twice", why="a Find that names a Kind twice")


@storing("rfc6940/s07_4_4_2/find-elsewhere", "A Find for a resource that another peer is responsible for brings Error_Not_Found.",
         "rfc6940:7.4.4.2/1", needs="a Find to a peer that is not responsible", level="SHOULD", scenarios=("storing-peer/responsibility",))  # fmt: skip
def find_elsewhere(evidence: Evidence) -> Iterator[Ruling]:
    """In its own half of the ring it is served."""
    yield from granted(evidence, "good find")
    yield from refused(evidence, "bad find", codes=(NOT_FOUND,), why="a Find for another peer's resource")


@storing("rfc6940/s07_4_1_1/responsible", "With replica number zero only resources that the peer is responsible for are taken.",
         "rfc6940:7.4.1.1/4", needs="a Store to a peer that is not responsible", scenarios=("storing-peer/responsibility",))  # fmt: skip
def responsible(evidence: Evidence) -> Iterator[Ruling]:
    """In its own half of the ring, and in that of another peer."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad", why="a Store of another peer's resource")
    yield from unspoilt(evidence, "fetch")
