"""What is held goes to other peers: replicas, and what another is responsible for now (RFC 6940, sections 7.4.1.1 and 10.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from disco_ref.clock import Instant
from disco_ref.reload.actions import Action, Ask, Replicate, Room
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.holdings import Holdings
from disco_ref.reload.storage.selecting import remaining
from disco_ref.reload.storage.store import StoreKindData, StoreReq
from disco_ref.reload.topology.chord.arithmetic import Circle

WINDOW = 8
"""Stores under way at once for one handing over; our choice."""


class _Task:
    """One :class:`Replicate`, under way."""

    __slots__ = ("left", "number", "under_way", "wanted")

    def __init__(self, number: int, wanted: Replicate, left: Iterable[bytes]) -> None:
        self.number = number
        self.wanted = wanted
        self.left = deque(left)
        self.under_way = 0


class Replicating:
    """Stores at other peers, a few at a time."""

    __slots__ = ("_circle", "_holdings", "_last", "_room", "_tasks")

    def __init__(self, holdings: Holdings, circle: Circle, room: Room) -> None:
        self._holdings = holdings
        self._circle = circle
        self._room = room
        self._tasks: dict[int, _Task] = {}
        self._last = 0

    def begin(self, wanted: Replicate, now: Instant) -> list[Action]:
        """Store all that is held in an arc at another peer."""
        circle = self._circle
        after, until = circle.place(wanted.after), circle.place(wanted.until)
        left = [
            each
            for each in self._holdings.resources()
            if circle.within(circle.place(each), after, until) and self._newer(each, wanted.since)
        ]
        self._last += 1
        task = self._tasks[self._last] = _Task(self._last, wanted, left)
        return self._go_on(task, now)

    def one(self, resource: bytes, to: bytes, number: int, now: Instant) -> list[Action]:
        """Store what is held at one Resource-ID at another peer."""
        return [Ask(self._room, ("replica", resource, to), *self._store(resource, to, number, now))]

    def ended(self, number: int, now: Instant) -> list[Action]:
        """A Store of this handing over is answered, or has failed."""
        task = self._tasks.get(number)
        if task is None:
            return []
        task.under_way -= 1
        return self._go_on(task, now)

    def _go_on(self, task: _Task, now: Instant) -> list[Action]:
        actions: list[Action] = []
        while task.left and task.under_way < WINDOW:
            resource = task.left.popleft()
            if not self._holdings.kinds(resource):
                continue
            task.under_way += 1
            about = ("handing over", task.number, resource)
            actions.append(
                Ask(self._room, about, *self._store(resource, task.wanted.to, task.wanted.replica_number, now))
            )
        if not task.left and not task.under_way:
            del self._tasks[task.number]
            actions += task.wanted.then
        return actions

    def _store(
        self, resource: bytes, to: bytes, number: int, now: Instant
    ) -> tuple[tuple[Destination, ...], MessageCode, StoreReq, tuple[bytes, ...]]:
        parts: list[StoreKindData] = []
        certificates: dict[bytes, None] = {}
        for kind in self._holdings.kinds(resource):
            held = self._holdings.get(resource, kind)
            if held is None:
                continue
            # = rfc6940:7.4.1.1/20
            values = tuple(remaining(each, now) for each in held.values.values())
            certificates.update((der, None) for each in held.values.values() for der in each.certificates)
            # = rfc6940:7.4.1.1/15
            parts.append(StoreKindData(kind, held.generation, values))
        # = rfc6940:10.4/2
        return (node_place(to),), MessageCode.store_req, StoreReq(resource, number, tuple(parts)), tuple(certificates)

    def _newer(self, resource: bytes, since: Instant | None) -> bool:
        if since is None:
            return True
        held = (self._holdings.get(resource, kind) for kind in self._holdings.kinds(resource))
        return any(each is not None and each.changed >= since for each in held)
