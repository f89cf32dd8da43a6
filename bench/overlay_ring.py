"""The ring where it stands still: hops by its tables against their targets, and thousands of whole peers.

The static ring consists of the tables that peers have (RFC 6940, sections 10.1 and 10.3): three predecessors, three successors,
and in each of 16 entries of the Finger Table the peer that a joining node would find there, the first one at or after the place
at which the entry begins (10.5).  A way is walked hop by hop by the Routing Tables, from random peers to random Resource-IDs; the
hop to the responsible peer counts.  Beside it a ring of as many whole peers in one process, with their links, certificates and
timers, in which random peers fetch from random places: every request is signed, routed, verified and answered.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from bisect import bisect_left
from pathlib import Path
from random import Random
from unittest.mock import patch

from disco_ref.clock import Instant
from disco_ref.reload.actions import Action, Incoming
from disco_ref.reload.storage.client import Fetched, StorageClient
from disco_ref.reload.storage.room import Storage
from disco_ref.shell.memory_overlay import MemoryOverlay
from disco_ref.shell.memory_weather import Weather
from disco_ref.shell.simulation.hop_picture import rows, svg
from disco_ref.shell.simulation.membership import KIND, Membership
from disco_ref.shell.simulation.population import PATIENCE, Population
from disco_ref.shell.simulation.standing import Hops, measured, stand

TARGETS = {100: 3.9, 1_000: 5.7, 10_000: 7.4}
"""Mean hops by the number of peers."""

SIZES = (100, 300, 1_000, 3_000, 10_000)
"""Of the rings in the picture."""

FOLDER = Path("bench-report")
REQUESTS = 20_000
WHOLE, FETCHES = 10_000, 1_000
MOST_GIGABYTES = 4


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    found = [measured(each, REQUESTS) for each in SIZES]
    table: list[dict[str, object]] = []
    for each in found:
        target = TARGETS.get(each.peers)
        if target is not None:
            table += [
                {
                    "name": f"hops on a static ring of {each.peers:,} peers, mean of {REQUESTS:,} requests",
                    "value": each.mean,
                    "ratio_to": f"0.5·log2 N = {each.expected:.2f}; {each.routed:.1f} peers in a Routing Table",
                    "target": f"<= {target}",
                },
                {"name": f"the most of them, of {each.peers:,} peers", "value": each.most, "unit": "hops"},
            ]
    return [*table, *_shape(found), *_whole()]


def _shape(found: list[Hops]) -> list[dict[str, object]]:
    """How much longer ways are where the ring is twice as large, and the picture of that."""
    first, last = found[0], found[-1]
    doublings = math.log2(last.peers / first.peers)
    FOLDER.mkdir(exist_ok=True)
    title = "Hops on a ring in which every table is right"
    (FOLDER / "hops.svg").write_text(svg(title, found, TARGETS), encoding="utf-8")
    (FOLDER / "hops.csv").write_text(rows(found), encoding="utf-8")
    return [
        {
            "name": f"hops more for twice as many peers, from {first.peers:,} to {last.peers:,}",
            "value": (last.mean - first.mean) / doublings,
            "ratio_to": f"0.5 by the shape of 0.5·log2 N; plotted in {FOLDER / 'hops.svg'}",
        }
    ]


def _whole() -> list[dict[str, object]]:
    """A ring of whole peers, in a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.overlay_ring", str(WHOLE)], capture_output=True, check=True, text=True
    )
    it: dict[str, float] = json.loads(done.stdout)
    which = f"{WHOLE:,} whole peers"
    return [
        {
            "name": f"memory of {which}, after {FETCHES:,} fetches",
            "value": it["kib"] / (1 << 20),
            "unit": "GiB",
            "target": f"under {MOST_GIGABYTES} GB",
        },
        {"name": "memory of one of them, its links and certificates included", "value": it["each"], "unit": "KiB"},
        {"name": f"hops of the fetches among {which}, mean", "value": it["hops"], "target": f"<= {TARGETS[WHOLE]}"},
        {
            "name": "fetches that the responsible peer has answered",
            "value": f"{100 * it['reached'] / FETCHES:.2f}",
            "unit": "%",
        },
        {"name": f"processor time to set {which} up", "value": it["begun"], "unit": "s"},
        {
            "name": "processor time of one fetch, all hops of request and answer included",
            "value": 1000 * it["fetched"] / FETCHES,
            "unit": "ms",
        },
    ]


def _routed(count: int) -> dict[str, float]:
    """So many whole peers, and what their fetches come to."""
    before, start = resident(), time.process_time()
    network = MemoryOverlay(1, Weather(spread=0.5))
    population = Population(network, Membership(1, True, 600, 3600))
    for _ in stand(population, range(count)):
        pass
    begun, standing = time.process_time(), resident() - before
    random, hops = Random(1), list[int]()
    everybody = list(population.up.values())
    initial = population.members.overlay.configuration.initial_ttl
    asked = Storage.asked

    def counted(room: Storage, request: Incoming, now: Instant) -> list[Action]:
        # who asks itself sends nothing
        hops.append(initial - request.message.forwarding_header.ttl + (request.link != 0))
        return asked(room, request, now)

    owners: dict[int, bytes] = {}
    places = sorted(peer.member.node_id for peer, _ in everybody)
    with patch.object(Storage, "asked", counted):
        for number in range(FETCHES):
            peer, place = random.choice(everybody)
            resource = random.randbytes(16)
            owners[number] = places[bisect_left(places, resource) % count]
            network.order(place, StorageClient(peer.member, peer.chord).fetch_at((number,), resource, KIND))
            network.run(0.001)
        network.run(PATIENCE)
    told = [each for _, place in everybody for each in place.events if isinstance(each, Fetched)]
    reached = sum(isinstance(each.about[0], int) and owners[each.about[0]] == each.by for each in told)
    return {
        "kib": resident() - before,
        "each": standing / count,
        "hops": sum(hops) / len(hops),
        "reached": reached,
        "begun": begun - start,
        "fetched": time.process_time() - begun,
    }


def resident() -> float:
    """KiB of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


if __name__ == "__main__":
    print(json.dumps(_routed(int(sys.argv[1]))))
