"""Trials of properties, for tests."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.simulation.properties.catalogue import PROPERTIES, replay
from disco_ref.shell.simulation.properties.trial import Finding


class TrialCase(SynchronousTestCase):
    """Properties, with a few seeds; many more are for ``disco-ref simulate --seeds``."""

    def holds(self, name: str, *seeds: int) -> list[Finding]:
        """Nothing is broken; what was found."""
        found = [PROPERTIES[name](each) for each in seeds]
        for each in found:
            self.assertEqual(each.broken, (), replay(each))
        return found

    def breaks(self, name: str, *seeds: int) -> bool:
        """Whether one of these seeds finds something."""
        return any(PROPERTIES[name](each).broken for each in seeds)
