"""``python -m conformance.interop.nodes``: the reference as a node of an overlay on real sockets, a process of its own for each scenario.

The scenarios of the roles of an overlay are played over TLS, those about records, fragments and links over DTLS too, many at once.
Exit codes: 0 nothing fails; 1 something does, or tshark reads what was said otherwise; 3 a scenario is at fault.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.commands import confirm
from conformance.live.evidence import write_played
from conformance.live.overlay.founding.folder import make_folder
from conformance.live.overlay.sockets.links import SocketLinks
from conformance.live.overlay.sockets.starting import Starting
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.playing import NOT_CLAIMED, perform
from conformance.live.scenario import Scenario, scenarios
from conformance.live.verdicts.judging import chosen_checks, judge_scenarios, read_scenarios
from conformance.mutants.nodes import NAME, WORDS, own_place
from conformance.run.digests import digests
from conformance.run.model import Result, Verdict

ROLES = ("peer", "storing-peer")
AT_ONCE = 12
"""Nodes at the same time: most of a scenario is waiting."""
SCALE = 2.0
"""How much slower than usual answers may come, with so many at once."""
LIMIT = 90.0
"""Seconds after which no further scenario is begun."""
DATAGRAMS = ("peer/ping", "peer/handshakes", "peer/played-back", "peer/unprotected", "peer/tls-*", "peer/long-answers",
             "peer/ice-a*", "peer/ice-servers",
             "peer/joins-one", "storing-peer/single-value", "storing-peer/sizes")  # fmt: skip
"""What is played over DTLS."""
STREAMS = (
    "storing-peer/*", "peer/ping", "peer/handshakes", "peer/unprotected", "peer/tls-*", "peer/config*", "peer/kind*", "peer/re*",
    "peer/sequence-wraps", "peer/short-answers", "peer/to-*", "peer/links-of-strangers", "peer/where-*", "peer/app-att*", "peer/attach-*",
    "peer/fragment*", "peer/octet-by-octet", "peer/frames-*", "peer/many-at-once", "peer/several-node-ids", "peer/next-hops",
    "peer/forged-requests", "peer/wrong-*", "peer/unknown-options", "peer/joins-one", "peer/joins-ring", "peer/admits-*",
)  # fmt: skip
"""What is played over TLS; with ``--all`` everything."""
LONG = ("*/*-elsewhere", "storing-peer/silent-successors", "storing-peer/replicas", "storing-peer/own-certificate", "storing-peer/forged-requests", "peer/attach-impostor",
        "peer/attach-glare-*")  # fmt: skip
"""What waits for too long to be played each time."""
BAD = (Verdict.FAIL, Verdict.NONSTRICT, Verdict.HARNESS_ERROR)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, judge, tell."""
    parser = argparse.ArgumentParser(prog="python -m conformance.interop.nodes", description=__doc__.split("\n")[0])
    parser.add_argument("--transport", choices=("tls", "dtls"), action="append", default=[])
    parser.add_argument("--scenario", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--all", action="store_true", help="also what takes long, and everything over DTLS too")
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    parser.add_argument(
        "--limit", type=float, default=LIMIT, metavar="SECONDS", help="no scenario is begun after these"
    )
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="where the evidence is kept")
    args = parser.parse_args(arguments)
    code = 0
    with tempfile.TemporaryDirectory(prefix="disco-conformance-") as name:
        until = time.monotonic() + args.limit
        for transport in args.transport or ("dtls", "tls"):
            report = (args.report or Path(name)) / transport
            shutil.rmtree(report, ignore_errors=True)
            patterns = args.scenario or (["*"] if args.all else [])
            code = max(code, _play(transport, patterns, report, until, args.at_once))
    return code


def _chosen(transport: str, patterns: Sequence[str]) -> list[Scenario]:
    """The scenarios of a transport; the longest waits are no matter of a run like this."""
    wanted = patterns or (DATAGRAMS if transport == "dtls" else STREAMS)
    some = [
        one for one in scenarios()
        if one.role in ROLES and not one.slow and any(fnmatchcase(one.id, word) for word in wanted)
        and ("dtls" not in one.needs or transport == "dtls") and "trigger" not in one.needs
    ]  # fmt: skip
    return [one for one in some if patterns or not any(fnmatchcase(one.id, word) for word in LONG)]


def _play(transport: str, patterns: Sequence[str], report: Path, until: float, at_once: int) -> int:
    some, suite, started = _chosen(transport, patterns), digests(), time.monotonic()
    idle: list[str] = []

    def one_of(one: Scenario) -> Path | None:
        if time.monotonic() > until:
            idle.append(f"{one.id}: no time is left")
            return None
        played = perform(one, _stage(transport, report))
        if played.ended == NOT_CLAIMED:
            idle.append(f"{one.id}: {played.why}")
        return write_played(report, played, suite)

    print(f"{len(some)} scenarios with disco-ref node over {transport}, {at_once} at once", flush=True)
    with ThreadPoolExecutor(at_once) as pool:
        folders = [folder for folder in pool.map(one_of, some) if folder is not None]
    if not folders:
        print(f"nothing was played over {transport}: {'; '.join(idle) or 'no scenario is chosen'}")
        return 3
    results = judge_scenarios(read_scenarios(folders), chosen_checks(ROLES), "disco-ref node", own=True)
    return max(_told(transport, results, idle, time.monotonic() - started), _confirmed(report))


def _stage(transport: str, report: Path) -> OverlayStage:
    place = own_place()
    folder = make_folder(report / "overlays" / str(place[1]), NAME, place)
    command = shlex.join([sys.executable, "-m", "conformance.interop.own_node"])
    links = SocketLinks(place, scale=SCALE, starting=Starting(f"{command} {WORDS}", transport, SCALE))
    subject = OverlaySubject(address=place, transport=transport, roles=ROLES, identity=folder.subject)
    stage = OverlayStage(subject, links, folder.overlay(), scale=SCALE)
    stage.record.wire = links.wire
    return stage


def _told(transport: str, results: Sequence[Result], idle: Sequence[str], seconds: float) -> int:
    """What came of it."""
    counts = {verdict: sum(one.verdict is verdict for one in results) for verdict in Verdict}
    for one in results:
        if one.verdict in BAD and one.decisive is not None:
            print(
                f"{transport}: {one.verdict.value} {one.id}: {one.decisive.why}: {one.decisive.expected}; {one.decisive.seen}"
            )
    for why in idle:
        print(f"{transport}: not played: {why}")
    passes, aside = counts[Verdict.PASS], len(results) - counts[Verdict.PASS] - sum(counts[each] for each in BAD)
    print(
        f"disco-ref node over {transport}: {passes} pass, {counts[Verdict.FAIL]} fail, {counts[Verdict.NONSTRICT]} nonstrict, "
        f"{aside} without a verdict, in {seconds:.0f} s"
    )
    return 3 if counts[Verdict.HARNESS_ERROR] else 1 if counts[Verdict.FAIL] or counts[Verdict.NONSTRICT] else 0


def _confirmed(report: Path) -> int:
    """Tshark's word on it, where it is installed."""
    if shutil.which("tshark") is None:
        print("tshark is not installed, and is not asked")
        return 0
    return confirm.run(argparse.Namespace(folder=report, all=False))


if __name__ == "__main__":
    sys.exit(main())
