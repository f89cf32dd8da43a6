"""SARIF 2.1.0: findings in documents with their lines, and failing checks with their vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from conformance.report.account import Account
from conformance.run.model import Finding, Json, Result, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS: Mapping[Verdict, str] = {
    Verdict.FAIL: "error",
    Verdict.HARNESS_ERROR: "error",
    Verdict.INCONCLUSIVE: "warning",
    Verdict.NONSTRICT: "warning",
}
"""The levels of what is reported; other verdicts are no findings."""


def to_sarif(account: Account) -> str:
    """One run; a rule is a check, a result one of its findings."""
    rules: dict[str, Json] = {}
    results: list[Json] = []
    for one in account.report.results:
        for finding in one.findings:
            if finding.verdict in _LEVELS:
                rules.setdefault(one.id, _rule(account, one))
                results.append(_result(account, one, finding, list(rules).index(one.id)))
    driver: dict[str, Json] = {
        "name": "disco-conformance",
        "semanticVersion": "0.1.0",
        "informationUri": "https://www.rfc-editor.org/rfc/rfc6940",
        "rules": list(rules.values()),
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "results": results,
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": account.code != 3, "exitCode": account.code}],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _rule(account: Account, result: Result) -> Json:
    clauses = "; ".join(
        f"{one.id} ({one.level}): {one.text or one.document}" for one in account.explain(result).clauses
    )
    return {
        "id": result.id,
        "shortDescription": {"text": result.what},
        "fullDescription": {"text": clauses},
        "properties": {"clauses": list(result.clauses), "level": result.level.value},
    }


def _result(account: Account, result: Result, finding: Finding, index: int) -> Json:
    told = f"{finding.why}"
    if finding.expected or finding.seen:
        told += f" (expected {finding.expected}; seen {finding.seen})"
    found: dict[str, Json] = {
        "ruleId": result.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.verdict],
        "message": {"text": told},
        "locations": [_location(account, result, finding)],
        "properties": {"verdict": finding.verdict.value, "place": finding.place},
    }
    known = account.expectation(result)
    if known:
        found["suppressions"] = [{"kind": "external", "justification": known.reason}]
    return found


def _location(account: Account, result: Result, finding: Finding) -> Json:
    """The document at fault with its line, else the line of the evidence."""
    if result.kind == "document" and result.events:
        region: dict[str, Json] = {"startLine": finding.line or 1}
        if finding.column:
            region["startColumn"] = finding.column
        artifact = Path(result.events[0].summary)
    elif result.kind in ("capture", "live"):
        region, artifact = {"startLine": 1}, Path(account.explain(result).evidence)
    else:
        region = {"startLine": finding.events[0] if finding.events else 1}
        artifact = account.folder / "evidence" / "exchanges.jsonl"
    uri = artifact.as_uri() if artifact.is_absolute() else quote(artifact.as_posix())
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
