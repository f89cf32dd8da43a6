"""Judges what was played: each check over the evidence of all scenarios, one result a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from conformance.judge.catalog import checks
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Check, apply, observed
from conformance.live.evidence import read_played
from conformance.live.playing import FAULT, NOT_CLAIMED
from conformance.live.roles import binds
from conformance.live.scenario import protocol_of
from conformance.live.verdicts.indifference import one_word, refuses_alike
from conformance.run.model import (
    Event,
    Finding,
    Json,
    Level,
    NotRun,
    Origin,
    Result,
    Verdict,
    noted,
)

KIND = "live"
"""The kind of a result over scenarios."""
MOST_EVENTS = 60
"""Events of one result; those of the scenarios that decide it."""
AMISS = (Verdict.FAIL, Verdict.NONSTRICT)
FEW = 12
"""Events with which a result is shown where nothing is wrong."""


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
    """The checks that bind these roles, each of the protocol that they speak."""
    found: dict[str, Check] = {}
    for role in roles:
        protocol = protocol_of(role)
        found |= {one.id: one for one in checks() if one.protocol == protocol and binds(one, (role,))}
    return [one for one in checks() if one.id in found]


def judge_scenarios(
    played: Sequence[Judged], some: Iterable[Check], subject: str, *, own: bool = False
) -> list[Result]:
    """One result for each check; ``own`` is the reference of this project.

    A subject that has one word for everything passes nothing.
    """
    results = judge_each(played, some, subject, own=own)
    chance = one_word([each.evidence for each in played])
    return [_doubted(one, chance) if chance else one for one in results]


def judge_each(played: Sequence[Judged], some: Iterable[Check], subject: str, *, own: bool = False) -> list[Result]:
    """The same, each check by itself: what the subject does elsewhere says nothing about it."""
    origin = Origin(how="own" if own else "recorded", source=f"played with {subject}")
    broken = [_broken(each, origin) for each in played if each.log["ended"] == FAULT]
    return [*broken, *(_merged(one, _deciding(one, played), origin) for one in some)]


def _doubted(result: Result, chance: str) -> Result:
    """A pass that came about by chance is none."""
    if result.verdict is not Verdict.PASS:
        return result
    return replace(result, findings=(noted(f"observed=0; {chance}", verdict=Verdict.INCONCLUSIVE),))


def _broken(each: Judged, origin: Origin) -> Result:
    """A scenario that is at fault itself; nothing is said about the subject."""
    return Result(
        id=f"scenarios/{each.id}", what=f"The harness plays: {each.log['what']}", clauses=("rfc3261:7/0",),
        level=Level.MUST, role="suite", format="sip", origin=origin, kind=KIND, scenario=each.id,
        findings=(Finding(verdict=Verdict.HARNESS_ERROR, why=str(each.log["why"])),),
    )  # fmt: skip


def cut_short(played: Iterable[Judged]) -> list[NotRun]:
    """The scenarios that ended before their end, with the reason."""
    return [
        NotRun(what=f"the rest of scenario {each.id}", why=str(each.log["why"]))
        for each in played
        if each.evidence.play and not each.evidence.play.complete
    ]


def _deciding(one: Check, played: Sequence[Judged]) -> list[Judged]:
    """The scenarios that can decide a check: a general one is not judged on what answers malformed messages.

    Neither is it on scenarios of roles that it does not bind: what a proxy passes on is not its own.
    """
    if one.scenarios:
        return [each for each in played if each.id in one.scenarios]
    bound_ones = [each for each in played if binds(one, (each.id.partition("/")[0],))]
    return [each for each in bound_ones if not any(event.malformed for event in each.evidence.events)]


def _merged(one: Check, played: Sequence[Judged], origin: Origin) -> Result:
    parts = [(each, _applied(one, each, origin)) for each in played]
    told = [(each, part) for each, part in parts if observed(part) or part.verdict.rank > Verdict.PASS.rank]
    told.sort(key=lambda pair: -pair[1].verdict.rank)
    findings: list[Finding] = []
    events: list[Event] = []
    for each, part in told:
        shown = () if events and part.verdict.rank <= Verdict.PASS.rank else _shown(part, MOST_EVENTS - len(events))
        kept = {event.number: number for number, event in enumerate(shown, len(events) + 2)}
        events += _renumbered(each, shown, len(events))
        findings += [_told(each, finding, kept) for finding in part.findings]
    if not told:
        findings.append(_unseen(one, played))
    return Result(
        id=one.id, what=one.what, clauses=one.clauses, level=one.level, role=one.role, format=one.protocol,
        origin=origin, findings=tuple(findings), events=tuple(events), errata=one.errata, kind=KIND,
        scenario=_scenario(one, played, told[0][0] if told else None),
    )  # fmt: skip


def _applied(one: Check, each: Judged, origin: Origin) -> Result:
    """The result of one scenario; where the subject refuses all that it is asked, a check of this scenario is not met by that."""
    part = apply(one, each.evidence, origin)
    if one.scenarios and one.protocol == "reload" and each.log["ended"] == NOT_CLAIMED and part.verdict in AMISS:
        # What a foreign overlay cannot be asked for is found out on the way, and what a check compares with is then missing.
        why = f"observed=0; the scenario could not be played to its end: {each.log['why']}"
        return replace(part, findings=(noted(why, verdict=Verdict.INCONCLUSIVE),))
    chance = refuses_alike(each.evidence) if one.scenarios and part.verdict is Verdict.PASS else ""
    return _doubted(part, chance) if chance else part


def _scenario(one: Check, played: Sequence[Judged], deciding: Judged | None) -> str:
    """The scenario that a reader looks at first."""
    if deciding is not None:
        return deciding.id
    return played[0].id if one.scenarios and played else ""


def _shown(part: Result, room: int) -> Sequence[Event]:
    """The events that a result is shown with: where something is wrong all, else those around the first that it rests on."""
    if part.verdict.rank > Verdict.PASS.rank:
        return part.events[: max(0, room)]
    cited = [number for finding in part.findings for number in finding.events][:FEW]
    end = max(cited, default=0)
    return [event for event in part.events if event.number <= end][-FEW:][: max(0, room)]


def _renumbered(each: Judged, events: Sequence[Event], start: int) -> list[Event]:
    """The events of a scenario behind those of others, with its name in front."""
    if not events:
        return []
    remarks = {one["frame"]: one for one in cast("Sequence[Mapping[str, Json]]", each.log["entries"])}
    named = {event.number: _named(event, remarks.get(event.frame, {})) for event in events}
    first = named[events[0].number]
    title = Event(
        number=start + 1, time=first.time, source=first.source, destination=first.source, kind="note", protocol="sip",
        summary=f"scenario {each.id}",
    )  # fmt: skip
    return [title, *(replace(named[event.number], number=number) for number, event in enumerate(events, start + 2))]


def _named(event: Event, remark: Mapping[str, Json]) -> Event:
    """The event with its ends as a reader knows them: the subject, or a party of the scenario."""
    party = str(remark.get("party", ""))
    source, destination = ("subject", party) if remark.get("by") == "subject" else (party, "subject")
    if not party:
        return event
    return replace(event, source=f"{source} {event.source}", destination=f"{destination} {event.destination}")


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
