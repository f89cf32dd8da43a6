"""The kill matrix."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.codec import cases
from conformance.checks.test.samples import faulty, vector
from conformance.clauses import Register
from conformance.report.test.samples import of
from conformance.run.matrix import kill_matrix, pairs, weigh
from conformance.run.model import Verdict
from conformance.run.suite import Suite
from conformance.targets.subject import KnownSubject
from conformance.targets.test.test_process import ADAPTER

VECTORS = {one.id: one for one in (vector(), faulty())}
SUITE = Suite(Register({}, frozenset()), {}, VECTORS)
PAIR = ("rfc6940/probe_req/two", "rfc6940/probe_req/length-short")


def subject(conduct: str, touches: tuple[str, ...] = ("*",)) -> KnownSubject:
    """A subject of this conduct."""
    return KnownSubject(
        name=conduct, what="", commands=(("{python}", *ADAPTER[1:], conduct),), breaks="x", touches=touches
    )


class MatrixTests(SynchronousTestCase):
    """Who is killed by what."""

    def test_killed(self) -> None:
        """A broken subject is killed; the right one is not, and passes both of the pair."""
        accepts, right = kill_matrix([subject("accepts"), subject("right")], SUITE, list(cases(VECTORS).values()))
        self.assertTrue(accepts.killed)
        self.assertEqual(accepts.survived, ())
        self.assertFalse(right.killed)
        self.assertEqual(right.survived, (PAIR,))

    def test_pairs(self) -> None:
        """A pair is a faulty vector and the right one it names."""
        self.assertEqual(pairs(SUITE), [PAIR])

    def test_untouched_pairs(self) -> None:
        """Only pairs that the fault touches count."""
        both = [of(Verdict.PASS, PAIR[0]), of(Verdict.PASS, PAIR[1])]
        self.assertEqual(weigh(subject("x", ("other/*",)), both, [PAIR]).survived, ())
        self.assertEqual(weigh(subject("x", ("rfc6940/*",)), both, [PAIR]).survived, (PAIR,))
        self.assertEqual(weigh(subject("x"), [both[0], of(Verdict.FAIL, PAIR[1])], [PAIR]).survived, ())
