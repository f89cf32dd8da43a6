"""What should lie at a subject after the Stores that it has granted, and what of it a Fetch or Stat asks for (RFC 6940, 7.2 and 7.4.2.1).

Lifetimes are not followed: it is for scenarios that are over sooner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from conformance.checks.rfc6940.exchanges import asked, body_of, code_of, destinations
from conformance.checks.rfc6940.live.storage.outcomes import FETCH, STAT, STORE, Sent, answer, value_of
from conformance.judge.evidence import Evidence
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

APPEND, END = 0xFFFFFFFF, -1
Place = str | int | None


@dataclass(slots=True)
class Shelf:
    """The values by resource and Kind, and within them by index or key; removed ones are not there."""

    rows: dict[tuple[str, int], dict[Place, bytes]] = field(default_factory=dict)
    lengths: dict[tuple[str, int], int] = field(default_factory=dict)
    """Of arrays: one more than the highest index that was ever stored."""

    def store(self, body: Mapping[str, Json]) -> None:
        """A Store that was granted."""
        for kind in destinations(body.get("kind_data")):
            number = rules.number(rules.member(kind, "kind"))
            key = (str(body.get("resource")), number)
            for each in destinations(rules.member(kind, "values")):
                one = value_of(number, 0, each)
                place = self.lengths.get(key, 0) if one.place == APPEND else one.place
                if isinstance(place, int):
                    self.lengths[key] = max(self.lengths.get(key, 0), place + 1)
                row = self.rows.setdefault(key, {})
                row.pop(place, None)
                if one.exists:
                    row[place] = one.octets

    def wanted(self, resource: str, specifier: Json) -> tuple[dict[Place, bytes], set[Place]]:
        """What a specifier asks for: the values that are there, and the gaps between them."""
        key = (resource, rules.number(rules.member(specifier, "kind")))
        row, chosen = self.rows.get(key, {}), rules.member(specifier, "model_specifier")
        keys, ranges = rules.member(chosen, "keys"), rules.member(chosen, "indices")
        if isinstance(keys, list):
            return {each: octets for each, octets in row.items() if not keys or each in keys}, set()
        if not isinstance(ranges, list):
            return dict(row), set()
        last = self.lengths.get(key, 0) - 1
        places: set[Place] = set()
        for one in rules.objects(ranges):
            first, end = (last if one[name] == END else rules.number(one[name]) for name in ("first", "last"))
            places |= set(range(first, min(end, last) + 1))
        return {each: row[each] for each in places if each in row}, {each for each in places if each not in row}


@dataclass(frozen=True, slots=True)
class Read:
    """A Fetch or Stat that was answered, and what it should have shown."""

    sent: Sent
    event: Seen
    answer: Message
    there: dict[int, dict[Place, bytes]]
    """The values by Kind and place."""
    gaps: dict[int, set[Place]]


def reads(evidence: Evidence) -> Iterator[Read]:
    """The Fetches and Stats that were granted, in order."""
    shelf = Shelf()
    for one in asked(evidence):
        sent = Sent(one.event, one.code, body_of(one.request), tuple(one.answers))
        found = answer(sent)
        if found is None or code_of(found[1]) != one.code + 1:
            continue
        if one.code == STORE:
            shelf.store(sent.body)
        elif one.code in (FETCH, STAT):
            resource = str(sent.body.get("resource"))
            wanted = {
                rules.number(rules.member(each, "kind")): shelf.wanted(resource, each)
                for each in destinations(sent.body.get("specifiers"))
            }
            there, gaps = ({kind: both[part] for kind, both in wanted.items()} for part in (0, 1))
            yield Read(sent, *found, there, gaps)  # type: ignore[arg-type]
