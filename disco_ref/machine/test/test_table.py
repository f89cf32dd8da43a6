"""Tests of the tables."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.machine.table import STOPPED, Step, Table, quiet

Cells = Mapping[tuple[str, str], Step[str, str]]
Silent = Mapping[tuple[str, str], str]

CELLS: Cells = {
    ("Closed", "push"): Step("Open", ("creak",), says="rfc3261:17.1.1.2/1 rfc3261:17.1.1.2/2"),
    ("Open", "pull"): Step("Closed"),
    ("Open", "Timer Q"): Step("Gone", says="rfc3261:17.1.1.2/25"),
}
SILENT: Silent = {("Closed", "pull"): "it is shut"}


def door(cells: Cells = CELLS, silent: Silent = SILENT, timers: tuple[str, ...] = ("Timer Q",)) -> Table[str, str, str]:
    """A small machine; open, it cannot be pushed."""
    refused = {("Open", "push"): "it is open"}
    return Table("Door", "Closed", cells, silent, refused=refused, ends=("Gone",), timers=timers)


class TableTests(SynchronousTestCase):
    """What a table tells."""

    def test_step(self) -> None:
        """An arrow is given as it stands, silence as None, a mistake raises with its reason, and so does what is no event."""
        table = door()
        self.assertEqual(table.step("Closed", "push"), CELLS["Closed", "push"])
        self.assertIsNone(table.step("Closed", "pull"))
        with self.assertRaisesRegex(RuntimeError, "Door, Open, push: it is open"):
            table.step("Open", "push")
        self.assertRaises(KeyError, table.step, "Open", "kick")

    def test_states_and_events(self) -> None:
        """The start comes first and the ends last; the events are those of all cells."""
        table = door()
        self.assertEqual(table.states, ("Closed", "Open", "Gone"))
        self.assertEqual(set(table.events), {"push", "pull", "Timer Q"})
        self.assertEqual(list(table.clauses()), ["rfc3261:17.1.1.2/1", "rfc3261:17.1.1.2/2", "rfc3261:17.1.1.2/25"])

    def test_timers(self) -> None:
        """A timer is dropped on the way to a state that does not heed it, and is silent there without being told."""
        table = door()
        self.assertEqual(table.dropped("Open", "Closed"), ("Timer Q",))
        self.assertEqual(table.dropped("Open", "Gone"), ("Timer Q",))
        self.assertEqual(table.dropped("Open", "Open"), ())
        self.assertEqual(table.silent["Closed", "Timer Q"], STOPPED)

    def test_quiet(self) -> None:
        """The product of states and events, all for one reason."""
        self.assertEqual(quiet(("a",), ("b", "c"), "why"), {("a", "b"): "why", ("a", "c"): "why"})


class FaultTests(SynchronousTestCase):
    """Tables that are not made."""

    def refuses(
        self, fault: str, cells: Cells = CELLS, silent: Silent = SILENT, timers: tuple[str, ...] = ("Timer Q",)
    ) -> None:
        """The table is refused with a word of the fault."""
        with self.assertRaisesRegex(ValueError, f"^Door: .*{fault}"):
            door(cells, silent, timers)

    def test_missing(self) -> None:
        """A pair of a state and an event that nothing is told of."""
        self.refuses(r"\(Closed, pull\) is missing", silent={})

    def test_unknown_target(self) -> None:
        """An arrow to a state that is none."""
        self.refuses("Ajar, which is no state", cells={**CELLS, ("Closed", "push"): Step("Ajar")})

    def test_unreachable(self) -> None:
        """A state that no arrow leads to from the start."""
        cells = {**CELLS, ("Open", "Timer Q"): Step[str, str]("Open")}
        self.refuses("no arrow leads to Gone", cells=cells)

    def test_unreachable_island(self) -> None:
        """States that lead to each other, but that the start does not lead to."""
        cells = {**CELLS, ("Ajar", "pull"): Step[str, str]("Ajar"), ("Ajar", "push"): Step[str, str]("Ajar")}
        self.refuses("no arrow leads to Ajar", cells=cells)

    def test_entry(self) -> None:
        """An entry that leads elsewhere than to the start."""
        with self.assertRaisesRegex(ValueError, "Door: the entry leads to Open, not to Closed"):
            Table("Door", "Closed", CELLS, SILENT, entry=Step("Open"), ends=("Gone",))

    def test_told_twice(self) -> None:
        """A pair that is an arrow and silent too."""
        self.refuses("told twice", silent={**SILENT, ("Open", "pull"): "stuck"})

    def test_out_of_an_end(self) -> None:
        """An arrow that leads out of an end."""
        self.refuses("out of the end Gone", cells={**CELLS, ("Gone", "pull"): Step("Open")})

    def test_silence_without_reason(self) -> None:
        """A pair that is silent, and nobody knows why."""
        self.refuses("has no reason", silent={("Closed", "pull"): ""})

    def test_silence_of_no_state(self) -> None:
        """A silent pair of a state that no arrow knows."""
        self.refuses("of no state", silent={**SILENT, ("Ajar", "pull"): "unknown"})

    def test_unheeded_timer(self) -> None:
        """A timer that no state has an arrow for."""
        self.refuses("no state heeds Timer Z", timers=("Timer Q", "Timer Z"))
