"""Choosing checks."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.codec import VectorCase
from conformance.checks.test.samples import faulty, vector
from conformance.errors import Misuse
from conformance.run.model import Level
from conformance.run.selection import Selection

CASES = [
    VectorCase(vector()),
    VectorCase(faulty(level=Level.SHOULD)),
    VectorCase(vector("rfc3261/via/port", clauses=("rfc3261:20.42/0", "rfc3581:3/1"), format="sip.header")),
    VectorCase(vector("rfc3261/via_list/two", clauses=("rfc3261:20.4/0",), format="sip.header")),
]


def chosen(**words: Any) -> list[str]:
    """The ids that a selection chooses."""
    return [case.id for case in Selection(**words).choose(CASES)]


class ChooseTests(SynchronousTestCase):
    """Patterns, and what selects nothing."""

    def test_everything(self) -> None:
        """Nothing asked for is everything."""
        self.assertEqual(len(chosen()), 4)

    def test_ids(self) -> None:
        """A name selects itself and what lies below it, not what only begins with it; wildcards work."""
        self.assertEqual(chosen(only=("rfc3261/via",)), ["rfc3261/via/port"])
        self.assertEqual(chosen(only=("rfc6940/*/two",)), ["rfc6940/probe_req/two"])

    def test_clauses(self) -> None:
        """A section selects its clauses and subsections, not sections whose number begins with it."""
        self.assertEqual(chosen(clause=("rfc3261:20.4",)), ["rfc3261/via_list/two"])
        self.assertEqual(chosen(clause=("rfc3581:3/1",)), ["rfc3261/via/port"])
        self.assertEqual(len(chosen(clause=("rfc3261",))), 2)

    def test_members(self) -> None:
        """Specification, level, format, role and kind."""
        self.assertEqual(len(chosen(spec=("rfc6940",))), 2)
        self.assertEqual(chosen(level=("should",)), ["rfc6940/probe_req/length-short"])
        self.assertEqual(len(chosen(format=("sip.*",))), 2)
        self.assertEqual(len(chosen(role=("codec",))), 4)
        self.assertEqual(len(chosen(kind=("invalid",))), 1)

    def test_widening_and_narrowing(self) -> None:
        """The same option twice widens, two options narrow."""
        self.assertEqual(len(chosen(only=("rfc3261", "rfc6940"))), 4)
        self.assertEqual(chosen(only=("rfc6940",), kind=("invalid",)), ["rfc6940/probe_req/length-short"])

    def test_nothing(self) -> None:
        """A word that selects nothing is misuse even beside one that does; so is an empty intersection."""
        self.assertRaises(Misuse, chosen, only=("rfc3261", "no/such"))
        self.assertRaises(Misuse, chosen, level=("HIGH",))
        self.assertRaises(Misuse, chosen, spec=("rfc3261",), kind=("invalid",))
        self.assertRaises(Misuse, Selection().choose, [])

    def test_typed(self) -> None:
        """A selection can be typed again."""
        self.assertEqual(str(Selection(only=("a/*",), level=("MUST",))), '--only "a/*" --level "MUST"')
