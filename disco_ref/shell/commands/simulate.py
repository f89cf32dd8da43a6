"""``disco-ref simulate``: an overlay of many peers in one process and in virtual time (RFC 6940, section 10)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from disco_ref.shell.commands import simulate_hops, simulate_trials
from disco_ref.shell.simulation.ending_early import until_told
from disco_ref.shell.simulation.experiment import Experiment, Sample, Settings
from disco_ref.shell.simulation.outcome import Totals, picture, rows, totals
from disco_ref.shell.simulation.properties.catalogue import PROPERTIES

_EXAMPLES = """examples:
  disco-ref simulate                                       50 peers that stay, half an hour
  disco-ref simulate --peers 200 --minutes 60 --session 30 each stays half an hour on average; as many come as go
  disco-ref simulate --loss 0.05 --latency 120             links of datagrams that lose a twentieth
  disco-ref simulate --session 20 --update-interval 60     Updates more often mend sooner what went without a word
  disco-ref simulate --session 20 --no-reactive            mend the ring only in every interval
  disco-ref simulate --peers 1000 --whole --session 30     a thousand, without waiting until all have joined
  disco-ref simulate --csv run.csv --svg run.svg           the minutes as a table and as a picture
  disco-ref simulate --property survival --seeds 1..200    is a value lost? each seed is another small overlay in trouble
  disco-ref simulate --static 100,1000,10000 --svg hop.svg hops on rings of these sizes, against half the logarithm

Every peer is a whole one: messages are encoded, signed, routed and verified as on the network, only links and clocks are
made up. A hundred peers take some seconds of computing to join, and more for each minute in which they come and go. Of those
that go one half says goodbye, a quarter crashes so that its links are reset, a quarter so that nobody notices at first. The
first peer is the bootstrap node and stays. The same options give the same run to the octet: compare the checksums.

The results: hops between who asks and who is responsible; requests that reached the one responsible peer, by the tables of
all peers on the way; requests that brought the value; values that their responsible peer does not hold at the end; messages
are records of DTLS or pieces of TLS streams, acknowledgements among them.

Ctrl-C or SIGTERM ends a run at once: what there is so far is shown and written, and the status is 130 or 143.

Properties (--property, with one small overlay for each of --seeds; the status is 1 where one does not hold):
  survival   a value that has its two replicas is not lost while fewer than three neighbours fail between stabilisations
  leaving    nor while any number of neighbours says goodbye, one close upon the other
  owners     one peer is responsible for each place once a divided ring is one again, and holds what was stored there
  authority  hostile peers store forged values, replicas and arcs, and none is accepted or returned
  ending     routing ends, and every request has its answer or its failure, whatever the weather does"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    standard = Settings()
    parser.description = (
        "Let an overlay of many peers live in virtual time, and count what becomes of its messages and values."
    )
    parser.epilog = _EXAMPLES
    number, part = _number(1, 10_000), _part
    parser.add_argument("--peers", type=number, default=standard.peers, metavar="N", help="default %(default)s")
    parser.add_argument(
        "--minutes",
        type=_number(1, 100_000),
        default=int(standard.minutes),
        metavar="N",
        help="of virtual time, after all have joined; default %(default)s",
    )
    parser.add_argument(
        "--session",
        type=_positive,
        default=standard.session,
        metavar="MINUTES",
        help="how long a peer stays, on average, exponentially distributed; default: for ever",
    )
    parser.add_argument(
        "--loss",
        type=part,
        default=standard.loss,
        metavar="PART",
        help="of the records that are lost, from 0 to 0.5; default 0",
    )
    parser.add_argument(
        "--latency",
        type=_positive,
        default=standard.latency,
        metavar="MS",
        help="from peer to peer, on average; default %(default)g",
    )
    parser.add_argument(
        "--values",
        type=_number(0, 10_000),
        default=standard.values,
        metavar="N",
        help="that are stored at the beginning; default %(default)s",
    )
    parser.add_argument(
        "--fetches",
        type=_positive,
        default=standard.fetches,
        metavar="N",
        help="a minute, by anybody; default %(default)g",
    )
    parser.add_argument(
        "--update-interval",
        type=_number(1, 86400),
        default=standard.update_interval,
        metavar="S",
        help="chord-update-interval; default %(default)s",
    )
    parser.add_argument(
        "--ping-interval",
        type=_number(1, 86400),
        default=standard.ping_interval,
        metavar="S",
        help="chord-ping-interval; default %(default)s",
    )
    parser.add_argument(
        "--no-reactive", dest="reactive", action="store_false", help="chord-reactive false: no Updates at once"
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="begin with a ring in which every table is right, instead of letting all join: for thousands of peers",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=standard.seed,
        metavar="N",
        help="another number is another run; default %(default)s",
    )
    parser.add_argument(
        "--property",
        action="append",
        choices=tuple(PROPERTIES),
        metavar="NAME",
        help=f"try this with every one of --seeds: {', '.join(PROPERTIES)}; may be given again",
    )
    parser.add_argument(
        "--seeds",
        type=simulate_trials.seeds,
        metavar="A..B",
        help="the seeds that properties are tried with, all properties where none is named; default 1..20",
    )
    parser.add_argument(
        "--static",
        type=simulate_hops.sizes,
        metavar="N,N...",
        help="measure hops on rings of these sizes in which every table is right",
    )
    parser.add_argument("--json", action="store_true", help="print the settings, the results and the minutes as JSON")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the minutes as CSV")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write the minutes as a picture")


def run(parsed: argparse.Namespace) -> int:
    """Run, and show what came of it; 2 where a file cannot be written, 130 or 143 where a signal has ended it."""
    if parsed.property or parsed.seeds:
        return simulate_trials.run(parsed)
    if parsed.static:
        return simulate_hops.run(parsed)
    settings = Settings(**{name: getattr(parsed, name) for name in Settings._fields})
    experiment = Experiment(settings)
    samples: list[Sample] = []
    with until_told() as ended:
        _run(experiment, samples)
    if ended.by is not None:
        print(f"disco-ref: ended by {ended.by.name} after {len(samples)} minutes", file=sys.stderr)
    found = totals(experiment, samples)
    try:
        if parsed.csv is not None:
            parsed.csv.write_text(rows(samples), encoding="utf-8")
        if parsed.svg is not None:
            parsed.svg.write_text(picture(f"{settings.peers} peers, seed {settings.seed}", samples), encoding="utf-8")
    except OSError as failure:
        print(f"disco-ref: cannot write {failure.filename}: {failure.strerror}", file=sys.stderr)
        return 2
    if parsed.json:
        minutes = [each._asdict() for each in samples]
        print(
            json.dumps(
                {
                    "settings": settings._asdict(),
                    "results": found,
                    "minutes": minutes,
                    "complete": ended.by is None,
                    "replay": replay(settings),
                }
            )
        )
    else:
        _show(found, settings)
    return ended.status


def replay(settings: Settings) -> str:
    """The command that gives the same run."""
    standard = Settings()
    words = ["disco-ref", "simulate"]
    for name, value in settings._asdict().items():
        if isinstance(value, bool):
            option = "--no-reactive" if name == "reactive" else f"--{name}"
            words += [option] if value != getattr(standard, name) else []
        elif value != getattr(standard, name) or name in ("peers", "minutes", "seed"):
            words += ["--" + name.replace("_", "-"), f"{value:.12g}"]
    return " ".join(words)


def _run(experiment: Experiment, samples: list[Sample]) -> None:
    """The run, its minutes added one by one, with its progress where somebody looks."""
    settings = experiment.settings
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        joining = progress.add_task("peers join", total=settings.peers)
        for count in experiment.gather():
            progress.update(joining, completed=count)
        living = progress.add_task("minutes", total=settings.minutes)
        for sample in experiment.minutes():
            samples.append(sample)
            progress.update(living, completed=sample.minute)


def _show(found: Totals, settings: Settings) -> None:
    table = Table(show_header=False, title=f"{settings.peers} peers, {settings.minutes:g} minutes")
    for name, value in found.items():
        table.add_row(name, str(value))
    Console().print(table)
    print(f"the same again: {replay(settings)}")


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: expected {least} to {most}")
        return int(text)

    return read


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number") from None


def _positive(text: str) -> float:
    value = _real(text)
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"{text}: expected 0 or more, less than a million")
    return value


def _part(text: str) -> float:
    value = _real(text)
    if not 0 <= value <= 0.5:
        raise argparse.ArgumentTypeError(f"{text}: expected 0 to 0.5")
    return value
