"""Digests of the parts of the suite, so that a verdict says by what it was reached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
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


@lru_cache(maxsize=8)
def _shipped(folder: Path, pattern: str) -> str:
    return _digest(folder, pattern)


def _digest_of(folder: Path, pattern: str) -> str:
    return _shipped(folder, pattern) if places.shipped(folder) else _digest(folder, pattern)


def digests() -> Mapping[str, str]:
    """The digests of vectors, checks (all code of the harness), registers, schemas and recorded exchanges."""
    return {
        "vectors": _digest_of(places.vectors(), "*.json"),
        "checks": _digest_of(places.PACKAGE, "*.py"),
        "registers": _digest_of(places.registers(), "*.toml"),
        "schemas": _digest_of(places.schemas(), "*"),
        "traces": _digest_of(places.traces(), "*"),
    }
