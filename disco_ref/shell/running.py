"""The reactor of a program: its time, and how the program is told to end."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import Protocol, cast

from disco_ref.shell.sip.wire import Reactor


class Running(Reactor, Protocol):
    """The reactor, with what begins and ends it."""

    running: bool

    def run(self, installSignalHandlers: bool = True) -> None:
        """Until it is stopped; by signals too, where it handles them itself."""

    def stop(self) -> None:
        """The end."""

    def callFromThread(self, callable: Callable[[], object], /) -> None:
        """Calls something soon, from wherever."""

    def addSystemEventTrigger(self, phase: str, event: str, callable: Callable[[], object], /) -> object:
        """Calls something at an event, such as the end of the process."""


def the_reactor(with_asyncio: bool = False) -> Running:
    """The reactor of this process, which is installed when it is first asked for, with a steady time.

    ``with_asyncio`` it is one on which what is written for asyncio runs too; RuntimeError where it comes too late for that.
    """
    if with_asyncio:
        _install_asyncio()
    from twisted.internet import reactor

    running = cast(Running, reactor)
    # A clock that is set back would stop every timer for as long; there is nothing to pass a clock to when a reactor is made.
    running.seconds = steady()  # type: ignore[method-assign]
    return running


def _install_asyncio() -> None:
    from twisted.internet import asyncioreactor

    if "twisted.internet.reactor" not in sys.modules:
        cast(Callable[[], None], asyncioreactor.install)()
    from twisted.internet import reactor

    if not isinstance(reactor, asyncioreactor.AsyncioSelectorReactor):
        raise RuntimeError("another reactor is installed already")


def steady() -> Callable[[], float]:
    """The time as seconds since 1970, which goes on steadily when the clock of the machine is set anew."""
    offset = time.time() - time.monotonic()
    return lambda: offset + time.monotonic()


def at_end(reactor: Running, do: Callable[[], object]) -> None:
    """Has something done, each time, when the user wants the program to end: by Ctrl-C or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: reactor.callFromThread(do))
