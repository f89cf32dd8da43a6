"""What settings say together, what is kept of it, and reviews."""

from __future__ import annotations

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import SuiteFault
from conformance.interop.outcome import Outcome, as_json, as_markdown, written
from conformance.interop.reviews import Review, kept_failures, load_reviews, unreviewed
from conformance.interop.reviews import as_markdown as reviews_page
from conformance.run.model import Level, Origin, Result, deviation, held, noted


def result(identity: str, right: bool | None) -> Result:
    """A result that passes, fails, or had nothing to judge."""
    finding = noted("observed=0") if right is None else held("observed=1")
    if right is False:
        finding = deviation(Level.MUST, "wrong", expected="this", seen="that | other")
    return Result(
        id=identity, what="Something is required.", clauses=("rfc3261:11/1",), level=Level.MUST, role="user-agent",
        format="sip", origin=Origin(how="recorded", source="a test"), findings=(finding,),
    )  # fmt: skip


def outcome(program: str = "phone", **settings: list[Result]) -> Outcome:
    """An outcome of these settings."""
    told = {name: tuple(results) for name, results in settings.items()}
    return Outcome(program=program, version=f"{program} 1.0 (Debian 1.0-1)", settings=told, digests={"checks": "00"})


class OutcomeTests(SynchronousTestCase):
    """One verdict per check, and files that change only with verdicts."""

    def test_worst_of_all_settings(self) -> None:
        """A check that fails in one setting fails the program, and the file says where."""
        both = outcome(udp=[result("a", True)], tcp=[result("a", False)])
        row = as_json(both)["checks"]
        assert isinstance(row, dict)
        self.assertEqual(row["a"]["verdict"], "fail")
        self.assertEqual(row["a"]["settings"], {"udp": "pass", "tcp": "fail"})

    def test_nothing_to_judge_is_counted_only(self) -> None:
        """What was not applicable is no row, but a number."""
        kept = as_json(outcome(udp=[result("a", None), result("b", True)]))
        self.assertEqual(kept["counts"], {"not-applicable": 1, "pass": 1})
        assert isinstance(kept["checks"], dict)
        self.assertEqual(list(kept["checks"]), ["b"])

    def test_written_only_when_a_verdict_changes(self) -> None:
        """The same verdicts leave the file alone; another one replaces it."""
        folder = Path(self.mktemp())
        self.assertTrue(written(outcome(udp=[result("a", True)]), folder))
        self.assertFalse(written(outcome(udp=[result("a", True)]), folder))
        self.assertTrue(written(outcome(udp=[result("a", False)]), folder))
        self.assertEqual(json.loads((folder / "phone-1.0.json").read_text("utf-8"))["counts"], {"fail": 1})

    def test_page(self) -> None:
        """Deviations stand first, in a table whose cells are not broken by what was seen."""
        page = as_markdown(as_json(outcome(udp=[result("a", False), result("b", True)])))
        self.assertIn("| a | MUST | rfc3261:11/1 | Something is required. | that \\| other |", page)
        self.assertIn("- b (rfc3261:11/1)", page)


class ReviewTests(SynchronousTestCase):
    """A check that fails two programs needs a review."""

    def test_two_programs(self) -> None:
        """One program is not enough; two are, until there is a review."""
        folder = Path(self.mktemp())
        written(outcome("one", udp=[result("a", False), result("b", False)]), folder)
        written(outcome("two", udp=[result("a", False)]), folder)
        failures = kept_failures(folder)
        self.assertEqual(unreviewed(failures, ()), ["a"])
        review = Review("a", "stands", "Read again.")
        self.assertEqual(unreviewed(failures, (review,)), [])
        self.assertIn("Outcome: stands. Read again.", reviews_page(failures, (review,)))
        self.assertIn("Not reviewed yet.", reviews_page(failures, ()))

    def test_reviews_of_this_suite(self) -> None:
        """The file can be read, and every review is of a check that exists."""
        from conformance.judge.catalog import checks

        known = {one.id for one in checks()}
        self.assertEqual([one.check for one in load_reviews() if one.check not in known], [])

    def test_incomplete_review(self) -> None:
        """A review without an outcome is refused."""
        path = Path(self.mktemp())
        path.write_text('[[review]]\ncheck = "a"\ntext = "b"\n', "utf-8")
        self.assertRaises(SuiteFault, load_reviews, path)
