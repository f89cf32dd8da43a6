"""What follows when the Neighbor Table has changed, at once and after a while (RFC 6940, sections 10.7.1 and 10.7.3)."""

from __future__ import annotations

from disco_ref.clock import Duration, Instant
from disco_ref.reload.actions import About, Action, Replicate, Room, SetTimer
from disco_ref.reload.member import Member
from disco_ref.reload.topology.chord.changing import (
    FORGETTING,
    HOLD_DOWN,
    OWING,
    forgotten,
    handed_over,
    owed,
    range_changed,
    replicated,
)
from disco_ref.reload.topology.chord.tables import Neighborhood, Tables
from disco_ref.reload.topology.chord.updating import Updating

SETTLING = Duration(0.05)
"""Seconds for which changes of the Neighbor Table are gathered before all are told of them once; our choice."""


class Following:
    """Updates, replicas, data that becomes another's: done so that many changes in a row cost little more than one."""

    __slots__ = ("_copied", "_held_down", "_member", "_owing", "_room", "_settled", "_tables", "_updating")

    def __init__(self, member: Member, tables: Tables, updating: Updating, room: Room) -> None:
        self._member = member
        self._tables = tables
        self._updating = updating
        self._room = room
        self._settled: Neighborhood = tables.now
        """The Neighbor Table of which everybody has been told."""
        self._copied: Neighborhood = tables.now
        """The Neighbor Table of which the replicas are up to date."""
        self._owing: bytes | None = None
        """Where the arc begins that this peer was responsible for until others appeared."""
        self._held_down = False
        """Whether a lost neighbour's replacement is waited for, and replicas with it."""

    @property
    def _reactive(self) -> bool:
        return self._member.overlay.configuration.chord_reactive

    def changed(self, before: Neighborhood, now: Instant, immediate: bool = False) -> list[Action]:
        """A peer has come; where it is ``immediate`` it was admitted here, and has its data."""
        if before == self._tables.now:
            return []
        actions: list[Action] = [] if immediate else self._hand_over(before, now)
        if self._held_down:
            # what is held down are replicas at whoever stands in for a lost peer, not those at one that has come
            known = (*before.predecessors, *before.successors)
            wanted = replicated(self._copied, self._tables)
            actions += [each for each in wanted if isinstance(each, Replicate) and each.to not in known]
        else:
            actions += self._replicas()
        # the last thing, when all has been handed over
        actions.append(SetTimer(self._room, ("forget",), Instant(now + FORGETTING)))
        if immediate:
            # = rfc6940:10.5/11
            return actions + self._settle(now)
        return [*actions, SetTimer(self._room, ("settle",), Instant(now + SETTLING))]

    def lost(self, before: Neighborhood, now: Instant) -> list[Action]:
        """A neighbour is gone."""
        actions: list[Action] = []
        # = rfc6940:10.7.1/4
        if range_changed(before, self._tables):
            actions += self._updating.to_all(now)
        elif self._reactive:
            # = rfc6940:10.7.1/2
            actions += self._updating.to_neighbors(now)
        # = rfc6940:10.7.1/3
        if not self._held_down:
            self._held_down = True
            actions.append(SetTimer(self._room, ("replicas",), Instant(now + HOLD_DOWN)))
        return actions

    @property
    def held_down(self) -> bool:
        """Whether replicas wait, because a neighbour was lost."""
        return self._held_down

    def not_held_down(self) -> list[Action]:
        """Replicas wait no longer."""
        if not self._held_down:
            return []
        self._held_down = False
        return [SetTimer(self._room, ("replicas",), None), *self._replicas()]

    def stand(self) -> None:
        """Everybody knows the Neighbor Table as it is, and nothing is held yet."""
        self._settled = self._copied = self._tables.now

    def admitted(self, now: Instant) -> list[Action]:
        """The node is a peer, and what it was given may stand at nobody else who is to hold it."""
        # = rfc6940:10.7.3/5
        return [] if self._held_down else [SetTimer(self._room, ("replicas",), Instant(now + OWING))]

    def apart(self) -> None:
        """All neighbours are lost: replicas are no one's, and what is held here may be another's when the ring is found again."""
        self._copied = Neighborhood((), ())
        self._held_down = False
        self._owing = self._tables.own

    def back(self, now: Instant) -> list[Action]:
        """The node is a peer; where it was one before, it owes what others have become responsible for meanwhile."""
        return [] if self._owing is None else [SetTimer(self._room, ("owed",), Instant(now + OWING))]

    def passed(self, about: About, now: Instant) -> list[Action]:
        """A time has come."""
        match about[0]:
            case "settle":
                return self._settle(now)
            case "replicas":
                # = rfc6940:10.7.1/3
                self._held_down = False
                return self._replicas()
            case "owed":
                after, self._owing = self._owing, None
                return owed(after, self._tables) if after is not None else []
            case _:
                return forgotten(self._tables)

    def _hand_over(self, before: Neighborhood, now: Instant) -> list[Action]:
        """A predecessor that has appeared takes over an arc, at once; the rest of it is owed to others before it."""
        given = handed_over(before, self._tables)
        if not given:
            return []
        if self._owing is None:
            self._owing = before.predecessors[0] if before.predecessors else self._tables.own
        return [*given, SetTimer(self._room, ("owed",), Instant(now + OWING))]

    def _replicas(self) -> list[Action]:
        """Bring the replicas up to date with the Neighbor Table as it stands."""
        before, self._copied = self._copied, self._tables.now
        return replicated(before, self._tables)

    def _settle(self, now: Instant) -> list[Action]:
        """Tell everybody who is connected, once for all that has changed."""
        before, self._settled = self._settled, self._tables.now
        # = rfc6940:10.7.3/3
        # = rfc6940:10.7.3/8
        if before == self._settled or not (self._reactive or range_changed(before, self._tables)):
            return []
        return self._updating.to_all(now)
