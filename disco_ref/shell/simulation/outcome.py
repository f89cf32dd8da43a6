"""What came of a run: totals, rows, a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from disco_ref.shell.simulation.experiment import Experiment, Sample
from disco_ref.shell.simulation.picture import Panel, svg

Totals = dict[str, int | float | str]


def totals(experiment: Experiment, samples: Sequence[Sample]) -> Totals:
    """The run in a few numbers; rates are parts of 1."""
    asked = sum(each.asked for each in samples)
    reached = sum(each.reached for each in samples)
    hops = sum(each.hops_mean * each.reached for each in samples)
    loads = experiment.loads()
    last = samples[-1] if samples else None
    minutes = max(len(samples), 1)
    return {
        "peers": last.peers if last else 0,
        "came": sum(each.came for each in samples),
        "went": sum(each.went for each in samples),
        "joins begun anew": experiment.join_failures,
        "hops, mean": round(hops / reached, 2) if reached else 0.0,
        "hops, most": max((each.hops_max for each in samples), default=0),
        "requests": asked,
        "reached the owner": round(reached / asked, 4) if asked else 1.0,
        "brought the value": round(sum(each.answered for each in samples) / asked, 4) if asked else 1.0,
        "values stored": experiment.stored,
        "values lost": experiment.stored - last.held if last else 0,
        "neighbours wrong at the end": last.misplaced if last else 0,
        "messages a peer and minute": round(sum(each.messages for each in samples) / minutes / max(len(loads), 1), 1),
        "messages of the busiest peer": max(loads, default=0),
        "checksum": f"{experiment.network.trace:08x}",
    }


def rows(samples: Sequence[Sample]) -> str:
    """The minutes as CSV, with a line of names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Sample._fields)
    writer.writerows(samples)
    return text.getvalue()


def picture(title: str, samples: Sequence[Sample]) -> str:
    """The minutes as SVG."""
    panels = (
        Panel("peers that have joined", [each.peers for each in samples]),
        Panel("hops of a request, mean", [each.hops_mean for each in samples]),
        Panel("requests that brought the value, %", [_percent(each.answered, each.asked) for each in samples]),
        Panel("values held by their responsible peer", [each.held for each in samples]),
        Panel("peers whose neighbours are wrong", [each.misplaced for each in samples]),
        Panel("messages a peer", [each.messages / max(each.peers, 1) for each in samples]),
    )
    return svg(title, [each.minute for each in samples], panels)


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0
