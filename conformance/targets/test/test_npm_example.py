"""The example adapter in JavaScript is short; ``thorough_npm_example`` runs it."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "examples" / "npm-sip"


class NpmSip(SynchronousTestCase):
    """The adapter."""

    def test_lines(self) -> None:
        """The adapter stays below 100 lines."""
        self.assertLess(len((FOLDER / "adapter.js").read_text(encoding="utf-8").splitlines()), 100)
