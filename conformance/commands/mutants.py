"""``disco-conformance mutants``: the kill matrix, which checks each broken subject fails."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from conformance import places
from conformance.commands import live_mutants
from conformance.commands.selecting import add_selection_arguments, selection_of
from conformance.errors import Misuse
from conformance.mutants.broken import BUDGET
from conformance.report.kills import kills_file
from conformance.report.page.showing import printable
from conformance.run.digests import digests
from conformance.run.matrix import Killed, kill_matrix, touched
from conformance.run.model import Json
from conformance.run.suite import Suite, load_suite
from conformance.targets.subject import KnownSubject, load_folder

PATIENCE = 2.0
"""Seconds that a reply of a broken subject is awaited, where time is not virtual."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which broken subjects, and where the matrix goes."""
    parser.add_argument("--live", action="store_true", help="subjects broken in one place, played in virtual time")
    parser.add_argument("--name", action="append", default=[], metavar="PATTERN", help="only these broken subjects")
    parser.add_argument(
        "--budget", type=float, metavar="SECONDS",
        help=f"a reply is awaited so long (default: {PATIENCE:g}; with --live {BUDGET:g})",
    )  # fmt: skip
    parser.add_argument("--keep", action="store_true", help="write the matrix into the suite, for the reports")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the matrix as JSON")
    parser.add_argument("--fails", action="store_true", help="print every check that fails")
    add_selection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the matrix: 0 if every broken subject is killed and passes no pair that it touches, 1 if not."""
    if args.budget is not None and not 0 < args.budget <= 3600:
        raise Misuse("--budget is between 0 and 3600 seconds")
    if args.live:
        return live_mutants.run(args)
    subjects = _chosen(load_folder(places.mutants()), args.name)
    suite = load_suite()
    cases = selection_of(args).choose(suite.cases())
    console = Console(highlight=False, soft_wrap=True)
    killed = kill_matrix(
        subjects, suite, cases, budget=args.budget or PATIENCE, done=lambda one: _print(one, console, args.fails)
    )
    for path in filter(None, (args.output, kills_file() if args.keep else None)):
        path.write_text(json.dumps(as_json(killed, suite), indent=1) + "\n", encoding="utf-8")
    checks = {identity for one in killed for identity in one.fails}
    never = [case.id for case in cases if case.id not in checks]
    bad = [one for one in killed if not good(one)]
    console.print(f"{len(killed)} broken subjects, {len(killed) - len(bad)} killed as they should be, {len(bad)} not")
    console.print(f"{len(checks)} of {len(cases)} checks fail one of them; {len(never)} fail none")
    return 1 if bad else 0


def _chosen(subjects: Sequence[KnownSubject], patterns: Sequence[str]) -> list[KnownSubject]:
    for pattern in patterns:
        if not any(fnmatchcase(one.name, pattern) for one in subjects):
            raise Misuse(f"--name {pattern}: no broken subject matches")
    chosen = [one for one in subjects if not patterns or any(fnmatchcase(one.name, word) for word in patterns)]
    if not chosen:
        raise Misuse("there are no broken subjects")
    return chosen


def good(one: Killed) -> bool:
    """Whether a broken subject fares as it should."""
    return one.killed and not one.survived


def _print(one: Killed, console: Console, fails: bool) -> None:
    colour = "green" if good(one) else "red"
    told = f"fails {len(one.fails)}, passes {len(one.passes)} of {one.judged}"
    console.print(
        f"[{colour}]{'killed' if one.killed else 'ALIVE '}[/]  {escape(one.subject.name)}: {told}; {escape(one.subject.breaks)}"
    )
    for right, wrong in one.survived:
        console.print(
            f"        [red]passes both[/] {escape(right)} and {escape(wrong)}, which its fault touches", soft_wrap=True
        )
    if one.trouble:
        console.print(f"        {escape(printable(one.trouble))}", soft_wrap=True)
    for identity in one.fails if fails else ():
        console.print(f"        {escape(identity)}", soft_wrap=True)


def as_json(killed: Sequence[Killed], suite: Suite) -> dict[str, Json]:
    """The matrix as it is kept: what each broken subject fails in the place of its fault, and by which vectors.

    A subject that is wrong everywhere (``touches = ["*"]``) says nothing about a single check: it is counted, and kills none.
    """
    clauses: dict[str, Json] = {}
    mutants: dict[str, Json] = {}
    for one in killed:
        kills = [] if "*" in one.subject.touches else [check for check in one.fails if touched(one.subject, check)]
        cited = {clause for check in kills for clause in suite.vectors[check].clauses}
        clauses[one.subject.name] = sorted(cited)
        mutants[one.subject.name] = {
            "breaks": one.subject.breaks,
            "judged": one.judged,
            "fails": len(one.fails),
            "kills": sorted(kills),
        }
    return {
        "generated": "by disco-conformance mutants --keep; do not edit",
        "vectors": digests()["vectors"],
        "mutants": mutants,
        "clauses": clauses,
    }
