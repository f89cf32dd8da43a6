"""Trying a fault on vectors without starting a process: the verdict of each case.

The kill matrix of the test run starts the mutants as subjects are started; this is the quick way
for tests of the faults themselves, over the same cases and the same judge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance import places
from conformance.checks.case import Outcome, Request
from conformance.checks.codec import VectorCase, cases
from conformance.clauses import Register
from conformance.mutants.faults.fault import Answer, Ended
from conformance.run.model import Finding, Verdict
from conformance.vectors import Vector, load_vectors


def all_cases(folder: Path | None = None) -> dict[str, VectorCase]:
    """The cases of all vectors (their clauses are not looked up: that is the suite's own test)."""
    vectors: Mapping[str, Vector] = load_vectors(Register({}, frozenset()), None, folder or places.vectors())
    return cases(vectors)


def outcome_of(request: Request, answering: Answer) -> Outcome:
    """What comes of one request."""
    asked = {"id": 1, "command": request.command, "params": dict(request.params)}
    try:
        reply = answering(json.loads(json.dumps(asked)))
    except Ended:
        return Outcome(request=request, kind="ended", reply={}, why="the subject ended")
    if reply is None:
        return Outcome(request=request, kind="silence", reply={}, why="no reply")
    if isinstance(reply, str) or reply.get("id") != 1:
        return Outcome(request=request, kind="garbage", reply={}, why="no reply to this request")
    return Outcome(request=request, kind="reply", reply=reply)


def verdict(case: VectorCase, answering: Answer) -> tuple[Verdict, list[Finding]]:
    """The worst of the findings on one case, and all of them."""
    outcomes = {request.step: outcome_of(request, answering) for request in case.requests()}
    for request in case.follow_ups(outcomes):
        outcomes[request.step] = outcome_of(request, answering)
    findings = case.judge(outcomes)
    worst = max((finding.verdict for finding in findings), key=lambda one: one.rank, default=Verdict.NOT_APPLICABLE)
    return worst, findings


def failing(all_of_them: Mapping[str, VectorCase], answering: Answer) -> Iterator[str]:
    """The ids of the cases that a subject does not pass."""
    for identity, case in all_of_them.items():
        if verdict(case, answering)[0] in (Verdict.FAIL, Verdict.NONSTRICT, Verdict.INCONCLUSIVE):
            yield identity
