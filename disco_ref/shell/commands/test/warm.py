"""Starts commands from a process that has loaded them already, which takes a twentieth of the time: ``-m ... warm DESCRIPTOR``.

Each command is a process of its own, with its own output, signals and exit status; only what it imports is there before it starts.
Whoever wants one sends words and environment as JSON over the Unix socket of this descriptor, with the descriptors for its output, its
errors, and a pipe on which its process number and, in the end, its exit status are told.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys

from disco_ref.shell.command import main

VERBS = ("sip.call", "sip.focus", "sip.watch", "sip.refer", "sip.registrar", "node", "overlay", "asking", "ring")
"""The modules that are loaded; none of them makes a reactor before it runs."""
LONGEST = 1 << 20
"""Octets of a wish."""


def serve(door: socket.socket) -> list[str]:
    """Makes a process for each wish; returns its words, in that process alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        wish, descriptors, _, _ = socket.recv_fds(door, LONGEST, 3)
        if not wish:
            os._exit(0)
        while not wish.endswith(b"\n"):
            wish += door.recv(LONGEST)
        if os.fork() == 0:
            door.close()
            _divide(*descriptors)
            asked = json.loads(wish)
            os.environ.clear()
            os.environ.update(asked["environment"])
            sys.argv[1:] = asked["words"]
            return sys.argv[1:]
        for each in descriptors:
            os.close(each)


def _divide(output: int, errors: int, told: int) -> None:
    """One process waits for the other, which is the command and returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    command = os.fork()
    if command == 0:
        os.close(told)
        for descriptor, place in ((output, 1), (errors, 2)):
            os.dup2(descriptor, place)
            os.close(descriptor)
        return
    for each in (output, errors):
        os.close(each)
    for each in (1, 2):
        os.close(each)
    os.write(told, b"%d\n" % command)
    _, status = os.waitpid(command, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


if __name__ == "__main__":
    for _verb in VERBS:
        importlib.import_module(f"disco_ref.shell.commands.{_verb}")
    for _module in ("twisted.internet.default", "twisted.internet.ssl"):
        importlib.import_module(_module)
    assert "twisted.internet.reactor" not in sys.modules
    sys.exit(main(serve(socket.socket(fileno=int(sys.argv[1])))))
