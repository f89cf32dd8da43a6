"""A second look at what came out otherwise than expected: its scenarios are played once more, one setting after the other.

Programs of others run on real sockets and clocks, and several settings at once: a busy machine can make an answer late.  What shows
only once is printed and counts as expected; what shows twice stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from conformance.interop.outcome import Outcome
from conformance.interop.settings import SETTINGS, Setting
from conformance.judge.catalog import checks
from conformance.judge.predicate import Check
from conformance.run.expectations import Expectation, compare
from conformance.run.model import Result, Verdict

Replay = Callable[[Setting, Sequence[str]], "tuple[Result, ...] | str"]
"""Plays some scenarios of a setting; what they say, or why they could not be played."""


def surprises(outcome: Outcome, entries: Iterable[Expectation]) -> tuple[set[str], set[str]]:
    """The checks that fail unlisted or broke, and those that are listed and hold."""
    known = {one.id: one for one in checks()}
    found = compare(outcome.results, tuple(entries), set(known))
    broken = {one.id for one in found.unclear if one.verdict is Verdict.HARNESS_ERROR}
    return {one.id for one in found.unexpected} | broken, {entry.id for entry, _ in found.stale if entry.id in known}


def looked_again(outcome: Outcome, entries: Iterable[Expectation], replay: Replay) -> Outcome:
    """The outcome, with what shows only once put right; told of each."""
    worse, better = surprises(outcome, entries)
    if not worse and not better:
        return outcome
    known = {one.id: one for one in checks()}
    settings = {}
    for name, results in outcome.settings.items():
        setting = next(one for one in SETTINGS if one.name == name)
        names = _scenarios(results, worse | better, known)
        again = replay(setting, sorted(names)) if names else ()
        second = {} if isinstance(again, str) else {one.id: one for one in again}
        settings[name] = tuple(_settled(one, second.get(one.id), worse, better, name) for one in results)
    return replace(outcome, settings=settings)


def _scenarios(results: Iterable[Result], wanted: set[str], known: dict[str, Check]) -> set[str]:
    """The scenarios that decide the checks in question."""
    found: set[str] = set()
    for one in results:
        if one.id in wanted:
            named = known[one.id].scenarios if one.id in known else ()
            found.update(named or ((one.scenario,) if one.scenario else ()))
    return found


def _settled(first: Result, second: Result | None, worse: set[str], better: set[str], setting: str) -> Result:
    """Of two results of one check the one that was expected; ``worse`` came out worse than that, ``better`` better."""
    if second is None or first.verdict is second.verdict:
        return first
    if first.id in worse and second.verdict.rank < first.verdict.rank:
        why = first.decisive.why if first.decisive else ""
        print(f"  seen once and not again: {setting}: {first.verdict.value} {first.id}: {why}", flush=True)
        return second
    if first.id in better and second.verdict.rank > first.verdict.rank:
        print(f"  held once and not again: {setting}: {first.id}", flush=True)
        return second
    return first
