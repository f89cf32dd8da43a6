"""``disco-conformance list``: the checks that a selection chooses, the errata, or the known subjects."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rich.console import Console
from rich.markup import escape

from conformance import places
from conformance.checks.codec import VectorCase
from conformance.commands.selecting import add_selection_arguments, selection_of
from conformance.errors import Misuse
from conformance.judge.catalog import checks
from conformance.judge.predicate import Check
from conformance.live.scenario import ROLES, scenarios
from conformance.run.model import Level
from conformance.run.suite import load_suite
from conformance.targets.subject import load_folder


@dataclass(frozen=True, slots=True)
class Listed:
    """A check of recorded exchanges, as a selection looks at it."""

    id: str
    clauses: tuple[str, ...]
    level: Level
    format: str
    role: str
    what: str
    kind: str = "capture"

    @staticmethod
    def of(one: Check) -> Listed:
        """A check as it is listed."""
        kind = "live" if one.scenarios else "capture"
        return Listed(one.id, one.clauses, one.level, one.protocol, one.role, one.what, kind)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to list."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--captures", action="store_true", help="the checks of exchanges, recorded and played")
    what.add_argument("--scenarios", action="store_true", help="what is played with a subject on the network, by role")
    what.add_argument("--errata", action="store_true", help="the errata and interpretations, each can be turned off")
    what.add_argument("--subjects", action="store_true", help="the known subjects and the broken ones")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_selection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    rows = _rows(args)
    console = Console(highlight=False, soft_wrap=True)
    for row in rows:
        if args.json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            name, *rest = row.values()
            console.print(f"[bold]{escape(name)}[/]  " + escape("  ".join(rest)), soft_wrap=True)
    return 0


def _rows(args: argparse.Namespace) -> list[dict[str, str]]:
    if args.errata:
        return _errata()
    if args.subjects:
        return _subjects()
    return _scenarios(args.role, args.only) if args.scenarios else _checks(args)


def _scenarios(roles: Sequence[str], patterns: Sequence[str]) -> list[dict[str, str]]:
    """The scenarios of the roles, all where none is named, whose names match; raises Misuse where none does."""
    if unknown := [role for role in roles if role not in ROLES]:
        raise Misuse(f"--role {unknown[0]}: scenarios are for {', '.join(ROLES)}")
    chosen = [
        one for one in scenarios()
        if (not roles or one.role in roles) and (not patterns or any(fnmatchcase(one.id, word) for word in patterns))
    ]  # fmt: skip
    if not chosen:
        raise Misuse(f"--only {' '.join(patterns)}: no scenario matches; without it all are listed")
    decided: dict[str, list[str]] = {}
    for one in checks():
        for name in one.scenarios:
            decided.setdefault(name, []).append(one.id)
    return [
        {"id": one.id, "kind": " ".join([*(["slow"] if one.slow else []), *([] if one.virtual else ["sockets"]),
         *(f"needs {need}" for need in one.needs)]), "what": one.what, "checks": " ".join(decided.get(one.id, []))}
        for one in chosen
    ]  # fmt: skip


def _checks(args: argparse.Namespace) -> list[dict[str, str]]:
    every: Sequence[VectorCase | Listed] = load_suite().cases()
    if args.captures:
        every = [Listed.of(one) for one in checks()]
    chosen = selection_of(args).choose(every)
    return [
        {"id": one.id, "level": one.level.value, "kind": one.kind, "clauses": " ".join(one.clauses), "what": one.what}
        for one in chosen
    ]


def _errata() -> list[dict[str, str]]:
    return [
        {"id": one.id, "kind": one.kind, "status": one.status, "title": one.title, "place": " ".join(one.place)}
        for one in load_suite().errata.values()
    ]


def _subjects() -> list[dict[str, str]]:
    known = [("subject", one) for one in load_folder(places.subjects())]
    broken = [("broken", one) for one in load_folder(places.mutants())]
    return [{"name": one.name, "kind": kind, "what": one.breaks or one.what} for kind, one in known + broken]
