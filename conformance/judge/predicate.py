"""A check: one predicate over evidence, and how its rulings become a result.

A predicate yields one ruling per observation.  No observation at all is *not applicable*, never a
pass; every result says how many there were (``observed=n``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.judge.evidence import Evidence
from conformance.judge.seen import Seen, numbered
from conformance.run.model import Event, Finding, Level, Origin, Result, Verdict, deviation, held, noted

MOST_KEPT = 20
"""Findings of one sort kept in a result; the rest is counted."""
MOST_EVENTS = 60
"""Events of one result; a longer exchange is cut to what its findings rest on and their neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a predicate says of one observation."""

    right: bool | None
    """None: the precondition could not be established."""
    why: str
    events: tuple[int, ...]
    expected: str = ""
    seen: str = ""
    place: str = ""
    level: Level | None = None
    """Where this observation binds less than the check does."""


Predicate = Callable[[Evidence], Iterable[Ruling]]


def right(*events: Seen, why: str = "as required") -> Ruling:
    """The requirement is seen to hold."""
    return Ruling(right=True, why=why, events=numbered(events))


def wrong(*events: Seen, why: str, expected: str, seen: object, place: str = "", level: Level | None = None) -> Ruling:
    """The requirement is broken; the last event is the offender."""
    shown = str(seen)
    shown = shown if len(shown) <= 200 else f"{shown[:200]}... ({len(shown)} characters)"
    numbers = numbered(events)
    return Ruling(right=False, why=why, events=numbers, expected=expected, seen=shown, place=place, level=level)


def unclear(*events: Seen, why: str) -> Ruling:
    """The evidence at hand does not show what the requirement depends on."""
    return Ruling(right=None, why=why, events=numbered(events))


def rule(good: bool, *events: Seen, why: str, expected: str, seen: object, place: str = "") -> Ruling:
    """Right or wrong, by a condition."""
    return right(*events) if good else wrong(*events, why=why, expected=expected, seen=seen, place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One predicate with what it rests on."""

    id: str
    """``<specification>/<section>/<name>``; never reused."""
    what: str
    """What is required, in one sentence."""
    clauses: tuple[str, ...]
    level: Level
    role: str
    """Whom it binds: ``user-agent-client``, ``user-agent-server``, ``registrar``, ``peer``, ..."""
    protocol: str
    """``sip`` or ``reload``."""
    needs: str
    """What must be seen before it can say anything."""
    judge: Predicate
    errata: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    """The scenarios whose evidence can decide it; empty: any evidence, captures too."""


def check(
    identity: str, what: str, *clauses: str, needs: str, level: str = "MUST", role: str = "user-agent",
    protocol: str = "sip", errata: tuple[str, ...] = (), scenarios: tuple[str, ...] = (),
) -> Callable[[Predicate], Check]:  # fmt: skip
    """Makes a check of a predicate; a module of ``conformance.checks`` holds its checks as module-level names."""

    def made(predicate: Predicate) -> Check:
        return Check(
            id=identity, what=what, clauses=clauses, level=Level(level), role=role, protocol=protocol,
            needs=needs, judge=predicate, errata=errata, scenarios=scenarios,
        )  # fmt: skip

    return made


def apply(one: Check, evidence: Evidence, origin: Origin, *, prefix: str = "") -> Result:
    """The result of one check on evidence."""
    try:
        findings = tuple(_findings(one, list(one.judge(evidence))))
    except Exception as fault:  # noqa: BLE001 - a check that breaks says nothing about the subject, only about itself
        place = fault.__traceback__.tb_next if fault.__traceback__ else None
        where = f"{place.tb_frame.f_code.co_name} line {place.tb_lineno}" if place else ""
        why = f"the check itself broke: {type(fault).__name__}: {fault}"
        findings = (Finding(verdict=Verdict.HARNESS_ERROR, why=why, place=where),)
    return Result(
        id=prefix + one.id, what=one.what, clauses=one.clauses, level=one.level, role=one.role, format=one.protocol,
        origin=origin, findings=findings, events=_events(evidence, findings), errata=one.errata, kind="capture",
    )  # fmt: skip


def observed(result: Result) -> int:
    """How many observations a result rests on."""
    first = result.findings[0].why if result.findings else ""
    number = first.partition("observed=")[2].partition(";")[0].strip()
    return int(number) if number.isdigit() else 0


def _findings(one: Check, rulings: list[Ruling]) -> Iterable[Finding]:
    good = [ruling for ruling in rulings if ruling.right]
    bad = [ruling for ruling in rulings if ruling.right is False]
    open_ones = [ruling for ruling in rulings if ruling.right is None]
    count = len(good) + len(bad)
    if not count:
        events = [number for ruling in open_ones[:MOST_KEPT] for number in ruling.events]
        if open_ones:
            why = f"observed=0; {open_ones[0].why}"
            yield noted(why, verdict=Verdict.INCONCLUSIVE, events=events)
        else:
            yield noted(f"observed=0; nothing to judge: needs {one.needs}")
        return
    events = [number for ruling in good[:MOST_KEPT] for number in ruling.events]
    if good:
        yield held(f"observed={count}; {len(good)} as required", events=events)
    else:
        yield noted(f"observed={count}; none as required")
    for ruling in bad[:MOST_KEPT]:
        yield deviation(
            ruling.level or one.level, ruling.why, expected=ruling.expected, seen=ruling.seen,
            events=ruling.events, place=ruling.place,
        )  # fmt: skip
    if len(bad) > MOST_KEPT:
        yield noted(f"{len(bad) - MOST_KEPT} further deviations of the same sort are not listed")
    for ruling in open_ones[:MOST_KEPT]:
        yield noted(f"not judged: {ruling.why}", events=ruling.events)


def _events(evidence: Evidence, findings: tuple[Finding, ...]) -> tuple[Event, ...]:
    if len(evidence.events) <= MOST_EVENTS:
        return evidence.told
    cited = [number for finding in reversed(findings) for number in finding.events][:MOST_EVENTS]
    near = {number + step for number in cited[: MOST_EVENTS // 3] for step in (-1, 0, 1)}
    wanted = sorted(near | set(cited))
    return tuple(evidence.told[number - 1] for number in wanted if 1 <= number <= len(evidence.events))
