"""The model of a result."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.report.test.samples import report, result
from conformance.run.model import Finding, Level, Origin, Verdict, deviation, held, noted, worst

findings = st.lists(st.sampled_from(Verdict).map(lambda verdict: Finding(verdict=verdict, why="so")), max_size=6)


class VerdictTests(SynchronousTestCase):
    """Within a case a verdict only gets worse."""

    @settings(deadline=None, derandomize=True)
    @given(findings, findings)
    def test_only_worse(self, before: list[Finding], after: list[Finding]) -> None:
        """More findings never make a verdict better."""
        if before:
            self.assertGreaterEqual(worst([*before, *after]).rank, worst(before).rank)

    def test_nothing_found_out(self) -> None:
        """No finding is no pass."""
        self.assertIs(worst([]), Verdict.INCONCLUSIVE)

    def test_levels(self) -> None:
        """A deviation means by level what the model says."""
        meant = {level: deviation(level, "x", expected="", seen="").verdict for level in Level}
        self.assertEqual(list(meant.values()), [Verdict.FAIL, Verdict.NONSTRICT, Verdict.NOT_APPLICABLE])

    def test_notes_and_passes(self) -> None:
        """A note beside a pass leaves it a pass."""
        self.assertIs(worst([held("a"), noted("b")]), Verdict.PASS)

    def test_decisive(self) -> None:
        """The decisive finding is the first that is as bad as the verdict."""
        one = result(
            findings=(
                held("a"),
                deviation(Level.MUST, "b", expected="", seen=""),
                deviation(Level.MUST, "c", expected="", seen=""),
            )
        )
        decisive = one.decisive
        assert decisive is not None
        self.assertEqual(decisive.why, "b")


class OriginTests(SynchronousTestCase):
    """Where an expectation comes from."""

    def test_self_agreed(self) -> None:
        """Our own reading without a second decoder is self-agreed; an example, a recording, a second opinion are not."""
        self.assertTrue(Origin(how="worked-out", source="x").self_agreed)
        self.assertTrue(Origin(how="own", source="x", confirmed=("lab",)).self_agreed)
        self.assertTrue(Origin(how="worked-out", source="x", confirmed=("lab",)).self_agreed)
        self.assertFalse(Origin(how="worked-out", source="x", confirmed=("tshark 4.0.17",)).self_agreed)
        self.assertFalse(Origin(how="worked-out", source="x", confirmed=("lab", "openssl 3.0.19")).self_agreed)
        self.assertFalse(Origin(how="specification-example", source="x", confirmed=("lab",)).self_agreed)
        self.assertFalse(Origin(how="recorded", source="baresip 1.0.0").self_agreed)


class ReportTests(SynchronousTestCase):
    """A partial run cannot pass for a whole one."""

    def test_whole(self) -> None:
        """A run without one of the required ids is not whole."""
        one = result()
        self.assertTrue(report([one], required=(one.id,)).whole)
        self.assertFalse(report([one], required=(one.id, "another")).whole)

    def test_place(self) -> None:
        """Specification and section are those of the first clause."""
        one = result(clauses=("rfc6940:6.3.2/1", "rfc3261:7/1"))
        self.assertEqual((one.spec, one.section), ("rfc6940", "6.3.2"))
