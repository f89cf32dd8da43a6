"""Tests of checks, their catalogue, and how rulings become results."""

from __future__ import annotations

from collections.abc import Iterator

from twisted.trial.unittest import SynchronousTestCase

from conformance.clauses import load_registers
from conformance.errata import load_errata
from conformance.judge.catalog import checks
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import MOST_KEPT, Check, Ruling, apply, check, observed, right, unclear, wrong
from conformance.judge.seen import Seen
from conformance.run.model import Origin, Verdict

ORIGIN = Origin(how="own", source="the tests")
EVENT = Seen(
    number=1,
    time=0.0,
    source="a:1",
    destination="b:2",
    transport="udp",
    protocol="sip",
    octets=b"x",
    fault="no message",
)


def made(*rulings: Ruling, level: str = "MUST") -> Check:
    """A check that says just this."""

    def predicate(evidence: Evidence) -> Iterator[Ruling]:
        yield from rulings

    return check("test/s1/it", "It is so.", "rfc3261:7/1", needs="something", level=level)(predicate)


WRONG = wrong(EVENT, why="it is not", expected="this", seen="that")


class ResultTests(SynchronousTestCase):
    """From rulings to a verdict."""

    def _verdict(self, one: Check) -> Verdict:
        return apply(one, Evidence((EVENT,)), ORIGIN).verdict

    def test_verdicts(self) -> None:
        """One deviation decides; silence and doubt are no pass."""
        self.assertIs(self._verdict(made(right(EVENT))), Verdict.PASS)
        self.assertIs(self._verdict(made(right(EVENT), WRONG)), Verdict.FAIL)
        self.assertIs(self._verdict(made(WRONG, level="SHOULD")), Verdict.NONSTRICT)
        self.assertIs(self._verdict(made()), Verdict.NOT_APPLICABLE)
        self.assertIs(self._verdict(made(unclear(EVENT, why="unseen"))), Verdict.INCONCLUSIVE)
        self.assertIs(self._verdict(made(right(EVENT), unclear(EVENT, why="unseen"))), Verdict.PASS)

    def test_count(self) -> None:
        """A result says how many observations it rests on, and keeps a bounded number of findings."""
        result = apply(made(*[WRONG] * 100, right(EVENT)), Evidence((EVENT,)), ORIGIN, prefix="traces/x/")
        self.assertEqual((observed(result), result.id), (101, "traces/x/test/s1/it"))
        self.assertLessEqual(len(result.findings), MOST_KEPT + 3)
        self.assertEqual(observed(apply(made(), Evidence(()), ORIGIN)), 0)

    def test_broken_check(self) -> None:
        """A check that raises blames itself."""

        def predicate(evidence: Evidence) -> Iterator[Ruling]:
            raise KeyError("gone")

        broken = check("test/s1/it", "It is so.", "rfc3261:7/1", needs="something")(predicate)
        self.assertIs(self._verdict(broken), Verdict.HARNESS_ERROR)

    def test_long_octets_are_cut(self) -> None:
        """What was seen is shown in a bounded length."""
        self.assertLess(len(wrong(EVENT, why="", expected="", seen="x" * 10_000).seen), 300)


class CatalogueTests(SynchronousTestCase):
    """All checks."""

    def test_clauses_exist(self) -> None:
        """Every clause of a check can be cited, every erratum exists."""
        register, errata = load_registers(), load_errata()
        problems = [register.problem(clause) for one in checks() for clause in one.clauses]
        self.assertEqual([problem for problem in problems if problem], [])
        self.assertEqual([name for one in checks() for name in one.errata if name not in errata], [])

    def test_sentences(self) -> None:
        """Each check says what is required in a sentence, and what it needs."""
        for one in checks():
            self.assertTrue(one.what.endswith(".") and one.needs, one.id)
            self.assertIn(one.protocol, ("sip", "reload", "http"))

    def test_silence_passes_nothing(self) -> None:
        """On empty evidence, and on garbage alone, no check passes."""
        for evidence in (Evidence(()), Evidence((EVENT,))):
            passed = [one.id for one in checks() if apply(one, evidence, ORIGIN).verdict is Verdict.PASS]
            self.assertEqual(passed, [])
