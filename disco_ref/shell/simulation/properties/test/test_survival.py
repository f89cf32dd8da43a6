"""Tests that values outlive those who hold them."""

from __future__ import annotations

from unittest.mock import patch

from disco_ref.reload.storage.room import Storage
from disco_ref.reload.topology.chord.following import Following
from disco_ref.shell.simulation.properties.test.trials import TrialCase


class SurvivalTests(TrialCase):
    """Peers fail, and go."""

    def test_survival(self) -> None:
        """One or two of three neighbours fail; a value stands alone for less than a second."""
        # = rfc6940:10.4/2 test
        # = rfc6940:10.7.3/5 test
        for each in self.holds("survival", 1, 2):
            self.assertLess(each.figures["seconds alone, most"], 1)

    def test_leaving(self) -> None:
        """Neighbours say goodbye."""
        # = rfc6940:10.9/1 test
        self.holds("leaving", 1)

    def test_no_replicas(self) -> None:
        """Values are lost where nobody makes new replicas."""
        with patch.object(Following, "_replicas", lambda self: []):
            self.assertTrue(self.breaks("survival", 1, 2, 3))

    def test_no_handing_on(self) -> None:
        """Values are lost where who leaves hands nothing on, and nobody makes new replicas."""
        with (
            patch.object(Storage, "replicate", lambda self, wanted, now: list(wanted.then)),
            patch.object(Following, "_replicas", lambda self: []),
        ):
            self.assertTrue(self.breaks("leaving", 1, 2))
