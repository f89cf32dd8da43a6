"""TAP version 14: one line per required check, in the order of the suite."""

from __future__ import annotations

import json

from conformance.report.account import Account
from conformance.run.model import Result, Verdict


def to_tap(account: Account) -> str:
    """Every result, and every required check that did not run; a known failure is TODO, what says nothing is SKIP."""
    lines = ["TAP version 14", f"1..{len(account.report.results) + len(account.missing)}"]
    for number, result in enumerate(account.report.results, 1):
        lines += _point(account, number, result)
    for number, identity in enumerate(account.missing, len(account.report.results) + 1):
        lines.append(f"ok {number} - {escaped(identity)} # SKIP required, but not selected for this run")
    return "\n".join(lines) + "\n"


def _point(account: Account, number: int, result: Result) -> list[str]:
    known = account.expectation(result)
    good = result.verdict in (Verdict.PASS, Verdict.NONSTRICT, Verdict.NOT_APPLICABLE, Verdict.NOT_OBSERVABLE)
    line = f"{'ok' if good else 'not ok'} {number} - {escaped(result.id)}"
    why = result.decisive.why if result.decisive else ""
    if known:
        return [f"{line} # TODO {escaped(known.reason)}"]
    if result.verdict in (Verdict.NOT_APPLICABLE, Verdict.NOT_OBSERVABLE):
        return [f"{line} # SKIP {result.verdict.value}: {escaped(why)}"]
    if result.verdict is Verdict.PASS:
        return [line]
    explanation = account.explain(result)
    told = {
        "verdict": result.verdict.value,
        "clauses": list(result.clauses),
        "why": why,
        "asked": explanation.asked,
        "expected": explanation.finding.expected,
        "seen": explanation.finding.seen,
        "evidence": explanation.evidence,
        "again": explanation.again,
    }
    return [line, "  ---", *(f"  {name}: {json.dumps(value)}" for name, value in told.items()), "  ..."]


def escaped(text: str) -> str:
    """A description on one line, with the characters escaped that have a meaning in TAP."""
    return " ".join(text.replace("\\", "\\\\").replace("#", "\\#").split())
