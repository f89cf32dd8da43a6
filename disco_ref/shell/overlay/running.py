"""The reactor of a program that stands on an overlay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from disco_ref.shell.sip.sockets import allow_many
from disco_ref.shell.sip.wire import Reactor


class Running(Reactor, Protocol):
    """The reactor of the process, which is installed when it is first asked for."""

    def addSystemEventTrigger(self, phase: str, event: str, callable: Callable[[], object], /) -> object:
        """Calls something at an event, such as the end of the process."""

    def run(self) -> None:
        """Runs until the process is told to end."""

    def stop(self) -> None:
        """The end."""


def the_reactor() -> Running:
    """The reactor of this process, with as many sockets as the system allows."""
    from twisted.internet import reactor

    allow_many()
    return cast(Running, reactor)
