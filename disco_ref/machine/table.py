"""A state machine as a literal table: every state meets every event, in an arrow or in silence, and says why.

A table is read beside the figure of its specification, performed by whoever owns the machine, drawn by
:mod:`disco_ref.machine.drawing`, and probed for its *silent* cells: what the specification says nothing about, or says to drop.
It is complete when it is made, or it is not made: see :class:`Table`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

State = TypeVar("State", bound=str)
Event = TypeVar("Event", bound=str)
Act = TypeVar("Act", bound=str)

Cell = tuple[State, Event]

STOPPED = "no such timer runs here: it is stopped when the state is entered"
"""Why a timer is silent in the states that have no arrow for it."""


class Step(NamedTuple, Generic[State, Act]):
    """An arrow: what happens in a state on an event."""

    to: State
    """The state that is entered, or stayed in."""
    actions: tuple[Act, ...] = ()
    """What the owner of the machine does, in this order, after the state is entered."""
    says: str = ""
    """The clauses that want it so, by their ids, with spaces between them."""


def quiet(states: Collection[State], events: Collection[Event], reason: str) -> dict[Cell[State, Event], str]:
    """Cells that are silent for the same reason: all of these states on all of these events."""
    return {(state, event): reason for state in states for event in events}


class Table(Generic[State, Event, Act]):
    """All states, all events, and what becomes of each pair; a ValueError where the table is not complete.

    Refused are, each with the cell at fault: an arrow to a state that is none; a state that no arrow leads to; an arrow out of
    an end; a pair that is missing; a pair that is told twice; silence without a reason; a timer that no state heeds.
    """

    __slots__ = (
        "_dropped",
        "_steps",
        "cells",
        "ends",
        "entry",
        "events",
        "name",
        "refused",
        "silent",
        "start",
        "states",
        "timers",
    )

    def __init__(
        self,
        name: str,
        start: State,
        cells: Mapping[Cell[State, Event], Step[State, Act]],
        silent: Mapping[Cell[State, Event], str] | None = None,
        *,
        entry: Step[State, Act] | None = None,
        refused: Mapping[Cell[State, Event], str] | None = None,
        ends: Collection[State] = (),
        timers: Collection[Event] = (),
    ) -> None:
        self.name = name
        """What a drawing is headed by."""
        self.start = start
        """The state that a machine is made in."""
        self.entry = entry or Step(start)
        """What is done when a machine is made: the arrow from nowhere to the start."""
        self.cells = dict(cells)
        """The arrows."""
        self.refused = dict(refused or {})
        """Events that are a mistake of the one who causes them, and why: :meth:`step` raises."""
        self.ends = tuple(ends)
        """States that no event leads out of: the machine is gone."""
        self.timers = tuple(timers)
        """Events that are timers; one runs only in states that have an arrow for it."""
        self.states = tuple(dict.fromkeys([start, *(state for state, _ in self.cells), *self.ends]))
        """All states, the start first and the ends last."""
        told = {**self.cells, **(silent or {}), **self.refused}
        self.events = tuple(dict.fromkeys(event for _, event in told))
        """All events, in the order of the table."""
        unheeded = quiet([state for state in self.states if state not in self.ends], self.timers, STOPPED)
        self.silent = {**{cell: why for cell, why in unheeded.items() if cell not in told}, **(silent or {})}
        """Pairs on which nothing happens, and why."""
        for fault in self._faults():
            raise ValueError(f"{name}: {fault}")
        self._steps: dict[Cell[State, Event], Step[State, Act] | None] = {**self.cells, **dict.fromkeys(self.silent)}
        self._dropped = {(old, new): self._left(old, new) for old in self.states for new in self.states}

    def _left(self, old: State, new: State) -> tuple[Event, ...]:
        """The timers that run in one state and not in the next one."""
        return tuple(each for each in self.timers if (old, each) in self.cells and (new, each) not in self.cells)

    def step(self, state: State, event: Event) -> Step[State, Act] | None:
        """The arrow, or None where the pair is silent; RuntimeError where the event is a mistake, KeyError where it is none."""
        try:
            return self._steps[state, event]
        except KeyError:
            if (state, event) not in self.refused:
                raise
        raise RuntimeError(f"{self.name}, {state}, {event}: {self.refused[state, event]}")

    def dropped(self, old: State, new: State) -> tuple[Event, ...]:
        """The timers that are to be stopped on the way from one state to another."""
        return self._dropped[old, new]

    def clauses(self) -> Iterator[str]:
        """The ids of all clauses that the arrows name."""
        for step in (self.entry, *self.cells.values()):
            yield from step.says.split()

    def _faults(self) -> Iterator[str]:
        """What is wrong with the table, one sentence each."""
        told = [*self.cells, *self.silent, *self.refused]
        for cell in {each for each in told if told.count(each) > 1}:
            yield f"{cell} is told twice"
        if self.entry.to != self.start:
            yield f"the entry leads to {self.entry.to}, not to {self.start}"
        for (state, event), step in self.cells.items():
            if state in self.ends:
                yield f"an arrow leads out of the end {state}, on {event}"
            if step.to not in self.states:
                yield f"({state}, {event}) leads to {step.to}, which is no state"
        for cell, why in {**self.silent, **self.refused}.items():
            if cell[0] not in self.states or cell[0] in self.ends:
                yield f"{cell} is of no state that events come to"
            if not why:
                yield f"{cell} has no reason"
        for state in self.states:
            for event in self.events if state not in self.ends else ():
                if (state, event) not in told:
                    yield f"({state}, {event}) is missing"
            if state not in self._reached():
                yield f"no arrow leads to {state}"
        for timer in self.timers:
            if all(event != timer for _, event in self.cells):
                yield f"no state heeds {timer}"

    def _reached(self) -> set[State]:
        """The states that arrows lead to from the start."""
        reached, new = {self.start}, [self.start]
        while new:
            state = new.pop()
            found = {step.to for (old, _), step in self.cells.items() if old == state} - reached
            reached |= found
            new += found
        return reached
