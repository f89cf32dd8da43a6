"""Running cases against adapters, good and bad."""

from __future__ import annotations

import sys

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks import codec
from conformance.checks.codec import VectorCase, cases
from conformance.checks.test.samples import faulty, vector
from conformance.run.execution import conclude, greet, judge_adapter
from conformance.run.model import Result, Verdict
from conformance.targets.process import Adapter
from conformance.targets.test.test_process import ADAPTER

CASES = list(cases({one.id: one for one in (vector(), faulty())}).values())
PASS, FAIL, UNCLEAR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def judged(conduct: str, some: list[VectorCase] = CASES) -> list[Result]:
    """The results for an adapter of this conduct."""
    adapter = Adapter([*ADAPTER, conduct])
    claims = greet(adapter)
    if conduct == "mute":
        # it is silent however long one waits; the others may be slow where the machine is busy
        adapter.budget = 0.3
    return judge_adapter(some, adapter, claims)[0]


class ConductTests(SynchronousTestCase):
    """A right subject passes; no broken one passes both of a pair."""

    def test_right(self) -> None:
        """A right subject passes, and the events are numbered through."""
        results = judged("right")
        self.assertEqual([one.verdict for one in results], [PASS, PASS])
        numbers = [event.number for one in results for event in one.events]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_broken(self) -> None:
        """What each misconduct comes to, for the right input and the faulty one."""
        expected = {
            "mute": [FAIL, FAIL],
            "ends": [PASS, FAIL],
            "garbage": [PASS, FAIL],
            "accepts": [FAIL, FAIL],
            "refuses": [FAIL, UNCLEAR],
        }
        for conduct, verdicts in expected.items():
            self.assertEqual([one.verdict for one in judged(conduct)], verdicts, conduct)

    def test_no_hello(self) -> None:
        """A program that does not say hello is asked nothing, and nothing is said about it."""
        adapter = Adapter([sys.executable, "-c", "pass"])
        results, _started, _seconds = judge_adapter(CASES, adapter, greet(adapter))
        self.assertEqual({one.verdict for one in results}, {UNCLEAR})
        self.assertIn("does not answer hello", results[0].findings[0].why)

    def test_not_claimed(self) -> None:
        """A format that is not claimed is not asked for, and not applicable."""
        results = judged("mute", [VectorCase(vector(format="sdp"))])
        self.assertIs(results[0].verdict, Verdict.NOT_APPLICABLE)
        self.assertEqual(results[0].events, ())


class BlameTests(SynchronousTestCase):
    """The harness blames itself first."""

    def test_a_check_that_fails(self) -> None:
        """An error inside a check is a harness error, not a failure of the subject."""
        result = conclude(CASES[0], [], ())
        self.assertIs(result.verdict, Verdict.HARNESS_ERROR)
        self.assertIn("KeyError", result.findings[0].why)

    def test_a_vector_in_doubt(self) -> None:
        """Where a second opinion contradicts the vector, a failure is a harness error; a pass stays one."""
        self.patch(codec, "second_opinion", lambda vector: "the lab reads it otherwise")
        self.assertEqual([one.verdict for one in judged("accepts")], [Verdict.HARNESS_ERROR] * 2)
        self.assertEqual([one.verdict for one in judged("right")], [PASS, PASS])
