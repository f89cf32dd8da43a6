"""The report at the terminal: failures with all that is needed to act on them, then the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import wrap

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from conformance.report.account import Account, Explanation
from conformance.report.aside import gathered
from conformance.report.files.json_result import self_agreed
from conformance.report.page.showing import printable
from conformance.run.model import Result, Verdict

COLOURS = {
    Verdict.PASS: "green",
    Verdict.NONSTRICT: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.NOT_OBSERVABLE: "dim",
    Verdict.HARNESS_ERROR: "bold white on red",
}
WIDTH = 80
"""Columns that nobody's terminal lacks."""
SHOWN = 40
"""How many failures are printed in full; the files have all of them."""

FAULT = 3
"""The exit code that a fault of the harness shares."""
MEANINGS = {
    0: "as expected",
    1: "an unexpected failure",
    2: "nothing was judged: no check came to a verdict on the subject",
    3: "a required check is inconclusive",
    4: "the expectations are stale",
}


def print_report(account: Account, console: Console) -> None:
    """Print the whole account."""
    failures = account.failures
    short = [one for one in failures if _of_others(account, one)] if len(failures) > SHOWN else []
    told = _together(one for one in failures if one not in short)
    for result, likewise in told[:SHOWN]:
        _failure(account, result, likewise, console)
    for result in short:
        _head(account, result, console, with_reason=True)
    if short:
        console.print("[dim]recorded exchanges of other programs; `disco-conformance show ID` tells more[/]\n")
    if len(told) > SHOWN:
        console.print(f"[dim]... and {len(told) - SHOWN} more, all in {escape(str(account.folder))}/report.html[/]")
    _sums(account, console)
    _notes(account, console)


def _of_others(account: Account, result: Result) -> bool:
    """Whether a deviation is one of a recorded program that nobody at this terminal can mend, and is known or tolerated."""
    tolerated = result.verdict is Verdict.NONSTRICT or account.expectation(result) is not None
    return result.kind == "capture" and result.id.startswith("traces/") and tolerated


def _together(failures: Iterable[Result]) -> list[tuple[Result, int]]:
    """Each failure, and how many more are like it: a subject that is given up fails everything for one reason."""
    found: list[tuple[Result, int]] = []
    first: dict[str, int] = {}
    for result in failures:
        reason = _reason(result)
        at = first.get(reason) if reason else None
        if at is not None:
            found[at] = (found[at][0], found[at][1] + 1)
            continue
        if reason:
            first[reason] = len(found)
        found.append((result, 0))
    return found


def _reason(result: Result) -> str:
    """Why a check that is inconclusive could not be judged, without the scenario in which that was; empty for all else."""
    finding = result.decisive
    if result.verdict is not Verdict.INCONCLUSIVE or finding is None or (result.events and result.kind != "live"):
        return ""
    ended = finding.why.partition(" ended early: ")[2]
    return ended or finding.why.removeprefix(f"{result.scenario}: ")


def _head(account: Account, result: Result, console: Console, *, with_reason: bool = False) -> None:
    """One line for a result: what it is, why it is known, or else the reason of the verdict."""
    known = account.expectation(result)
    head = Text(result.verdict.value, style=COLOURS[result.verdict])
    head.append(f"  {result.id}", style="bold")
    if known:
        head.append(f"  (known: {printable(known.reason)})", style="dim")
    elif with_reason and result.decisive:
        head.append(f": {printable(result.decisive.why)}", style="default")
    console.print(head, soft_wrap=True)


def _failure(account: Account, result: Result, likewise: int, console: Console) -> None:
    explanation = account.explain(result)
    _head(account, result, console)
    for name, text in _lines(explanation):
        line = Text(f"  {name:<9} ", style="cyan")
        line.append(printable(text), style="default")
        console.print(line, soft_wrap=True)
    if likewise:
        console.print(f"  [cyan]likewise[/]  {likewise} more checks, for the same reason", soft_wrap=True)
    console.print()


def _lines(explanation: Explanation) -> Iterable[tuple[str, str]]:
    result, finding = explanation.result, explanation.finding
    yield "case", f"{result.what} [{result.level.value}]"
    for clause in explanation.clauses:
        yield "clause", f"{clause.id} ({clause.level}), {clause.document}"
        if clause.text:
            yield "required", clause.text
        if clause.sentence:
            yield "sentence", clause.sentence
    if explanation.asked:
        yield "message" if result.kind in ("capture", "live") else "asked", explanation.asked
    yield "verdict", finding.why + (f" [{finding.place}]" if finding.place else "")
    if finding.expected or finding.seen:
        yield "expected", finding.expected
        yield "seen", finding.seen
    if result.errata:
        yield "under", ", ".join(result.errata)
    evidence = explanation.evidence
    if explanation.frames:
        of = "" if explanation.capture == evidence else f" of {explanation.capture}"
        more = ", ..." if len(explanation.frames) > 12 else ""
        evidence += f"; frames {', '.join(map(str, explanation.frames[:12]))}{more}{of}"
    yield "evidence", evidence
    yield "again", explanation.again
    if explanation.rejudge:
        yield "rejudge", explanation.rejudge


def _sums(account: Account, console: Console) -> None:
    specs: dict[str, dict[Verdict, int]] = {}
    for result in account.report.results:
        counted = specs.setdefault(result.spec, dict.fromkeys(Verdict, 0))
        counted[result.verdict] += 1
    table = Table(title=None, header_style="bold", pad_edge=False, box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("")
    used = [one for one in Verdict if any(row[one] for row in specs.values())]
    for verdict in used:
        table.add_column(verdict.value.replace("-", "\n"), justify="right", style=COLOURS[verdict])
    for spec in sorted(specs):
        table.add_row(spec, *(str(specs[spec][verdict] or "") for verdict in used))
    totals = account.report.counts()
    table.add_section()
    table.add_row("all", *(str(totals[verdict]) for verdict in used), style="bold")
    console.print(table)


def _counted(account: Account, results: Sequence[Result]) -> str:
    """Verdicts in a line, known failures told apart."""
    expected = {one.id for one, _entry in account.comparison.expected}
    counts = Counter(one.verdict for one in results)
    bad = counts[Verdict.FAIL] + counts[Verdict.HARNESS_ERROR]
    known = sum(one.id in expected for one in results)
    idle = len(results) - counts[Verdict.PASS] - counts[Verdict.NONSTRICT] - bad
    return (
        f"{counts[Verdict.PASS]} pass, {counts[Verdict.NONSTRICT]} nonstrict, {bad} fail ({known} known), "
        f"{idle} without a verdict on the subject"
    )


def _notes(account: Account, console: Console) -> None:
    report = account.report
    agreed = sum(self_agreed(account, one) and one.verdict is Verdict.PASS for one in report.results)
    if agreed:
        console.print(f"self-agreed: {agreed} passes rest on our own stack and our own reading only")
    if account.missing:
        console.print(
            f"[yellow]not the whole suite: {len(account.missing)} of {len(report.required)} required ids did not run[/]"
        )
    for identity in report.errata_off:
        console.print(f"[yellow]turned off: {escape(identity)}[/]")
    for one in gathered(report.not_run):
        console.print(
            f"[yellow]not run:[/] {escape(one.what)}: {escape(one.why)}"
            + (f"; it would add {escape(one.adds)}" if one.adds else "")
        )
        for line in wrap(", ".join(one.names), WIDTH - 4, break_on_hyphens=False):
            console.print(f"    [dim]{escape(line)}[/]")
    for result, entry in account.comparison.otherwise:
        listed = entry.verdict.value + (f" with {entry.message!r}" if entry.message else "")
        console.print(
            f"[red]fails otherwise than listed:[/] {escape(result.id)}: listed as {escape(listed)}", highlight=False
        )
    for entry, why in account.comparison.stale:
        console.print(f"[red]stale expectation:[/] {escape(entry.id)}: {escape(why)}")
    for whom, results in account.by_judged().items():
        time = f", in {report.seconds:.1f} s" if whom == account.subject else ""
        console.print(f"{escape(whom)}: {_counted(account, results)}{time}", highlight=False)
    console.print(f"report: {escape(str(account.folder))}/report.html", highlight=False)
    faulty = any(one.verdict is Verdict.HARNESS_ERROR for one in report.results)
    meaning = "a fault of the harness" if account.code == FAULT and faulty else MEANINGS[account.code]
    console.print(f"exit {account.code}: {meaning}", style="green" if account.code == 0 else "red", highlight=False)
