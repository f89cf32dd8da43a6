"""What shows once and not again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from conformance.interop.again import looked_again
from conformance.interop.outcome import Outcome
from conformance.interop.settings import SETTINGS, Setting
from conformance.interop.test.test_outcome import outcome, result
from conformance.judge.catalog import checks
from conformance.run.expectations import Expectation
from conformance.run.model import Result, Verdict

CHECK = next(one for one in checks() if one.scenarios)
SETTING = SETTINGS[0]


def played(right: bool | None) -> Outcome:
    """One setting with one result."""
    return replace(outcome(), settings={SETTING.name: (result(CHECK.id, right),)})


class AgainTests(SynchronousTestCase):
    """A surprise is looked at twice, and nothing else is."""

    def setUp(self) -> None:
        """Nothing was played again yet."""
        self.asked: list[Sequence[str]] = []

    def again(self, right: bool | None) -> object:
        """A replay that comes out so."""

        def replay(setting: Setting, names: Sequence[str]) -> tuple[Result, ...]:
            self.asked.append(names)
            return (result(CHECK.id, right),)

        return replay

    def verdict(self, first: bool, second: bool, *entries: Expectation) -> Verdict:
        """What remains of two looks."""
        found = looked_again(played(first), entries, self.again(second))  # type: ignore[arg-type]
        return found.results[0].verdict

    def test_as_expected(self) -> None:
        """What is as expected is not played again."""
        self.assertEqual(self.verdict(True, False), Verdict.PASS)
        self.assertEqual(self.verdict(False, True, Expectation(id=CHECK.id, reason="known")), Verdict.FAIL)
        self.assertEqual(self.asked, [])

    def test_failed_once(self) -> None:
        """A failure that is not listed and does not show again is none."""
        self.assertEqual(self.verdict(False, True), Verdict.PASS)
        self.assertEqual(self.asked, [sorted(CHECK.scenarios)])

    def test_failed_twice(self) -> None:
        """A failure that shows again stands."""
        self.assertEqual(self.verdict(False, False), Verdict.FAIL)

    def test_held_once(self) -> None:
        """A listed failure that shows in the second look is not gone."""
        self.assertEqual(self.verdict(True, False, Expectation(id=CHECK.id, reason="known")), Verdict.FAIL)
        self.assertEqual(self.verdict(True, True, Expectation(id=CHECK.id, reason="known")), Verdict.PASS)
