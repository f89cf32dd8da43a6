"""What follows when the Neighbor Table has changed: Updates, replicas, data that moves (RFC 6940, sections 10.7.1 and 10.7.3)."""

from __future__ import annotations

from disco_ref.clock import Duration, Instant
from disco_ref.reload.actions import Action, Forget, Replicate
from disco_ref.reload.topology.chord.neighbors import LEAST_NEIGHBORS
from disco_ref.reload.topology.chord.tables import REPLICAS, Neighborhood, Tables

# = rfc6940:10.7.1/3
HOLD_DOWN = Duration(30.0)
"""Seconds until a successor that took the place of a lost one gets its replicas (section 10.7.1)."""

OWING = Duration(10.0)
"""Seconds until it is known, after large shifts, whose data is whose; our choice."""

FORGETTING = Duration(180.0)
"""Seconds that data is kept after it has become another's, so that handing it over can end, even by repetition; our choice."""


def range_changed(before: Neighborhood, tables: Tables) -> bool:
    """Whether the peer is responsible for another arc than before."""
    return before.predecessors[:1] != tables.neighbors.predecessors[:1]


def handed_over(before: Neighborhood, tables: Tables, since: Instant | None = None) -> list[Action]:
    """Data of an arc that belongs to a new predecessor now is stored there."""
    old = before.predecessors[0] if before.predecessors else tables.own
    new = tables.predecessor
    circle = tables.circle
    if new == old or not circle.within(circle.place(new), circle.place(old), circle.place(tables.own)):
        return []
    # = rfc6940:6.4.2.3/2
    return [Replicate(new, old, new, 1, since)]


def owed(after: bytes, tables: Tables) -> list[Action]:
    """What this peer was responsible for, from ``after`` on, goes to whoever is now, if that is not the predecessor alone.

    The predecessor has been given it when it appeared; where rings merge there are others before it.
    """
    circle, until = tables.circle, tables.predecessor
    own, others = circle.place(tables.own), tables.neighbors.predecessors[1:]
    if after == until or not circle.within(circle.place(until), circle.place(after), own):
        return []
    if not any(circle.within(circle.place(each), circle.place(after), circle.place(until)) for each in others):
        return []
    # = rfc6940:6.4.2.3/2
    return [Replicate(b"", after, until, 1)]


def replicated(before: Neighborhood, tables: Tables) -> list[Action]:
    """Peers that are new in the replica set get all that this peer is responsible for, the others what it is so anew.

    ``before`` is the Neighbor Table of which the replicas were up to date.
    """
    old = before.successors[:REPLICAS]
    grown = _grown(before, tables)
    actions: list[Action] = []
    for number, each in enumerate(tables.replicas(), 1):
        # = rfc6940:10.7.3/5
        if each not in old:
            actions.append(Replicate(each, tables.predecessor, tables.own, number))
        elif grown is not None:
            actions.append(Replicate(each, tables.predecessor, grown, number))
    return actions


def _grown(before: Neighborhood, tables: Tables) -> bytes | None:
    """Up to where the peer has become responsible since; None where its arc has not grown."""
    old, new = before.predecessors[0] if before.predecessors else tables.own, tables.predecessor
    circle = tables.circle
    if old == new or not circle.within(circle.place(old), circle.place(new), circle.place(tables.own)):
        return None
    return old


def forgotten(tables: Tables) -> list[Action]:
    """What three predecessors stand before is no longer this peer's to keep."""
    if len(tables.neighbors.predecessors) < LEAST_NEIGHBORS:
        return []
    # = rfc6940:10.7.3/7
    # = rfc6940:10.5/10
    return [Forget(tables.neighbors.predecessors[LEAST_NEIGHBORS - 1], tables.own)]
