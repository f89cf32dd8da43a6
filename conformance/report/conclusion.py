"""From results to reports and an exit code: what every judging verb ends with."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from conformance import places
from conformance.clauses import Register
from conformance.errata import Entry
from conformance.errors import Misuse, said
from conformance.report.account import Account
from conformance.report.files.writers import WRITERS
from conformance.report.kills import load_kills
from conformance.report.terminal import print_report
from conformance.run.digests import digests
from conformance.run.evidence import EXCHANGES, write_evidence
from conformance.run.expectations import Expectation, compare, exit_code, load_expectations
from conformance.run.frames import with_frames
from conformance.run.model import NotRun, Report, Result, Subject

REVISION = "disco00"
"""The revision of the draft that the suite judges by."""

FOLDER = "conformance-report"
"""Where reports go unless another folder is named."""

NOTHING = 2
"""The exit code of a run that is as expected only because nothing was judged."""

_MARKS = ("result.json", EXCHANGES)


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every verb that ends in a report."""
    parser.add_argument("--report", type=Path, default=Path(FOLDER), metavar="DIR", help=f"default: {FOLDER}/")
    parser.add_argument("--expectations", type=Path, metavar="FILE", help="TOML file of known failures with reasons")
    parser.add_argument("--quiet", action="store_true", help="print the exit code's reason only")


def harness_name() -> str:
    """Name and version of the harness and of its interpreter."""
    try:
        number = version("disco-ref")
    except PackageNotFoundError:
        number = "from its sources"
    return f"disco-conformance {number}, {platform.python_implementation()} {platform.python_version()}"


def programs_not_run() -> list[NotRun]:
    """Optional programs and texts that are not here, with what they would add."""
    absent = []
    if shutil.which("tshark") is None:
        adds = "a second decoder of the RELOAD vectors, and of recordings in the tests"
        absent.append(NotRun(what="tshark", why="not installed", adds=adds))
    for program in ("sipp", "baresip"):
        if shutil.which(program) is None:
            adds = "fresh recordings of its calls, judged in the tests beside those under rfc_traces"
            absent.append(NotRun(what=program, why="not installed", adds=adds))
    if places.specifications() is None:
        why = "DISCO_SPECS names no folder"
        adds = (
            "the registers, the struct text and draft lint against the published texts; the sentences beside failures"
        )
        absent.append(NotRun(what="specification texts", why=why, adds=adds))
    return absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is to be said of a run besides its results."""

    subject: Subject
    register: Register
    errata: Mapping[str, Entry]
    command: str
    """What was typed, without its selection."""
    required: Collection[str] = ()
    """The ids without which the run is not whole; those of the results where none are named."""
    known: Collection[str] = ()
    """The ids that an expectation may name, besides those of the results."""
    expectations: Sequence[Expectation] = ()
    selection: str = ""
    errata_off: Sequence[str] = ()
    not_run: Sequence[NotRun] = ()
    started: float = field(default_factory=time.time)
    seconds: float = 0.0
    log: bytes = b""
    """What the subject said on standard error."""

    def report(self, results: Sequence[Result], suite: Mapping[str, str], aside: Sequence[NotRun]) -> Report:
        """The report of these results, with the digests of the suite, and what was not run besides."""
        return Report(
            subject=self.subject,
            revision=REVISION,
            results=tuple(results),
            required=tuple(self.required) or tuple(result.id for result in results),
            selection=self.selection,
            digests=suite,
            errata_off=tuple(self.errata_off),
            not_run=(*self.not_run, *aside),
            started=self.started,
            seconds=self.seconds,
            harness=harness_name(),
        )


def conclude(results: Sequence[Result], run: Circumstances, args: argparse.Namespace) -> int:
    """Write every report and the evidence, print the account, and give the exit code."""
    entries = [*run.expectations, *(load_expectations(args.expectations) if args.expectations else ())]
    folder = prepare(args.report)
    marked, frames = with_frames(results)
    suite = digests()
    killed = load_kills(suite["vectors"])
    report = run.report(marked, suite, [killed] if isinstance(killed, NotRun) else [])
    comparison = compare(marked, entries, {*run.known, *(result.id for result in marked)})
    account = Account(
        report=report,
        comparison=comparison,
        register=run.register,
        errata=run.errata,
        folder=args.report,
        code=exit_code(comparison, set(report.required)) or (NOTHING if report.silent else 0),
        command=run.command,
        killed=None if isinstance(killed, NotRun) else killed,
        specifications=places.specifications(),
    )
    write_evidence(folder, marked, frames, suite, run.log, report.harness)
    return publish(account, folder, quiet=args.quiet)


def publish(account: Account, folder: Path, *, quiet: bool) -> int:
    """Write the files of the report, print the account, and give the exit code."""
    for name, write in WRITERS.items():
        (folder / name).write_text(write(account), encoding="utf-8")
    print_account(account, quiet=quiet)
    return account.code


def prepare(folder: Path) -> Path:
    """Make the folder of a report; raises Misuse where one stands that is not a report's."""
    ours = any((folder / name).is_file() for name in _MARKS)
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not ours)):
        raise Misuse(f"{folder} exists and is not a report's folder; name another with --report")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misuse(f"cannot make the report's folder {folder}: {said(error)}; name another with --report") from None
    return folder


def print_account(account: Account, *, quiet: bool = False) -> None:
    """Print the account on standard output."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    if not quiet:
        print_report(account, console)
    elif account.code:
        console.print(f"exit {account.code}: see {account.folder}/report.html")
