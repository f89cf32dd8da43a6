"""Silence is never a pass: evidence is judged as if its subject had said nothing more behind each of its messages.

A check that then holds something to be right for which only the harness has spoken, and behind which nothing shows the subject
alive, would be passed by a subject that has died.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Check
from conformance.judge.seen import Seen
from conformance.live.verdicts.judging import Judged


@dataclass(frozen=True, slots=True)
class Lapse:
    """A check that is passed by silence."""

    check: str
    scenario: str
    behind: int
    """The number of the subject's last message; 0 where it never said anything."""


def lapses(played: Iterable[Judged], some: Sequence[Check]) -> Iterator[Lapse]:
    """Every such check, once for each scenario, with the last message of the first cut that shows it."""
    for each in played:
        told: set[str] = set()
        mine = [one for one in some if each.id in one.scenarios]
        for last in (0, *(event.number for event in each.evidence.events if event.direction == "sent")):
            cut = fallen_silent(each.evidence, last)
            for one in mine:
                if one.id not in told and _passed(one, cut, last):
                    told.add(one.id)
                    yield Lapse(one.id, each.id, last)


def fallen_silent(evidence: Evidence, last: int) -> Evidence:
    """The evidence without what the subject sent behind that message, and without the harness' answers to it."""
    events = tuple(event for event in evidence.events if event.number <= last or _unasked(event))
    if evidence.play is None:
        return replace(evidence, events=events)
    probes = tuple((number, answered and number <= last) for number, answered in evidence.play.probes)
    return replace(evidence, events=events, play=replace(evidence.play, complete=False, probes=probes))


def _unasked(event: Seen) -> bool:
    """Whether the harness sends it whatever the subject does: no response, and no ACK."""
    reaction = event.sip is not None and (not event.sip.is_request or event.sip.method == "ACK")
    return event.direction == "received" and not reaction


def _passed(one: Check, cut: Evidence, last: int) -> bool:
    """Whether something is right there that rests on the harness' own messages alone, the last of them behind the silence."""
    ours = {event.number for event in cut.events if event.direction == "received"}
    return any(
        ruling.right and ruling.events and ours.issuperset(ruling.events) and max(ruling.events) > last
        for ruling in one.judge(cut)
    )
