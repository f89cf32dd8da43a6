"""The ring while peers come and go: the share of requests that reach the peer whose they are at that time, and what survives.

Whole peers in virtual time, as ``disco-ref simulate`` lets them live: each stays half an hour on average, exponentially
distributed; of those that go one half says goodbye, a quarter is reset, a quarter falls silent.  The ring begins whole, so that
the run does not consist of a thousand joins; those that come while it runs join as always.  A request is a Fetch for a
random Resource-ID from a random peer, sent once and repeated only as section 6.2.1 has it.  It has reached the current owner
when the peer that answers is the first at or behind the Resource-ID, among all that have joined, when the request was sent or
when its answer is there.  A peer that goes takes its own requests along; they do not count.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from random import Random
from typing import NamedTuple

from disco_ref.peer.overlay.assembly import Peer
from disco_ref.reload.storage.client import Failed, Fetched, StorageClient
from disco_ref.shell.memory_overlay import Place
from disco_ref.shell.memory_weather import Weather
from disco_ref.shell.simulation.experiment import Experiment, Settings
from disco_ref.shell.simulation.membership import KIND
from disco_ref.shell.simulation.population import PATIENCE
from disco_ref.shell.simulation.properties.survival import exposure
from disco_ref.shell.simulation.properties.trial import FAIR, ROUGH

PEERS, MINUTES, SESSION = 1_000, 8, 30.0
PER_SECOND = 10
TRIALS = range(1, 21)
SETTINGS = Settings(peers=PEERS, minutes=MINUTES, session=SESSION, values=50, fetches=60.0, whole=True, seed=1)


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    done = subprocess.run([sys.executable, "-m", "bench.overlay_churn"], capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    which = f"{PEERS:,} peers, sessions of {SESSION:g} minutes"
    return [
        {
            "name": f"requests that reached the current owner, {which}",
            "value": f"{100 * found['reached'] / found['asked']:.2f}",
            "unit": "%",
            "ratio_to": f"{found['asked']:,.0f} in {MINUTES} minutes; {found['went']:.0f} peers went",
            "target": ">= 99.9",
        },
        {"name": "of the others, answered by another peer", "value": found["elsewhere"]},
        {"name": "of the others, without an answer", "value": found["unanswered"]},
        {
            "name": "values that their owner holds after that",
            "value": found["held"],
            "ratio_to": f"{found['stored']:.0f} stored, each with two replicas",
        },
        *(
            _alone(name, weather)
            for name, weather in (("over streams", FAIR), ("with a twentieth of all records lost", ROUGH))
        ),
        {
            "name": "processor time of a joining or leaving peer, with all that follows from it",
            "value": found["each"],
            "unit": "ms",
        },
        {"name": "processor time of that run", "value": found["seconds"], "unit": "s"},
    ]


def _alone(name: str, weather: Weather) -> dict[str, object]:
    """How long a value stands at its owner alone, which has answered before it makes replicas (section 10.4)."""
    figures = [exposure(seed, weather).figures for seed in TRIALS]
    mean = sum(each["seconds alone, mean"] for each in figures) / len(figures)
    most = max(each["seconds alone, most"] for each in figures)
    return {
        "name": f"a value stands at its owner alone, {name}, mean",
        "value": 1000 * mean,
        "unit": "ms",
        "ratio_to": f"{1000 * most:.0f} ms at most; {1000 * weather.latency:g} ms from peer to peer",
    }


class _Asked(NamedTuple):
    """A request under way."""

    place: Place
    resource: bytes
    owner: Peer | None
    sent: float


class Churn(Experiment):
    """A run in which requests are sent without waiting for those before."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.counts: Counter[str] = Counter()
        self._under_way: dict[int, _Asked] = {}
        self._chance = Random(f"requests {settings.seed}")

    def _fetch(self, minute: object) -> None:
        """A second has passed."""
        self.collect()
        population = self.population
        gone = population.leaving
        joined = [each for which, each in population.up.items() if each[0].chord.joined and which not in gone]
        for _ in range(PER_SECOND):
            peer, place = self._chance.choice(joined)
            resource = self._chance.randbytes(16)
            number = self.counts["sent"] = self.counts["sent"] + 1
            self._under_way[number] = _Asked(place, resource, population.owner(resource), self.network.now)
            client = StorageClient(peer.member, peer.chord)
            self.network.order(place, client.fetch_at((number,), resource, KIND))

    def collect(self) -> None:
        """Look which answers have come."""
        for number, asked in tuple(self._under_way.items()):
            told = next((each for each in asked.place.events if getattr(each, "about", None) == (number,)), None)
            waited = self.network.now - asked.sent
            if not asked.place.alive:
                self.counts["gone"] += 1
            elif isinstance(told, Fetched):
                owners = [each.member.node_id for each in (asked.owner, self.population.owner(asked.resource)) if each]
                self.counts["reached" if told.by in owners else "elsewhere"] += 1
            elif isinstance(told, Failed) or waited > PATIENCE:
                self.counts["unanswered"] += 1
            else:
                continue
            del self._under_way[number]
            if told is not None:
                asked.place.events.remove(told)


def _run() -> dict[str, float]:
    """The run, in a process of its own."""
    start = time.process_time()
    churn = Churn(SETTINGS)
    for _ in churn.gather():
        pass
    begun = time.process_time()
    samples = list(churn.minutes())
    churn.network.run(PATIENCE + 1)
    churn.collect()
    counts = churn.counts
    went = sum(each.went for each in samples)
    now = time.process_time()
    return {
        "asked": counts["reached"] + counts["elsewhere"] + counts["unanswered"],
        **{each: counts[each] for each in ("reached", "elsewhere", "unanswered", "gone")},
        "went": went,
        "stored": churn.stored,
        "held": samples[-1].held,
        "each": 1000 * (now - begun) / max(2 * went, 1),
        "seconds": now - start,
    }


if __name__ == "__main__":
    print(json.dumps(_run()))
