"""Judges what was played: each check over the evidence of all scenarios, one result a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.judge.catalog import checks
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Check, apply, observed
from conformance.live.evidence import read_played
from conformance.live.playing import FAULT, NOT_CLAIMED
from conformance.live.roles import bound
from conformance.run.model import Event, Finding, Json, Origin, Result, Verdict, noted

KIND = "live"
"""The kind of a result over scenarios."""
MOST_EVENTS = 60
"""Events of one result; those of the scenarios that decide it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One scenario with its evidence."""

    evidence: Evidence
    log: Mapping[str, Json]
    folder: Path

    @property
    def id(self) -> str:
        """The scenario's id."""
        return str(self.log["scenario"])


def read_scenarios(folders: Iterable[Path]) -> list[Judged]:
    """The evidence of several scenarios; raises Misuse."""
    return [Judged(*read_played(folder), folder) for folder in folders]


def chosen_checks(roles: Iterable[str]) -> list[Check]:
    """The checks of SIP that bind these roles."""
    roles = bound(roles)
    return [one for one in checks() if one.protocol == "sip" and one.role in roles]


def judge_scenarios(played: Sequence[Judged], some: Iterable[Check], subject: str) -> list[Result]:
    """One result for each check."""
    origin = Origin(how="recorded", source=f"played with {subject}")
    return [_merged(one, [each for each in played if not one.scenarios or each.id in one.scenarios], origin) for one in some]


def _merged(one: Check, played: Sequence[Judged], origin: Origin) -> Result:
    parts = [(each, apply(one, each.evidence, origin)) for each in played]
    told = [(each, part) for each, part in parts if observed(part) or part.verdict.rank > Verdict.PASS.rank]
    findings: list[Finding] = []
    events: list[Event] = []
    for each, part in sorted(told, key=lambda pair: -pair[1].verdict.rank):
        room = MOST_EVENTS - len(events)
        start = len(events)
        shown = part.events[: max(0, room)]
        if shown and (not events or part.verdict.rank > Verdict.PASS.rank):
            events += _renumbered(each, shown, start)
        kept = {event.number: number for number, event in enumerate(shown, start + 2)} if len(events) > start else {}
        findings += [_told(each, finding, kept) for finding in part.findings]
    if not told:
        findings.append(_unseen(one, played))
    return Result(
        id=one.id, what=one.what, clauses=one.clauses, level=one.level, role=one.role, format=one.protocol,
        origin=origin, findings=tuple(findings), events=tuple(events), errata=one.errata, kind=KIND,
    )  # fmt: skip


def _renumbered(each: Judged, events: Sequence[Event], start: int) -> list[Event]:
    """The events of a scenario behind those of others, with its name in front."""
    title = Event(
        number=start + 1, time=events[0].time, source=events[0].source, destination=events[0].source, kind="note",
        protocol="sip", summary=f"scenario {each.id}",
    )  # fmt: skip
    return [title, *(replace(event, number=number) for number, event in enumerate(events, start + 2))]


def _told(each: Judged, finding: Finding, kept: Mapping[int, int]) -> Finding:
    events = tuple(kept[number] for number in finding.events if number in kept)
    return replace(finding, why=f"{each.id}: {finding.why}", events=events)


def _unseen(one: Check, played: Sequence[Judged]) -> Finding:
    """Nothing was observed: inconclusive where a scenario that could show it did not come so far."""
    if one.scenarios and not played:
        return noted(f"its scenario was not played: {', '.join(one.scenarios)}", verdict=Verdict.NOT_OBSERVABLE)
    broken = [each for each in played if one.scenarios and not (each.evidence.play and each.evidence.play.complete)]
    for each in broken:
        if each.log["ended"] == FAULT:
            return Finding(verdict=Verdict.HARNESS_ERROR, why=f"{each.id}: {each.log['why']}")
    if broken and all(each.log["ended"] == NOT_CLAIMED for each in broken):
        return noted(f"{broken[0].id}: {broken[0].log['why']}")
    if broken:
        return noted(f"{broken[0].id} ended early: {broken[0].log['why']}", verdict=Verdict.INCONCLUSIVE)
    return noted(f"observed=0; nothing to judge: needs {one.needs}")
