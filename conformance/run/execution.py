"""Running cases against an adapter: ask everything, number the events, judge."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from conformance.checks.case import Case, Outcome, Request
from conformance.run.model import Event, Finding, Json, Result, Subject, Verdict, noted, worst
from conformance.targets.process import Adapter

HELLO = Request(step="hello", command="hello", params={}, summary="hello")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a subject says of itself; empty where it says nothing."""

    name: str
    version: str
    roles: tuple[str, ...]
    formats: tuple[str, ...]
    headers: tuple[str, ...] = ()
    """The SIP header fields it takes apart, in lower case; empty: all."""
    trouble: str = ""
    """Why nothing can be asked of it; empty where it answers."""

    def applies(self, case: Case) -> bool:
        """Whether the case is about a role and a format that are claimed."""
        if self.roles and case.role not in self.roles:
            return False
        if self.headers and case.format == "sip.header" and case.name.lower() not in self.headers:
            return False
        return case.role == "documents" or not self.formats or case.format in self.formats


def greet(adapter: Adapter) -> Claims:
    """Say hello, before anything else is asked."""
    outcome = adapter.converse([HELLO])[0]
    result = outcome.reply.get("result")
    if outcome.kind != "reply" or not isinstance(result, Mapping):
        return Claims("", "", (), (), trouble=outcome.why or f"hello is answered with {outcome.reply}")
    name, version = (label(result.get(member, "")) for member in ("name", "version"))
    headers = tuple(header.lower() for header in _texts(result, "headers"))
    return Claims(name, version, _texts(result, "roles"), _texts(result, "formats"), headers)


def label(value: Json) -> str:
    """A name that a subject gives itself, as it may stand in a line."""
    return "".join(one if one.isprintable() else "?" for one in str(value))[:80]


def _texts(result: Mapping[str, Json], member: str) -> tuple[str, ...]:
    found = result.get(member)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def execute(cases: Sequence[Case], adapter: Adapter) -> list[Result]:
    """Ask a subject everything that the cases ask, and judge; one result each, in their order."""
    plans = [list(case.requests()) for case in cases]
    first = _converse(adapter, plans)
    more = [list(case.follow_ups(by_step(outcomes))) for case, outcomes in zip(cases, first, strict=True)]
    second = _converse(adapter, more)
    numbers = count(1)
    results = []
    for case, early, late in zip(cases, first, second, strict=True):
        events: list[Event] = []
        outcomes = [_record(outcome, numbers, events) for outcome in (*early, *late)]
        results.append(conclude(case, outcomes, tuple(events)))
    return results


def _converse(adapter: Adapter, plans: Sequence[Sequence[Request]]) -> list[list[Outcome]]:
    outcomes = iter(adapter.converse([request for plan in plans for request in plan]))
    return [[next(outcomes) for _request in plan] for plan in plans]


def by_step(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    """The outcomes by the step of the case."""
    return {outcome.request.step: outcome for outcome in outcomes}


def _record(outcome: Outcome, numbers: Iterator[int], events: list[Event]) -> Outcome:
    """Two events: what was asked and what came; the outcome with the number of the second."""
    if outcome.kind == "unasked":
        return outcome
    request = outcome.request
    asked: dict[str, Json] = {"command": request.command, "params": request.params}
    events.append(
        Event(
            number=next(numbers),
            time=outcome.sent,
            source="harness",
            destination="subject",
            kind="request",
            protocol="adapter",
            summary=request.summary or request.command,
            value={"step": request.step, **asked},
            malformed=request.malformed,
        )
    )
    number = next(numbers)
    said: Json = outcome.reply if outcome.kind == "reply" else {"why": outcome.why}
    events.append(
        Event(
            number=number,
            time=outcome.received,
            source="subject",
            destination="harness" if outcome.kind in ("reply", "garbage") else "subject",
            kind=outcome.kind,
            protocol="adapter",
            summary=_summary(outcome),
            value=said,
        )
    )
    return replace(outcome, event=number)


def _summary(outcome: Outcome) -> str:
    if outcome.kind != "reply":
        return outcome.why
    kind = next((kind for kind in ("result", "refusal", "unsupported", "fault") if kind in outcome.reply), "reply")
    if kind == "refusal":
        refusal = outcome.reply["refusal"]
        return f"refusal: {refusal.get('why')}" if isinstance(refusal, Mapping) else "refusal"
    return kind if kind == "result" else f"{kind}: {outcome.reply[kind]}"


def conclude(case: Case, outcomes: Sequence[Outcome], events: tuple[Event, ...]) -> Result:
    """Judge one case; a fault of the judge is a harness error and says nothing about the subject."""
    try:
        findings = case.judge(by_step(outcomes))
        doubt = case.doubt() if worst(findings) in (Verdict.FAIL, Verdict.NONSTRICT) else ""
        if doubt:
            findings = [*findings, Finding(verdict=Verdict.HARNESS_ERROR, why=doubt)]
    except Exception as error:  # the harness blames itself, whatever it is
        place = traceback.extract_tb(error.__traceback__)[-1]
        why = f"the check itself failed: {type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        findings = [Finding(verdict=Verdict.HARNESS_ERROR, why=why)]
    seconds = sum(outcome.received - outcome.sent for outcome in outcomes if outcome.kind != "unasked")
    return result_of(case, findings, events, seconds)


def result_of(case: Case, findings: Sequence[Finding], events: tuple[Event, ...] = (), seconds: float = 0.0) -> Result:
    """The result of a case with these findings."""
    return Result(
        id=case.id,
        what=case.what,
        clauses=case.clauses,
        level=case.level,
        role=case.role,
        format=case.format,
        origin=case.origin,
        findings=tuple(findings),
        events=events,
        errata=case.errata,
        pair=case.pair,
        kind=case.kind,
        seconds=max(0.0, seconds),
        parts=case.parts,
    )


def unasked(case: Case, why: str, verdict: Verdict = Verdict.NOT_APPLICABLE) -> Result:
    """The result of a case that was not put to the subject."""
    return result_of(case, [noted(why, verdict=verdict)])


def judge_adapter(cases: Sequence[Case], adapter: Adapter, claims: Claims) -> tuple[list[Result], float, float]:
    """Run the cases that the claims cover; the rest is not applicable.  Gives results, start and duration."""
    started = time.time()
    if claims.trouble:
        why = f"the subject does not answer hello: {claims.trouble}"
        return [unasked(case, why, Verdict.INCONCLUSIVE) for case in cases], started, 0.0
    asked = [case for case in cases if claims.applies(case)]
    judged = {result.id: result for result in execute(asked, adapter)}
    why = "the subject does not claim this role or format"
    return [judged.get(case.id) or unasked(case, why) for case in cases], started, time.time() - started


def subject_of(target: str, claims: Claims, *, own: bool = False, claimed: Sequence[str] = ()) -> Subject:
    """What a report says of the subject."""
    return Subject(
        target=target,
        name=claims.name or target,
        version=claims.version,
        roles=claims.roles,
        formats=claims.formats,
        headers=claims.headers,
        claimed=tuple(claimed),
        own=own,
    )
