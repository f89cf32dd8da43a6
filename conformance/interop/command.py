"""``python -m conformance.interop [PROGRAM ...]``: the suite against programs of others.

Needs Linux, the programs, and root or namespaces of users.  Exit codes: 0 every program fared as its file in
``conformance/interop/expected`` says; 1 something failed that is not listed there, or a check that fails two programs was not
reviewed; 3 a program could not be judged; 4 a listed failure is gone.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path

from conformance import places
from conformance.interop import playing, reviews
from conformance.interop.again import looked_again
from conformance.interop.outcome import Outcome, written
from conformance.interop.settings import SETTINGS, Setting
from conformance.judge.catalog import checks
from conformance.live.scenario import scenarios
from conformance.record.programs import Missing, version
from conformance.run.digests import digests
from conformance.run.expectations import (
    Comparison,
    Expectation,
    compare,
    load_expectations,
)
from conformance.run.model import Result, Verdict

EXPECTED = Path(__file__).with_name("expected")
"""A file of expectations for each program, as ``--expectations`` takes them."""
RESULTS = places.PACKAGE.parent / "docs" / "results"
AT_ONCE = 6
"""Settings that are played at the same time."""
GONE = 4
"""The exit code where a listed failure holds."""
PATIENCE = 600
"""Seconds that one setting may take."""
ALONE = {} if os.geteuid() == 0 else {"linphonec": threading.Lock()}
"""Programs of which only one can run for one user: the way to command them is not part of a network namespace."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, compare, keep."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["--setting"]:
        return playing.main(*words[1:])
    args = _parsed(words)
    chosen = [one for one in SETTINGS if (not args.programs or one.program in args.programs)
              and (not args.only or one.name in args.only)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        report = args.evidence or Path(folder)
        outcomes, code = play_all(chosen, report, args.scenario)
        whole = not args.scenario and not args.only
        if whole:
            outcomes = [
                looked_again(
                    one, expected(one.program), lambda setting, names: _apart(setting, report / "again", names)
                )
                for one in outcomes
            ]
    for outcome in outcomes:
        fared = told(outcome, whole)
        code = max(code, 0 if fared == GONE and args.gone_is_well else fared)
        if whole and written(outcome, args.into):
            print(f"{outcome.program}: results written to {args.into}")
    return max(code, _reviewed(args.into)) if whole and not args.programs else code


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """What was typed; programs, settings and scenarios that are none are refused."""
    parser = argparse.ArgumentParser(prog="python -m conformance.interop", description=__doc__)
    parser.add_argument(
        "programs", nargs="*", metavar="PROGRAM", help="such as baresip (default: all that are installed)"
    )
    parser.add_argument("--into", type=Path, default=RESULTS, help="where the results are kept")
    parser.add_argument("--evidence", type=Path, help="keep captures and logs in this folder")
    parser.add_argument(
        "--scenario", action="append", default=[], metavar="PATTERN", help="only these; nothing is kept then"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="SETTING", help="only these settings; nothing is kept"
    )
    parser.add_argument(
        "--gone-is-well", action="store_true", help="a listed failure that holds is told, and no reason for exit code 4"
    )
    args = parser.parse_args(words)
    known = list(dict.fromkeys(one.program for one in SETTINGS))
    unknown = set(args.programs) - set(known)
    if unknown:
        parser.error(f"no such program: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    names = {one.name for one in SETTINGS}
    if strange := set(args.only) - names:
        parser.error(f"no such setting: {', '.join(sorted(strange))}; known are {', '.join(sorted(names))}")
    for word in args.scenario:
        if not any(fnmatchcase(one.id, word) for one in scenarios()):
            parser.error(f"--scenario {word}: no scenario matches")
    return args


def play_all(chosen: Sequence[Setting], report: Path, only: Sequence[str]) -> tuple[list[Outcome], int]:
    """The outcomes by program, and 3 where a setting could not be played."""
    results: dict[str, dict[str, tuple[Result, ...]]] = {}
    versions, code = {}, 0
    for program in dict.fromkeys(one.program for one in chosen):
        try:
            versions[program] = version(program)
        except Missing as missing:
            print(f"{program}: not run: {missing}")
            code = 3
    # what waits longest goes first
    some = sorted((one for one in chosen if one.program in versions), key=lambda one: not one.slow)
    for name, known in versions.items():
        _say(f"{known}: {', '.join(one.name for one in some if one.program == name)}")
    if some:
        _say(f"{len(some)} settings, up to {AT_ONCE} at a time, each in a network of its own; some take minutes")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        played = list(zip(some, pool.map(lambda one: _apart(one, report, only), some), strict=True))
    for setting, first in played:
        found = _apart(setting, report / "anew", only) if isinstance(first, str) else first
        if isinstance(found, str):
            print(f"{setting.name}: {found}")
            code = 3
        else:
            results.setdefault(setting.program, {})[setting.name] = found
    suite = digests()
    return [
        Outcome(program=name, version=versions[name], settings=some, digests=suite) for name, some in results.items()
    ], code


def _apart(setting: Setting, report: Path, only: Sequence[str]) -> tuple[Result, ...] | str:
    """One setting in a process of its own; its results, or what went wrong."""
    folder = report / setting.name
    folder.mkdir(parents=True, exist_ok=True)
    lock, began = ALONE.get(setting.program) or threading.Lock(), time.monotonic()
    words = [sys.executable, "-m", "conformance.interop", "--setting", setting.name, str(folder), *only]
    with lock:
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return f"not done within {PATIENCE} seconds"
    if done.returncode:
        return f"not judged: {done.stderr.strip().splitlines()[-1:] or done.returncode}"
    # written by ourselves a moment ago
    results: list[Result] = pickle.loads((folder / "results").read_bytes())
    failed = sum(result.verdict is Verdict.FAIL for result in results)
    _say(f"{setting.name}: {len(results)} checks, {failed} fail, {time.monotonic() - began:.0f} s")
    return tuple(results)


def _say(line: str) -> None:
    """Progress, for who waits."""
    print(line, file=sys.stderr, flush=True)


def expected(program: str) -> tuple[Expectation, ...]:
    """What is known of a program."""
    path = EXPECTED / f"{program}.toml"
    return tuple(load_expectations(path)) if path.is_file() else ()


def told(outcome: Outcome, whole: bool) -> int:
    """Print how a program fared against its file of expectations; the exit code for it."""
    comparison = compare(outcome.results, expected(outcome.program), {one.id for one in checks()})
    counts: dict[str, int] = {}
    for result in outcome.results:
        counts[result.verdict.value] = counts.get(result.verdict.value, 0) + 1
    print(f"{outcome.version}: " + ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())))
    for result in comparison.unexpected:
        finding = result.decisive
        print(f"  unexpected failure: {result.id} ({', '.join(result.clauses)})")
        if finding is not None:
            print(f"    {finding.why}; expected {finding.expected}; seen {finding.seen}")
    for result in comparison.unclear:
        print(f"  {result.verdict.value}: {result.id}: {result.decisive.why if result.decisive else ''}")
    return _code(comparison, whole)


def _code(comparison: Comparison, whole: bool) -> int:
    if any(result.verdict.value == "harness-error" for result in comparison.unclear):
        return 3
    if comparison.unexpected:
        return 1
    for entry, now in comparison.stale if whole else ():
        print(f"  listed and gone: {entry.id}: {now}")
    return GONE if whole and comparison.stale else 0


def _reviewed(folder: Path) -> int:
    """Write the page of reviews; 1 where a check that fails two programs has none."""
    failures, known = reviews.kept_failures(folder), reviews.load_reviews()
    (folder / "reviews.md").write_text(reviews.as_markdown(failures, known), encoding="utf-8")
    lacking = reviews.unreviewed(failures, known)
    for identity in lacking:
        print(f"fails {len(failures[identity])} programs and was not reviewed: {identity}")
    return 1 if lacking else 0
