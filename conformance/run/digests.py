"""Digests of the parts of the suite, so that a verdict says by what it was reached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from conformance import places


def _digest(folder: Path, pattern: str) -> str:
    """SHA-256 over the paths and contents of a folder's files, in order."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)) if folder.is_dir() else ():
        if path.is_file() and "test" not in path.relative_to(folder).parts:
            total.update(path.relative_to(folder).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def digests() -> Mapping[str, str]:
    """The digests of vectors, checks (all code of the harness), registers, schemas and recorded exchanges."""
    return {
        "vectors": _digest(places.vectors(), "*.json"),
        "checks": _digest(places.PACKAGE, "*.py"),
        "registers": _digest(places.registers(), "*.toml"),
        "schemas": _digest(places.schemas(), "*"),
        "traces": _digest(places.traces(), "*"),
    }
