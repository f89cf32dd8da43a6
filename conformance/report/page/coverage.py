"""The clause register in the light of a run: what has a check, what ran, what was seen to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.clauses import Row
from conformance.report.account import Account
from conformance.run.model import Result, Verdict

GRADES = {
    "registered": "the clause has a row",
    "triaged": "it is said how it can be observed, or why not",
    "checked": "at least one check decides it",
    "ran": "a check ran to a verdict in this run",
    "killed": "a check of it fails a broken subject",
    "held elsewhere": "seen to hold on an implementation that is not ours",
}
"""The grades of coverage, each including the row."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A clause with its checks and grades."""

    row: Row
    registered: bool
    results: tuple[Result, ...]
    grades: frozenset[str]

    @property
    def spec(self) -> str:
        """The specification."""
        return self.row.id.partition(":")[0]

    @property
    def worst(self) -> Verdict | None:
        """The worst verdict among its checks in this run; None without a check."""
        return max((one.verdict for one in self.results), key=lambda one: one.rank, default=None)


def cover(account: Account) -> list[Covered]:
    """Every clause that has a row or a check, in the order of the registers, unregistered ones after them."""
    by_clause: dict[str, list[Result]] = {}
    for result in account.report.results:
        for identity in result.clauses:
            by_clause.setdefault(identity, []).append(result)
    rows: Mapping[str, Row] = account.register.rows
    loose = [identity for identity in sorted(by_clause) if identity not in rows]
    covered = [_covered(account, row, by_clause.get(row.id, []), True) for row in rows.values()]
    return covered + [
        _covered(account, Row(id=one, section=one.partition(":")[2].partition("/")[0]), by_clause[one], False)
        for one in loose
    ]


def _covered(account: Account, row: Row, results: list[Result], registered: bool) -> Covered:
    decided = [one for one in results if one.verdict in (Verdict.PASS, Verdict.NONSTRICT, Verdict.FAIL)]
    grades = {
        "registered": registered,
        "triaged": bool(row.triage or row.observe),
        "checked": bool(results),
        "ran": bool(decided),
        "killed": any(one.id in (account.killed or {}) for one in results),
        "held elsewhere": any(one.verdict is Verdict.PASS and _elsewhere(account, one) for one in results),
    }
    return Covered(row, registered, tuple(results), frozenset(name for name, holds in grades.items() if holds))


def _elsewhere(account: Account, result: Result) -> bool:
    """Whether a result is about an implementation of others: a recording of theirs, or a subject that is not ours."""
    return result.origin.how == "recorded" if result.kind == "capture" else not account.report.subject.own


def counted(covered: list[Covered]) -> dict[str, int]:
    """How many clauses have each grade."""
    return {grade: sum(grade in one.grades for one in covered) for grade in GRADES}
