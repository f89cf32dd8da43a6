"""What a predicate may know of the scenario that its evidence comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.run.model import Json


def slack_of(scale: float, *, virtual: bool) -> float:
    """Seconds by which a timer may be late; ``scale`` is how much slower than usual the machine is."""
    return 0.01 if virtual else 0.4 * scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One scenario as it was played."""

    scenario: str
    """Its id."""
    complete: bool
    """Whether it was played to its end."""
    why: str = ""
    """Why it was not."""
    virtual: bool = False
    """Whether time was virtual: then timers are exact."""
    slack: float = 0.0
    """Seconds by which a timer may be late."""
    probes: tuple[tuple[int, bool], ...] = ()
    """For each sane exchange the number of the last event at its end, and whether the subject answered it."""
    notes: tuple[str, ...] = ()
    """What the scenario wrote down, in order."""
    facts: tuple[tuple[int, Mapping[str, Json]], ...] = ()
    """What it wrote down for checks: the number of the last event before it, and the members.

    Of a link of an overlay: ``link``, ``party``, ``what`` (``open``, ``closed``), ``by`` (``subject``, ``harness``), ``near``, ``far``,
    ``transport``, ``certificates`` (what the subject showed, DER in hex), ``remark``.  Of a party: ``what`` is ``party``, ``nodes`` its
    Node-IDs; of the subject when it starts: ``subject``, ``node``, ``first``, its intervals ``update`` and ``ping``; of the ring around it, each time that it changes: ``ring``,
    ``members`` (Node-IDs by party), ``admitted`` (whether the subject is a part of it); ``gone``: a party that fails, ``how``;
    ``cut``: nobody has a link with the subject any more; ``divided``: ``others`` are another ring.
    """
