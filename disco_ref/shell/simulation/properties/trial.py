"""A small overlay out of one number, in weather of its own, and those who use it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.reload.identity import Identity
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.reload.storage.holdings import value_of
from disco_ref.shell.memory_overlay import MemoryOverlay, Place
from disco_ref.shell.memory_weather import Weather
from disco_ref.shell.simulation.membership import KIND, Membership
from disco_ref.shell.simulation.population import Population
from disco_ref.shell.simulation.standing import stand

MEMBERS = 96
"""Who can take part; a trial draws some of them."""

UPDATE_INTERVAL, PING_INTERVAL = 60, 120
"""Seconds of chord-update-interval and chord-ping-interval: short, so that a trial is."""

FAIR = Weather(latency=0.03, jitter=0.01, spread=0.5)
ROUGH = Weather(latency=0.03, jitter=0.02, spread=0.5, loss=0.05, duplication=0.03, reordering=0.05, skew=3.0)
"""Records are lost, doubled and mixed up, and clocks are wrong."""


CALM = 0.005
"""Part of the records that are lost while a ring comes to rest."""


class Finding(NamedTuple):
    """What came of one property with one seed."""

    property: str
    seed: int
    broken: tuple[str, ...]
    """What did not hold; nothing where all did."""
    figures: dict[str, float]
    """What was measured on the way."""
    trace: int
    """A checksum over all that was sent."""


class Trial:
    """The overlay of one seed; its members are drawn from always the same ones, so that their keys are made once."""

    def __init__(
        self, name: str, seed: int, weather: Weather, make: Callable[[Trial, int, Instant], Peer] | None = None
    ) -> None:
        self.name, self.seed = name, seed
        self.random = Random(f"{name} {seed}")
        self.network = MemoryOverlay(seed, weather)
        self.members = members()
        self.broken: list[str] = []
        self.figures: dict[str, float] = {}
        self._drawn = self.random.sample(range(MEMBERS), MEMBERS)
        self._made = make or Trial.peer
        self.population = Population(self.network, self.members, lambda which, now: self._made(self, which, now))
        self.joined = 0
        """How many have come so far."""

    # --- those who take part

    def identity(self, which: int) -> Identity:
        """Who is number so and so."""
        return identity(self._drawn[which])

    def drawn(self, which: int) -> int:
        """Which of all members number so and so is."""
        return self._drawn[which]

    def name_of(self, which: int) -> bytes:
        """The name that number so and so may write at."""
        return self.members.user(self._drawn[which]).encode()

    def peer(self, which: int, now: Instant) -> Peer:
        """An honest peer."""
        return Peer(self.overlay, self.identity(which), self.network.entropy, now)

    @property
    def overlay(self) -> Overlay:
        """The overlay of all."""
        return self.members.overlay

    def stand(self, count: int) -> None:
        """So many are a ring from the beginning."""
        for _ in stand(self.population, range(count)):
            pass
        self.joined = count

    def join(self) -> int:
        """One more comes; its number."""
        which, self.joined = self.joined, self.joined + 1
        self.population.come(which)
        return which

    def run(self, seconds: float) -> None:
        """Time passes; who has said goodbye is let go."""
        until = self.network.now + seconds
        while self.network.now < until:
            self.network.run(min(1.0, until - self.network.now))
            self.population.part()

    def calm(self) -> None:
        """The weather becomes so that every link holds: of datagrams in a heavy storm now and then one is given up."""
        ways = self.network.ways
        ways.weather = ways.weather._replace(loss=min(ways.weather.loss, CALM))

    def rest(self, seconds: float) -> None:
        """Time passes, the second half of it in calm weather, and the weather is as before."""
        ways = self.network.ways
        before = ways.weather
        self.run(seconds / 2)
        self.calm()
        self.run(seconds / 2)
        ways.weather = before

    # --- values

    def begin_store(self, which: int, value: bytes, name: bytes | None = None) -> float:
        """A member stores at its own name, or tries at another one; when."""
        peer, place = self.population.up[which]
        client = StorageClient(peer.member, peer.chord)
        place.events.clear()
        now = self.network.clock(place)
        self.network.order(place, client.store((which,), name or self.name_of(which), KIND, value, now))
        return self.network.now

    def store(self, which: int, value: bytes, name: bytes | None = None) -> bool:
        """The same; whether the member is told that it has stored."""
        self.begin_store(which, value, name)
        return isinstance(self.population.told(self.population.up[which][1]), Stored)

    def fetch(self, by: int, name: bytes) -> list[bytes] | None:
        """What somebody is told to stand at a name; None where no answer comes."""
        peer, place = self.population.up[by]
        client = StorageClient(peer.member, peer.chord)
        place.events.clear()
        self.network.order(place, client.fetch((by,), name, KIND))
        told = self.population.told(place)
        if not isinstance(told, Fetched):
            return None
        return [value_of(each).value for each in told.values if value_of(each).exists]

    def resource(self, name: bytes) -> bytes:
        """Where a name stands."""
        return self.population.up[0][0].chord.resource_id(name)

    def holders(self, name: bytes) -> list[Peer]:
        """The peers that are to hold a value: the responsible one and the two behind it."""
        ring = self.population.joined()
        owner = self.population.owner(self.resource(name))
        if owner is None:
            return []
        first = ring.index(owner)
        return [ring[(first + step) % len(ring)] for step in range(min(3, len(ring)))]

    def holds(self, peer: Peer, name: bytes) -> bool:
        """Whether a peer holds a value at a name."""
        return peer.storage.holdings.get(self.resource(name), KIND) is not None

    def place(self, peer: Peer) -> tuple[int, Place]:
        """The number and the place of a peer."""
        return next((which, place) for which, (each, place) in self.population.up.items() if each is peer)

    # --- what came of it

    def ring_mended(self, what: str) -> None:
        """Every peer knows its neighbours, and every place has one owner; else it is put on record."""
        wrong = self.population.misplaced()
        if wrong:
            self.broken.append(f"{what}: {wrong} of {len(self.population.up)} peers have wrong neighbours")
        for _ in range(16):
            place = self.random.randbytes(16)
            owners = len(self.population.owners(place))
            if owners != 1:
                self.broken.append(f"{what}: {owners} peers hold themselves responsible for {place.hex()}")
                return

    def finding(self) -> Finding:
        """What came of it."""
        return Finding(self.name, self.seed, tuple(self.broken), self.figures, self.network.trace)


def weather(random: Random) -> Weather:
    """Fair or rough."""
    return ROUGH if random.random() < 0.5 else FAIR


@lru_cache(1)
def members() -> Membership:
    """Those who can take part."""
    return Membership(0, True, UPDATE_INTERVAL, PING_INTERVAL)


@lru_cache(MEMBERS)
def identity(which: int) -> Identity:
    """One of them."""
    return members().identity(which)
