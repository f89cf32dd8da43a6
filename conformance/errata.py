"""Errata and interpretations as data: where a specification is wrong, silent or at odds with itself.

``registers/interpretations.toml`` holds ``[[entry]]`` tables.  Each entry can be turned off for a run
(``--without-erratum ID``); a vector names the entries it rests on, and a verdict says under which it holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance import places
from conformance.errors import SuiteFault

KINDS = ("erratum", "interpretation", "contradiction")
STATUSES = ("ours", "reported", "verified", "held", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One erratum or interpretation."""

    id: str
    kind: str
    """``erratum`` (the text is wrong), ``interpretation`` (it is silent or open), ``contradiction`` (two readings)."""
    title: str
    place: tuple[str, ...]
    """Clause ids or sections."""
    defect: str
    """What is wrong, silent or contradictory."""
    correction: str
    """What we read instead; for a contradiction both readings."""
    status: str
    """``ours``, or the state of a published erratum."""
    followed: str
    """Which reading the suite and the reference follow, and how it shows."""


def load_errata(path: Path | None = None) -> Mapping[str, Entry]:
    """All entries by id; raises SuiteFault with all problems."""
    path = path or places.registers() / "interpretations.toml"
    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SuiteFault(f"{path.name}: {error}") from None
    entries: dict[str, Entry] = {}
    problems: list[str] = []
    for table in tables.get("entry", []):
        identity = str(table.get("id", "?"))
        try:
            entry = Entry(**{**table, "place": tuple(table.get("place", ()))})
        except TypeError as error:
            problems.append(f"{identity}: {error}")
            continue
        if identity in entries:
            problems.append(f"{identity} stands twice")
        if entry.kind not in KINDS or entry.status not in STATUSES:
            problems.append(f"{identity}: unknown kind {entry.kind!r} or status {entry.status!r}")
        entries[identity] = entry
    if problems:
        raise SuiteFault("the errata and interpretations break their own rules:", problems)
    return entries
