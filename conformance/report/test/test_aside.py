"""What was not run, by its reasons."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.report.aside import gathered
from conformance.run.model import NotRun


class GatheredTests(SynchronousTestCase):
    """Twenty lines with one reason are one line."""

    def test_few(self) -> None:
        """One or two stand by themselves, with what they would add."""
        told = gathered([NotRun(what="tshark", why="not installed", adds="more"), NotRun(what="b", why="c")])
        self.assertEqual(
            [(one.what, one.why, one.adds, one.each) for one in told],
            [("tshark", "not installed", "more", ()), ("b", "c", "", ())],
        )

    def test_many(self) -> None:
        """Scenarios are counted, and named without what they play."""
        some = [NotRun(what=f"scenario proxy/{name} (A phone rings)", why="slow") for name in ("a", "b", "c")]
        rest = [NotRun(what=f"the rest of scenario proxy/{name}", why="no TLS") for name in ("d", "e", "f")]
        first, second = gathered([*some, *rest])
        self.assertEqual((first.what, first.names), ("3 scenarios", ("proxy/a", "proxy/b", "proxy/c")))
        self.assertEqual((second.what, second.names[0]), ("the rest of 3 scenarios", "proxy/d"))

    def test_other_things(self) -> None:
        """What is no scenario is a thing."""
        self.assertEqual(gathered([NotRun(what=name, why="w") for name in "abc"])[0].what, "3 things")
