"""The kill matrix as a report reads it."""

from __future__ import annotations

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.report.kills import load_kills
from conformance.run.model import NotRun


class LoadTests(SynchronousTestCase):
    """A matrix counts for the vectors it was run on, and for no others."""

    def test_by_check(self) -> None:
        """The matrix is turned around: by check, who is killed."""
        path = Path(self.mktemp())
        mutants = {"one": {"kills": ["a", "b"]}, "two": {"kills": ["b"]}}
        path.write_text(json.dumps({"vectors": "00", "mutants": mutants}), encoding="utf-8")
        self.assertEqual(load_kills("00", path), {"a": ("one",), "b": ("one", "two")})

    def test_not_run(self) -> None:
        """No matrix, and one of other vectors, are not run; never an empty matrix."""
        path = Path(self.mktemp())
        self.assertIsInstance(load_kills("00", path), NotRun)
        path.write_text(json.dumps({"vectors": "11", "mutants": {}}), encoding="utf-8")
        stale = load_kills("00", path)
        assert isinstance(stale, NotRun)
        self.assertIn("other vectors", stale.why)
