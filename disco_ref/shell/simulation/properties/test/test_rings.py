"""Tests that rings become whole, and that messages end."""

from __future__ import annotations

from disco_ref.shell.simulation.properties.test.trials import TrialCase


class RingTests(TrialCase):
    """Walls and weather."""

    def test_owners(self) -> None:
        """A ring is divided."""
        # = rfc6940:10.7.4.4/1c test
        self.holds("owners", 2)

    def test_ending(self) -> None:
        """Messages end."""
        # = rfc6940:6.3.2/6 test
        self.holds("ending", 3)
