"""Nodes of a ring joined by hand: what one sends is given to the other at once, and only the time in nodes is counted."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from disco_ref.peer.overlay.effects import Deliver, Effect, Send, Write
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.actions import Action, Link
from disco_ref.shell.memory_overlay import Place


class Pump:
    """A ring that has come to rest, driven without its network and without time passing."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.now = ring.network.now
        self.seconds = 0.0
        """Spent inside nodes."""
        self.carried: list[tuple[Place, Link, bytes]] = []
        """What was given to nodes, in order."""
        self.told: Callable[[], None] = lambda: None
        """Called whenever somebody is told something."""
        self._waiting: deque[tuple[Place, Link, bytes]] = deque()

    def order(self, place: Place, actions: Iterable[Action]) -> list[object]:
        """Somebody wants something of a node; what whoever runs it is told."""
        start = time.perf_counter()
        effects = place.node.perform(actions, self.now)
        self.seconds += time.perf_counter() - start
        told = self._do(place, effects)
        while self._waiting:
            at, link, octets = self._waiting.popleft()
            told += self._do(at, self.give(at, link, octets))
        return told

    def give(self, place: Place, link: Link, octets: bytes) -> list[Effect]:
        """Octets arrive at a node; what it wants done."""
        self.carried.append((place, link, octets))
        start = time.perf_counter()
        effects = place.node.received(link, octets, self.now)
        self.seconds += time.perf_counter() - start
        return effects

    def _do(self, place: Place, effects: Iterable[Effect]) -> list[object]:
        told: list[object] = []
        for effect in effects:
            match effect:
                case Send(link, octets):
                    end = place.ends[link]
                    self._waiting.append((end.place, end.link, octets))
                case Write(token, _):
                    start = time.perf_counter()
                    further = place.node.written(token, self.now)
                    self.seconds += time.perf_counter() - start
                    told += self._do(place, further)
                case Deliver(event):
                    self.told()
                    told.append(event)
                case _:
                    pass
        return told
