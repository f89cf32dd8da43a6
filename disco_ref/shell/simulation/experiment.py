"""One run: peers join, values are stored, peers come and go, and again and again somebody asks for a value."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.reload.topology.chord.joining import JoinFailed
from disco_ref.shell.memory_overlay import MemoryOverlay, Place
from disco_ref.shell.memory_weather import Weather
from disco_ref.shell.simulation.membership import KIND, Membership
from disco_ref.shell.simulation.population import Population
from disco_ref.shell.simulation.standing import stand

SPACING = 0.25
"""Seconds between two nodes that join at the beginning."""

SETTLED = 60
"""Seconds between the last join and the first value."""


class Settings(NamedTuple):
    """What a run is made of; the same settings give the same run."""

    peers: int = 50
    minutes: float = 30.0
    """Of virtual time, after all have joined."""
    session: float = 0.0
    """Minutes that a peer stays, on average, exponentially distributed; 0 where nobody goes."""
    loss: float = 0.0
    """Part of the records that are lost."""
    latency: float = 40.0
    """Milliseconds from one peer to another, on average."""
    values: int = 20
    fetches: float = 20.0
    """Fetches a minute."""
    reactive: bool = True
    whole: bool = False
    """Whether the ring begins whole, so that nobody has to join before the first minute."""
    update_interval: int = 600
    ping_interval: int = 3600
    seed: int = 1


class Sample(NamedTuple):
    """How the overlay stood at the end of a minute, and what happened in it."""

    minute: float
    peers: int
    """Peers that are up and have joined."""
    joining: int
    """Nodes that are up and have not joined yet."""
    came: int
    went: int
    misplaced: int
    """Peers whose neighbours are not those of the sorted ring."""
    hops_mean: float
    hops_max: int
    asked: int
    """Values that were asked for."""
    reached: int
    """Requests whose way ended at the one responsible peer."""
    answered: int
    """Requests that brought the value."""
    held: int
    """Values that their responsible peer holds."""
    messages: int
    """Records or pieces of streams that were sent."""


class _Minute:
    """What happens within a minute."""

    def __init__(self, sent: int) -> None:
        self.hops: list[int] = []
        self.asked = self.reached = self.answered = self.came = self.went = 0
        self.sent = sent


class Experiment:
    """The overlay of some settings, minute by minute."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        lossy = Weather(settings.latency / 1000, settings.latency / 4000, 0.5, settings.loss)
        self.network = MemoryOverlay(settings.seed, lossy)
        self.join_failures = 0
        """How often a node could not join and tried again."""
        self._random = Random(f"experiment {settings.seed}")
        members = Membership(settings.seed, settings.reactive, settings.update_interval, settings.ping_interval)
        self.population = Population(self.network, members)
        self._ends: dict[int, float] = {}
        self._made = 0
        self._stored: list[int] = []

    # --- the run

    def gather(self) -> Iterator[int]:
        """All join, one after the other, or are there from the first moment, and store; how many have begun."""
        yield from self._stand() if self.settings.whole else self._join()
        for which in range(min(self.settings.values, self.settings.peers)):
            if self._store(which):
                self._stored.append(which)

    def _join(self) -> Iterator[int]:
        for _ in range(self.settings.peers):
            self._come()
            self.network.run(SPACING if self._made > 1 else 1)
            yield self._made
        for _ in range(SETTLED):
            self.network.run(1)
            yield self._made

    def _stand(self) -> Iterator[int]:
        yield from stand(self.population, range(self.settings.peers))
        self._made = self.settings.peers
        for which in range(self._made):
            self._stays(which)

    def minutes(self) -> Iterator[Sample]:
        """Time passes; a sample for each minute."""
        begin = self.network.now
        pause = 60 / self.settings.fetches if self.settings.fetches else 60.0
        now = _Minute(self.network.messages)
        minute = 1
        while minute <= self.settings.minutes:
            # who leaves takes a while, and may have taken more than was left of the minute
            self.network.run(max(0.0, min(pause, 60.0 * minute - (self.network.now - begin))))
            self._churn(now)
            if self.network.now - begin >= 60 * minute - 1e-6:
                yield self._sample(minute, now)
                minute, now = minute + 1, _Minute(self.network.messages)
            elif self.settings.fetches:
                self._fetch(now)

    @property
    def stored(self) -> int:
        """How many values were stored and confirmed."""
        return len(self._stored)

    def loads(self) -> list[int]:
        """What every peer that is up has sent so far, records or pieces of streams."""
        return [place.sent for _, place in self.population.up.values()]

    # --- peers

    def _come(self) -> None:
        which, self._made = self._made, self._made + 1
        self.population.come(which)
        self._stays(which)

    def _stays(self, which: int) -> None:
        if which and self.settings.session:
            self._ends[which] = self._random.expovariate(1 / (60 * self.settings.session)) + self.network.now

    def _churn(self, minute: _Minute) -> None:
        """Those whose session is over go, half of them with a word, and as many come; the bootstrap node stays."""
        self.population.part()
        for which in [each for each, end in self._ends.items() if end <= self.network.now]:
            del self._ends[which]
            self._count_failures(self.population.up[which][1])
            way = self._random.random()
            if way < 0.5:
                self.population.leave(which)
            else:
                self.population.crash(which, silent=way >= 0.75)
            minute.went += 1
            minute.came += 1
            self._come()

    def _count_failures(self, place: Place) -> None:
        self.join_failures += sum(isinstance(each, JoinFailed) for each in place.events)
        place.events.clear()

    # --- values

    def _store(self, which: int) -> bool:
        peer, place = self.population.up[which]
        if not peer.chord.joined:
            return False
        client = StorageClient(peer.member, peer.chord)
        name = self._name(which)
        self._count_failures(place)
        self.network.order(place, client.store((which,), name, KIND, b"value", self.network.clock(place)))
        return isinstance(self.population.told(place), Stored)

    def _fetch(self, minute: _Minute) -> None:
        """Somebody asks for some value."""
        gone = self.population.leaving
        joined = [
            (peer, place)
            for which, (peer, place) in self.population.up.items()
            if peer.chord.joined and which not in gone
        ]
        if not self._stored or not joined:
            return
        peer, place = joined[self._random.randrange(len(joined))]
        name = self._name(self._stored[self._random.randrange(len(self._stored))])
        resource = peer.chord.resource_id(name)
        owner = self.population.owner(resource)
        way = self.population.way(peer, resource)
        minute.asked += 1
        if way and way[-1] is owner:
            minute.reached += 1
            minute.hops.append(len(way) - 1)
        client = StorageClient(peer.member, peer.chord)
        self._count_failures(place)
        self.network.order(place, client.fetch((0,), name, KIND))
        told = self.population.told(place)
        minute.answered += isinstance(told, Fetched) and bool(told.values)

    def _name(self, which: int) -> bytes:
        return self.population.members.user(which).encode()

    # --- samples

    def _sample(self, minute: float, now: _Minute) -> Sample:
        staying = [each for which, (each, _) in self.population.up.items() if which not in self.population.leaving]
        joined = sum(each.chord.joined for each in staying)
        hops = now.hops
        return Sample(
            minute,
            joined,
            len(staying) - joined,
            now.came,
            now.went,
            self.population.misplaced(),
            round(sum(hops) / len(hops), 3) if hops else 0.0,
            max(hops, default=0),
            now.asked,
            now.reached,
            now.answered,
            self._held(),
            self.network.messages - now.sent,
        )

    def _held(self) -> int:
        """How many values their responsible peers hold."""
        held = 0
        for which in self._stored:
            resource = self.population.up[0][0].chord.resource_id(self._name(which))
            owner = self.population.owner(resource)
            held += owner is not None and owner.storage.holdings.get(resource, KIND) is not None
        return held
