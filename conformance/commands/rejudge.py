"""``disco-conformance rejudge REPORT_DIR``: the verdicts again, from the recorded evidence, offline."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from conformance.checks.codec import VectorCase
from conformance.commands.documents import document_result
from conformance.commands.listing import Listed
from conformance.commands.selecting import add_selection_arguments, selection_of
from conformance.errors import Misuse
from conformance.judge.catalog import checks
from conformance.judge.traces import replay_all
from conformance.live.evidence import LOG
from conformance.live.verdicts.judging import judge_scenarios, read_scenarios
from conformance.live.verdicts.silence import lapses
from conformance.published import published_texts, second_opinions
from conformance.report.files.json_result import read_result
from conformance.report.page.showing import printable
from conformance.run.digests import digests
from conformance.run.evidence import LIVE, read_exchanges, recorded
from conformance.run.execution import by_step, conclude
from conformance.run.model import Event, Json, Result, Verdict
from conformance.run.suite import load_suite


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, and which checks."""
    parser.add_argument("folder", type=Path, metavar="REPORT_DIR", help="the folder of a report")
    parser.add_argument("--all", action="store_true", help="print every verdict, not only those that differ")
    parser.add_argument(
        "--silence", action="store_true",
        help="instead: which checks a subject would pass that falls silent behind one of its messages; of the suite, not the subject",
    )  # fmt: skip
    add_selection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Judge the evidence again: 0 if every verdict comes out as recorded, 1 if one does not; a changed suite is said."""
    if args.silence:
        return _silence(args)
    result = read_result(args.folder)
    events = read_exchanges(args.folder)
    before = {str(one["id"]): one for one in _objects(result["results"])}
    console = Console(highlight=False, soft_wrap=True)
    digested = result.get("digests")
    changed = [
        name for name, digest in digests().items() if isinstance(digested, Mapping) and digested.get(name) != digest
    ]
    if changed:
        console.print(f"[yellow]judged by another suite than recorded; changed: {', '.join(changed)}[/]")
    judged = judge_again(args, result, before, events)
    differing = 0
    for identity, (verdict, why) in judged.items():
        was = str(before[identity]["verdict"])
        differing += verdict != was
        if verdict != was or args.all:
            console.print(
                f"{verdict:<14} {escape(identity)}" + (f" (recorded: {was})" if verdict != was else ""), soft_wrap=True
            )
            console.print(f"  {escape(printable(why))}", soft_wrap=True)
    console.print(f"{len(judged)} verdicts judged again, {differing} differ")
    return 1 if differing else 0


def _silence(args: argparse.Namespace) -> int:
    """The evidence of scenarios as it would be of a subject that falls silent: 0 if no check is passed by that."""
    played = read_scenarios(_folders(args.folder))
    if not played:
        raise Misuse(f"{args.folder}: no scenario was played")
    some = {one.id: one for one in checks() if one.scenarios}
    chosen = {one.id for one in selection_of(args).choose([Listed.of(one) for one in some.values()])}
    found = list(lapses(played, [one for one in some.values() if one.id in chosen]))
    for one in found:
        print(f"passed by silence: {one.check} in {one.scenario}, behind message {one.behind}")
    print(f"{len(played)} scenarios judged as of subjects that fall silent, {len(found)} passes by silence")
    return 1 if found else 0


def _objects(value: Json) -> Sequence[Mapping[str, Json]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def judge_again(
    args: argparse.Namespace,
    result: Mapping[str, Json],
    before: Mapping[str, Mapping[str, Json]],
    events: Mapping[str, tuple[Event, ...]],
) -> dict[str, tuple[str, str]]:
    """The verdict and its reason by check, for the checks that are selected and have evidence."""
    kinds = {str(one["kind"]) for one in before.values()}
    replayed = {one.id: one for one in replay_all()[0]} if "capture" in kinds else {}
    if any(one["kind"] == "capture" and identity not in replayed for identity, one in before.items()):
        raise Misuse("the evidence of a capture is the capture: run `disco-conformance judge` on it again")
    if "document" in kinds:
        return _documents(args.only, before, events)
    errata_off = result.get("errata_off")
    suite = load_suite([str(one) for one in errata_off] if isinstance(errata_off, list) else [])
    ground = [*published_texts(suite.register)] if "text" in kinds else []
    ground += second_opinions(suite.vectors.values()) if "dissection" in kinds else []
    ground += _played(args.folder) if "live" in kinds else []
    replayed |= {one.id: one for one in ground}
    absent = {identity for identity, one in before.items() if one["kind"] in ("text", "dissection")} - set(replayed)
    claimed = _subject_list(result, "claimed")
    cases = [case for case in suite.cases(claimed, _subject_list(result, "headers")) if case.id in before]
    missing = (
        set(before) - absent - set(replayed) - {case.id for case in cases} - {case.id for case in suite.switched_off()}
    )
    verdicts: dict[str, tuple[str, str]] = {}
    again: list[VectorCase | Result] = [*cases, *(replayed[identity] for identity in before if identity in replayed)]
    for one in selection_of(args).choose(again):
        if isinstance(one, VectorCase):
            verdicts[one.id] = _again(one, events.get(one.id, ()), before[one.id])
        else:
            verdicts[one.id] = (one.verdict.value, one.decisive.why if one.decisive else "")
    if not selection_of(args).only:
        verdicts |= dict.fromkeys(sorted(missing), ("stale", "the suite has no such check any more"))
    return verdicts


def _subject_list(result: Mapping[str, Json], member: str) -> list[str]:
    subject = result.get("subject")
    found = subject.get(member) if isinstance(subject, Mapping) else None
    return [str(one) for one in found] if isinstance(found, list) else []


_UNASKED = (Verdict.NOT_APPLICABLE.value, Verdict.INCONCLUSIVE.value)
"""What a case can be called that was not put to the subject."""


def _again(case: VectorCase, events: tuple[Event, ...], before: Mapping[str, Json]) -> tuple[str, str]:
    if not events and before["verdict"] in _UNASKED:
        return str(before["verdict"]), "nothing was asked, so there is nothing to judge"
    if not events:
        return "stale", "a verdict is recorded, and no evidence of it"
    first = recorded(case.requests(), events)
    follow = recorded([*case.requests(), *case.follow_ups(by_step(first.outcomes))], events)
    if first.stale or follow.stale:
        return "stale", first.stale or follow.stale
    result = conclude(case, follow.outcomes, events)
    return result.verdict.value, result.decisive.why if result.decisive else ""


def _played(folder: Path) -> list[Result]:
    """The checks over the scenarios that were played."""
    return judge_scenarios(read_scenarios(_folders(folder)), checks(), "the subject")


def _folders(report: Path) -> list[Path]:
    """The folders of the scenarios in a report."""
    return sorted(path.parent for path in (report / LIVE).glob(f"*/{LOG}"))


def _documents(
    only: Sequence[str], before: Mapping[str, Mapping[str, Json]], events: Mapping[str, tuple[Event, ...]]
) -> dict[str, tuple[str, str]]:
    verdicts = {}
    for identity, recorded_events in events.items():
        if identity in before and (not only or identity in only):
            event = recorded_events[0]
            result = document_result(event.summary, event.octets, event.number)
            verdicts[identity] = (result.verdict.value, result.decisive.why if result.decisive else "")
    for identity in before:
        if identity not in events and (not only or identity in only):
            verdicts[identity] = ("stale", "a verdict is recorded, and no evidence of it")
    if not verdicts:
        raise Misuse("nothing is selected")
    return verdicts
