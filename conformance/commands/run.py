"""``disco-conformance run``: judge a subject.

Without ``--target`` that is the reference; the canned exchanges of third-party programs are then judged again too, so
that every check over captures is seen to work on real input, and the suite's own ground with them: the published texts,
where ``DISCO_SPECS`` names them, and the RELOAD vectors as ``tshark`` reads them, where it is installed.  Of the roles that a
subject behind an adapter claims, those of the wire are played in virtual time.
"""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from conformance import places
from conformance.checks.codec import VectorCase
from conformance.commands import documents, live
from conformance.commands.claimed import play_claimed
from conformance.commands.listing import Listed
from conformance.commands.selecting import add_selection_arguments, selection_of
from conformance.errors import Misuse
from conformance.judge.traces import replay_all
from conformance.live.scenario import ROLES
from conformance.live.verdicts.judging import chosen_checks
from conformance.published import published_texts, second_opinions
from conformance.report.conclusion import Circumstances, add_report_arguments, conclude, prepare, programs_not_run
from conformance.run.execution import Claims, greet, judge_adapter, subject_of, unasked
from conformance.run.expectations import Expectation
from conformance.run.model import NotRun, Result, Verdict
from conformance.run.suite import Suite, load_suite
from conformance.targets.address import Address, parse_target
from conformance.targets.process import BUDGET, Adapter
from conformance.targets.subject import KnownSubject, load_subject

DEFAULT = "disco_ref"
"""The subject that is judged when none is named."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument(
        "--target", metavar="TARGET", help="exec:./adapter, capture:run.pcapng, docs:folder/, sip:udp:HOST:PORT"
    )
    parser.add_argument(
        "--subject", metavar="NAME", help="a subject of conformance/subjects, or a .toml file like those"
    )
    parser.add_argument("--budget", type=float, default=BUDGET, metavar="SECONDS", help="a reply is awaited so long")
    parser.add_argument(
        "--without-erratum", action="append", default=[], metavar="ID", help="turn an erratum or interpretation off"
    )
    add_selection_arguments(parser)
    live.add_live_arguments(parser)
    add_report_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Judge what was named."""
    if args.target and args.subject:
        raise Misuse("--target and --subject exclude each other")
    if not 0 < args.budget <= 3600:
        raise Misuse("--budget is between 0 and 3600 seconds")
    address = parse_target(args.target) if args.target else None
    if address and address.scheme == "docs":
        args.paths = [Path(address.rest)]
        return documents.run(args)
    if address and address.scheme == "capture":
        return _capture(address, args)
    known = known_subject(args.subject or DEFAULT) if address is None else None
    return live.run(address, known, args) if live.is_live(address, args) else _adapter(address, known, args)


def known_subject(name: str) -> KnownSubject:
    """A subject by its name, or by the path of its file."""
    path = Path(name) if name.endswith(".toml") else places.subjects() / f"{name}.toml"
    return load_subject(path)


def _ground(suite: Suite, selection: str) -> list[Result]:
    """The published texts and the second decoder: judged in a whole run, or where they are asked for by name."""
    results: list[Result] = []
    if not selection or "published" in selection:
        results += published_texts(suite.register)
    if not selection or "second-opinion" in selection:
        results += second_opinions(suite.vectors.values())
    return results


def _capture(address: Address, args: argparse.Namespace) -> int:
    from conformance.judge import command

    args.capture = Path(address.rest)
    return command.run(args)


def _adapter(address: Address | None, known: KnownSubject | None, args: argparse.Namespace) -> int:
    suite, selection = load_suite(args.without_erratum), selection_of(args)
    prepare(args.report)
    arguments = address.arguments if address else known.arguments() if known else []
    adapter = Adapter(arguments, known.environment if known else {}, budget=args.budget)
    claimed, claims = known.formats if known else (), _claimed(greet(adapter), known)
    cases, off = suite.cases(claimed, claims.headers), suite.switched_off()
    replayed, entries = ([], []) if args.target or args.subject else _besides(suite, str(selection))
    roles = [role for role in claims.roles if role in ROLES]
    checks = [Listed.of(one) for one in chosen_checks(roles)]
    everything: list[VectorCase | Result | Listed] = [*cases, *off, *replayed, *checks]
    selected = {one.id for one in selection.choose(everything)}
    asked = [case for case in cases if case.id in selected]
    results, started, seconds = _asked(asked, adapter, claims, quiet=args.quiet)
    results += [_turned_off(case, suite) for case in off if case.id in selected]
    results += [result for result in replayed if result.id in selected]
    chosen = frozenset(one.id for one in checks if one.id in selected)
    played, aside = play_claimed(address, known, args, roles, chosen) if chosen else ([], [])
    results += played
    required = [case.id for case in cases if claims.trouble or claims.applies(case)]
    circumstances = Circumstances(
        subject=subject_of(f"exec:{shlex.join(arguments)}", claims, own=bool(known and known.own), claimed=claimed),
        register=suite.register,
        errata=suite.errata,
        command=_typed(args),
        required=[*required, *(result.id for result in replayed), *(one.id for one in played if _found_out(one))],
        known=[*suite.vectors, *(result.id for result in replayed), *(one.id for one in checks)],
        expectations=[*(known.expectations if known else ()), *entries],
        selection=str(selection),
        errata_off=sorted(suite.off),
        not_run=[*aside, *programs_not_run(), *([] if str(selection) else _idle(claims, results))],
        started=started,
        seconds=time.time() - started if played else seconds,
        log=bytes(adapter.log),
    )
    return conclude(results, circumstances, args)


def _claimed(claims: Claims, known: KnownSubject | None) -> Claims:
    """What a subject claims, in its hello or in its file; of formats who claims none in its hello is asked everything."""
    if known is None:
        return claims
    return replace(
        claims,
        roles=tuple(dict.fromkeys((*claims.roles, *known.roles))),
        formats=tuple(dict.fromkeys((*claims.formats, *known.formats))) if claims.formats else (),
    )


def _besides(suite: Suite, selection: str) -> tuple[list[Result], list[Expectation]]:
    """What is judged where no subject is named: recorded exchanges, and the ground; with the failures that are known."""
    replayed, entries = replay_all()
    return [*replayed, *_ground(suite, selection)], entries


def _asked(
    cases: Sequence[VectorCase], adapter: Adapter, claims: Claims, *, quiet: bool
) -> tuple[list[Result], float, float]:
    """The results of the cases, when they were begun and how long they took; how far it is shows on the terminal."""
    with _progress(quiet) as progress:
        task = progress.add_task("asking", total=sum(len(case.requests()) for case in cases))
        adapter.progress = lambda count: progress.advance(task, count)
        return judge_adapter(cases, adapter, claims)


def _found_out(result: Result) -> bool:
    """Whether a check that was played could say anything about this subject."""
    return result.verdict is not Verdict.NOT_APPLICABLE


def _idle(claims: Claims, results: Sequence[Result]) -> list[NotRun]:
    """The formats that a subject claims and of which it then supports nothing."""
    aside = (Verdict.NOT_APPLICABLE, Verdict.NOT_OBSERVABLE)
    found = []
    for name in claims.formats:
        said = [one.verdict in aside for one in results if one.format == name and one.kind != "capture"]
        if said and all(said):
            found.append(
                NotRun(what=f"format {name}", why=f"claimed, but none of its {len(said)} cases came to a verdict")
            )
    return found


def _typed(args: argparse.Namespace) -> str:
    """The command again, without its selection."""
    words = ["disco-conformance", "run"]
    words += ["--target", args.target] if args.target else ["--subject", args.subject] if args.subject else []
    words += [word for identity in args.without_erratum for word in ("--without-erratum", identity)]
    return shlex.join(words)


def _turned_off(case: VectorCase, suite: Suite) -> Result:
    names = ", ".join(sorted(suite.off.intersection(case.errata)))
    return unasked(case, f"it rests on {names}, which is turned off")


def _progress(quiet: bool) -> Progress:
    """A bar where somebody is looking; nothing in a pipe."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
