"""Plays scenarios about sockets with a subject that is broken in one place, as programs on the loopback interface.

Its file (:mod:`conformance.mutants.patched`) has ``sockets = true``; in its command lines stand ``{tls}`` and ``{mutual}``
(free addresses), ``{root}`` and ``{certificate}`` (files of an authority of its own) and, in those of its triggers, ``{uri}``.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from conformance import places
from conformance.live.evidence import write_played
from conformance.live.network.authority import ELSEWHERE, Authority
from conformance.live.network.sockets import Sockets
from conformance.live.playing import COMPLETE, play
from conformance.live.reach import unreachable
from conformance.live.scenario import Scenario
from conformance.live.subject import Certificates, End, LiveSubject, shown
from conformance.live.trigger import Trigger
from conformance.live.verdicts.judging import chosen_checks, judge_scenarios, read_scenarios
from conformance.live.wants import NotClaimed
from conformance.mutants.patched import Mutant
from conformance.run.model import Result

HOST, DOMAIN = "127.0.0.1", "example.com"
SCALE = 4.0
"""How much slower than usual answers may come: several subjects are played with at once, and each trigger starts a program."""
STARTING = 30.0
"""Seconds that a program is given until it answers."""
ENDING = 5.0
"""Seconds that it is given to end."""


@dataclass(slots=True)
class Programs:
    """One subject: its programs, and the authority that it trusts."""

    mutant: Mutant
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    trouble: str = ""

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.running:
            one.kill()
        for one in self.running:
            one.wait(ENDING)

    def start(self, words: Sequence[str], given: Mapping[str, str]) -> None:
        """Start one, with its places and files."""
        filled = [word.format(**given) for word in words]
        command = [*self.mutant.arguments, *filled] if self.mutant.patches else [sys.executable, "-m", *filled]
        paths = (str(places.PACKAGE.parent), os.environ.get("PYTHONPATH", ""))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        with (self.folder / f"{len(self.running)}.txt").open("wb") as said:
            self.running.append(
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment)
            )

    def subject(self, authority: Authority) -> tuple[LiveSubject, dict[str, str]]:
        """Start it, and give what the harness knows of it, with what its command lines are given."""
        tls, mutual = free(), free()
        given = {"tls": shown(tls), "mutual": shown(mutual), "domain": DOMAIN, "root": str(authority.root)}
        given["certificate"] = str(authority.certify([DOMAIN, HOST]))
        subject = LiveSubject(
            address=tls, transport="tls", roles=(self.mutant.role,), domain=DOMAIN,
            to=f"sip:bob@{shown(tls)};transport=tls" if self.mutant.role == "user-agent" else "",
            certificates=Certificates(folder=authority.root.parent, name=DOMAIN),
            mutual=mutual if self.mutant.mutual else None,
        )  # fmt: skip
        self.start(self.mutant.run, given)
        if self.mutant.mutual:
            self.start(self.mutant.mutual, given)
        limit = time.monotonic() + STARTING
        while (why := unreachable(subject) or _deaf(subject.mutual)) and time.monotonic() < limit:
            time.sleep(0.1)
        self.trouble = why
        return subject, given


@dataclass(frozen=True, slots=True)
class _Acting(Trigger):
    """A trigger that starts a program of the subject, and lets it run."""

    programs: Programs | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """There is no template to be looked at."""

    def pull(self, do: str, arguments: Mapping[str, str]) -> None:
        """Start it; raises NotClaimed for words that the file does not have."""
        words = self.programs.mutant.triggers.get(do) if self.programs else None
        if self.programs is None or words is None:
            raise NotClaimed(f"there is no program to {do}")
        self.programs.start(words, {**self.given, **arguments})


def try_programs(mutant: Mutant, some: Sequence[Scenario]) -> tuple[list[Result], str]:
    """What the checks say after these scenarios, and why it could not be judged."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="disco-conformance-")))
        authority = Authority(folder / "tls")
        authority.shown(ELSEWHERE, HOST)
        programs = stack.enter_context(Programs(mutant, folder))
        subject, given = programs.subject(authority)
        trouble, kept = programs.trouble, []
        for one in some if not trouble else ():
            trigger = _Acting("", str(authority.root), programs, given)
            network = Sockets(subject.address, subject.certificates)
            played = play(one, subject, network, scale=SCALE, trigger=trigger)
            trouble = trouble or (played.why if played.ended != COMPLETE else "")
            kept.append(write_played(folder, played, {}))
        return judge_scenarios(read_scenarios(kept), chosen_checks([mutant.role]), mutant.name), trouble


def free() -> End:
    """A port that is free now."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return HOST, int(one.getsockname()[1])


def _deaf(end: End | None) -> str:
    """Why nothing takes connections there; empty where something does."""
    if end is None:
        return ""
    try:
        socket.create_connection(end, 1.0).close()
    except OSError as fault:
        return f"nothing listens at {shown(end)}: {fault}"
    return ""
