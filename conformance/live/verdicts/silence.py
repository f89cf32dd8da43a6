"""Silence is never a pass: evidence is judged as if its subject had said nothing more behind each of its messages.

A check that then holds something to be right for which only the harness has spoken, and behind which nothing shows the subject
alive, would be passed by a subject that has died.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.checks.rfc6940.exchanges import is_answer
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Check
from conformance.judge.seen import Seen
from conformance.live.verdicts.judging import Judged
from conformance.run.model import Json


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
            if not cut.events:
                continue
            for one in mine:
                if one.id not in told and _passed(one, cut, last):
                    told.add(one.id)
                    yield Lapse(one.id, each.id, last)


def fallen_silent(evidence: Evidence, last: int) -> Evidence:
    """The evidence without what the subject sent behind that message, and without the harness' answers to it."""
    answers = _answers(evidence)
    events = tuple(event for event in evidence.events if event.number <= last or _unasked(event, answers))
    if evidence.play is None:
        return replace(evidence, events=events)
    probes = tuple((number, answered and number <= last) for number, answered in evidence.play.probes)
    facts = tuple((number, one) for number, one in evidence.play.facts if number < last or not _its_doing(one))
    return replace(evidence, events=events, play=replace(evidence.play, complete=False, probes=probes, facts=facts))


def _unasked(event: Seen, answers: frozenset[int]) -> bool:
    """Whether the harness sends it whatever the subject does: no response, no acknowledgement."""
    reaction = event.sip is not None and (not event.sip.is_request or event.sip.method == "ACK")
    acknowledges = event.link is not None and event.link.get("type") == "ack"
    return event.direction == "received" and not (reaction or acknowledges or event.number in answers)


def _answers(evidence: Evidence) -> frozenset[int]:
    """The events in which the harness answers requests of an overlay: messages, their fragments, the frames around them."""
    asked = {
        str(event.reload.header["transaction_id"])
        for event in evidence.events
        if event.reload is not None and event.direction == "sent" and not is_answer(event.reload)
    }
    found: set[int] = set()
    for event in evidence.events:
        known = event.header is not None and str(event.header["transaction_id"]) in asked
        if known and event.direction == "received" and (event.reload is None or is_answer(event.reload)):
            found |= {event.number, event.number - 1} if not event.assembled else {event.number}
    return frozenset(found)


def _its_doing(fact: Mapping[str, Json]) -> bool:
    """Whether something about a link comes of what the subject does: it opens or closes one, or completes a handshake."""
    return fact.get("by") == "subject" or fact.get("what") == "open"


def _passed(one: Check, cut: Evidence, last: int) -> bool:
    """Whether something is right there that rests on the harness' own messages alone, the last of them behind the silence."""
    ours = {event.number for event in cut.events if event.direction == "received"}
    try:
        rulings = list(one.judge(cut))
    except Exception:  # noqa: BLE001 - what a scenario cannot leave behind may break a check, and that is no pass
        return False
    return any(
        ruling.right and ruling.events and ours.issuperset(ruling.events) and max(ruling.events) > last
        for ruling in rulings
    )
