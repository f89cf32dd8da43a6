"""The kill matrix of the broken subjects that every suite must catch, over the shipped vectors.

Long because each is a program, and each vector is put to it; ``mutants/test/test_faults.py`` tries the same faults without programs,
on some of the vectors.
"""

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


def matrix() -> list[Killed]:
    """What becomes of all of them."""
    suite = load_suite()
    subjects = {name: load_subject(places.mutants() / f"{name}.toml") for name in (*ALWAYS, *FAULTS)}
    # only the silent one is waited for; the others may be slow where the machine is busy
    silent = subjects.pop("answers-nothing")
    return [
        *kill_matrix([silent], suite, suite.cases(), budget=3.0),
        *kill_matrix(list(subjects.values()), suite, suite.cases(), budget=10.0),
    ]


class BrokenSubjectTests(SynchronousTestCase):
    """No broken subject gets through."""

    def test_matrix(self) -> None:
        """Each fails a check, and passes no pair that its fault touches.

        One that answers nothing, always the same, always a refusal, or the request, passes nothing; one with a single fault is
        not failed for everything: the checks tell faults apart.  All in one test, so that the matrix is made once however many
        processes share the tests.
        """
        for one in matrix():
            self.assertTrue(one.killed, one.subject.name)
            self.assertEqual(one.survived, (), one.subject.name)
            if one.subject.name in ALWAYS:
                self.assertEqual(one.passes, (), one.subject.name)
            else:
                self.assertGreater(len(one.passes), 100, one.subject.name)
