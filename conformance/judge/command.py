"""``disco-conformance judge CAPTURE``: judges a capture file, a trace, or a folder of traces."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from conformance.checks.case import Case
from conformance.clauses import load_registers
from conformance.commands.selecting import add_selection_arguments, selection_of
from conformance.errata import load_errata
from conformance.errors import Misuse
from conformance.judge.follow import PORTS, Reading
from conformance.judge.judging import defects, judge_evidence, read_capture
from conformance.judge.traces import FILE, load_trace, replay
from conformance.lab.context import Context
from conformance.report.conclusion import Circumstances, add_report_arguments, conclude, programs_not_run
from conformance.run.expectations import Expectation
from conformance.run.model import NotRun, Origin, Result, Subject, Verdict

PROTOCOLS = ("sip", "reload")
MODELS = ("SINGLE", "ARRAY", "DICTIONARY")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument(
        "capture", type=Path, help="a pcap or pcapng file, the folder of a trace, or a folder of traces"
    )
    parser.add_argument(
        "--port", action="append", default=[], metavar="N=PROTOCOL",
        help="on this port everything is sip or reload, also what cannot be read (5060=sip, 6084=reload are known)",
    )  # fmt: skip
    parser.add_argument(
        "--party", default="", metavar="ADDRESS", help="judge only what this address (or address:port) sends"
    )
    parser.add_argument(
        "--kind-model", action="append", default=[], metavar="KIND=MODEL", help="data model of a private Kind"
    )
    parser.add_argument("--overlay-name", default=None, metavar="NAME", help="messages of other overlays are wrong")
    add_selection_arguments(parser)
    add_report_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Judge what was named; exit codes as everywhere."""
    path: Path = args.capture
    if path.is_dir():
        return _trace(path, args)
    evidence = read_capture(path, reading_of(args))
    for fault in evidence.faults:
        print(f"disco-conformance: {path}: {fault}", file=sys.stderr)
    origin = Origin(how="recorded", source=f"the capture {path.name}")
    results = [*defects(evidence, origin), *judge_evidence(evidence, origin)]
    if not evidence.events:
        raise Misuse(f"{path}: neither SIP nor RELOAD in {evidence.ignored} packets of other kinds; is --port needed?")
    if getattr(args, "party", "") and all(event.direction == "received" for event in evidence.events):
        ends = sorted({event.source for event in evidence.events})
        raise Misuse(f"--party {args.party}: nothing comes from there; senders are {', '.join(ends[:12])}")
    ignored = NotRun(what=f"{evidence.ignored} packets", why="neither SIP nor RELOAD was recognised in them")
    subject = Subject(target=f"capture:{path}", name=path.name, roles=("sip", "reload"))
    return _conclude(results, subject, args, not_run=[ignored] if evidence.ignored else [])


def _trace(folder: Path, args: argparse.Namespace) -> int:
    traces = [load_trace(path.parent) for path in sorted(folder.resolve().rglob(FILE))]
    if not traces:
        raise Misuse(f"{folder}: a folder without {FILE}")
    name = traces[0].title if len(traces) == 1 else f"{len(traces)} traces"
    subject = Subject(target=f"capture:{folder}", name=name, roles=("sip", "reload"))
    results = [result for trace in traces for result in replay(trace)]
    return _conclude(results, subject, args, expectations=[entry for trace in traces for entry in trace.expect])


def _conclude(
    results: list[Result], subject: Subject, args: argparse.Namespace, *,
    expectations: Sequence[Expectation] = (), not_run: Sequence[NotRun] = (),
) -> int:  # fmt: skip
    selection = selection_of(args)
    # A selection looks at the members that a result shares with a case.
    chosen = cast("list[Result]", selection.choose(cast("list[Case]", results)))
    circumstances = Circumstances(
        subject=subject,
        register=load_registers(),
        errata=load_errata(),
        command=_typed(args),
        required=[result.id for result in chosen if result.verdict is not Verdict.NOT_APPLICABLE],
        known=[result.id for result in results],
        expectations=expectations,
        selection=str(selection),
        not_run=[*not_run, *programs_not_run()],
    )
    return conclude(chosen, circumstances, args)


def _typed(args: argparse.Namespace) -> str:
    """The command again, without its selection."""
    words = ["disco-conformance", "judge", str(args.capture)]
    words += [word for port in getattr(args, "port", []) for word in ("--port", port)]
    words += [word for model in getattr(args, "kind_model", []) for word in ("--kind-model", model)]
    words += ["--party", args.party] if getattr(args, "party", "") else []
    words += ["--overlay-name", args.overlay_name] if getattr(args, "overlay_name", None) is not None else []
    return shlex.join(words)


def reading_of(args: argparse.Namespace) -> Reading:
    """How the options say that a capture is read; raises Misuse."""
    ports = dict(PORTS)
    for word in getattr(args, "port", []):
        number, _, protocol = word.partition("=")
        if not number.isdigit() or not 0 < int(number) < 65536 or protocol not in PROTOCOLS:
            raise Misuse(f"--port {word}: a port, '=' and one of {', '.join(PROTOCOLS)}")
        ports[int(number)] = protocol
    kinds: dict[int, str] = {}
    for word in getattr(args, "kind_model", []):
        number, _, model = word.partition("=")
        if not number.isdigit() or model not in MODELS:
            raise Misuse(f"--kind-model {word}: a decimal Kind-ID, '=' and one of {', '.join(MODELS)}")
        kinds[int(number)] = model
    context = Context(kinds=kinds, overlay_name=getattr(args, "overlay_name", None))
    return Reading(ports=ports, subject=getattr(args, "party", ""), context=context)
