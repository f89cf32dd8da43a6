"""The ring: hops on a static ring against their targets, memory of its tables, and requests while peers come and go.

The static ring consists of the tables that peers have (RFC 6940, sections 10.1 and 10.3), without peers around them: three
predecessors, three successors, and in each of 16 entries of the Finger Table the peer that a joining node would find there,
the first one at or after the place at which the entry begins (10.5).  A way is walked hop by hop by the Routing Tables, from
random peers to random Resource-IDs; the hop to the responsible peer counts.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from bisect import bisect_left
from random import Random

from disco_ref.reload.topology.chord.tables import Tables

TARGETS = {100: 3.9, 1_000: 5.7, 10_000: 7.4}
"""Mean hops by the number of peers."""

REQUESTS = 20_000
_MOST = 100
_NODE_ID = 16


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    rows: list[dict[str, object]] = []
    for peers, target in TARGETS.items():
        found = _apart(str(peers))
        rows += [
            {
                "name": f"hops on a static ring of {peers:,} peers, mean of {REQUESTS:,} requests",
                "value": found["mean"],
                "ratio_to": f"0.5·log2 N = {0.5 * math.log2(peers):.2f}",
                "target": f"<= {target}",
            },
            {"name": f"the most of them, of {peers:,} peers", "value": found["most"], "unit": "hops"},
            {
                "name": f"memory of the tables of a peer of {peers:,}, with its Node-ID",
                "value": found["kib"],
                "unit": "KiB",
                "ratio_to": f"{found['routed']:.1f} peers in its Routing Table",
            },
        ]
    return rows


def _apart(what: str) -> dict[str, float]:
    """One measurement in a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.overlay_ring", what], capture_output=True, check=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _static(count: int) -> dict[str, float]:
    """Hops and memory of a ring in which every table is right."""
    random = Random(count)
    before = resident()
    places = sorted(random.randbytes(_NODE_ID) for _ in range(count))
    ring = {places[which]: _tables(places, which) for which in range(count)}
    memory = resident() - before
    hops = [_hops(ring, random.choice(places), random.randbytes(_NODE_ID)) for _ in range(REQUESTS)]
    routed = sum(len(each.routing) for each in ring.values())
    return {"mean": sum(hops) / REQUESTS, "most": max(hops), "kib": memory / count, "routed": routed / count}


def _tables(places: list[bytes], which: int) -> Tables:
    """What a peer knows once it has joined and found its fingers."""
    tables, count = Tables(places[which]), len(places)
    near = tables.neighbors.size
    for step in range(1, near + 1):
        tables.insert(places[(which + step) % count])
        tables.insert(places[(which - step) % count])
    for number in range(1, tables.fingers.size + 1):
        tables.insert(places[bisect_left(places, tables.fingers.begins(number)) % count])
    return tables


def _hops(ring: dict[bytes, Tables], start: bytes, resource: bytes) -> int:
    """From a peer to the one that is responsible, by the Routing Table of each on the way."""
    here = ring[start]
    for hops in range(_MOST):
        if here.responsible(resource):
            return hops
        hop = here.routing.next_hop(resource)
        assert hop is not None
        here = ring[hop]
    raise RuntimeError("a way does not end")


def resident() -> float:
    """KiB of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


if __name__ == "__main__":
    print(json.dumps(_static(int(sys.argv[1]))))
