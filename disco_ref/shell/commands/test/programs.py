"""Commands as programs of their own, with the lines of JSON that they print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Protocol, cast

from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

Told = dict[str, object]


class _Spawning(Protocol):
    def spawnProcess(self, process: ProcessProtocol, executable: str, args: list[str], env: dict[str, str]) -> object:
        """Starts a program."""


class _Signalled(Protocol):
    def signalProcess(self, signal: str) -> None:
        """Sends it a signal."""


class Program(ProcessProtocol):
    """A command that runs."""

    def __init__(self, line: Callable[[Program, Told], None]) -> None:
        self._line = line
        self._text = b""
        self.errors = b""
        self.lines: list[Told] = []
        self.ended: Deferred[int] = Deferred()
        self.runs = True

    def outReceived(self, data: bytes) -> None:
        """Takes the lines apart."""
        self._text += data
        *whole, self._text = self._text.split(b"\n")
        for text in whole:
            self.lines.append(json.loads(text))
            self._line(self, self.lines[-1])

    def errReceived(self, data: bytes) -> None:
        """Keeps what went wrong."""
        self.errors += data

    def processEnded(self, reason: Failure) -> None:
        """Tells the exit status."""
        self.runs = False
        self.ended.callback(getattr(reason.value, "exitCode", None) or 0)

    def signal(self, name: str) -> None:
        """Sends a signal, such as ``TERM``, where it still runs."""
        try:
            cast(_Signalled, self.transport).signalProcess(name)
        except ProcessExitedAlready:
            return

    def events(self) -> list[object]:
        """The kinds of the lines."""
        return [told["event"] for told in self.lines]

    def end(self) -> Deferred[int] | None:
        """Sees to it that nothing is left of it after a test."""
        if not self.runs:
            return None
        self.ended = Deferred()
        self.signal("KILL")
        return self.ended


def start(verb: str, *arguments: str, line: Callable[[Program, Told], None] = lambda program, told: None) -> Program:
    """Starts a command; each line that it prints is told."""
    program = Program(line)
    words = [sys.executable, "-m", "disco_ref.shell.command", verb, "--json", *arguments]
    environment = {
        **os.environ,
        "PYTHONWARNDEFAULTENCODING": "",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    cast(_Spawning, installed).spawnProcess(program, sys.executable, words, environment)
    return program
