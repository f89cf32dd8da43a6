"""Deadlines by key: set, moved, cancelled and passed, each in the time of a heap."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

from disco_ref.clock import Instant

Key = TypeVar("Key", bound=Hashable)

_SLACK = 64
"""Cancelled entries that may lie in the heap before it is built anew."""


class Deadlines(Generic[Key]):
    """What is due when; nothing here looks at more than what is due."""

    __slots__ = ("_at", "_heap", "_serial")

    def __init__(self) -> None:
        self._at: dict[Key, tuple[Instant, int]] = {}
        self._heap: list[tuple[Instant, int, Key]] = []
        self._serial = 0

    def __len__(self) -> int:
        """How many deadlines are set."""
        return len(self._at)

    def __contains__(self, key: Key) -> bool:
        """Whether this deadline is set."""
        return key in self._at

    def set(self, key: Key, at: Instant) -> None:
        """Sets the deadline, or moves it."""
        self._serial += 1
        self._at[key] = at, self._serial
        heappush(self._heap, (at, self._serial, key))
        if len(self._heap) > 2 * len(self._at) + _SLACK:
            self._heap = [(at, serial, key) for key, (at, serial) in self._at.items()]
            heapify(self._heap)

    def put(self, key: Key, at: Instant | None) -> None:
        """Sets the deadline, moves it, or with None takes it away."""
        if at is None:
            self.cancel(key)
        else:
            self.set(key, at)

    def cancel(self, key: Key) -> None:
        """Takes the deadline away, if it is set."""
        self._at.pop(key, None)

    @property
    def next(self) -> Instant | None:
        """When the first deadline is due; None where none is set."""
        heap = self._heap
        while heap:
            at, serial, key = heap[0]
            if self._at.get(key) == (at, serial):
                return at
            heappop(heap)
        return None

    def due(self, now: Instant) -> Iterator[Key]:
        """Takes out what is due, the earliest first, in the order of setting where several are due at once.

        What is set during the iteration and is due already comes out too.
        """
        while (at := self.next) is not None and at <= now:
            _, _, key = heappop(self._heap)
            del self._at[key]
            yield key
