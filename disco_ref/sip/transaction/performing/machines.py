"""How the tables are performed: states entered, timers kept, actions carried out (RFC 3261, section 17)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from disco_ref.clock import Instant
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Message
from disco_ref.sip.transaction.outcomes import Outcome
from disco_ref.sip.transaction.performing.state import TERMINATED, Client, Server
from disco_ref.sip.transaction.timers import Timers

Due = tuple[Client | Server, str]
"""A transaction, and the name of its timer."""

T = TypeVar("T", Client, Server)

_DOUBLED = ("Timer A", "Timer E", "Timer G")


class Occasion(NamedTuple):
    """When an event happens, and what it brings along."""

    now: Instant
    out: list[Outcome]
    """Where the outcomes go, in their order."""
    message: Message | None = None
    """The message that is the event."""
    flow: Flow | None = None
    """On which it came."""
    why: str = ""
    """Of a transport error."""


Act = Callable[[T, Occasion], None]


class Machines(ABC, Generic[T]):
    """All transactions of one side, performed by what their tables say."""

    def __init__(self, timers: Timers, deadlines: Deadlines[Due], acts: Mapping[str, Act[T]]) -> None:
        self._timers = timers
        self._deadlines = deadlines
        self._spans = {reliable: timers.spans(reliable=reliable) for reliable in (False, True)}
        self._acts: dict[str, Act[T]] = {
            **{f"start {name}": partial(self._start, name) for name in self._spans[True]},
            **{f"stop {name}": partial(self._stop, name) for name in self._spans[True]},
            **{f"double {name}": partial(self._double, name) for name in _DOUBLED},
            **acts,
        }

    @property
    def performed(self) -> set[str]:
        """The actions that can be performed."""
        return set(self._acts)

    def enter(self, it: T, occasion: Occasion) -> None:
        """Does what is done when a transaction is made."""
        for act in it.table.entry.actions:
            self._acts[act](it, occasion)

    def happen(self, it: T, event: str, occasion: Occasion) -> None:
        """Lets an event come to a transaction; RuntimeError where the table says that it is a mistake of the user."""
        table, old = it.table, it.state
        step = table.step(old, event)
        if step is None:
            return
        new = step.to
        if new != old:
            it.state = new
            for timer in table.dropped(old, new):
                self._deadlines.cancel((it, timer))
            if new == TERMINATED:
                # = rfc3261:17.1.1.2/25
                # = rfc3261:17.1.2.2/12
                # = rfc3261:17.2.1/14
                # = rfc3261:17.2.2/10
                self.forget(it)
        for act in step.actions:
            self._acts[act](it, occasion)

    @abstractmethod
    def forget(self, it: T) -> None:
        """Lets a transaction go that has reached its end."""

    def _start(self, timer: str, it: T, occasion: Occasion) -> None:
        """Starts a timer: one of no length fires at once, one that this transport has no use for is left alone."""
        span = self._spans[it.reliable][timer]
        if span is None:
            return
        if span == 0:
            self.happen(it, timer, occasion)
            return
        if timer in _DOUBLED:
            it.interval = span
        self._deadlines.set((it, timer), Instant(occasion.now + span))

    def _stop(self, timer: str, it: T, occasion: Occasion) -> None:
        self._deadlines.cancel((it, timer))

    def _double(self, timer: str, it: T, occasion: Occasion) -> None:
        """Starts a timer once more, for twice as long as the last time; timers E and G for T2 at most."""
        # = rfc3261:17.1.1.2/6b
        # = rfc3261:17.1.1.2/8
        # = rfc3261:17.1.1.2/12
        span = 2 * it.interval
        it.interval = span if timer == "Timer A" else min(span, self._timers.t2)
        self._deadlines.set((it, timer), Instant(occasion.now + it.interval))
