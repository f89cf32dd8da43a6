"""Commands as programs of their own, with the lines of JSON that they print."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from signal import Signals
from typing import Protocol, cast

from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from disco_ref.peer.element import Core, Element
from disco_ref.shell.command import main
from disco_ref.shell.commands.test.starting import Started
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.test.memory import Unresolving
from disco_ref.shell.sip.tls import Credentials
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.transport.listening import listening

Told = dict[str, object]

COMMAND = (sys.executable, "-m", "disco_ref.shell.command")
LOOPBACK = ((Transport.UDP, "127.0.0.1"), (Transport.TCP, "127.0.0.1"))
"""Where most elements listen."""


class _Signalled(Protocol):
    def signalProcess(self, signal: int) -> None:
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
            cast(_Signalled, self.transport).signalProcess(Signals[f"SIG{name}"])
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


Line = Callable[[Program, Told], None]


class ProgramTest(TestCase):
    """Commands as programs, and elements of the test that they meet; nothing is left of either afterwards."""

    timeout = 40

    def start(self, verb: str, *arguments: str, line: Line = lambda program, told: None) -> Program:
        """Starts a command; each line that it prints is told."""
        program = Program(line)
        Started(program, [verb, "--json", *arguments], environment())
        self.addCleanup(program.end)
        return program

    def drive(
        self,
        core: Core,
        *where: tuple[Transport, str],
        credentials: Credentials | None = None,
        delivered: Callable[[object], None] | None = None,
    ) -> Driving:
        """An element on the loopback with a core, at free ports of these hosts."""
        driving = Driving(
            cast(Reactor, installed),
            Element((), core, os.urandom),
            [listening(transport, Address(host, 0)) for transport, host in where],
            Unresolving(),
            lambda note: None,
            credentials=credentials,
            delivered=delivered,
        )
        driving.start()
        self.addCleanup(driving.stop)
        return driving


def environment() -> dict[str, str]:
    """What a program of a test is told: where the modules are, and no warnings of encodings."""
    path = os.pathsep.join(path for path in sys.path if path)
    return {**os.environ, "PYTHONWARNDEFAULTENCODING": "", "PYTHONPATH": path}


def complaint(*words: str) -> tuple[int, str]:
    """The exit status of a command that is run in this process, and what it says on standard error."""
    errors = io.StringIO()
    with redirect_stderr(errors), redirect_stdout(io.StringIO()):
        try:
            status = main(words)
        except SystemExit as left:
            status = cast(int, left.code)
    return status, errors.getvalue()
