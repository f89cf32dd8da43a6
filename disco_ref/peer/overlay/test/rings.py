"""A ring of peers in virtual time, for tests."""

from __future__ import annotations

from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.test.members import SINGLE, identity, overlay, user
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.storage.client import StorageClient
from disco_ref.shell.memory_overlay import MemoryOverlay, Place
from disco_ref.shell.memory_weather import Weather

FIRST = 0x0A000001
"""10.0.0.1."""


class Ring:
    """Peers that have joined one after the other."""

    def __init__(self, count: int, seed: int = 1, weather: Weather | None = None, of: Overlay | None = None) -> None:
        self.network = MemoryOverlay(seed, weather)
        self.overlay = of or overlay()
        self.places: list[Place] = []
        self.peers: list[Peer] = []
        for _ in range(count):
            self.join()

    def join(self, seconds: float = 2) -> Peer:
        """One more; time passes after it."""
        which = len(self.peers)
        peer = Peer(self.overlay, identity(which), self.network.entropy, self.network.now)
        place = self.network.add(peer, FIRST + which)
        self.peers.append(peer)
        self.places.append(place)
        self.network.order(place, peer.chord.begin(which == 0, self.network.clock(place)))
        self.network.run(seconds)
        return peer

    def alive(self) -> list[Peer]:
        """Those that are up."""
        return [peer for peer, place in zip(self.peers, self.places, strict=True) if place.alive]

    def misplaced(self) -> list[bytes]:
        """The Node-IDs of peers whose neighbours are not those that the sorted Node-IDs say."""
        peers = sorted(self.alive(), key=lambda each: each.member.node_id)
        ring = [each.member.node_id for each in peers]
        wrong = []
        for here, peer in enumerate(peers):
            ahead = tuple(ring[(here + step) % len(ring)] for step in range(1, min(4, len(ring))))
            behind = tuple(ring[(here - step) % len(ring)] for step in range(1, min(4, len(ring))))
            if peer.chord.tables.now != (behind, ahead):
                wrong.append(peer.member.node_id)
        return wrong

    def store(self, which: int, value: bytes) -> list[object]:
        """A member stores under its user name; what it is told."""
        peer, place = self.peers[which], self.places[which]
        client = StorageClient(peer.member, peer.chord)
        self.network.order(place, client.store((which,), user(which).encode(), SINGLE, value, self.network.now))
        return self.told(place)

    def fetch(self, by: int, which: int) -> list[object]:
        """A member fetches what is stored under a user name; what it is told."""
        peer, place = self.peers[by], self.places[by]
        client = StorageClient(peer.member, peer.chord)
        self.network.order(place, client.fetch((which,), user(which).encode(), SINGLE))
        return self.told(place)

    def told(self, place: Place) -> list[object]:
        """What comes within some seconds."""
        place.events.clear()
        self.network.run(5)
        return place.events

    def copies(self, which: int) -> int:
        """How many peers hold what is stored under a user name."""
        resource = self.peers[0].chord.resource_id(user(which).encode())
        return sum(each.storage.holdings.get(resource, SINGLE) is not None for each in self.alive())

    def owners(self, which: int) -> list[Peer]:
        """The peers that hold themselves responsible for what is stored under a user name."""
        resource = self.peers[0].chord.resource_id(user(which).encode())
        return [each for each in self.alive() if each.chord.responsible(resource)]

    def missing(self, values: int) -> list[int]:
        """The members, out of so many, under whose names no one peer alone is responsible and holds what was stored."""
        resources = [self.peers[0].chord.resource_id(user(each).encode()) for each in range(values)]
        held = [
            [each.storage.holdings.get(resource, SINGLE) for each in self.owners(which)]
            for which, resource in enumerate(resources)
        ]
        return [which for which, found in enumerate(held) if len(found) != 1 or found[0] is None]

    def in_order(self) -> list[Place]:
        """The places of those that are up, as they stand on the ring."""
        return sorted((each for each in self.places if each.alive), key=lambda each: each.node.member.node_id)

    def leave(self, place: Place) -> None:
        """One says goodbye, and is gone some seconds later."""
        peer = self.peers[self.places.index(place)]
        self.network.order(place, peer.chord.leave(self.network.clock(place)))
        self.network.run(4)
        self.network.crash(place)
