"""What a network in memory does to what is on its way, out of one seed: time, loss, copies, disorder, walls."""

from __future__ import annotations

from random import Random
from typing import NamedTuple
from zlib import crc32


class Weather(NamedTuple):
    """What the way does to what is on it; a probability is between 0 and 1."""

    latency: float = 0.02
    """Seconds from one address to another, on average over all pairs."""
    jitter: float = 0.0
    """Seconds more, at most; streams keep their order."""
    spread: float = 0.0
    """By which part of it, at most, the latency of a pair differs from the average; a pair keeps its latency."""
    loss: float = 0.0
    """How probably a record is lost."""
    duplication: float = 0.0
    """How probably a record arrives twice."""
    reordering: float = 0.0
    """How probably a record is held up by as much as four latencies."""
    skew: float = 0.0
    """Seconds that the clock of a node is wrong, at most, before or behind."""

    @property
    def lossy(self) -> bool:
        """Whether links have to be of datagrams: a stream neither loses nor doubles nor mixes up."""
        return self.loss > 0 or self.duplication > 0 or self.reordering > 0


class Ways:
    """Every way between two addresses."""

    __slots__ = ("_random", "_seed", "_side", "weather")

    def __init__(self, seed: int, weather: Weather) -> None:
        self.weather = weather
        self._seed = seed
        self._random = Random(f"ways {seed}")
        self._side: dict[int, int] = {}

    def divide(self, addresses: frozenset[int]) -> None:
        """Put a wall between these addresses and all others."""
        self._side = dict.fromkeys(addresses, 1)

    def unite(self) -> None:
        """Take the wall away."""
        self._side = {}

    def cut(self, one: int, other: int) -> bool:
        """Whether a wall stands between two addresses."""
        return bool(self._side) and self._side.get(one, 0) != self._side.get(other, 0)

    def latency(self, one: int, other: int) -> float:
        """Seconds from one address to the other, without jitter; the same back."""
        weather = self.weather
        if not weather.spread:
            return weather.latency
        pair = b"%d %d %d" % (self._seed, min(one, other), max(one, other))
        return weather.latency * (1 + weather.spread * (crc32(pair) / 0x80000000 - 1))

    def time(self, one: int, other: int) -> float:
        """Seconds that a piece of a stream takes."""
        jitter = self.weather.jitter
        return self.latency(one, other) + (self._random.random() * jitter if jitter else 0.0)

    def times(self, one: int, other: int) -> list[float]:
        """Seconds that a record takes: none where it is lost, two where it is doubled."""
        weather, chance = self.weather, self._random.random
        if weather.loss and chance() < weather.loss:
            return []
        copies = 2 if weather.duplication and chance() < weather.duplication else 1
        times = [self.time(one, other) for _ in range(copies)]
        if weather.reordering and chance() < weather.reordering:
            times[0] += 4 * weather.latency * chance()
        return times

    def handshake(self, one: int, other: int) -> float:
        """Seconds that a handshake takes, its flights repeated after 1, 2, 4 ... seconds where one is lost."""
        seconds, pause = 2 * self.latency(one, other), 1.0
        lost = 1 - (1 - self.weather.loss) ** 4
        while pause < 16 and lost and self._random.random() < lost:
            seconds, pause = seconds + pause, 2 * pause
        return seconds

    def skew(self) -> float:
        """Seconds that the clock of a new node is wrong."""
        skew = self.weather.skew
        # a fraction that is exact, so that a clock and its deadlines agree to the last bit
        return round(skew * (2 * self._random.random() - 1) * 1024) / 1024 if skew else 0.0
