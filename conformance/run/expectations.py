"""The expectations file: failures that are known, each with its reason.

::

    [[expect]]
    id = "sip/header/via/port-zero"      # one check
    reason = "reported upstream as issue 123"
    verdict = "fail"                     # default; or "inconclusive", "nonstrict"
    message = "accepted"                 # optional: must be part of what the check says
    strict = true                        # default; false where it does not always fail

A listed check is still run and must fail as written.  An entry whose check passes now, or that names no check, is stale.
An id stands once, without wildcards.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import Misuse, said
from conformance.run.model import Result, Verdict

_LISTABLE = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.NONSTRICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One known failure."""

    id: str
    reason: str
    verdict: Verdict = Verdict.FAIL
    message: str = ""
    strict: bool = True


def read_expectations(tables: Mapping[str, object], name: str) -> tuple[Expectation, ...]:
    """The ``[[expect]]`` tables of a file; raises Misuse where one lacks an id or a reason."""
    found = tables.get("expect", [])
    entries: list[Expectation] = []
    for table in found if isinstance(found, list) else ():
        unknown = set(table) - {"id", "reason", "verdict", "message", "strict"}
        verdict = Verdict._value2member_map_.get(table.get("verdict", "fail"))
        if not table.get("id") or not table.get("reason") or unknown or verdict not in _LISTABLE:
            allowed = ", ".join(one.value for one in _LISTABLE)
            raise Misuse(f"{name}: each [[expect]] has an id and a reason, and a verdict among {allowed}: {table}")
        if any(one.id == table["id"] for one in entries):
            raise Misuse(f"{name}: {table['id']} is listed twice")
        assert isinstance(verdict, Verdict)
        entries.append(
            Expectation(
                id=str(table["id"]),
                reason=str(table["reason"]),
                verdict=verdict,
                message=str(table.get("message", "")),
                strict=table.get("strict", True) is True,
            )
        )
    return tuple(entries)


def load_expectations(path: Path) -> tuple[Expectation, ...]:
    """Read an expectations file; raises Misuse where it cannot be read."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misuse(f"expectations file {path}: {said(error)}") from None
    if set(tables) - {"expect"} or not isinstance(tables.get("expect", []), list):
        raise Misuse(f"expectations file {path}: it consists of [[expect]] tables, and has {', '.join(tables)}")
    return read_expectations(tables, str(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The results of a run held against what was expected."""

    unexpected: tuple[Result, ...]
    """Failures that nobody listed, or that fail otherwise than listed."""
    expected: tuple[tuple[Result, Expectation], ...]
    """Failures as listed."""
    stale: tuple[tuple[Expectation, str], ...]
    """Entries that no longer hold, with what is the case instead."""
    unclear: tuple[Result, ...]
    """Required checks that are inconclusive, or harness errors, and not listed."""
    otherwise: tuple[tuple[Result, Expectation], ...] = ()
    """Failures that are listed and fail otherwise than listed."""


def compare(results: Sequence[Result], entries: Sequence[Expectation], known: Collection[str]) -> Comparison:
    """Hold results against the entries; ``known`` are all ids of the suite, selected or not."""
    listed = {entry.id: entry for entry in entries}
    unexpected, expected, unclear = [], [], []
    stale = [(entry, "no check has this id") for entry in entries if entry.id not in known]
    for result in results:
        entry = listed.get(result.id)
        if entry and result.verdict is entry.verdict and entry.message in _message(result):
            expected.append((result, entry))
        elif result.verdict is Verdict.FAIL:
            unexpected.append(result)
        elif result.verdict in (Verdict.INCONCLUSIVE, Verdict.HARNESS_ERROR):
            unclear.append(result)
        elif entry and entry.strict:
            stale.append((entry, f"its verdict is {result.verdict.value} now"))
    return Comparison(
        unexpected=tuple(unexpected),
        expected=tuple(expected),
        stale=tuple(stale),
        unclear=tuple(unclear),
        otherwise=tuple((one, listed[one.id]) for one in (*unexpected, *unclear) if one.id in listed),
    )


def _message(result: Result) -> str:
    return "\n".join(f"{one.why} {one.expected} {one.seen}" for one in result.findings)


def exit_code(comparison: Comparison, required: Collection[str]) -> int:
    """0 as expected; 1 an unexpected failure; 3 harness fault or a required check inconclusive; 4 stale entries."""
    if any(result.verdict is Verdict.HARNESS_ERROR for result in comparison.unclear):
        return 3
    if comparison.unexpected:
        return 1
    if any(result.id in required for result in comparison.unclear):
        return 3
    return 4 if comparison.stale else 0
