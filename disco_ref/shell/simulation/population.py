"""The peers of a simulated overlay: who is up, who is responsible for what, and which way a message would take."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.reload.topology.chord.joining import Left
from disco_ref.reload.topology.chord.neighbors import LEAST_NEIGHBORS
from disco_ref.shell.memory_overlay import MemoryOverlay, Place
from disco_ref.shell.simulation.membership import FIRST_ADDRESS, Membership

MOST_HOPS = 100
"""Hops after which a way counts as one that does not end: the initial TTL."""

PATIENCE = 20.0
"""Seconds for which an answer is waited for."""

GOODBYE = 60.0
"""Seconds after which a peer goes that is still saying goodbye."""

Make = Callable[[int, Instant], Peer]
"""A peer out of its number, at a time."""


class Population:
    """Who is on a network in memory, by number; number 0 is the bootstrap node."""

    def __init__(self, network: MemoryOverlay, members: Membership, make: Make | None = None) -> None:
        self.network = network
        self.members = members
        self.up: dict[int, tuple[Peer, Place]] = {}
        self._make = make or (lambda which, now: Peer(members.overlay, members.identity(which), network.entropy, now))
        self._leaving: dict[int, float] = {}
        self._order: tuple[float, list[bytes], list[Peer]] = (0.0, [], [])

    # --- coming and going

    def add(self, which: int) -> tuple[Peer, Place]:
        """A node that is up and in no overlay yet."""
        peer = self._make(which, self.network.now)
        self.up[which] = peer, self.network.add(peer, FIRST_ADDRESS + which)
        self._order = (0.0, [], [])
        return self.up[which]

    def come(self, which: int) -> tuple[Peer, Place]:
        """A node that joins."""
        peer, place = self.add(which)
        self.network.order(place, peer.chord.begin(which == 0, self.network.clock(place)))
        return peer, place

    def leave(self, which: int) -> None:
        """A peer says goodbye; :meth:`part` lets it go when it has."""
        peer, place = self.up[which]
        self._leaving[which] = self.network.now + GOODBYE
        self.network.order(place, peer.chord.leave(self.network.clock(place)))

    def part(self) -> None:
        """Let those go that have said goodbye."""
        for which, until in tuple(self._leaving.items()):
            if self.network.now >= until or any(isinstance(each, Left) for each in self.up[which][1].events):
                self.crash(which)

    def crash(self, which: int, silent: bool = False) -> Place:
        """A node goes down without a word."""
        self._leaving.pop(which, None)
        _, place = self.up.pop(which)
        self._order = (0.0, [], [])
        self.network.crash(place, silent)
        return place

    @property
    def leaving(self) -> tuple[int, ...]:
        """Those that are saying goodbye."""
        return tuple(self._leaving)

    # --- the ring

    def joined(self) -> list[Peer]:
        """The peers, in the order of the ring."""
        return self._sorted()[1]

    def owner(self, resource: bytes) -> Peer | None:
        """The peer that is responsible in the sorted ring."""
        places, peers = self._sorted()
        return peers[bisect_left(places, resource) % len(peers)] if peers else None

    def _sorted(self) -> tuple[list[bytes], list[Peer]]:
        at, places, peers = self._order
        if at != self.network.now:
            peers = [each for each, _ in self.up.values() if each.chord.joined]
            peers.sort(key=lambda each: each.member.node_id)
            places = [each.member.node_id for each in peers]
            self._order = self.network.now, places, peers
        return places, peers

    def owners(self, resource: bytes) -> list[Peer]:
        """The peers that hold themselves responsible."""
        return [each for each in self.joined() if each.chord.responsible(resource)]

    def way(self, peer: Peer, resource: bytes) -> list[Peer]:
        """The peers that a message passes, by the tables as they stand, to the one that takes it; empty where it does not end."""
        by_id = {each.member.node_id: each for each, _ in self.up.values()}
        way = [peer]
        while len(way) <= MOST_HOPS:
            here = way[-1]
            if here.chord.responsible(resource):
                return way
            hop = here.chord.next_hop(resource)
            if hop is None or hop not in by_id:
                return []
            way.append(by_id[hop])
        return []

    def misplaced(self) -> int:
        """Peers whose neighbours are not those of the sorted ring."""
        return misplaced(self.joined())

    # --- being told

    def told(self, place: Place) -> object:
        """The next that a node is told; None where nothing comes within :data:`PATIENCE`."""
        for _ in range(int(PATIENCE * 5)):
            if place.events:
                break
            self.network.run(0.2)
        return place.events.pop() if place.events else None


def misplaced(peers: Sequence[Peer]) -> int:
    """How many of these peers, which make up a ring, have other neighbours than those next to them."""
    ring = sorted(each.member.node_id for each in peers)
    place = {each: where for where, each in enumerate(ring)}
    near = range(1, min(LEAST_NEIGHBORS + 1, len(ring)))
    wrong = 0
    for peer in peers:
        here, tables = place[peer.member.node_id], peer.chord.tables
        ahead = tuple(ring[(here + step) % len(ring)] for step in near)
        behind = tuple(ring[(here - step) % len(ring)] for step in near)
        wrong += tables.now != (behind, ahead)
    return wrong
