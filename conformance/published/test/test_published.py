"""The suite's ground is judged, and a crack in it is seen."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.clauses import Register, load_registers
from conformance.lab.dissector import Dissector
from conformance.published import published_texts, second_opinions, texts
from conformance.run.model import Verdict
from conformance.run.suite import load_suite


class Texts(SynchronousTestCase):
    """Registers, struct text and lint against the published texts."""

    def setUp(self) -> None:
        """These need the texts."""
        if places.specifications() is None:
            raise SkipTest("not run: DISCO_SPECS names no folder")
        self.register = load_registers()

    def test_all_hold(self) -> None:
        """Every text at hand is as the suite says, the draft's lint among them."""
        results = published_texts(self.register)
        self.assertTrue({"published/rfc6940/register", "published/disco00/lint"} <= {one.id for one in results})
        self.assertEqual({one.verdict for one in results}, {Verdict.PASS})

    def test_changed_row(self) -> None:
        """A row whose digest is not the sentence's is found, by its id."""
        identity = "rfc3515:2.1/1"
        rows = {**self.register.rows, identity: replace(self.register.rows[identity], digest="0" * 16)}
        found = {one.id: one for one in published_texts(Register(rows, self.register.specifications))}
        wrong = found["published/rfc3515/register"]
        self.assertEqual(wrong.verdict, Verdict.HARNESS_ERROR)
        self.assertIn(identity, wrong.findings[0].why)

    def test_changed_record(self) -> None:
        """A finding that is on record and no longer made is found."""
        recorded = json.loads(texts.GOLDEN.read_text(encoding="utf-8"))
        recorded["findings"][0]["line"] += 1
        changed = Path(self.mktemp())
        changed.write_text(json.dumps(recorded), encoding="utf-8")
        self.patch(texts, "GOLDEN", changed)
        found = {one.id: one for one in published_texts(self.register)}
        self.assertEqual(found["published/disco00/lint"].verdict, Verdict.HARNESS_ERROR)


class WithoutTexts(SynchronousTestCase):
    """Nothing is said where there is nothing to read."""

    def test_nothing(self) -> None:
        """Without texts there are no results, so that none can read as green."""
        empty = Path(self.mktemp())
        empty.mkdir()
        self.assertEqual(published_texts(load_registers(), empty), [])


class Dissected(SynchronousTestCase):
    """tshark on the RELOAD vectors."""

    def setUp(self) -> None:
        """These need tshark."""
        if shutil.which("tshark") is None:
            raise SkipTest("not run: tshark is not installed")

    def test_agrees(self) -> None:
        """It agrees with every vector that it can read, and these are several dozen."""
        results = second_opinions(load_suite([]).vectors.values())
        self.assertGreater(len(results), 30)
        self.assertEqual({one.verdict for one in results}, {Verdict.PASS})

    def test_disagrees(self) -> None:
        """A disagreement is the suite's fault, and says where."""
        self.patch(Dissector, "opinions", lambda _, read: [("disagree", "a field ends early")] * len(read))
        vectors = [one for one in load_suite([]).vectors.values() if one.format == "reload.message"][:1]
        found = second_opinions(vectors)[0]
        self.assertEqual(found.verdict, Verdict.HARNESS_ERROR)
        self.assertIn("ends early", found.findings[0].why)
