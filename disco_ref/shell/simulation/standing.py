"""Rings that begin whole: every table right and every link up, without the hours and messages of joining (RFC 6940, section 10.1).

Three predecessors, three successors, and in each of 16 entries of the Finger Table the peer that a joining node would find
there, the first one at or behind the place at which the entry begins (section 10.5).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from disco_ref.reload.topology.chord.tables import Tables
from disco_ref.shell.simulation.population import MOST_HOPS, Population

_NODE_ID = 16


class Hops(NamedTuple):
    """How far it is, on a ring in which every table is right."""

    peers: int
    requests: int
    mean: float
    """Hops from a random peer to the one that is responsible for a random place; the last one counts."""
    most: int
    routed: float
    """Peers in a Routing Table, on average."""

    @property
    def expected(self) -> float:
        """What the literature has: half the logarithm."""
        return 0.5 * math.log2(self.peers)


def known(places: Sequence[bytes], which: int, tables: Tables) -> tuple[bytes, ...]:
    """Whom a peer knows once it has joined and found its fingers; ``places`` are all Node-IDs, sorted."""
    count = len(places)
    steps = range(1, min(tables.neighbors.size, count - 1) + 1)
    found = [places[(which + step) % count] for step in steps] + [places[(which - step) % count] for step in steps]
    begins = map(tables.fingers.begins, range(1, tables.fingers.size + 1))
    found += [places[bisect_left(places, each) % count] for each in begins]
    return tuple(each for each in dict.fromkeys(found) if each != places[which])


def tables_of(places: Sequence[bytes], which: int) -> Tables:
    """The tables of a peer, without the peer."""
    tables = Tables(places[which])
    for each in known(places, which, tables):
        tables.insert(each)
    return tables


def stand(population: Population, numbers: Iterable[int]) -> Iterator[int]:
    """Nodes that are peers of one ring from the first moment; how many are."""
    network = population.network
    for which in numbers:
        peer, place = population.add(which)
        network.order(place, peer.chord.begin(True, network.clock(place)))
        place.events.clear()
    by_id = {peer.member.node_id: (peer, place) for peer, place in population.up.values()}
    places = sorted(by_id)
    for which, node_id in enumerate(places):
        peer, place = by_id[node_id]
        others = known(places, which, peer.chord.tables)
        for each in others:
            if peer.member.connections.to(each) is None:
                network.connect(place, by_id[each][1])
        peer.chord.stand(others)
        yield which + 1


def measured(count: int, requests: int, seed: int = 0) -> Hops:
    """The hops on a ring of so many peers, by their tables alone."""
    random = Random(f"{count} {seed}")
    places = sorted(random.randbytes(_NODE_ID) for _ in range(count))
    ring = {each: tables_of(places, which) for which, each in enumerate(places)}
    hops = [_hops(ring, random.choice(places), random.randbytes(_NODE_ID)) for _ in range(requests)]
    routed = sum(len(each.routing) for each in ring.values()) / count
    return Hops(count, requests, sum(hops) / requests, max(hops), routed)


def _hops(ring: dict[bytes, Tables], start: bytes, resource: bytes) -> int:
    here = ring[start]
    for hops in range(MOST_HOPS):
        if here.responsible(resource):
            return hops
        hop = here.routing.next_hop(resource)
        assert hop is not None
        here = ring[hop]
    raise RuntimeError("a way does not end")
