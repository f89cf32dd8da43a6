"""The roles of the wire that a subject behind an adapter claims, played in virtual time beside its formats."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.commands.live import Behind, choose, fresh, needed_by, virtual_subject
from conformance.live.evidence import write_played
from conformance.live.network.wire import WireFault
from conformance.live.playing import FAULT, NOT_CLAIMED, Played, perform, unplayed
from conformance.live.scenario import Scenario, scenarios
from conformance.live.subject import LiveSubject
from conformance.live.verdicts.judging import chosen_checks, cut_short, judge_scenarios, read_scenarios
from conformance.live.wants import NotClaimed
from conformance.report.conclusion import prepare
from conformance.report.progress import Progress
from conformance.run.digests import digests
from conformance.run.model import NotRun, Result
from conformance.targets.address import Address
from conformance.targets.subject import KnownSubject


def play_claimed(
    address: Address | None, known: KnownSubject | None, args: argparse.Namespace, roles: Sequence[str],
    wanted: frozenset[str],
) -> tuple[list[Result], list[NotRun]]:  # fmt: skip
    """The checks of several roles that a subject behind an adapter claims, played in virtual time.

    ``wanted`` are the ids of the checks that are selected.  A role of which the subject then says that it does not do it is
    said to be not run, unless its file claims that role; where it fails to start one, the harness is at a loss: exit code 3.
    """
    behind = Behind(address, known, args)
    report, suite, progress = fresh(prepare(args.report)), digests(), Progress(quiet=args.quiet, brief=True)
    folders: list[Path] = []
    aside: list[NotRun] = []
    try:
        told = behind.hello()
        for role in roles:
            needed = [one for one in chosen_checks((role,)) if one.id in wanted]
            if not needed or not any(one.role == role for one in scenarios()):
                continue
            subject = replace(virtual_subject(args), roles=(role,))
            some, left = choose(subject, args, triggered=True, virtual=True, asked=needed_by(needed))
            aside += left
            try:
                for one in _each(progress.each(some), subject, behind, args.timescale):
                    folders.append(write_played(report, one, suite))
            except NotClaimed as lacking:
                aside.append(NotRun(what=f"role {role}", why=f"claimed, but not done: {lacking}"))
    finally:
        behind.conversation.close()
    kept = read_scenarios(folders)
    some_checks = [one for one in chosen_checks(roles) if one.id in wanted]
    results = judge_scenarios(kept, some_checks, told.name, own=told.own) if kept else []
    return results, [*aside, *cut_short(kept)]


def _each(some: Iterable[Scenario], subject: LiveSubject, behind: Behind, scale: float) -> Iterator[Played]:
    """The scenarios of one role as they were played; the last one is that for which the subject did not start.

    Raises NotClaimed where it does not do this role, and its file does not claim it.  Of a role that its file claims everything is
    to be done: what then cannot be played is no remark but at fault.
    """
    role = subject.roles[0]
    for one in some:
        try:
            stage = behind.stage(one, subject)
        except (NotClaimed, WireFault) as fault:
            if isinstance(fault, NotClaimed) and not behind.claims(role):
                raise
            yield unplayed(one, subject, f"the subject does not start as {role}: {fault}")
            return
        stage.scale = scale
        played = perform(one, stage)
        if played.ended == NOT_CLAIMED and behind.claims(role):
            why = f"the file of the subject claims {role}, and it does not do this: {played.why}"
            played = replace(played, ended=FAULT, why=why)
        yield played
