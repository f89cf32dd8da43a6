"""Where clauses are cited: comments in code, clause lists of vectors, checks and traces."""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conformance.judge.catalog import checks

IDENTITY = r"[a-z][a-z0-9]+:[0-9A-Z]+(?:\.[0-9]+)*/[0-9]+[a-z]?"
_COMMENT = re.compile(rf"^\s*# ?= (?P<id>{IDENTITY})(?P<rest>.*)$", re.M)
_LITERAL = re.compile(rf"[\"']({IDENTITY})[\"']")
_SAYS = re.compile(r"\bsays=\"([^\"]*)\"")
"""The clauses of an arrow in a table of disco_ref: ids with spaces between them."""
KINDS = ("implemented", "tested", "exception", "silent", "vectors", "checks", "traces", "killed")


@dataclass(slots=True)
class Citations:
    """Per clause and kind the files that cite it, as paths relative to the checkout."""

    places: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, clause: str, kind: str, place: str) -> None:
        """Note that a file cites a clause, once per file."""
        if place not in self.places[clause][kind]:
            self.places[clause][kind].append(place)

    def of(self, clause: str, kind: str) -> list[str]:
        """The files that cite a clause in this way; a clause's parts count for the whole and the other way round."""
        found = list(self.places[clause][kind]) if clause in self.places else []
        whole = clause.rstrip("abcdefghijklmnopqrstuvwxyz")
        if whole != clause and whole in self.places:
            found += [place for place in self.places[whole][kind] if place not in found]
        return sorted(found)


def collect(root: Path) -> Citations:
    """All citations of a checkout."""
    citations = Citations()
    for path in _sources(root):
        place = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        for found in _COMMENT.finditer(text):
            citations.add(found["id"], _kind(place, found["rest"].strip()), place)
        if place.startswith("disco_ref/") and "/test/" not in place:
            for clauses in _SAYS.findall(text):
                for clause in clauses.split():
                    citations.add(clause, "implemented", place)
        if place.startswith("conformance/checks/") and "/test/" not in place:
            for found in _LITERAL.finditer(text):
                citations.add(found[1], "checks", place)
    for path in sorted((root / "conformance/vectors").rglob("*.json")):
        identity = path.relative_to(root / "conformance/vectors").with_suffix("").as_posix()
        vector = json.loads(path.read_text(encoding="utf-8"))
        for clause in vector.get("clauses", ()) if isinstance(vector, dict) else ():
            citations.add(clause, "vectors", identity)
    for path in sorted((root / "rfc_traces").rglob("trace.toml")):
        trace = tomllib.loads(path.read_text(encoding="utf-8"))
        for clause in trace.get("clauses", ()):
            citations.add(clause, "traces", path.parent.relative_to(root / "rfc_traces").as_posix())
    for clause, subject in _kills(root):
        citations.add(clause, "killed", subject)
    return citations


def _kills(root: Path) -> Iterator[tuple[str, str]]:
    """Clauses with the broken subjects that they fail: of codecs as the matrix has it, of live ones by the checks aimed at them."""
    kills = root / "conformance/mutants/kills.json"
    if kills.exists():
        for subject, clauses in json.loads(kills.read_text(encoding="utf-8")).get("clauses", {}).items():
            yield from ((clause, subject) for clause in clauses)
    judged = {check.id: check.clauses for check in checks()}
    for path in sorted((root / "conformance/mutants/live").glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for mutant in content.get("mutant", ()):
            subject = f"{content['role']}/{mutant['name']}"
            yield from ((clause, subject) for identity in mutant["kills"] for clause in judged.get(identity, ()))


def _sources(root: Path) -> Iterator[Path]:
    for package in ("disco_ref", "conformance"):
        for path in sorted((root / package).rglob("*.py")):
            if not any(part in ("schemas", "rfc_traces", "node_modules") for part in path.parts):
                yield path


def _kind(place: str, rest: str) -> str:
    if rest.startswith("test") or "/test/" in place:
        return "tested"
    if rest.startswith("exception"):
        return "exception"
    if rest.startswith("silent"):
        return "silent"
    return "implemented" if place.startswith("disco_ref/") else "checks"
