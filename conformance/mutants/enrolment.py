"""Plays scenarios of enrolment with a subject that is broken in one place, as a program on the loopback interface.

In the command line of an enrolment server stand ``{overlay}``, ``{directory}`` and ``{port}``; its accounts are made once by the
words of ``[triggers] account``, with ``{user}`` and ``{password}`` (a file) besides, and lie in ``{directory}`` when it starts.  In the
command line of a node that enrols stands what ``--start`` has in braces (:mod:`conformance.live.enrolment.starting`).
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from conformance import places
from conformance.errors import SuiteFault
from conformance.live.enrolment.accounts import Account
from conformance.live.enrolment.asking import WELL_KNOWN, Server, ServerStage
from conformance.live.enrolment.serving import NAME, NodeStage
from conformance.live.enrolment.starting import Enroller
from conformance.live.evidence import write_played
from conformance.live.playing import COMPLETE, perform
from conformance.live.scenario import Scenario
from conformance.live.verdicts.judging import chosen_checks, judge_scenarios, read_scenarios
from conformance.live.wants import NotSeen
from conformance.mutants.patched import Mutant
from conformance.run.model import Result

HOST = "127.0.0.1"
SCALE = 1.5
"""How much slower than usual answers may come."""
STARTING, ENDING = 30.0, 5.0
"""Seconds that a program is given until it answers, and to end."""
_LOCK = threading.Lock()
ACCOUNTS = (
    Account(user="alice", password="wonderland"),
    Account(user="bob", password="builder"),
    Account(user="joerg", password="Grüße"),
)


def try_enrolment(mutant: Mutant, some: Sequence[Scenario]) -> tuple[list[Result], str]:
    """What the checks say after these scenarios, and why it could not be judged."""
    kept: list[Path] = []
    trouble = ""
    with tempfile.TemporaryDirectory(prefix="disco-conformance-") as name:
        folder = Path(name)
        if mutant.role == "enrolling-node":
            words = shlex.join([*mutant.arguments, *mutant.run] if mutant.patches else _python(mutant.run))
            stages = (NodeStage(Enroller(words), f"https://{HOST}:0{WELL_KNOWN}", scale=SCALE) for _ in some)
            kept, trouble = _played(folder, some, stages)
        else:
            with _served(mutant, folder) as url:
                server = Server(url=url, accounts=ACCOUNTS)
                if trouble := _deaf(server):
                    return [], trouble
                kept, trouble = _played(folder, some, (ServerStage(server, scale=SCALE) for _ in some))
        return judge_scenarios(read_scenarios(kept), chosen_checks([mutant.role]), mutant.name), trouble


def _played(
    folder: Path, some: Sequence[Scenario], stages: Iterable[ServerStage | NodeStage]
) -> tuple[list[Path], str]:
    kept: list[Path] = []
    trouble = ""
    for one, stage in zip(some, stages, strict=True):
        played = perform(one, stage)
        trouble = trouble or (played.why if played.ended != COMPLETE else "")
        kept.append(write_played(folder, played, {}))
    return kept, trouble


@contextmanager
def _served(mutant: Mutant, folder: Path) -> Iterator[str]:
    """A server of its own, until it is not needed any more; where its configuration is."""
    state = folder / "state"
    state.mkdir(mode=0o700)
    with _LOCK:
        kept = _accounts(mutant.run, mutant.triggers["account"])
    for name, octets in kept:
        (state / name).touch(mode=0o600)
        (state / name).write_bytes(octets)
    with _running(mutant.arguments if mutant.patches else (*_python(()),), mutant.run, state) as url:
        yield url


@contextmanager
def _running(command: Sequence[str], run: Sequence[str], state: Path) -> Iterator[str]:
    with socket.socket() as one:
        one.bind((HOST, 0))
        port = one.getsockname()[1]
    words = [word.format(overlay=NAME, directory=state, port=port) for word in run]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, *words], stdin=quiet, stdout=quiet, stderr=quiet, env=_environment())
    try:
        yield f"https://{HOST}:{port}{WELL_KNOWN}"
    finally:
        process.terminate()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@cache
def _accounts(run: tuple[str, ...], words: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    """The files that hold the accounts, made once for all with the unbroken program; what it keeps besides is left out."""
    with tempfile.TemporaryDirectory(prefix="disco-conformance-") as name:
        state = Path(name) / "state"
        state.mkdir(mode=0o700)
        with _running(_python(()), run, state) as url:
            if why := _deaf(Server(url=url)):
                raise SuiteFault(f"the unbroken server does not start: {why}")
            for account in ACCOUNTS:
                _account(account, words, state, Path(name) / account.user)
        return tuple((one.name, one.read_bytes()) for one in state.iterdir() if one.name.startswith("accounts"))


def _account(account: Account, words: Sequence[str], state: Path, password: Path) -> None:
    password.touch(mode=0o600)
    password.write_text(account.password + "\n", "utf-8")
    filled = [word.format(overlay=NAME, directory=state, user=account.user, password=password) for word in words]
    made = subprocess.run(
        _python(filled), capture_output=True, timeout=STARTING, check=False, env=_environment(), stdin=subprocess.DEVNULL
    )  # fmt: skip
    if made.returncode:
        raise SuiteFault(f"no account is made: {made.stderr.decode(errors='replace')[-300:]}")


def _deaf(server: Server) -> str:
    """Why nothing answers there after some time; empty where something does."""
    limit, why = time.monotonic() + STARTING, ""
    while time.monotonic() < limit:
        try:
            ServerStage(server, scale=SCALE).ask("GET", server.url)
        except NotSeen as fault:
            why = str(fault)
            time.sleep(0.2)
        else:
            return ""
    return why


def _python(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", *words]


def _environment() -> dict[str, str]:
    paths = (str(places.PACKAGE.parent), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
