"""What stages stand on: a clock, a record, the loop in which things happen, whatever is spoken there."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol, TypeVar

from conformance.live.memory.record import Record
from conformance.live.network.wire import WireFault
from conformance.live.trigger import Trigger
from conformance.live.wants import NotClaimed, NotSeen

_Found = TypeVar("_Found")


class Below(Protocol):
    """What a ground asks of a network."""

    @property
    def now(self) -> float:
        """Seconds since 1970."""

    @property
    def virtual(self) -> bool:
        """Whether time passes only when somebody waits."""

    def close(self) -> None:
        """Close everything."""


class Ground:
    """Time and evidence of one scenario."""

    answer: ClassVar[float]
    """Seconds within which an answer is expected."""
    most_steps: ClassVar[int]
    """Arrivals and waits of one scenario; more is a flood."""

    def __init__(self, below: Below, *, scale: float, trigger: Trigger | None) -> None:
        self.record = Record()
        self.scale = scale
        self._below = below
        self._command = trigger
        self._steps = 0

    @property
    def now(self) -> float:
        """Seconds since 1970, by the clock of the network."""
        return self._below.now

    @property
    def virtual(self) -> bool:
        """Whether time is virtual: then timers are exact."""
        return self._below.virtual

    @property
    def budget(self) -> float:
        """Seconds within which an answer is expected; live ones are scaled."""
        return self.answer if self.virtual else self.answer * self.scale

    def close(self) -> None:
        """The network is not needed any more."""
        self._below.close()

    def note(self, text: str) -> None:
        """Write something into the evidence."""
        self.record.note(self.now, text)

    def until(self, found: Callable[[], _Found | None], within: float) -> _Found | None:
        """Let things happen until something is found, which None and False are not, or time is up."""
        end = self.now + within
        while (value := found()) is None or value is False:
            if self.now >= end:
                return None
            self._steps += 1
            if self._steps > self.most_steps:
                raise NotSeen(f"more than {self.most_steps} things happened")
            self._step(min(end, max(self._due(), self.now)))
        return value

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.until(lambda: None, seconds)

    def _due(self) -> float:
        """When a party has something to do by itself; infinite where none has."""
        raise NotImplementedError

    def _step(self, until: float) -> None:
        """Let the next thing happen, at the latest at ``until``."""
        raise NotImplementedError

    def _lost(self, fault: WireFault) -> NotSeen:
        """The network does not carry on; where that is the subject's doing, it is not alive."""
        self.record.note(self.now, str(fault), alive=False if fault.fatal else None)
        return NotSeen(str(fault))

    def _lives(self, probe: Callable[[], _Found]) -> _Found:
        """A sane exchange, and whether it came to its end; raises NotSeen where it did not."""
        try:
            found = probe()
        except NotSeen:
            self.record.note(self.now, "the subject does not answer a sane request any more", alive=False)
            raise NotSeen("the subject does not answer a sane request any more") from None
        self.record.note(self.now, "the subject answers a sane request", alive=True)
        return found

    def _pull(self, done: Callable[[], bool], do: str, arguments: dict[str, str]) -> None:
        """Trigger by the network's own means, or else by the target's command; raises NotClaimed without one."""
        try:
            if done():
                return
        except WireFault as fault:
            raise self._lost(fault) from None
        if self._command is None:
            raise NotClaimed("the target has no --trigger")
        self._command.pull(do, arguments)
