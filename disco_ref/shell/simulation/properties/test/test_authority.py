"""Tests that what is forged is neither taken nor returned."""

from __future__ import annotations

from unittest.mock import patch

from disco_ref.reload.storage import client, storing
from disco_ref.shell.simulation.properties.catalogue import PROPERTIES
from disco_ref.shell.simulation.properties.test.trials import TrialCase


class AuthorityTests(TrialCase):
    """Hostile peers."""

    def test_authority(self) -> None:
        """Values are forged."""
        # = rfc6940:7.4.1.1/9 test
        # = rfc6940:7.4.2.2/4 test
        for each in self.holds("authority", 2):
            self.assertGreater(each.figures["forged values sent"], 10)

    def test_credulous(self) -> None:
        """Forged values are held where signers are not looked at by who stores, and returned where not by who fetches."""
        for module in (storing, client):
            with patch.object(module, "refuse_writer", lambda *about: None):
                self.assertTrue(self.breaks("authority", 1, 2, 3), module.__name__)

    def test_again(self) -> None:
        """The same seed is the same trial, another one another."""
        first, again, other = (PROPERTIES["authority"](each) for each in (1, 1, 4))
        self.assertEqual(first, again)
        self.assertNotEqual(first.trace, other.trace)
