"""``disco-conformance run --target sip:udp:HOST:PORT --role user-agent``: play scenarios with a subject and judge them.

With ``exec:`` and one of these roles the subject is behind an adapter, and time is virtual.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.clauses import load_registers
from conformance.commands import enrolment_target, overlay_target
from conformance.commands.enrolment_target import EnrolmentTarget
from conformance.commands.listing import Listed
from conformance.commands.overlay_target import OverlayTarget
from conformance.commands.selecting import selection_of
from conformance.errata import load_errata
from conformance.errors import Misuse, TargetFault, said
from conformance.judge.predicate import Check
from conformance.live.enrolment.asking import ServerStage
from conformance.live.enrolment.serving import NodeStage
from conformance.live.evidence import write_played
from conformance.live.network.authority import Authority
from conformance.live.network.conversation import Conversation, Unsupported
from conformance.live.network.sockets import Sockets
from conformance.live.network.virtual import SUBJECT
from conformance.live.network.wire import WireFault
from conformance.live.overlay.stage import OverlayStage
from conformance.live.playing import perform
from conformance.live.reach import unreachable
from conformance.live.scenario import ENROLMENT_ROLES, OVERLAY_ROLES, ROLES, SIP_ROLES, Scenario, scenarios
from conformance.live.stage import Stage
from conformance.live.staging import virtual_stage
from conformance.live.subject import Certificates, End, LiveSubject
from conformance.live.trigger import Trigger
from conformance.live.verdicts.judging import chosen_checks, cut_short, judge_scenarios, read_scenarios
from conformance.live.wants import NotClaimed
from conformance.report.conclusion import Circumstances, conclude, prepare, programs_not_run
from conformance.report.progress import Progress
from conformance.run.digests import digests
from conformance.run.evidence import EXCHANGES, LIVE
from conformance.run.execution import label
from conformance.run.model import NotRun, Result, Subject, Verdict
from conformance.targets.address import TRANSPORTS, Address
from conformance.targets.subject import KnownSubject

GIVEN_BY = {
    "trigger": "--trigger",
    "credentials": "--user and --password",
    "domain": "--domain",
    "stream": "a target over tcp or tls",
    "authority": "--authority",
    "mutual": "--mutual",
    "overlay-authority": "an overlay of the harness (--overlay)",
    "start": "--start",
    "dtls": "a target over dtls",
    "accounts": "--accounts",
}
"""What a scenario needs, by the option that gives it."""
URI = re.compile(r"(?i:sips?|tel):[^\s<>\"]+")
"""What the subject can be asked for as."""
SILENCES = 3
"""Scenarios that are played before a subject from which nothing came is given up."""


def add_live_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a target on the network."""
    group = parser.add_argument_group("a subject on the network", f"--role names what it is: {', '.join(ROLES)}")
    group.add_argument("--to", metavar="URI", default="", help="the subject's address of record")
    group.add_argument("--domain", default="", help="the domain of a registrar or proxy")
    group.add_argument("--user", default="", help="the user of the subject's credentials; also DISCO_USER")
    group.add_argument("--password", metavar="FILE", help="a file with the password; or DISCO_PASSWORD")
    group.add_argument(
        "--trigger", metavar="COMMAND", help="makes the subject act: 'COMMAND {do} {uri}', or http://..."
    )
    group.add_argument(
        "--transport", choices=("udp", "tcp", "tls"), default="udp", help="of the messages to an adapter; default: udp"
    )
    group.add_argument("--ca", type=Path, metavar="PEM", help="whom to trust with TLS; without it nobody is verified")
    group.add_argument("--certificate", type=Path, metavar="PEM", help="the certificate of the harness for TLS")
    group.add_argument("--key", type=Path, metavar="PEM", help="its key")
    group.add_argument(
        "--authority", type=Path, metavar="FOLDER",
        help="the harness' own authority, as `disco-conformance authority FOLDER` makes it: the subject trusts its root.pem",
    )  # fmt: skip
    group.add_argument(
        "--mutual", metavar="HOST:PORT", default="", help="where the subject asks for certificates over TLS"
    )
    group.add_argument("--timescale", type=float, default=1.0, metavar="X", help="answers are awaited X times as long")
    group.add_argument("--slow", action="store_true", help="also the scenarios that wait for long timers")
    group.add_argument(
        "--scenario", action="append", default=[], metavar="PATTERN", help="only these scenarios, with * and ?"
    )
    overlay_target.add_arguments(parser)
    enrolment_target.add_arguments(parser)


def is_live(address: Address | None, args: argparse.Namespace) -> bool:
    """Whether scenarios are to be played."""
    return bool(address and address.scheme in (*TRANSPORTS, "https")) or any(role in ROLES for role in args.role)


def run(address: Address | None, known: KnownSubject | None, args: argparse.Namespace) -> int:
    """Play, write the evidence, judge it, report; ``known`` is the subject where there is no address."""
    behind = Behind(address, known, args) if address is None or address.scheme == "exec" else None
    try:
        return _run(address, args, behind)
    finally:
        if behind is not None:
            behind.conversation.close()


def _run(address: Address | None, args: argparse.Namespace, behind: Behind | None) -> int:
    if address and address.scheme == "reload":
        overlay_target.demand(args)
    subject = virtual_subject(args) if address is None or behind else live_subject(address, args)
    folder = subject.certificates.folder
    trigger = Trigger(args.trigger, str(Authority(folder).root) if folder else "") if args.trigger else None
    told = behind.hello() if behind else Subject(target=args.target, name=args.target, roles=subject.roles)
    asked = _asked(args, chosen_checks(subject.roles))
    node = _on_network(address, subject, args, trigger)
    some, aside = choose(
        subject, args, triggered=bool(trigger or behind), virtual=behind is not None, asked=asked,
        more=node.has if node else {},
    )  # fmt: skip
    if not behind and (fault := node.unreachable() if node else unreachable(subject)):
        raise TargetFault(fault)
    report = fresh(prepare(args.report))
    started = time.time()
    suite, progress, heard = digests(), Progress(quiet=args.quiet), behind is not None
    folders: list[Path] = []
    for one in progress.each(some):
        played = perform(one, _stage(one, subject, behind or node, args.timescale, trigger))
        folders.append(write_played(report, played, suite))
        progress.ended(played)
        heard = heard or any(entry.sent for entry in played.record.entries)
        if not heard and len(folders) >= SILENCES:
            raise TargetFault(
                f"nothing answers at {args.target}: {len(folders)} scenarios were played, and not one message came back"
            )
    kept = read_scenarios(folders)
    results = judge_scenarios(kept, chosen_checks(subject.roles), told.name, own=told.own)
    return _conclude(results, told, args, [*aside, *cut_short(kept)], started, behind)


def _on_network(
    address: Address | None, subject: LiveSubject, args: argparse.Namespace, trigger: Trigger | None
) -> OverlayTarget | EnrolmentTarget | None:
    """The subject on the network, where it is no SIP element."""
    if address and address.scheme == "https":
        return EnrolmentTarget(address.rest, subject, args)
    return OverlayTarget(subject, args, trigger) if address and address.scheme == "reload" else None


class Behind:
    """A subject behind an adapter: one process, a node for each scenario."""

    def __init__(self, address: Address | None, known: KnownSubject | None, args: argparse.Namespace) -> None:
        arguments = address.arguments if address else known.arguments() if known else []
        self._target = address.text if address else f"exec:{shlex.join(arguments)}"
        self._roles = tuple(args.role)
        self.known = known
        environment = known.environment if known else {}
        self.conversation = Conversation(arguments, environment, budget=args.budget)

    def hello(self) -> Subject:
        """Who it is; raises TargetFault where it does not speak the contract."""
        try:
            said = self.conversation.ask("hello", {})
        except (Unsupported, WireFault) as fault:
            raise TargetFault(f"the subject does not answer hello: {fault}") from None
        own = bool(self.known and self.known.own)
        name, version = label(said.get("name", "")), label(said.get("version", ""))
        return Subject(target=self._target, name=name or self._target, version=version, roles=self._roles, own=own)

    def claims(self, role: str) -> bool:
        """Whether the file of the subject claims a role."""
        return self.known is not None and role in self.known.roles

    def stage(self, one: Scenario, subject: LiveSubject) -> Stage | OverlayStage:
        """A stage with a node of its own; raises NotClaimed, WireFault."""
        return virtual_stage(one, subject, self.conversation)


def _stage(
    one: Scenario,
    subject: LiveSubject,
    behind: Behind | OverlayTarget | EnrolmentTarget | None,
    scale: float,
    trigger: Trigger | None,
) -> Stage | OverlayStage | ServerStage | NodeStage:
    """Where the scenario is played; raises TargetFault."""
    try:
        if isinstance(behind, OverlayTarget):
            return behind.stage(one.role)
        if isinstance(behind, EnrolmentTarget):
            return behind.stage(one)
        if behind:
            return behind.stage(one, subject)
        return Stage(subject, Sockets(subject.address, subject.certificates), scale=scale, trigger=trigger)
    except (NotClaimed, WireFault) as fault:
        raise TargetFault(str(fault)) from None


def fresh(report: Path) -> Path:
    """The folder without what an earlier run left of its scenarios, marked as a report's."""
    shutil.rmtree(report / LIVE, ignore_errors=True)
    (report / LIVE).mkdir(parents=True)
    (report / EXCHANGES).touch()
    return report


def _conclude(
    results: Sequence[Result], subject: Subject, args: argparse.Namespace, aside: Sequence[NotRun], started: float,
    behind: Behind | None,
) -> int:  # fmt: skip
    selection = selection_of(args, without=("role",))
    chosen = selection.choose(results)
    identities = {result.id for result in results}
    listed = behind.known.expectations if behind and behind.known else ()
    circumstances = Circumstances(
        subject=subject,
        register=load_registers(),
        errata=load_errata(),
        command=_typed(args),
        required=[result.id for result in chosen if result.verdict is not Verdict.NOT_APPLICABLE],
        known=[result.id for result in results],
        expectations=[entry for entry in listed if entry.id in identities],
        selection=" ".join(filter(None, [str(selection), *(f"--scenario {word}" for word in args.scenario)])),
        not_run=[*aside, *programs_not_run()],
        started=started,
        seconds=time.time() - started,
        log=bytes(behind.conversation.log) if behind else b"",
    )
    return conclude(chosen, circumstances, args)


def choose(
    subject: LiveSubject,
    args: argparse.Namespace,
    *,
    triggered: bool = False,
    virtual: bool = False,
    asked: frozenset[str] | None = None,
    more: Mapping[str, bool] | None = None,
) -> tuple[list[Scenario], list[NotRun]]:
    """The scenarios to play, and those that are left out with the reason."""
    every = [one for one in scenarios() if one.role in subject.roles]
    for word in args.scenario:
        if not any(fnmatchcase(one.id, word) for one in every):
            raise Misuse(f"--scenario {word}: no scenario of the role {' or '.join(subject.roles)} matches")
    if args.scenario:
        every = [one for one in every if any(fnmatchcase(one.id, word) for word in args.scenario)]
    elif asked is not None:
        every = [one for one in every if one.id in asked]
    has = {
        "trigger": triggered, "credentials": bool(subject.user), "domain": bool(subject.domain),
        "stream": subject.transport != "udp", "authority": subject.certificates.folder is not None,
        "mutual": subject.mutual is not None, "overlay-authority": virtual, "start": virtual, "accounts": False,
        "dtls": subject.transport == "dtls",
        **(more or {}),
    }  # fmt: skip
    chosen, aside = [], []
    for one in every:
        if why := _kept_from(one, has, virtual=virtual, slow=args.slow or virtual):
            aside.append(NotRun(what=f"scenario {one.id} ({one.what.rstrip('.')})", why=why))
        else:
            chosen.append(one)
    if not chosen:
        raise Misuse(f"no scenario can be played with the role {' and '.join(subject.roles)}")
    return chosen, aside


def _kept_from(one: Scenario, has: Mapping[str, bool], *, virtual: bool, slow: bool) -> str:
    """Why a scenario is not played; empty where it is."""
    if virtual and not one.virtual:
        return "is about sockets, and time is virtual"
    lacking = [GIVEN_BY[need] for need in one.needs if not has[need]]
    if lacking:
        return f"needs {', '.join(lacking)}"
    return "slow; --slow plays it" if one.slow and not slow else ""


def _asked(args: argparse.Namespace, some: Sequence[Check]) -> frozenset[str] | None:
    """The scenarios that the selected checks need; None where one of them is judged on every scenario."""
    listed = [Listed.of(one) for one in some]
    wanted = {one.id for one in selection_of(args, without=("role",)).choose(listed)}
    return needed_by([one for one in some if one.id in wanted])


def needed_by(some: Iterable[Check]) -> frozenset[str] | None:
    """The scenarios that checks name; None where one of them names none."""
    names = [one.scenarios for one in some]
    return frozenset(name for each in names for name in each) if all(names) else None


def _roles(args: argparse.Namespace) -> tuple[str, ...]:
    """The roles of the subject; raises Misuse."""
    scheme = args.target.partition(":")[0] if args.target else ""
    known = {"sip": SIP_ROLES, "reload": OVERLAY_ROLES, "https": ENROLMENT_ROLES}.get(scheme, ROLES)
    roles = tuple(args.role) or ({"reload": "peer", "https": "enrollment-server"}.get(scheme, "user-agent"),)
    unknown = [role for role in roles if role not in known]
    if unknown:
        raise Misuse(f"--role {unknown[0]}: a subject on the network is {', '.join(known)}")
    if args.to and not URI.fullmatch(args.to):
        raise Misuse(f"--to {args.to}: expected a URI of SIP, such as sip:bob@192.0.2.7")
    if not 0 < args.timescale <= 100:
        raise Misuse("--timescale is between 0 and 100")
    return roles


def virtual_subject(args: argparse.Namespace) -> LiveSubject:
    """The subject behind an adapter; what is not said is chosen."""
    return LiveSubject(
        address=SUBJECT, transport=args.transport, roles=_roles(args), domain=args.domain or "example.com",
        to=args.to or f"sip:alice@{SUBJECT[0]}", user=args.user or "alice",
        password=_password(args.password) or "secret",
    )  # fmt: skip


def live_subject(address: Address, args: argparse.Namespace) -> LiveSubject:
    """The subject that the options describe; raises Misuse, TargetFault."""
    roles = _roles(args)
    if address.scheme == "https":
        return LiveSubject(address=("", 0), transport="tls", roles=roles, certificates=Certificates(authority=args.ca))
    transport, host, port = address.element
    return LiveSubject(
        address=(_resolved(host, port), port), transport=transport, roles=roles, to=args.to, domain=args.domain,
        user=args.user or os.environ.get("DISCO_USER", ""), password=_password(args.password),
        certificates=Certificates(
            authority=args.ca, certificate=args.certificate, key=args.key, folder=args.authority, name=args.domain
        ),
        mutual=place_of(args.mutual, "--mutual") if args.mutual else None,
    )  # fmt: skip


def place_of(text: str, option: str) -> End:
    """The host and the port that an option names; raises Misuse, TargetFault."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Misuse(f"{option} {text}: expected HOST:PORT, such as 192.0.2.7:5062 or [2001:db8::7]:5062")
    return _resolved(host.strip("[]"), int(port)), int(port)


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
        raise Misuse(f"--password {path}: {said(fault)}") from None


def _typed(args: argparse.Namespace) -> str:
    """The command again, without its selection and without secrets."""
    words = ["disco-conformance", "run"]
    words += ["--target", args.target] if args.target else ["--subject", args.subject] if args.subject else []
    words += [word for role in args.role for word in ("--role", role)]
    words += [word for name in ("to", "domain", "user", "password", "trigger", "ca", "certificate", "key",
                               "authority", "mutual", "overlay", "configuration", "enroll", "start", "accounts")
              if getattr(args, name) for word in (f"--{name}", str(getattr(args, name)))]  # fmt: skip
    words += ["--transport", args.transport] if args.transport != "udp" else []
    words += ["--timescale", str(args.timescale)] if args.timescale != 1.0 else []
    words += ["--slow"] if args.slow else []
    return shlex.join(words)
