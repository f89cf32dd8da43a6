"""Checks that fail two independent programs: each is reviewed before it is believed, and the review is kept.

``reviews.toml`` holds the reviews, one table per check::

    [[review]]
    check = "rfc3261/s08_2_1/allow-in-405"
    outcome = "stands"            # or "changed": the check was wrong and says now something else
    text = "What the specification says, read again, and what the programs do instead."
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import SuiteFault

FILE = Path(__file__).with_name("reviews.toml")
OUTCOMES = ("stands", "changed")


@dataclass(frozen=True, slots=True)
class Review:
    """One check that was looked at again."""

    check: str
    outcome: str
    text: str


def load_reviews(path: Path = FILE) -> tuple[Review, ...]:
    """All reviews; raises SuiteFault where a table is not one."""
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("review", [])
    for table in tables:
        if set(table) != {"check", "outcome", "text"} or table["outcome"] not in OUTCOMES:
            raise SuiteFault(
                f"{path.name}: each [[review]] has check, outcome ({' or '.join(OUTCOMES)}) and text: {table}"
            )
    return tuple(Review(**table) for table in tables)


def kept_failures(folder: Path) -> dict[str, dict[str, str]]:
    """The checks that fail in the kept results: by check, what was seen of each program."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        for identity, row in kept["checks"].items():
            if row["verdict"] == "fail":
                found.setdefault(identity, {})[kept["version"].split(" (")[0]] = row.get("seen") or row.get("why", "")
    return found


def unreviewed(failures: Mapping[str, Mapping[str, str]], reviews: tuple[Review, ...]) -> list[str]:
    """Checks that fail at least two programs and have no review."""
    known = {review.check for review in reviews}
    return [identity for identity, programs in failures.items() if len(programs) > 1 and identity not in known]


def as_markdown(failures: Mapping[str, Mapping[str, str]], reviews: tuple[Review, ...]) -> str:
    """The page of reviews."""
    lines = ["# Reviewed checks", ""]
    lines += [
        "A check that fails two independent programs is read again against its specification before it is believed.",
        "",
    ]
    for review in reviews:
        lines += [f"## {review.check}", "", f"Outcome: {review.outcome}. {review.text}", ""]
        lines += [f"- {program}: {seen}" for program, seen in failures.get(review.check, {}).items()] + [""]
    for identity in unreviewed(failures, reviews):
        lines += [f"## {identity}", "", "Not reviewed yet.", ""]
        lines += [f"- {program}: {seen}" for program, seen in failures[identity].items()] + [""]
    return "\n".join(lines).rstrip() + "\n"
