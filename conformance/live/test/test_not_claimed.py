"""What is told of a node of an overlay by a scenario that could not be played to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.predicate import Check, Ruling, wrong
from conformance.live.playing import COMPLETE, NOT_CLAIMED
from conformance.live.test.test_words import evidence
from conformance.live.verdicts.judging import Judged, judge_each
from conformance.run.model import Json, Level, Verdict

NAME = "peer/probe"


def _amiss(found: Evidence) -> Iterator[Ruling]:
    yield wrong(found.events[0], why="resources", expected="one more", seen=0)


class NotClaimedTests(SynchronousTestCase):
    """A check that compares what it has been shown."""

    def verdict(self, ended: str, *scenarios: str) -> Verdict:
        """What is said where the scenario has ended so."""
        known: dict[str, Json] = {"scenario": NAME, "ended": ended, "why": "no such Kind", "entries": []}
        found = evidence((1, 2, 0), (23, 24, 0))
        play = Play(scenario=NAME, complete=ended == COMPLETE)
        judged = Judged(Evidence(found.events, context=found.context, play=play), known, Path())
        check = Check(
            id="rfc6940/s01/x", what="What is so is said.", clauses=("rfc6940:1/0",), level=Level.MUST, role="node",
            protocol="reload", needs="something", judge=_amiss, scenarios=scenarios,
        )  # fmt: skip
        return judge_each([judged], [check], "x")[0].verdict

    def test_what_was_not_played_is_held_against_nobody(self) -> None:
        """A failure counts where the scenario was whole, and where the check asks for none."""
        self.assertIs(self.verdict(COMPLETE, NAME), Verdict.FAIL)
        self.assertIs(self.verdict(NOT_CLAIMED, NAME), Verdict.INCONCLUSIVE)
        self.assertIs(self.verdict(NOT_CLAIMED), Verdict.FAIL)
