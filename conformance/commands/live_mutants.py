"""``disco-conformance mutants --live``: subjects broken in one place each, played in virtual time."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from rich.console import Console
from rich.markup import escape

from conformance import places
from conformance.commands.selecting import selection_of
from conformance.errors import Misuse
from conformance.live.verdicts.judging import chosen_checks
from conformance.mutants.broken import BUDGET, Fate, never_failed, try_mutants
from conformance.mutants.dumb.playing import DumbFate, try_dumb
from conformance.mutants.dumb.subject import NAMES, names_of
from conformance.mutants.dumb.subject import ROLES as DUMB_ROLES
from conformance.mutants.patched import Mutant, load_mutants
from conformance.report.page.showing import printable
from conformance.run.digests import digests
from conformance.run.model import Json


def run(args: argparse.Namespace) -> int:
    """Run them: 0 if each is failed by the checks that it is aimed at, 1 if not."""
    if args.keep:
        raise Misuse(
            "--keep is for the matrix of the vectors; which checks a live mutant is aimed at stands in its file"
        )
    if selection := str(selection_of(args)):
        raise Misuse(f"{selection} chooses among the vectors; live mutants are chosen by --name")
    mutants = [one for path in sorted((places.mutants() / "live").glob("*.toml")) for one in load_mutants(path)]
    mutants = _chosen(mutants, args.name)
    console = Console(highlight=False, soft_wrap=True)
    fates = try_mutants(mutants, lambda fate: _print(fate, console, args.fails), budget=args.budget or BUDGET)
    alive = [fate for fate in fates if not fate.killed]
    dumb = list(_dumb(args.name, console, args.fails))
    if args.output:
        args.output.write_text(json.dumps(as_json(fates), indent=1) + "\n", encoding="utf-8")
    roles = sorted({one.role for one in mutants})
    checks = {one.id: one for role in roles for one in chosen_checks([role])}
    without = never_failed(list(checks.values()), fates)
    if fates:
        killed = len(fates) - len(alive)
        console.print(f"{len(fates)} live mutants, {killed} killed by every check they are aimed at, {len(alive)} not")
    if not args.name:
        console.print(
            f"{len(without)} checks of the roles {', '.join(roles)} that need a scenario have no mutant aimed at them"
        )
    if dumb:
        ill = [fate for fate in dumb if not fate.well]
        console.print(
            f"{len(dumb)} plays of subjects that do one thing whatever comes, {len(ill)} of them pass something"
        )
    return 1 if alive or any(not fate.well for fate in dumb) else 0


def _dumb(patterns: Sequence[str], console: Console, fails: bool) -> Iterator[DumbFate]:
    """The dumb subjects, each in every role; with patterns those whose ``<role>/<name>`` or name matches."""
    for role in DUMB_ROLES:
        for name in names_of(role):
            if patterns and not any(fnmatchcase(one, word) for one in (name, f"{role}/{name}") for word in patterns):
                continue
            fate = try_dumb(role, name)
            colour, word = ("green", "dumb  ") if fate.well else ("red", "PASSES")
            console.print(f"[{colour}]{word}[/]  {role}/{name}: {len(fate.met)} met with a reason on record")
            for identity in (*fate.passes, *fate.undeserved, *fate.broken):
                console.print(f"        [red]passes without reason, or breaks:[/] {escape(identity)}")
            for identity in fate.met if fails else ():
                console.print(f"        meets {escape(identity)}")
            yield fate


def _chosen(mutants: Sequence[Mutant], patterns: Sequence[str]) -> list[Mutant]:
    dumb = [*NAMES, *(f"{role}/{name}" for role in DUMB_ROLES for name in names_of(role))]
    for pattern in patterns:
        if not any(fnmatchcase(one, pattern) for one in [*(one.name for one in mutants), *dumb]):
            raise Misuse(f"--name {pattern}: no live mutant matches")
    chosen = [one for one in mutants if not patterns or any(fnmatchcase(one.name, word) for word in patterns)]
    if not chosen and not patterns:
        raise Misuse("there are no live mutants")
    return chosen


def _print(fate: Fate, console: Console, fails: bool) -> None:
    colour, word = ("green", "killed") if fate.killed else ("red", "ALIVE ")
    besides = f", {len(fate.others)} besides" if fate.others else ""
    name = f"{fate.mutant.role}/{fate.mutant.name}"
    console.print(
        f"[{colour}]{word}[/]  {escape(name)}: {escape(fate.mutant.breaks)} ({len(fate.mutant.kills)} aimed{besides})"
    )
    for identity in fate.missed:
        console.print(f"        [red]does not fail[/] {escape(identity)}")
    if fate.trouble:
        console.print(f"        {escape(printable(fate.trouble))}")
    for identity in fate.others if fails else ():
        console.print(f"        besides {escape(identity)}")


def as_json(fates: Sequence[Fate]) -> dict[str, Json]:
    """The matrix for ``--output``."""
    return {
        "generated": "by disco-conformance mutants --live --output",
        "checks": digests()["checks"],
        "mutants": {
            f"{fate.mutant.role}/{fate.mutant.name}": {
                "breaks": fate.mutant.breaks,
                "kills": sorted(set(fate.mutant.kills) - set(fate.missed)),
                "besides": list(fate.others),
            }
            for fate in sorted(fates, key=lambda one: (one.mutant.role, one.mutant.name))
        },
    }
