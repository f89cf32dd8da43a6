"""Every property with more seeds; long because each seed is another overlay, in trouble for half an hour of its time."""

from __future__ import annotations

from disco_ref.shell.simulation.properties.catalogue import PROPERTIES
from disco_ref.shell.simulation.properties.test.trials import TrialCase

SEEDS = range(100, 110)


class ThoroughTests(TrialCase):
    """Nothing is broken with any seed."""

    def test_survival(self) -> None:
        """One or two of three neighbours fail."""
        self.holds("survival", *SEEDS)

    def test_leaving(self) -> None:
        """Neighbours say goodbye."""
        self.holds("leaving", *SEEDS)

    def test_owners(self) -> None:
        """A ring is divided."""
        self.holds("owners", *SEEDS)

    def test_authority(self) -> None:
        """Values are forged."""
        self.holds("authority", *SEEDS)

    def test_ending(self) -> None:
        """Messages end."""
        self.holds("ending", *SEEDS)

    def test_named(self) -> None:
        """Each property has its test here, so that none is left out."""
        self.assertEqual(
            {each.removeprefix("test_") for each in dir(self) if each.startswith("test_")} - {"named"}, set(PROPERTIES)
        )
