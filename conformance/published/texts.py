"""The published texts against what the suite says of them: registers, struct text, the findings of draft lint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance import places
from conformance.clauses import Register, document_of, published_clauses, specification_file
from conformance.draft.lint.command import lint, render
from conformance.draft.structs import blocks, rendered
from conformance.draft.text import read_text
from conformance.run.model import Finding, Level, Origin, Result, Verdict, held

GOLDEN = Path(__file__).parent.parent / "draft" / "lint" / "disco00.golden.json"
"""The findings on draft -00 as they are on record."""


def published_texts(register: Register, folder: Path | None = None) -> list[Result]:
    """A result per text at hand; none without ``DISCO_SPECS``, which the run then reports as not run."""
    folder = folder or places.specifications()
    if folder is None:
        return []
    results = []
    for spec in sorted(register.specifications):
        path = specification_file(spec, folder)
        if path is None:
            continue
        results.append(_result(f"published/{spec}/register", _REGISTER, spec, _register(register, spec, path)))
        if (places.schemas() / spec / "structs.txt").is_file():
            results.append(_result(f"published/{spec}/structs", _STRUCTS, spec, _structs(spec, path)))
    draft = specification_file("disco00", folder)
    if draft is not None:
        results.append(_result("published/disco00/lint", _LINT, "disco00", _lint(draft)))
    return results


_REGISTER = "Every row of the register is a sentence of the published text, by its digest and level."
_STRUCTS = "The struct text that the suite decodes by is the published one."
_LINT = "Draft lint finds in the published text of the draft what is on record."


def _result(identity: str, what: str, spec: str, findings: Iterator[Finding]) -> Result:
    origin = Origin(how="specification-example", source=f"the published text of {document_of(spec)}")
    return Result(
        id=identity,
        what=what,
        clauses=(f"{spec}:1/0",),
        level=Level.MUST,
        role="suite",
        format="text",
        origin=origin,
        kind="text",
        findings=tuple(findings),
    )


def _wrong(why: str, expected: str, seen: str, line: int | None = None) -> Finding:
    return Finding(verdict=Verdict.HARNESS_ERROR, why=why, expected=expected, seen=seen, line=line)


def _register(register: Register, spec: str, path: Path) -> Iterator[Finding]:
    published = published_clauses(path, spec)
    count = 0
    for identity, row in register.rows.items():
        if not identity.startswith(f"{spec}:") or not row.digest:
            continue
        clause = published.get(identity)
        if clause is None:
            yield _wrong(f"{identity} is not in the text", "a sentence with a keyword", "none")
        elif (clause.digest, clause.level) != (row.digest, row.level):
            seen = f"{clause.level}, digest {clause.digest}"
            yield _wrong(f"{identity} reads otherwise", f"{row.level}, digest {row.digest}", seen, clause.line)
        else:
            count += 1
    if count:
        yield held(f"{count} sentences are as registered")


def _structs(spec: str, path: Path) -> Iterator[Finding]:
    published = rendered(list(blocks(read_text(path.read_text(encoding="utf-8", errors="replace")))))
    kept = (places.schemas() / spec / "structs.txt").read_text(encoding="utf-8")
    if published == kept:
        yield held(f"{len(kept.splitlines())} lines are equal")
        return
    pairs = zip(kept.splitlines(), published.splitlines(), strict=False)
    number, (ours, theirs) = next(((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1]), (0, ("", "")))
    yield _wrong(f"line {number} of schemas/{spec}/structs.txt differs", theirs, ours)


def _lint(path: Path) -> Iterator[Finding]:
    recorded = json.loads(GOLDEN.read_text(encoding="utf-8"))
    source = path.read_bytes()
    if hashlib.sha256(source).hexdigest() != recorded["sha256"]:
        why = "the text is another rendering of the draft than the one whose findings are on record"
        yield Finding(verdict=Verdict.NOT_OBSERVABLE, why=why)
        return
    seen = json.loads(render(recorded["file"], lint(path), "json", source))
    missing = [one for one in recorded["findings"] if one not in seen["findings"]]
    added = [one for one in seen["findings"] if one not in recorded["findings"]]
    for one in missing:
        yield _wrong(f"no longer found: {_named(one)}", "found", "not found", int(one["line"]))
    for one in added:
        yield _wrong(f"found, and not on record: {_named(one)}", "not found", "found", int(one["line"]))
    if not missing and not added:
        yield held(f"{len(seen['findings'])} findings, as on record")


def _named(finding: Mapping[str, object]) -> str:
    return f"line {finding['line']}: {finding['message']} [{finding['rule']}]"
