"""The kill matrix: every deliberately broken subject is put to the suite, and what it fails is written down.

A broken subject is *killed* by a check that fails it.  Two things must hold: every broken subject is killed, and none
passes both cases of a pair that its fault touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase

from conformance.checks.codec import VectorCase
from conformance.run.execution import greet, judge_adapter
from conformance.run.model import Result, Verdict
from conformance.run.suite import Suite
from conformance.targets.process import Adapter
from conformance.targets.subject import KnownSubject


@dataclass(frozen=True, slots=True)
class Killed:
    """One broken subject and what the suite says of it."""

    subject: KnownSubject
    fails: tuple[str, ...]
    """Checks that fail it, nonstrict ones too."""
    passes: tuple[str, ...]
    judged: int
    """How many checks came to a verdict or to none, those aside that do not apply."""
    survived: tuple[tuple[str, str], ...]
    """Pairs touched by the fault of which it passes both."""
    trouble: str = ""

    @property
    def killed(self) -> bool:
        """Whether a check fails it."""
        return bool(self.fails)


def touched(subject: KnownSubject, identity: str) -> bool:
    """Whether the fault touches a check, by the patterns of the subject's file."""
    return any(fnmatchcase(identity, pattern) for pattern in subject.touches)


def pairs(suite: Suite) -> list[tuple[str, str]]:
    """Every (right, wrong) pair of the suite."""
    found = []
    for vector in suite.vectors.values():
        other = suite.vectors.get(vector.pair or "")
        if vector.kind == "invalid" and other is not None and other.kind != "invalid":
            found.append((other.id, vector.id))
    return found


def weigh(subject: KnownSubject, results: Iterable[Result], couples: Sequence[tuple[str, str]]) -> Killed:
    """What the results say about a broken subject; a pair counts as touched if its faulty case is, or its right one."""
    verdicts = {result.id: result.verdict for result in results}
    fails = [one for one, verdict in verdicts.items() if verdict in (Verdict.FAIL, Verdict.NONSTRICT)]
    passes = {one for one, verdict in verdicts.items() if verdict is Verdict.PASS}
    survived = [
        (right, wrong)
        for right, wrong in couples
        if right in passes and wrong in passes and _touches_pair(subject, right, wrong, verdicts)
    ]
    judged = sum(verdict is not Verdict.NOT_APPLICABLE for verdict in verdicts.values())
    return Killed(subject, tuple(fails), tuple(sorted(passes)), judged, tuple(survived))


def _touches_pair(subject: KnownSubject, right: str, wrong: str, verdicts: Mapping[str, Verdict]) -> bool:
    return right in verdicts and wrong in verdicts and (touched(subject, wrong) or touched(subject, right))


def put_to(subject: KnownSubject, suite: Suite, cases: Sequence[VectorCase], budget: float) -> Killed:
    """Put one broken subject to the cases."""
    adapter = Adapter(subject.arguments(), subject.environment, budget=budget)
    claims = greet(adapter)
    results, _started, _seconds = judge_adapter(cases, adapter, claims)
    weighed = weigh(subject, results, pairs(suite))
    trouble = claims.trouble
    return Killed(subject, weighed.fails, weighed.passes, weighed.judged, weighed.survived, trouble)


def kill_matrix(
    subjects: Sequence[KnownSubject],
    suite: Suite,
    cases: Sequence[VectorCase],
    *,
    budget: float = 2.0,
    workers: int = 2,
    done: Callable[[Killed], None] = lambda killed: None,
) -> list[Killed]:
    """Every broken subject in turn, ``workers`` at a time; the order is theirs."""
    killed = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for one in pool.map(lambda subject: put_to(subject, suite, cases, budget), subjects):
            done(one)
            killed.append(one)
    return killed
