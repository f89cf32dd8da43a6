"""The four tables against RFC 3261's figures, and the committed drawings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

import disco_ref
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.transaction.invite_client import INVITE_CLIENT
from disco_ref.sip.transaction.invite_server import INVITE_SERVER
from disco_ref.sip.transaction.non_invite_client import NON_INVITE_CLIENT
from disco_ref.sip.transaction.non_invite_server import NON_INVITE_SERVER
from disco_ref.sip.transaction.performing.clients import Clients
from disco_ref.sip.transaction.performing.servers import Servers
from disco_ref.sip.transaction.timers import Timers

CLIENT, SERVER = (INVITE_CLIENT, NON_INVITE_CLIENT), (INVITE_SERVER, NON_INVITE_SERVER)


class TableTests(SynchronousTestCase):
    """Totality, and what the figures show."""

    def test_total(self) -> None:
        """Each state but the end meets each event in an arrow, in silence with a reason, or as a mistake."""
        for table in (*CLIENT, *SERVER):
            told = [*table.cells, *table.silent, *table.refused]
            states = [state for state in table.states if state != "Terminated"]
            self.assertEqual(len(told), len(set(told)), table.name)
            self.assertEqual(set(told), {(state, event) for state in states for event in table.events}, table.name)
            self.assertEqual(table.ends, ("Terminated",))

    def test_states(self) -> None:
        """The states are those of figures 5 to 8, with Accepted of RFC 6026."""
        # = rfc3261:17.1.1.2/1 test
        # = rfc6026:7.1/0 test
        # = rfc6026:7.2/0 test
        figures = [
            {"Calling", "Proceeding", "Completed", "Accepted", "Terminated"},
            {"Trying", "Proceeding", "Completed", "Terminated"},
            {"Proceeding", "Completed", "Confirmed", "Accepted", "Terminated"},
            {"Trying", "Proceeding", "Completed", "Terminated"},
        ]
        self.assertEqual([set(table.states) for table in (*CLIENT, *SERVER)], figures)
        starts = [table.start for table in (*CLIENT, *SERVER)]
        self.assertEqual(starts, ["Calling", "Trying", "Proceeding", "Trying"])

    def test_clauses(self) -> None:
        """Every arrow names a clause."""
        for table in (*CLIENT, *SERVER):
            for cell, step in table.cells.items():
                self.assertTrue(step.says, f"{table.name}, {cell}")

    def test_actions(self) -> None:
        """Every action of an arrow can be performed on its side."""
        known = {
            CLIENT: Clients(Timers(), Deadlines()).performed,
            SERVER: Servers(Timers(), Deadlines(), 1).performed,
        }
        for tables, performed in known.items():
            for table in tables:
                for step in (table.entry, *table.cells.values()):
                    self.assertLessEqual(set(step.actions), performed, table.name)

    def test_timers_run_somewhere(self) -> None:
        """Each timer of a table is one that has a span."""
        spans = Timers().spans(reliable=False)
        for table in (*CLIENT, *SERVER):
            self.assertLessEqual(set(table.timers), set(spans))


class DrawingTests(SynchronousTestCase):
    """docs/drawings."""

    def test_committed(self) -> None:
        """The committed drawings are those of the tables."""
        script = Path(disco_ref.__file__).parent.parent / "docs" / "draw_machines.py"
        if not {"site-packages", "dist-packages"}.isdisjoint(script.parts):
            raise SkipTest("installed: there are no drawings")
        found = subprocess.run(
            [sys.executable, str(script), "--check"], capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual((found.returncode, found.stderr), (0, ""))
