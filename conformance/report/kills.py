"""The kill matrix as it was last run: which broken subject fails which check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from conformance import places


def kills_file() -> Path:
    """Where ``disco-conformance mutants --keep`` writes the matrix that comes with the suite."""
    return places.mutants() / "kills.json"


def load_kills(path: Path | None = None) -> Mapping[str, tuple[str, ...]] | None:
    """By check, the broken subjects that fail it; None where the matrix was not run."""
    path = path or kills_file()
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    killed: dict[str, list[str]] = {}
    for name, mutant in sorted(content["mutants"].items()):
        for identity in mutant["fails"]:
            killed.setdefault(identity, []).append(name)
    return {identity: tuple(names) for identity, names in killed.items()}
