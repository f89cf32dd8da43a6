"""Rows written by hand become a register, and what is wrong with them is said."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.clauses import load_registers
from conformance.draft import register

TEXT = """Network Working Group                                         A. Person
Request for Comments: 1                                       January 2014


1.  Introduction

   A node MUST send a thing.
"""

ROW = "rfc1:1/1\tnode\twire\tcheck\tNodes send their things out."


class Rows(SynchronousTestCase):
    """Files of rows."""

    def path(self, text: str, name: str = "rows.tsv") -> Path:
        """A file with a text."""
        path = Path(self.mktemp())
        path.mkdir()
        (path / name).write_text(text, encoding="utf-8")
        return path / name

    def printed(self, *arguments: str) -> str:
        """What the command prints."""
        out = io.StringIO()
        self.patch(sys, "argv", ["register", *arguments])
        with contextlib.redirect_stdout(out):
            self.assertEqual(register.main(), 0)
        return out.getvalue()

    def refused(self, row: str) -> str:
        """Why a row is refused."""
        return str(self.assertRaises(SystemExit, register.read_rows, self.path(row)))

    def test_row_with_its_sentence(self) -> None:
        """Level, title and digest come from the text, the rest from the row."""
        out = self.printed("--spec", "rfc1", "--text", str(self.path(TEXT)), str(self.path(ROW)))
        self.assertIn('level = "MUST"', out)
        self.assertIn('title = "Introduction"', out)
        self.assertRegex(out, r'digest = "[0-9a-f]{16}"')
        self.assertNotIn("recalled", out)

    def test_without_rows(self) -> None:
        """Without rows the sentences are printed that want one."""
        out = self.printed("--spec", "rfc1", "--text", str(self.path(TEXT)))
        self.assertEqual(out, "rfc1:1/1\tMUST\tline 7\tA node MUST send a thing.\n")

    def test_marks_reach_the_loader(self) -> None:
        """A recalled row and one that rests on another specification are loaded as such."""
        rows = "rfc1:1/0\tnode\twire\tcheck\tA layout of things.\t\trecalled rests_on=rfc2,rfc3\n"
        out = self.printed("--spec", "rfc1", str(self.path(rows)))
        path = self.path(out, "rfc1.toml")
        row = load_registers(path.parent).rows["rfc1:1/0"]
        self.assertTrue(row.recalled)
        self.assertEqual(row.rests_on, ("rfc2", "rfc3"))
        self.assertEqual((row.digest, row.level), ("", "DEFINITION"))

    def test_without_text_all_is_recalled(self) -> None:
        """Where no text is at hand, a row that does not say recalled is refused."""
        self.patch(
            sys, "argv", ["register", "--spec", "rfc1", str(self.path(ROW.replace("/1\t", "/0\t") + "\treason"))]
        )
        self.assertIn("rfc1:1/0", str(self.assertRaises(SystemExit, register.main)))

    def test_clause_that_is_not_there(self) -> None:
        """A clause id that the text does not yield is refused."""
        rows = self.path(ROW.replace("1/1", "1/2"))
        self.patch(sys, "argv", ["register", "--spec", "rfc1", "--text", str(self.path(TEXT)), str(rows)])
        self.assertIn("rfc1:1/2", str(self.assertRaises(SystemExit, register.main)))

    def test_every_fault_is_named(self) -> None:
        """A file is refused with all its faults, each with its line."""
        why = self.refused("# comment\n\nrfc1:1/1\tking\tnowhere\tlater\tshort\nrfc1:1/1\tnode\n")
        for part in ("rows.tsv:3: role 'king'", "observe 'nowhere'", "triage 'later'", "paraphrase is missing"):
            self.assertIn(part, why)
        self.assertIn("rows.tsv:4: 2 fields", why)

    def test_reason_and_marks(self) -> None:
        """What no check judges needs a reason, and a mark has to be known."""
        self.assertIn("needs a reason", self.refused(ROW.replace("check", "live")))
        self.assertIn("'forgotten' is no mark", self.refused(ROW + "\t\tforgotten"))
