"""Commands that are started warm, as Twisted knows processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import cast

from twisted.internet import fdesc
from twisted.internet.abstract import FileDescriptor
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure


class _Pipe(FileDescriptor):
    """An end of a pipe that is read."""

    def __init__(self, descriptor: int, read: Callable[[bytes], None], ended: Callable[[], None]) -> None:
        super().__init__()
        self._descriptor, self._read, self._ended = descriptor, read, ended
        fdesc.setNonBlocking(descriptor)
        self.startReading()

    def fileno(self) -> int:
        """Its number."""
        return self._descriptor

    def doRead(self) -> Exception | None:
        """Hands on what is there."""
        return cast(Exception | None, fdesc.readFromFD(self._descriptor, self._read))

    def connectionLost(self, reason: Failure) -> None:
        """Nothing more comes."""
        super().connectionLost(reason)
        os.close(self._descriptor)
        self._ended()


class Started:
    """A command that runs, as its protocol sees it."""

    def __init__(self, protocol: ProcessProtocol, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._protocol = protocol
        pipes = [os.pipe() for _ in range(3)]
        wish = json.dumps({"words": list(words), "environment": dict(environment)}).encode() + b"\n"
        door = _door(environment.get("PYTHONPATH", ""))
        sent = socket.send_fds(door, [wish], [theirs for _, theirs in pipes])
        door.sendall(wish[sent:])
        for _, theirs in pipes:
            os.close(theirs)
        output, errors, told = (ours for ours, _ in pipes)
        self.pid = int(_line(told))
        self._told, self._open = b"", 3
        protocol.makeConnection(self)
        _Pipe(output, protocol.outReceived, self._closed)
        _Pipe(errors, protocol.errReceived, self._closed)
        _Pipe(told, self._status, self._closed)

    def signalProcess(self, signal: int) -> None:
        """Sends it a signal; raises ProcessExitedAlready."""
        if self._told:
            raise ProcessExitedAlready
        os.kill(self.pid, signal)

    def _status(self, octets: bytes) -> None:
        self._told += octets

    def _closed(self) -> None:
        self._open -= 1
        if not self._open:
            code = int(self._told)
            ended = ProcessTerminated(code) if code > 0 else ProcessTerminated(None, -code) if code else ProcessDone(0)
            self._protocol.processEnded(Failure(ended))


def _line(descriptor: int) -> bytes:
    """The first line of a pipe, without a character more."""
    line = b""
    while not line.endswith(b"\n"):
        octet = os.read(descriptor, 1)
        assert octet, "the command was not started"
        line += octet
    return line


@cache
def _door(path: str) -> socket.socket:
    """Where wishes are sent; what is behind it ends with this process."""
    ours, theirs = socket.socketpair()
    words = [sys.executable, "-m", "disco_ref.shell.commands.test.warm", str(theirs.fileno())]
    started = subprocess.Popen(
        words, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONWARNDEFAULTENCODING": "", "PYTHONPATH": path}
    )  # fmt: skip
    started.returncode = 0  # it is not waited for
    theirs.close()
    return ours
