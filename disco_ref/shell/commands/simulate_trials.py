"""``disco-ref simulate --property``: what must hold in every overlay, tried with one seed after the other."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from disco_ref.shell.simulation.ending_early import until_told
from disco_ref.shell.simulation.properties.catalogue import PROPERTIES, replay
from disco_ref.shell.simulation.properties.trial import Finding

SEEDS = range(1, 21)
"""What is tried where nothing else is said."""


def seeds(text: str) -> range:
    """``A..B``, both among them, or one number."""
    first, dots, last = text.partition("..")
    last = last if dots else first
    if not first.isdecimal() or not last.isdecimal() or int(last) < int(first):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number, or two as in 1..200")
    return range(int(first), int(last) + 1)


def run(parsed: argparse.Namespace) -> int:
    """Try every property with every seed; 1 where something does not hold, 2 where a file cannot be written."""
    names = list(dict.fromkeys(parsed.property or PROPERTIES))
    findings: list[Finding] = []
    with until_told() as ended:
        for each in _tried(names, parsed.seeds or SEEDS):
            findings.append(each)
            if each.broken and not parsed.json:
                _tell(each)
    if ended.by is not None:
        print(f"disco-ref: ended by {ended.by.name} after {len(findings)} trials", file=sys.stderr)
    if parsed.csv is not None:
        try:
            parsed.csv.write_text(rows(findings), encoding="utf-8")
        except OSError as failure:
            print(f"disco-ref: cannot write {failure.filename}: {failure.strerror}", file=sys.stderr)
            return 2
    if parsed.json:
        told = [{**each._asdict(), "trace": f"{each.trace:08x}", "replay": replay(each)} for each in findings]
        print(json.dumps({"trials": told, "complete": ended.by is None}))
    else:
        _show(names, findings)
    return ended.status or int(any(each.broken for each in findings))


def _tried(names: Sequence[str], numbers: range) -> Iterable[Finding]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for name in names:
            task = progress.add_task(name, total=len(numbers))
            for number in numbers:
                yield PROPERTIES[name](number)
                progress.advance(task)


def _tell(finding: Finding) -> None:
    """A seed with which something does not hold, and how to see it again."""
    print(f"{finding.property} does not hold with seed {finding.seed} (checksum {finding.trace:08x}):")
    for each in finding.broken:
        print(f"  {each}")
    print(f"  the same again: {replay(finding)}", flush=True)


def _show(names: Sequence[str], findings: Sequence[Finding]) -> None:
    table = Table("property", "seeds", "broken", "measured", "mean", "most")
    for name in names:
        found = [each for each in findings if each.property == name]
        figures = list(dict.fromkeys(key for each in found for key in each.figures))
        count, broken = str(len(found)), str(sum(bool(each.broken) for each in found))
        for number, key in enumerate(figures or [""]):
            values = [each.figures[key] for each in found if key in each.figures]
            mean, most = (f"{sum(values) / len(values):.3g}", f"{max(values):.3g}") if values else ("", "")
            head = (name, count, broken) if number == 0 else ("", "", "")
            table.add_row(*head, key, mean, most)
    Console().print(table)


def rows(findings: Sequence[Finding]) -> str:
    """One line for each trial, as CSV with a line of names."""
    figures = list(dict.fromkeys(key for each in findings for key in each.figures))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["property", "seed", "checksum", "broken", *figures])
    for each in findings:
        measured = [each.figures.get(key, "") for key in figures]
        writer.writerow([each.property, each.seed, f"{each.trace:08x}", "; ".join(each.broken), *measured])
    return text.getvalue()
