"""``disco-ref simulate --static``: hops on rings in which every table is right, against half the logarithm of their size."""

from __future__ import annotations

import argparse
import json
import sys

from rich.console import Console
from rich.table import Table

from disco_ref.shell.simulation.ending_early import until_told
from disco_ref.shell.simulation.hop_picture import rows, svg
from disco_ref.shell.simulation.standing import Hops, measured

REQUESTS = 10_000
MOST = 20_000
"""Peers of a ring."""


def sizes(text: str) -> tuple[int, ...]:
    """Numbers of peers, with commas between them."""
    found = text.split(",")
    if not all(each.isdecimal() and 2 <= int(each) <= MOST for each in found):
        raise argparse.ArgumentTypeError(f"{text!r}: expected numbers from 2 to {MOST}, as in 100,1000,10000")
    return tuple(map(int, found))


def run(parsed: argparse.Namespace) -> int:
    """Measure ring after ring; 2 where a file cannot be written."""
    found: list[Hops] = []
    with until_told() as ended:
        for each in parsed.static:
            found.append(measured(each, REQUESTS, parsed.seed))
    if ended.by is not None:
        print(f"disco-ref: ended by {ended.by.name} after {len(found)} rings", file=sys.stderr)
    try:
        if parsed.csv is not None:
            parsed.csv.write_text(rows(found), encoding="utf-8")
        if parsed.svg is not None:
            parsed.svg.write_text(svg("Hops on a ring in which every table is right", found), encoding="utf-8")
    except OSError as failure:
        print(f"disco-ref: cannot write {failure.filename}: {failure.strerror}", file=sys.stderr)
        return 2
    if parsed.json:
        print(json.dumps([{**each._asdict(), "half of log2": each.expected} for each in found]))
    else:
        _show(found)
    return ended.status


def _show(found: list[Hops]) -> None:
    table = Table("peers", "hops, mean", "0.5 · log2 N", "most", "peers in a Routing Table")
    for each in found:
        table.add_row(
            f"{each.peers:,}", f"{each.mean:.2f}", f"{each.expected:.2f}", str(each.most), f"{each.routed:.1f}"
        )
    Console().print(table)
