"""Tests of the drawings."""

from __future__ import annotations

from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.machine.drawing import page, svg
from disco_ref.machine.table import Step, Table
from disco_ref.machine.test.test_table import CELLS, door

SVG = "{http://www.w3.org/2000/svg}"


class DrawingTests(SynchronousTestCase):
    """What a drawing shows."""

    def test_states_and_arrows(self) -> None:
        """Each state is a box, each arrow has its event and actions, each bundle of arrows one line with a head."""
        table = door({**CELLS, ("Closed", "pull"): Step("Closed", ("creak", "groan"))}, {})
        root = ElementTree.fromstring(svg(table))
        words = [text.text for text in root.iter(f"{SVG}text")]
        for wanted in ("Closed", "Open", "Gone", "push / creak", "pull / creak, groan", "pull", "Timer Q"):
            self.assertIn(wanted, words)
        self.assertEqual(len(list(root.iter(f"{SVG}rect"))), 3)
        heads = [path for path in root.iter(f"{SVG}path") if path.get("class") == "head"]
        self.assertEqual(len(heads), 5)

    def test_nothing_is_outside(self) -> None:
        """All that is drawn lies within the picture, however long the words."""
        long = Table("long", "a", {("a", "x" * 80): Step("b", ("y" * 80,))}, ends=("b",))
        for table in (door(), long):
            root = ElementTree.fromstring(svg(table))
            _, _, width, height = map(float, root.attrib["viewBox"].split())
            for box in root.iter(f"{SVG}rect"):
                self.assertTrue(0 <= float(box.attrib["x"]) <= width - 120)
                self.assertTrue(0 <= float(box.attrib["y"]) <= height - float(box.attrib["height"]))
            for text in root.iter(f"{SVG}text"):
                length = len(text.text or "") * 6.62
                start, end = {"left": (length, 0.0), "state": (length / 2, length / 2)}.get(
                    text.get("class", ""), (0.0, length)
                )
                self.assertTrue(start <= float(text.attrib["x"]) <= width - end, text.text)

    def test_entry(self) -> None:
        """What is done at first stands beside the arrow from nowhere; characters of markup are escaped."""
        table = Table("<T>", "a", {("a", "x"): Step("b")}, entry=Step("a", ("ring & wait",)), ends=("b",))
        self.assertIn("ring &amp; wait</text>", svg(table))
        self.assertIn("<title>&lt;T&gt;</title>", svg(table))

    def test_page(self) -> None:
        """The page has the picture, the silent cells and the mistakes with their reasons, and each clause once."""
        text = page(door(), "door.svg")
        self.assertIn("## Door\n\n![Door](door.svg)\n", text)
        self.assertIn("| Closed | pull | it is shut |", text)
        self.assertIn("| Closed | Timer Q | ", text)
        self.assertIn("| Open | push | it is open |", text)
        self.assertIn("Clauses of the arrows: `rfc3261:17.1.1.2/1` `rfc3261:17.1.1.2/2` `rfc3261:17.1.1.2/25`", text)
