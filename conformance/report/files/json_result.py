"""The result as JSON, by the published schema ``schemas/report.schema.json``."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.errors import Misuse, said
from conformance.report.account import Account
from conformance.run.model import Finding, Json, Result, Subject

_NEEDED = {"id", "verdict", "kind"}
"""What a result needs to be judged again."""
VERSION = 1
"""The version of the form; a change that breaks a reader raises it."""


def to_json(account: Account) -> dict[str, Json]:
    """The whole result: what ran, what was required and did not run, and under what assumptions."""
    report = account.report
    judged = {result.id: result.verdict.value for result in report.results}
    comparison = account.comparison
    return {
        "version": VERSION,
        "harness": report.harness,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "subject": _subject(report.subject),
        "revision": report.revision,
        "selection": report.selection,
        "complete": report.whole,
        "exit_code": account.code,
        "digests": dict(report.digests or {}),
        "errata_off": list(report.errata_off),
        "counts": {verdict.value: count for verdict, count in report.counts().items()},
        "required": [{"id": one, "verdict": judged.get(one, "not-run")} for one in report.required],
        "not_run": [{"what": one.what, "why": one.why, "adds": one.adds} for one in report.not_run],
        "stale_expectations": [{"id": entry.id, "reason": entry.reason, "why": why} for entry, why in comparison.stale],
        "results": [_result(account, result) for result in report.results],
    }


def _subject(subject: Subject) -> dict[str, Json]:
    return {
        "target": subject.target,
        "name": subject.name,
        "version": subject.version,
        "roles": list(subject.roles),
        "formats": list(subject.formats),
        "headers": list(subject.headers),
        "claimed": list(subject.claimed),
        "own": subject.own,
    }


def _result(account: Account, result: Result) -> dict[str, Json]:
    known = account.expectation(result)
    explanation = account.explain(result)
    return {
        "id": result.id,
        "what": result.what,
        "verdict": result.verdict.value,
        "level": result.level.value,
        "clauses": list(result.clauses),
        "role": result.role,
        "format": result.format,
        "kind": result.kind,
        "pair": result.pair,
        "errata": list(result.errata),
        "origin": {
            "how": result.origin.how,
            "from": result.origin.source,
            "confirmed": list(result.origin.confirmed),
            "self_agreed": self_agreed(account, result),
        },
        "expected_failure": known.reason if known else None,
        "seconds": round(result.seconds, 6),
        "events": [event.number for event in result.events],
        "frames": [event.frame for event in result.events if event.frame is not None],
        "evidence": explanation.evidence,
        "run_again": explanation.again,
        "judge_again": explanation.rejudge or explanation.again,
        "findings": [_finding(one) for one in result.findings],
    }


def _finding(finding: Finding) -> Json:
    return {
        "verdict": finding.verdict.value,
        "why": finding.why,
        "expected": finding.expected,
        "seen": finding.seen,
        "place": finding.place,
        "events": list(finding.events),
        "line": finding.line,
        "column": finding.column,
    }


def self_agreed(account: Account, result: Result) -> bool:
    """Whether the only positive evidence for a check is our own stack."""
    return account.report.subject.own and result.origin.self_agreed


def read_result(folder: Path) -> dict[str, Json]:
    """The JSON result in a report's folder; raises Misuse where there is none."""
    path = folder / "result.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Misuse(
            f"{folder} holds no result that can be read: {path.name}: {said(error)}; name a report's folder"
        ) from None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise Misuse(f"{path}: not a result of version {VERSION}")
    results = content.get("results")
    if not isinstance(results, list) or not all(isinstance(one, dict) and set(one) >= _NEEDED for one in results):
        raise Misuse(f"{path}: its results are not whole; the run has to be repeated")
    return content
