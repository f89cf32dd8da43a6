"""The location service: which bindings hold at a time, in memory (RFC 3261, sections 10.1 and 16.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from disco_ref.clock import Instant
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.registration.bindings import Binding


class Locations(Protocol):
    """Where users can be reached, as a proxy sees it."""

    # = rfc3261:10.1/1a
    # = rfc3261:10.1/1b
    def bindings(self, name: str, now: Instant) -> Sequence[Binding]:
        """The bindings of an address-of-record in canonical form that have not expired."""


class Holdings:
    """Bindings by address-of-record; what has expired is not seen, and is taken out when it is due."""

    __slots__ = ("_bindings", "_due")

    def __init__(self) -> None:
        self._bindings: dict[str, tuple[Binding, ...]] = {}
        self._due: Deadlines[str] = Deadlines()

    def __len__(self) -> int:
        """How many addresses-of-record have bindings."""
        return len(self._bindings)

    def __contains__(self, name: str) -> bool:
        """Whether an address-of-record has bindings."""
        return name in self._bindings

    def bindings(self, name: str, now: Instant) -> tuple[Binding, ...]:
        """The bindings of an address-of-record that have not expired."""
        return tuple(each for each in self._bindings.get(name, ()) if each.until > now)

    def replace(self, name: str, bindings: Sequence[Binding]) -> None:
        """What an address-of-record is bound to from now on."""
        if bindings:
            self._bindings[name] = tuple(bindings)
            self._due.set(name, min(each.until for each in bindings))
        else:
            self._bindings.pop(name, None)
            self._due.cancel(name)

    @property
    def next(self) -> Instant | None:
        """When the next binding expires."""
        return self._due.next

    def expire(self, now: Instant) -> Iterator[tuple[str, tuple[Binding, ...]]]:
        """Takes out what has expired; each address-of-record concerned, with the bindings that are left."""
        for name in [*self._due.due(now)]:
            left = self.bindings(name, now)
            self.replace(name, left)
            yield name, left
