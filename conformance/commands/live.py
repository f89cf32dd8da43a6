"""``disco-conformance run --target sip:udp:HOST:PORT --role user-agent``: play scenarios with a subject and judge them."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import socket
import sys
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.clauses import load_registers
from conformance.commands.selecting import selection_of
from conformance.errata import load_errata
from conformance.errors import Misuse, TargetFault
from conformance.live.evidence import FOLDER, write_played
from conformance.live.judging import chosen_checks, judge_scenarios, read_scenarios
from conformance.live.network.sockets import Sockets
from conformance.live.network.wire import WireFault
from conformance.live.playing import COMPLETE, Played, play
from conformance.live.scenario import ROLES, Scenario, scenarios
from conformance.live.subject import Certificates, LiveSubject
from conformance.live.trigger import Trigger
from conformance.report.conclusion import conclude, prepare, programs_not_run
from conformance.run.digests import digests
from conformance.run.evidence import EXCHANGES
from conformance.run.model import NotRun, Subject, Verdict
from conformance.targets.address import Address


def add_live_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a target on the network."""
    group = parser.add_argument_group("a subject on the network", f"--role names what it is: {', '.join(ROLES)}")
    group.add_argument("--to", metavar="URI", default="", help="the subject's address of record")
    group.add_argument("--domain", default="", help="the domain of a registrar or proxy")
    group.add_argument("--user", default="", help="the user of the subject's credentials; also DISCO_USER")
    group.add_argument("--password", metavar="FILE", help="a file with the password; or DISCO_PASSWORD")
    group.add_argument("--trigger", metavar="COMMAND", help="makes the subject act: 'COMMAND {do} {uri}', or http://...")
    group.add_argument("--ca", type=Path, metavar="PEM", help="whom to trust with TLS; without it nobody is verified")
    group.add_argument("--certificate", type=Path, metavar="PEM", help="the certificate of the harness for TLS")
    group.add_argument("--key", type=Path, metavar="PEM", help="its key")
    group.add_argument("--timescale", type=float, default=1.0, metavar="X", help="answers are awaited X times as long")
    group.add_argument("--slow", action="store_true", help="also the scenarios that wait for long timers")
    group.add_argument(
        "--scenario", action="append", default=[], metavar="PATTERN", help="only these scenarios, with * and ?"
    )


def is_live(address: Address | None, args: argparse.Namespace) -> bool:
    """Whether scenarios are to be played."""
    return address is not None and address.scheme == "sip"


def run(address: Address, args: argparse.Namespace) -> int:
    """Play, write the evidence, judge it, report."""
    subject, trigger = subject_of(address, args), Trigger(args.trigger) if args.trigger else None
    some, aside = choose(subject, args, trigger)
    report = _fresh(prepare(args.report))
    started = time.time()
    suite = digests()
    folders = []
    for one in some:
        played = _play(one, subject, args, trigger)
        folders.append(write_played(report, played, suite))
        _tell(played, args.quiet)
    results = judge_scenarios(read_scenarios(folders), chosen_checks(subject.roles), address.text)
    return _conclude(results, address, subject, args, aside, started)


def _play(one: Scenario, subject: LiveSubject, args: argparse.Namespace, trigger: Trigger | None) -> Played:
    try:
        network = Sockets(subject.address, subject.certificates)
    except WireFault as fault:
        raise TargetFault(str(fault)) from None
    return play(one, subject, network, scale=args.timescale, trigger=trigger)


def _fresh(report: Path) -> Path:
    """The folder without what an earlier run left of its scenarios, marked as a report's."""
    shutil.rmtree(report / FOLDER, ignore_errors=True)
    (report / FOLDER).mkdir(parents=True)
    (report / EXCHANGES).touch()
    return report


def _tell(played: Played, quiet: bool) -> None:
    if not quiet:
        ended = "" if played.ended == COMPLETE else f"  {played.why}"
        print(f"  {played.scenario} ({played.seconds:.1f} s){ended}", file=sys.stderr, flush=True)


def _conclude(results, address, subject, args, aside, started) -> int:  # type: ignore[no-untyped-def]
    selection = selection_of(args, without=("role",))
    chosen = selection.choose(results)
    return conclude(
        chosen,
        subject=Subject(target=address.text, name=address.text, roles=subject.roles),
        register=load_registers(),
        errata=load_errata(),
        args=args,
        command=_typed(args),
        required=[result.id for result in chosen if result.verdict is not Verdict.NOT_APPLICABLE],
        known=[result.id for result in results],
        selection=str(selection),
        not_run=[*aside, *programs_not_run()],
        started=started,
        seconds=time.time() - started,
    )


def choose(subject: LiveSubject, args: argparse.Namespace, trigger: Trigger | None) -> tuple[list[Scenario], list[NotRun]]:
    """The scenarios to play, and those that are left out with the reason."""
    every = [one for one in scenarios() if one.role in subject.roles]
    for word in args.scenario:
        if not any(fnmatchcase(one.id, word) for one in every):
            raise Misuse(f"--scenario {word}: no scenario of the role {' or '.join(subject.roles)} matches")
    if args.scenario:
        every = [one for one in every if any(fnmatchcase(one.id, word) for word in args.scenario)]
    has = {
        "trigger": trigger is not None, "credentials": bool(subject.user), "domain": bool(subject.domain),
        "stream": subject.transport != "udp",
    }  # fmt: skip
    chosen, aside = [], []
    for one in every:
        lacking = [need for need in one.needs if not has[need]]
        if lacking:
            aside.append(NotRun(what=f"scenario {one.id}", why=f"needs {', '.join(lacking)}", adds=one.what))
        elif one.slow and not args.slow:
            aside.append(NotRun(what=f"scenario {one.id}", why="slow; --slow plays it", adds=one.what))
        else:
            chosen.append(one)
    if not chosen:
        raise Misuse(f"no scenario can be played with the role {' and '.join(subject.roles)}")
    return chosen, aside


def subject_of(address: Address, args: argparse.Namespace) -> LiveSubject:
    """The subject that the options describe; raises Misuse, TargetFault."""
    transport, host, port = address.element
    roles = tuple(args.role) or ("user-agent",)
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise Misuse(f"--role {unknown[0]}: a subject on the network is {', '.join(ROLES)}")
    if not 0 < args.timescale <= 100:
        raise Misuse("--timescale is between 0 and 100")
    return LiveSubject(
        address=(_resolved(host, port), port), transport=transport, roles=roles, to=args.to, domain=args.domain,
        user=args.user or os.environ.get("DISCO_USER", ""), password=_password(args.password),
        certificates=Certificates(authority=args.ca, certificate=args.certificate, key=args.key),
    )  # fmt: skip


def _resolved(host: str, port: int) -> str:
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4][0])
    except OSError as fault:
        raise TargetFault(f"the host {host} is not known: {fault.strerror}") from None


def _password(path: str | None) -> str:
    if path is None:
        return os.environ.get("DISCO_PASSWORD", "")
    try:
        return Path(path).read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise Misuse(f"--password {path}: {fault}") from None


def _typed(args: argparse.Namespace) -> str:
    """The command again, without its selection and without secrets."""
    words = ["disco-conformance", "run", "--target", args.target]
    words += [word for role in args.role for word in ("--role", role)]
    words += [word for name in ("to", "domain", "user", "password", "trigger", "ca", "certificate", "key")
              if getattr(args, name) for word in (f"--{name}", str(getattr(args, name)))]  # fmt: skip
    words += ["--timescale", str(args.timescale)] if args.timescale != 1.0 else []
    words += ["--slow"] if args.slow else []
    words += [word for one in args.scenario for word in ("--scenario", one)]
    return shlex.join(words)
