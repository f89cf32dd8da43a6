"""Plays the scenarios of a role with subjects that do one thing whatever comes, and says which checks they pass without reason."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from conformance import places
from conformance.live.evidence import write_played
from conformance.live.network.conversation import Conversation, Unsupported
from conformance.live.network.wire import WireFault
from conformance.live.playing import perform
from conformance.live.scenario import scenarios
from conformance.live.staging import virtual_stage
from conformance.live.verdicts.judging import chosen_checks, judge_each, judge_scenarios, read_scenarios
from conformance.mutants.broken import subject_of
from conformance.mutants.dumb.nodes import Ended
from conformance.mutants.dumb.subject import Dumb
from conformance.run.model import Json, Result, Verdict


class Within(Conversation):
    """A dumb subject without a process of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(())
        self._name = name
        self._dumb = Dumb(name)

    def ask(self, command: str, params: Mapping[str, Json]) -> Mapping[str, Json]:
        """As the process would answer."""
        try:
            reply = self._dumb.reply(command, params)
        except Ended:
            self._dumb = Dumb(self._name)
            raise WireFault("the subject ended with status 1", fatal=True) from None
        result = reply.get("result")
        if not isinstance(result, Mapping):
            raise Unsupported(str(reply))
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Requirements that a dumb subject meets, with the reason."""

    because: str
    checks: tuple[str, ...]
    """Patterns of ids."""
    subjects: tuple[str, ...] = ("*",)
    """Patterns of names of dumb subjects."""

    def covers(self, name: str, identity: str) -> bool:
        """Whether a subject may pass a check."""
        return any(fnmatchcase(name, one) for one in self.subjects) and any(
            fnmatchcase(identity, one) for one in self.checks
        )


@cache
def met() -> tuple[Met, ...]:
    """What is known to be met, from ``conformance/mutants/dumb/met.toml``."""
    content = tomllib.loads((places.mutants() / "dumb" / "met.toml").read_text("utf-8"))
    return tuple(
        Met(because=one["because"], checks=tuple(one["checks"]), subjects=tuple(one.get("subjects", ("*",))))
        for one in content["met"]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DumbFate:
    """How one dumb subject fared in one role."""

    role: str
    name: str
    passes: tuple[str, ...]
    """What it passes in a run: nothing, where all is well."""
    undeserved: tuple[str, ...]
    """The checks that it passes, each judged by itself, without a reason on record."""
    met: tuple[str, ...]
    """Those with one."""
    broken: tuple[str, ...]
    """Scenarios and checks that came to grief themselves."""

    @property
    def well(self) -> bool:
        """Whether nothing is passed that is not deserved."""
        return not (self.passes or self.undeserved or self.broken)


def judge_dumb(role: str, name: str) -> tuple[list[Result], list[Result]]:
    """Every result of a role over the scenarios of virtual time, played with one dumb subject: as a run tells them, and each check by itself."""
    subject, conversation = subject_of(role), Within(name)
    some = [one for one in scenarios() if one.role == role and one.virtual and "stream" not in one.needs]
    with tempfile.TemporaryDirectory() as folder:
        folders = [
            write_played(Path(folder), perform(one, virtual_stage(one, subject, conversation)), {}) for one in some
        ]
        played, checks = read_scenarios(folders), chosen_checks([role])
        return judge_scenarios(played, checks, name), judge_each(played, checks, name)


def try_dumb(role: str, name: str) -> DumbFate:
    """Play with one of them."""
    run, each = judge_dumb(role, name)
    passed = [one.id for one in each if one.verdict is Verdict.PASS]
    known = [one for one in passed if any(entry.covers(name, one) for entry in met())]
    return DumbFate(
        role=role,
        name=name,
        passes=tuple(one.id for one in run if one.verdict is Verdict.PASS),
        undeserved=tuple(one for one in passed if one not in known),
        met=tuple(known),
        broken=tuple(one.id for one in run if one.verdict is Verdict.HARNESS_ERROR),
    )  # fmt: skip
