"""The properties by their names."""

from __future__ import annotations

from collections.abc import Callable

from disco_ref.shell.simulation.properties.authority import authority
from disco_ref.shell.simulation.properties.ending import ending
from disco_ref.shell.simulation.properties.owners import owners
from disco_ref.shell.simulation.properties.survival import leaving, survival
from disco_ref.shell.simulation.properties.trial import Finding

PROPERTIES: dict[str, Callable[[int], Finding]] = {
    "survival": survival,
    "leaving": leaving,
    "owners": owners,
    "authority": authority,
    "ending": ending,
}
"""What is tried with a seed."""


def replay(finding: Finding) -> str:
    """The command that gives the same trial."""
    return f"disco-ref simulate --property {finding.property} --seeds {finding.seed}"
