"""What a program's settings say together, and how that is kept: one verdict per check, the worst that was seen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.run.model import Json, Result, Verdict

ASIDE = (Verdict.NOT_APPLICABLE, Verdict.NOT_OBSERVABLE)
"""Verdicts of checks that found nothing to judge."""
LONGEST = 160
"""Characters of a finding that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that the suite says of one program."""

    program: str
    version: str
    """With the version of its Debian package."""
    settings: Mapping[str, tuple[Result, ...]]
    """The results by the name of the setting."""
    digests: Mapping[str, str]

    @property
    def results(self) -> tuple[Result, ...]:
        """For each check the worst result of all settings, by id."""
        worst: dict[str, Result] = {}
        for results in self.settings.values():
            for result in results:
                if result.id not in worst or result.verdict.rank > worst[result.id].verdict.rank:
                    worst[result.id] = result
        return tuple(worst[identity] for identity in sorted(worst))

    def verdicts(self, identity: str) -> dict[str, Verdict]:
        """What each setting says of a check."""
        return {
            name: result.verdict
            for name, results in self.settings.items()
            for result in results
            if result.id == identity
        }


def as_json(outcome: Outcome) -> dict[str, Json]:
    """The file that is kept; checks which found nothing to judge are counted, not listed."""
    told = [result for result in outcome.results if result.verdict not in ASIDE]
    counts = Counter(result.verdict.value for result in outcome.results)
    return {
        "program": outcome.program,
        "version": outcome.version,
        "settings": list(outcome.settings),
        "suite": dict(outcome.digests),
        "counts": dict(sorted(counts.items())),
        "checks": {result.id: _check(outcome, result) for result in told},
    }


def _check(outcome: Outcome, result: Result) -> dict[str, Json]:
    row: dict[str, Json] = {
        "verdict": result.verdict.value, "level": result.level.value, "clauses": list(result.clauses),
    }  # fmt: skip
    verdicts = outcome.verdicts(result.id)
    if len({verdict for verdict in verdicts.values() if verdict not in ASIDE}) > 1:
        row["settings"] = {name: verdict.value for name, verdict in verdicts.items()}
    finding = result.decisive
    if finding is not None and result.verdict is not Verdict.PASS:
        row |= {"what": result.what, "why": finding.why[:LONGEST]}
        row |= {"expected": finding.expected[:LONGEST], "seen": finding.seen[:LONGEST]} if finding.seen else {}
    return row


def written(outcome: Outcome, folder: Path) -> bool:
    """Keep an outcome as JSON and Markdown, unless one with the same verdicts is there; whether it was written."""
    found = as_json(outcome)
    name = outcome.version.split(" (")[0].replace(" ", "-")
    path = folder / f"{name}.json"
    if path.is_file() and _told(json.loads(path.read_text(encoding="utf-8"))) == _told(found):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(as_markdown(found), encoding="utf-8")
    return True


def _told(kept: Mapping[str, Json]) -> Json:
    """The part of a kept file that a new run has to differ in."""
    checks = kept["checks"]
    assert isinstance(checks, Mapping)
    return [
        kept["version"],
        kept["settings"],
        {name: row["verdict"] for name, row in checks.items() if isinstance(row, Mapping)},
    ]


def as_markdown(kept: Mapping[str, Json]) -> str:
    """The same for a reader: what deviates first, what holds as a list."""
    checks = kept["checks"]
    assert isinstance(checks, Mapping)
    rows = {name: row for name, row in checks.items() if isinstance(row, Mapping)}
    counts = kept["counts"]
    assert isinstance(counts, Mapping)
    settings = kept["settings"]
    assert isinstance(settings, Sequence)
    lines = [f"# {kept['version']}", "", f"Settings: {', '.join(map(str, settings))}.", ""]
    lines += [
        "| verdict | checks |",
        "|---|---|",
        *(f"| {verdict} | {count} |" for verdict, count in counts.items()),
        "",
    ]
    for verdict in ("fail", "inconclusive", "nonstrict"):
        chosen = {name: row for name, row in rows.items() if row["verdict"] == verdict}
        if chosen:
            lines += [f"## {verdict}", "", "| check | level | clauses | required | seen |", "|---|---|---|---|---|"]
            lines += [_row(name, row) for name, row in chosen.items()] + [""]
    held = [name for name, row in rows.items() if row["verdict"] == "pass"]
    lines += ["## pass", "", *(f"- {name} ({_clauses(rows[name])})" for name in held)]
    return "\n".join(lines) + "\n"


def _row(name: str, row: Mapping[str, Json]) -> str:
    seen = str(row.get("seen") or row.get("why", ""))
    cells = (name, row["level"], _clauses(row), row.get("what", ""), seen)
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _clauses(row: Mapping[str, Json]) -> str:
    clauses = row["clauses"]
    return ", ".join(map(str, clauses)) if isinstance(clauses, Sequence) else ""
