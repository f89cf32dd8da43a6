"""Updates, sent and received (RFC 6940, sections 10.6, 10.7 and 10.7.3)."""

from __future__ import annotations

from disco_ref.clock import Duration, Instant
from disco_ref.reload.actions import Action, Ask, Connect, Room
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.member import Member
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.chord.tables import Neighborhood, Tables
from disco_ref.reload.topology.chord.update import ChordUpdate, ChordUpdateType, Full, Neighbors

SHUNNED = Duration(30.0)
"""Seconds for which a peer that could not be reached is not tried again, whoever still names it; our choice."""

MOST_SHUNNED = 64
"""Peers that are remembered as not to be reached."""

MOST_WANTED = 32
"""Peers named by one and the same node that connections are being made to; more than any that tells the truth names."""


class Updating:
    """What this peer tells others of its tables, and what it makes of theirs."""

    __slots__ = ("_member", "_room", "_shunned", "_tables", "doubted", "ready", "wanted")

    def __init__(self, member: Member, tables: Tables, room: Room) -> None:
        self._member = member
        self._tables = tables
        self._room = room
        self.ready: set[bytes] = set()
        """Nodes that are connected and have said that they are peers; nobody else is routed through (section 6.5.1)."""
        self.wanted: dict[bytes, bytes] = {}
        """Peers that a connection for the Neighbor Table is being made to, and who has named each."""
        self._shunned: dict[bytes, Instant] = {}
        self.doubted: set[bytes] = set()
        """Neighbours that are being asked, because somebody has left them out."""

    # --- sent

    def update(self, node_id: bytes, now: Instant, *, full: bool = False) -> Ask:
        """Tell a node: a neighbour, or one that asked for all, the tables; another one that this is a peer."""
        neighbors = self._tables.neighbors
        uptime = self._member.uptime(now)
        body = ChordUpdate(uptime, ChordUpdateType.neighbors, Neighbors(neighbors.predecessors, neighbors.successors))
        if full:
            fingers = self._tables.fingers.ascending()
            tables = Full(neighbors.predecessors, neighbors.successors, fingers)
            body = ChordUpdate(uptime, ChordUpdateType.full, tables)
        return Ask(self._room, ("update", node_id), (node_place(node_id),), MessageCode.update_req, body)

    def ready_to(self, node_id: bytes, now: Instant) -> Ask:
        """Tell a node that this one is a peer, and find out whether it is there."""
        body = ChordUpdate(self._member.uptime(now), ChordUpdateType.peer_ready, None)
        return Ask(self._room, ("update", node_id), (node_place(node_id),), MessageCode.update_req, body)

    def to_neighbors(self, now: Instant) -> list[Action]:
        """Tell every neighbour."""
        return [self.update(each, now) for each in self._tables.neighbors.members()]

    def to_all(self, now: Instant) -> list[Action]:
        """Tell every node that is connected, client or peer."""
        return [self.update(each, now) for each in self._member.connections.nodes() if each != self._tables.own]

    # --- received

    def named(self, update: ChordUpdate) -> tuple[bytes, ...]:
        """The peers that an Update names, neighbours first."""
        match update.tables:
            case Neighbors(predecessors, successors):
                return tuple(dict.fromkeys((*predecessors, *successors)))
            case Full(predecessors, successors, fingers):
                return tuple(dict.fromkeys((*predecessors, *successors, *fingers)))
            case None:
                return ()

    def better(self, named: tuple[bytes, ...], teller: bytes, now: Instant) -> list[Action]:
        """Connect to the peers that belong into the Neighbor Table, through the one that named them (section 10.6)."""
        actions: list[Action] = []
        room = MOST_WANTED - sum(each == teller for each in self.wanted.values())
        for each in named:
            if len(actions) >= room:
                # = rfc6940:10.7.3/1a silent: who names peers without end costs no more than that
                break
            if each in self.wanted or self._shuns(each, now) or not self._tables.neighbors.wants(each):
                continue
            self.wanted[each] = teller
            # = rfc6940:10.7.3/1a
            # = rfc6940:10.6/1
            way = (node_place(each),) if each == teller else (node_place(teller), node_place(each))
            actions.append(Connect(self._room, ("neighbor", each), way))
        return actions

    def doubt(self, told: Neighborhood, teller: bytes, now: Instant) -> list[Action]:
        """Ask the neighbours that the teller's tables leave out, though they reach past them, whether they are still there.

        A predecessor is sent next to nothing; where it falls silent others notice first, and say so only by leaving it out.
        """
        circle = self._tables.circle
        place = circle.place(teller)
        reach = [(place, circle.place(told.successors[-1]))] if told.successors else []
        reach += [(circle.place(told.predecessors[-1]), place)] if told.predecessors else []
        named = (teller, *told.successors, *told.predecessors)
        actions: list[Action] = []
        for each in self._tables.neighbors.members():
            if each in named or not any(circle.within(circle.place(each), *arc) for arc in reach):
                continue
            if each not in self.doubted:
                self.doubted.add(each)
                actions.append(self.ready_to(each, now))
        return actions

    def shun(self, node_id: bytes, now: Instant) -> None:
        """Try this peer no more for a while."""
        if len(self._shunned) >= MOST_SHUNNED:
            del self._shunned[next(iter(self._shunned))]
        self._shunned[node_id] = Instant(now + SHUNNED)

    def _shuns(self, node_id: bytes, now: Instant) -> bool:
        until = self._shunned.get(node_id)
        if until is not None and until <= now:
            del self._shunned[node_id]
            return False
        return until is not None
