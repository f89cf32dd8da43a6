"""The expectations file and the exit codes."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import Misuse
from conformance.report.test.samples import of
from conformance.run.expectations import Expectation, compare, exit_code, load_expectations
from conformance.run.model import Result, Verdict

FAIL = of(Verdict.FAIL)
PASS = of(Verdict.PASS)


def code(results: list[Result], *entries: Expectation, required: bool = True) -> int:
    """The exit code of a run."""
    known = {one.id for one in results}
    return exit_code(compare(results, entries, known), known if required else ())


class CodeTests(SynchronousTestCase):
    """0 as expected, 1 unexpected failure, 3 harness fault or inconclusive, 4 stale."""

    def test_without_expectations(self) -> None:
        """Each verdict on its own."""
        codes = {verdict: code([of(verdict)]) for verdict in Verdict}
        self.assertEqual(
            {verdict for verdict, one in codes.items() if one == 0},
            {Verdict.NOT_APPLICABLE, Verdict.NOT_OBSERVABLE, Verdict.PASS, Verdict.NONSTRICT},
        )
        self.assertEqual(codes[Verdict.FAIL], 1)
        self.assertEqual((codes[Verdict.INCONCLUSIVE], codes[Verdict.HARNESS_ERROR]), (3, 3))

    def test_inconclusive_not_required(self) -> None:
        """A check that is not required may be inconclusive."""
        self.assertEqual(code([of(Verdict.INCONCLUSIVE)], required=False), 0)

    def test_listed_failure(self) -> None:
        """A listed failure is expected; with another message it is not."""
        self.assertEqual(code([FAIL], Expectation(id=FAIL.id, reason="r")), 0)
        self.assertEqual(code([FAIL], Expectation(id=FAIL.id, reason="r", message="that")), 0)
        self.assertEqual(code([FAIL], Expectation(id=FAIL.id, reason="r", message="something else")), 1)

    def test_listed_with_another_verdict(self) -> None:
        """A listed inconclusive check that fails is unexpected."""
        self.assertEqual(code([FAIL], Expectation(id=FAIL.id, reason="r", verdict=Verdict.INCONCLUSIVE)), 1)
        one = of(Verdict.INCONCLUSIVE)
        self.assertEqual(code([one], Expectation(id=one.id, reason="r", verdict=Verdict.INCONCLUSIVE)), 0)

    def test_stale(self) -> None:
        """A listed check that passes now, and an id that no check has, are stale; an entry that is not strict is not."""
        self.assertEqual(code([PASS], Expectation(id=PASS.id, reason="r")), 4)
        self.assertEqual(code([PASS], Expectation(id="no/such", reason="r")), 4)
        self.assertEqual(code([PASS], Expectation(id=PASS.id, reason="r", strict=False)), 0)

    def test_not_selected(self) -> None:
        """An entry of a check that was not selected is not stale."""
        comparison = compare([PASS], [Expectation(id="a/b", reason="r")], {PASS.id, "a/b"})
        self.assertEqual(exit_code(comparison, {PASS.id}), 0)

    def test_order(self) -> None:
        """A harness error outranks a failure, a failure what is inconclusive, that what is stale."""
        stale = Expectation(id="no/such", reason="r")
        self.assertEqual(code([FAIL, of(Verdict.HARNESS_ERROR)], stale), 3)
        self.assertEqual(code([FAIL, of(Verdict.INCONCLUSIVE)], stale), 1)
        self.assertEqual(code([of(Verdict.INCONCLUSIVE)], stale), 3)


class FileTests(SynchronousTestCase):
    """Reading the file."""

    def read(self, text: str) -> tuple[Expectation, ...]:
        """The entries of a file with this text."""
        path = Path(self.mktemp())
        path.write_text(text, encoding="utf-8")
        return load_expectations(path)

    def test_entry(self) -> None:
        """Every member of an entry arrives."""
        entry = self.read('[[expect]]\nid="a/b"\nreason="r"\nverdict="inconclusive"\nmessage="m"\nstrict=false')[0]
        self.assertEqual(
            entry, Expectation(id="a/b", reason="r", verdict=Verdict.INCONCLUSIVE, message="m", strict=False)
        )

    def test_refused(self) -> None:
        """An entry without a reason, with an unknown member or verdict, and a file that is no TOML are misuse."""
        for text in (
            '[[expect]]\nid="a"',
            '[[expect]]\nid="a"\nreason="r"\nwhy="x"',
            '[[expect]]\nid="a"\nreason="r"\nverdict="pass"',
            "[[",
            '[expect]\nid="a"\nreason="r"',
            '[[expected]]\nid="a"\nreason="r"',
            '[[expect]]\nid="a"\nreason="r"\n[[expect]]\nid="a"\nreason="s"',
        ):
            self.assertRaises(Misuse, self.read, text)
        self.assertRaises(Misuse, load_expectations, Path("no-such-file.toml"))
