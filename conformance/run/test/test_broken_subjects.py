"""The kill matrix of the broken subjects that every suite must catch, over the shipped vectors."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.run.matrix import Killed, kill_matrix
from conformance.run.suite import load_suite
from conformance.targets.subject import load_subject

ALWAYS = ("answers-nothing", "always-the-same", "refuses-everything", "echoes")
"""Subjects that do one thing whatever they are asked; they pass nothing."""

FAULTS = ("accepts-everything", "off-by-one-length", "little-endian", "ignores-unknown-critical")
"""Subjects that are wrong in one respect."""

_matrix: list[Killed] = []


def matrix() -> list[Killed]:
    """The matrix, run once for all tests of this file."""
    if not _matrix:
        suite = load_suite()
        subjects = {name: load_subject(places.mutants() / f"{name}.toml") for name in (*ALWAYS, *FAULTS)}
        # only the silent one is waited for; the others may be slow where the machine is busy
        silent = subjects.pop("answers-nothing")
        _matrix.extend(kill_matrix([silent], suite, suite.cases(), budget=3.0))
        _matrix.extend(kill_matrix(list(subjects.values()), suite, suite.cases(), budget=10.0))
    return _matrix


class BrokenSubjectTests(SynchronousTestCase):
    """No broken subject gets through."""

    def test_killed(self) -> None:
        """Every broken subject fails a check, and passes no pair that its fault touches."""
        for one in matrix():
            self.assertTrue(one.killed, one.subject.name)
            self.assertEqual(one.survived, (), one.subject.name)

    def test_indifferent_subjects_pass_nothing(self) -> None:
        """A subject that answers nothing, always the same, always a refusal, or the request, passes nothing."""
        passes = {one.subject.name: one.passes for one in matrix() if one.subject.name in ALWAYS}
        self.assertEqual(passes, dict.fromkeys(ALWAYS, ()))

    def test_others_pass_something(self) -> None:
        """A subject with one fault is not failed for everything: the checks tell faults apart."""
        for one in matrix():
            if one.subject.name in FAULTS:
                self.assertGreater(len(one.passes), 100, one.subject.name)
