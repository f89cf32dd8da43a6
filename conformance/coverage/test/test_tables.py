"""The coverage tables: what is cited where, and whether the committed ones are those of the tree."""

from __future__ import annotations

import json
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.clauses import Register, Row, load_registers
from conformance.coverage.citations import Citations, collect
from conformance.coverage.command import problems, stale, tables
from conformance.coverage.tables import coverage_table, section_index, summary

ROWS = [Row(id=f"rfc6940:6.1/{one}", level="MUST", section="6.1", text="x", triage="check") for one in ("1", "2a")]
REGISTER = Register({row.id: row for row in ROWS}, frozenset({"rfc6940"}))
SOURCES = {
    "disco_ref/one.py": "# = rfc6940:6.1/1\npass\n# = rfc6940:6.1/2 exception: a reason\n",
    "disco_ref/test/test_one.py": "    # = rfc6940:6.1/1\n",
    "disco_ref/two.py": "# = rfc6940:6.1/1 silent: nothing said\ntext = 'rfc6940:6.1/9'\n",
    "conformance/checks/rfc6940/s06.py": 'check("x", "rfc6940:6.1/2a")\n',
    "conformance/vectors/rfc6940/a/b.json": json.dumps({"clauses": ["rfc6940:6.1/1"]}),
    "rfc_traces/rfc6940/flow/trace.toml": 'clauses = ["rfc6940:6.1/1"]\n',
    "conformance/mutants/kills.json": json.dumps({"clauses": {"ignores-it": ["rfc6940:6.1/1"]}}),
}


class CitationTests(SynchronousTestCase):
    """Where clauses are cited."""

    def tree(self) -> Path:
        """A checkout of a few files."""
        root = Path(self.mktemp())
        for name, text in SOURCES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    def test_kinds(self) -> None:
        """Comments, literals of checks, vectors, traces and broken subjects each count in their column."""
        citations = collect(self.tree())
        expected = {
            "implemented": ["disco_ref/one.py"],
            "tested": ["disco_ref/test/test_one.py"],
            "exception": [],
            "silent": ["disco_ref/two.py"],
            "vectors": ["rfc6940/a/b"],
            "checks": [],
            "traces": ["rfc6940/flow"],
            "killed": ["ignores-it"],
        }
        self.assertEqual({kind: citations.of("rfc6940:6.1/1", kind) for kind in expected}, expected)
        self.assertEqual(citations.of("rfc6940:6.1/2a", "checks"), ["conformance/checks/rfc6940/s06.py"])
        self.assertEqual(citations.of("rfc6940:6.1/2a", "exception"), ["disco_ref/one.py"])

    def test_arrows(self) -> None:
        """An arrow in a table of the reference names its clauses; elsewhere such words name nothing."""
        root = self.tree()
        for name in ("disco_ref/three.py", "conformance/four.py", "disco_ref/test/test_five.py"):
            (root / name).write_text('Step("Completed", says="rfc6940:6.1/3 rfc6940:6.1/4")\n', encoding="utf-8")
        citations = collect(root)
        for clause in ("rfc6940:6.1/3", "rfc6940:6.1/4"):
            self.assertEqual(citations.of(clause, "implemented"), ["disco_ref/three.py"])

    def test_live_mutants(self) -> None:
        """A live mutant is caught by the clauses of the checks that are aimed at it."""
        root = self.tree()
        path = root / "conformance/mutants/live/phones.toml"
        path.parent.mkdir()
        kills = 'kills = ["rfc3261/s08_2_2_2/merged-482", "no/such/check"]'
        path.write_text(f'role = "user-agent"\n[[mutant]]\nname = "merges"\n{kills}\n', encoding="utf-8")
        citations = collect(root)
        self.assertEqual(citations.of("rfc3261:8.2.2.2/2", "killed"), ["user-agent/merges"])
        self.assertEqual(citations.of("rfc6940:6.1/1", "killed"), ["ignores-it"])

    def test_table(self) -> None:
        """A line per clause with its files; a clause that loses a citation is another line."""
        citations = collect(self.tree())
        table = coverage_table(REGISTER, citations, "rfc6940")
        first, second = table.splitlines()[1:]
        self.assertTrue(first.startswith("rfc6940:6.1/1\tMUST\tcheck\tdisco_ref/one.py\t"))
        self.assertNotEqual(table, coverage_table(REGISTER, Citations(), "rfc6940"))
        self.assertIn("\t-\t", second)
        self.assertIn("| 6.1 | 2/2, 1 vectors | `disco_ref/one.py` |", section_index(REGISTER, citations))
        ((_, counts),) = summary(REGISTER, citations)
        self.assertEqual((counts["implemented"], counts["caught a mutant"]), (1, 1))

    def test_unknown_clauses(self) -> None:
        """A citation of a clause that has no row is a problem; the whole of a clause in parts is none."""
        citations = collect(self.tree())
        self.assertEqual(problems(REGISTER, citations), [])
        citations.add("rfc6940:6.1/7", "implemented", "disco_ref/one.py")
        (problem,) = problems(REGISTER, citations)
        self.assertIn("disco_ref/one.py", problem)

    def test_stale(self) -> None:
        """A committed file that differs or is missing is stale."""
        root = self.tree()
        (root / "same.md").write_text("a", encoding="utf-8")
        self.assertEqual(stale(root, {"same.md": "a", "gone.md": "a"}), ["gone.md"])
        self.assertEqual(stale(root, {"same.md": "b"}), ["same.md"])


class CommittedTests(SynchronousTestCase):
    """The tables of this checkout."""

    def test_committed(self) -> None:
        """Every cited clause exists, and the tables are what ``disco-conformance coverage --write`` writes."""
        if places.installed():
            raise SkipTest("not run: this is no checkout")
        root = places.PACKAGE.parent
        register, citations = load_registers(), collect(root)
        self.assertEqual(problems(register, citations), [])
        self.assertEqual(stale(root, tables(register, citations)), [])
