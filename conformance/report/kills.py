"""The kill matrix as it was last run: which broken subject is failed by which check of its fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from conformance import places
from conformance.run.model import NotRun


def kills_file() -> Path:
    """Where ``disco-conformance mutants --keep`` writes the matrix that comes with the suite."""
    return places.mutants() / "kills.json"


def load_kills(digest: str, path: Path | None = None) -> Mapping[str, tuple[str, ...]] | NotRun:
    """By check, the broken subjects that it kills; what is not run where there is no matrix of these vectors."""
    path = path or kills_file()
    adds = "which check is known to fail a subject that is broken in just its place"
    if not path.is_file():
        return NotRun(what="kill matrix", why="`disco-conformance mutants --keep` was not run", adds=adds)
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("vectors") != digest:
        return NotRun(what="kill matrix", why="it was last run on other vectors", adds=adds)
    killed: dict[str, list[str]] = {}
    for name, mutant in sorted(content["mutants"].items()):
        for identity in mutant["kills"]:
            killed.setdefault(identity, []).append(name)
    return {identity: tuple(names) for identity, names in killed.items()}
