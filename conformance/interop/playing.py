"""Plays one setting: its program started in this namespace, its scenarios played and judged."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.interop import namespace
from conformance.interop.settings import PORTS, SETTINGS, Setting
from conformance.live.evidence import write_played
from conformance.live.network.sockets import Sockets
from conformance.live.playing import play
from conformance.live.scenario import Scenario, scenarios
from conformance.live.subject import LiveSubject
from conformance.live.trigger import Trigger
from conformance.live.verdicts.judging import (
    chosen_checks,
    judge_scenarios,
    read_scenarios,
)
from conformance.run.digests import digests
from conformance.run.model import Result

SCALE = 0.5
"""Answers are awaited half as long as from a subject far away."""
DECIDING = 24
"""Events of a deviation that are handed on."""


def setting_named(name: str) -> Setting:
    """A setting by its name; raises KeyError."""
    return {one.name: one for one in SETTINGS}[name]


def subject_of(setting: Setting) -> LiveSubject:
    """The subject as scenarios see it."""
    user, password, domain = setting.credentials or ("", "", "")
    server = "user-agent" not in setting.roles
    return LiveSubject(
        address=(setting.host, PORTS[setting.program]), transport=setting.transport, roles=setting.roles,
        to="" if server else setting.uri, domain=domain, user=user, password=password,
    )  # fmt: skip


def chosen_scenarios(setting: Setting, trigger: Trigger | None) -> list[Scenario]:
    """What is played with a setting."""
    has = {
        "trigger": trigger is not None, "credentials": setting.credentials is not None,
        "domain": setting.credentials is not None, "stream": setting.transport != "udp",
        "authority": False, "mutual": False,  # no setting speaks TLS
    }  # fmt: skip
    return [
        one for one in scenarios()
        if one.role in setting.roles and one.slow == setting.slow and all(has[need] for need in one.needs)
        and any(fnmatchcase(one.id, pattern) for pattern in setting.chosen)
    ]  # fmt: skip


def played(setting: Setting, report: Path, only: Iterable[str] = ()) -> list[Result]:
    """Start the program, play, judge; raises Missing, TimeoutError."""
    subject, suite, folders, wanted = subject_of(setting), digests(), [], tuple(only)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        work = Path(folder)
        work.chmod(0o755)
        trigger = setting.start(setting, work, stack)
        for one in chosen_scenarios(setting, trigger):
            if wanted and not any(fnmatchcase(one.id, pattern) for pattern in wanted):
                continue
            network = Sockets(subject.address, subject.certificates)
            folders.append(write_played(report, play(one, subject, network, scale=SCALE, trigger=trigger), suite))
    return judge_scenarios(read_scenarios(folders), chosen_checks(setting.roles), setting.target)


def main(name: str, report: str, *only: str) -> int:
    """One setting in a namespace of its own; the results go into a file of the report's folder, pickled."""
    namespace.enter()
    results = [replace(one, events=one.events[:DECIDING]) for one in played(setting_named(name), Path(report), only)]
    (Path(report) / "results").write_bytes(pickle.dumps(results))
    return 0
