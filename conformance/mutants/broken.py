"""Plays scenarios with subjects that are broken in one place, in virtual time or as programs, and says which checks fail them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from conformance import places
from conformance.errors import SuiteFault
from conformance.judge.predicate import Check
from conformance.live.evidence import write_played
from conformance.live.network.conversation import Conversation, Unsupported
from conformance.live.network.virtual import SUBJECT
from conformance.live.network.wire import WireFault
from conformance.live.playing import FAULT, perform
from conformance.live.scenario import ENROLMENT_ROLES, OVERLAY_ROLES, Scenario, scenarios
from conformance.live.staging import virtual_stage
from conformance.live.subject import LiveSubject
from conformance.live.verdicts.judging import chosen_checks, judge_scenarios, read_scenarios
from conformance.live.wants import NotClaimed
from conformance.mutants.enrolment import try_enrolment
from conformance.mutants.nodes import try_nodes
from conformance.mutants.patched import Mutant
from conformance.mutants.programs import try_programs
from conformance.run.model import Result, Verdict

BROKEN = (Verdict.FAIL, Verdict.NONSTRICT)
BUDGET = 20.0
"""Seconds in which a broken subject answers one command."""
AT_ONCE = 1 + (os.cpu_count() or 1)
"""Broken subjects that are played with at the same time: one is always starting or ending, and waits for no processor."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one broken subject."""

    mutant: Mutant
    fails: tuple[str, ...]
    """The checks that fail it in the scenarios played."""
    missed: tuple[str, ...]
    """The checks that should fail it and do not."""
    trouble: str = ""
    """Why it could not be judged."""

    @property
    def killed(self) -> bool:
        """Whether every check that is to fail it does."""
        return not self.missed and not self.trouble

    @property
    def others(self) -> tuple[str, ...]:
        """The checks that fail it besides."""
        return tuple(one for one in self.fails if one not in self.mutant.kills)


def subject_of(role: str) -> LiveSubject:
    """A subject behind an adapter, as a run without further options has it."""
    return LiveSubject(
        address=SUBJECT, transport="udp", roles=(role,), domain="example.com", to=f"sip:alice@{SUBJECT[0]}",
        user="alice", password="secret",
    )  # fmt: skip


def wanted(mutant: Mutant) -> list[Scenario]:
    """The scenarios in which a mutant is to be seen; raises SuiteFault where there is none, or a check does not exist."""
    known: dict[str, Check] = {one.id: one for one in chosen_checks([mutant.role])}
    unknown = [one for one in mutant.kills if one not in known]
    if unknown:
        raise SuiteFault(f"{mutant.name}: no check {unknown[0]} of the role {mutant.role}")
    names = mutant.scenarios or tuple(name for one in mutant.kills for name in known[one].scenarios)
    found = [
        one for one in scenarios() if one.id in names and one.virtual is not mutant.sockets and one.role == mutant.role
    ]
    if not found:
        raise SuiteFault(f"{mutant.name}: names no scenario, and neither do its checks")
    return found


def try_mutant(mutant: Mutant, budget: float = BUDGET) -> Fate:
    """Plays with one broken subject, whose replies are awaited so many seconds."""
    if mutant.sockets:
        return _fate(mutant, *_player(mutant)(mutant, wanted(mutant)))
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(places.PACKAGE.parent), os.environ.get("PYTHONPATH"))))
    }
    conversation = Conversation(list(mutant.arguments), environment, budget=budget)
    subject, some = subject_of(mutant.role), wanted(mutant)
    try:
        with tempfile.TemporaryDirectory() as name:
            folders, fault = [], ""
            for one in some:
                played = perform(one, virtual_stage(one, subject, conversation))
                fault = fault or (played.why if played.ended == FAULT else "")
                folders.append(write_played(Path(name), played, {}))
            results = judge_scenarios(read_scenarios(folders), chosen_checks([mutant.role]), mutant.name)
    except (Unsupported, NotClaimed, WireFault) as failure:
        return Fate(mutant, (), mutant.kills, f"{failure}")
    finally:
        conversation.close()
    return _fate(mutant, results, fault)


def _player(mutant: Mutant) -> Callable[[Mutant, Sequence[Scenario]], tuple[list[Result], str]]:
    """Who plays with the programs of a mutant, by its role."""
    if mutant.role in OVERLAY_ROLES:
        return try_nodes
    return try_enrolment if mutant.role in ENROLMENT_ROLES else try_programs


def _fate(mutant: Mutant, results: Iterable[Result], fault: str) -> Fate:
    fails = tuple(sorted(one.id for one in results if one.verdict in BROKEN))
    missed = tuple(one for one in mutant.kills if one not in fails)
    return Fate(mutant, fails, missed, fault if missed else "")


def try_mutants(mutants: Iterable[Mutant], done: Callable[[Fate], None], *, budget: float = BUDGET) -> list[Fate]:
    """Plays with all of them, some at once; told of each as it is done."""
    fates: list[Fate] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for fate in pool.map(lambda one: try_mutant(one, budget), mutants):
            done(fate)
            fates.append(fate)
    return fates


def never_failed(checks: Sequence[Check], fates: Sequence[Fate]) -> list[str]:
    """The checks that need a scenario and fail no broken subject that is aimed at them."""
    aimed = {identity for fate in fates if fate.killed for identity in fate.mutant.kills}
    return [one.id for one in checks if one.scenarios and one.id not in aimed]
