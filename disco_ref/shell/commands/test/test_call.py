"""``disco-ref call`` as a program, against a telephone on the loopback."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Protocol, cast

from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.element import Element
from disco_ref.peer.phone import Manners, Phone
from disco_ref.peer.user_agent import UserAgent
from disco_ref.shell.command import main
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.resolver import Unresolving
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.transport.listening import listening


class _Spawning(Protocol):
    def spawnProcess(self, process: ProcessProtocol, executable: str, args: list[str], env: dict[str, str]) -> object:
        """Starts a program."""


class _Program(ProcessProtocol):
    """The command, with the lines that it prints."""

    def __init__(self, line: Callable[[dict[str, object]], None]) -> None:
        self.line = line
        self.text = b""
        self.errors = b""
        self.lines: list[dict[str, object]] = []
        self.ended: Deferred[int] = Deferred()

    def outReceived(self, data: bytes) -> None:
        """Takes the lines apart."""
        self.text += data
        *whole, self.text = self.text.split(b"\n")
        for text in whole:
            self.lines.append(json.loads(text))
            self.line(self.lines[-1])

    def errReceived(self, data: bytes) -> None:
        """Keeps what went wrong."""
        self.errors += data

    def processEnded(self, reason: Failure) -> None:
        """Tells the exit status."""
        self.ended.callback(getattr(reason.value, "exitCode", None) or 0)


class Called(TestCase):
    """A telephone that is called by the command."""

    timeout = 20

    def setUp(self) -> None:
        """The telephone listens."""
        self.dialogs = Dialogs()
        identity = Identity(address=NameAddr(None, "sip:bob@127.0.0.1"), contact=Contact(None, "sip:bob@127.0.0.1"))
        self.calls = Calls(self.dialogs, identity, os.urandom)
        self.phone = Phone(self.calls, relaying({4: "127.0.0.1"}, {4: 9}), os.urandom)
        self.agent = UserAgent(self.dialogs, self.calls, self.phone, os.urandom)
        self.ends: list[object] = []
        wanted = [listening(each, Address("127.0.0.1", 0)) for each in (Transport.UDP, Transport.TCP)]
        reactor = cast(Reactor, installed)
        element = Element([], self.agent, os.urandom)
        self.driving = Driving(reactor, element, wanted, Unresolving(), lambda note: None, delivered=self.ends.append)
        where = self.driving.start()
        self.calls.identity = identity.at(where)
        self.uri = f"sip:bob@{where[0].address}"
        self.addCleanup(self.driving.stop)

    def command(self, *arguments: str, line: Callable[[dict[str, object]], None] = lambda told: None) -> _Program:
        """Starts the command."""
        program = _Program(line)
        executable = [sys.executable, "-m", "disco_ref.shell.command", "call", "--json", *arguments]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        cast(_Spawning, installed).spawnProcess(program, sys.executable, executable, environment)
        return program

    async def test_hangs_up(self) -> None:
        """It is answered, talks for a while, hangs up, and says so."""
        program = self.command(self.uri, "--seconds", "0.2")
        self.assertEqual((await program.ended, program.errors), (0, b""))
        self.assertEqual([line["event"] for line in program.lines], ["calling", "progress", "talking", "ended"])
        self.assertEqual(program.lines[-1]["why"], "hung up")
        self.assertEqual(len(self.calls), 0)

    async def test_interrupted(self) -> None:
        """SIGTERM ends the call by BYE; here over TCP."""

        def talking(told: dict[str, object]) -> None:
            if told["event"] == "talking":
                pid = getattr(program.transport, "pid", 0)
                os.kill(pid, signal.SIGTERM)

        program = self.command(f"{self.uri};transport=tcp", line=talking)
        self.assertEqual(await program.ended, 0)
        self.assertEqual(program.lines[-1]["why"], "hung up")
        self.assertEqual(len(self.calls), 0)

    async def test_hung_up(self) -> None:
        """The other side hangs up."""

        def talking(told: dict[str, object]) -> None:
            if told["event"] == "talking":
                now = self.driving.now()
                self.driving.perform(self.agent.settle(self.phone.leave(now), now))

        program = self.command(self.uri, "--late-offer", line=talking)
        self.assertEqual(await program.ended, 0)
        self.assertEqual(program.lines[-1]["why"], "hung up by the other side")

    async def test_rejected(self) -> None:
        """Who is busy makes it fail."""
        self.phone.manners = Manners(answers=486)
        program = self.command(self.uri)
        self.assertEqual(await program.ended, 1)
        self.assertEqual((program.lines[-1]["event"], program.lines[-1]["status"]), ("failed", 486))


class Misused(TestCase):
    """What the command says of arguments that are no good."""

    def complaint(self, *arguments: str) -> str:
        """What stands on standard error; the exit status is 2."""
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            self.assertEqual(main(["call", *arguments]), 2)
        return errors.getvalue()

    def test_uri(self) -> None:
        """Other URIs cannot be called."""
        self.assertIn("no URI", self.complaint("bob"))
        self.assertIn("no sip or sips URI", self.complaint("tel:+1234"))
        self.assertIn("not spoken here", self.complaint("sip:a@127.0.0.1;transport=sctp"))

    def test_tls(self) -> None:
        """TLS without a certificate is not possible."""
        self.assertIn("--certificate", self.complaint("sips:a@127.0.0.1"))

    def test_listen(self) -> None:
        """Where it cannot listen is said."""
        self.assertIn("no port is x", self.complaint("sip:a@127.0.0.1", "--listen", "127.0.0.1:x"))
        self.assertIn("192.0.2.1", self.complaint("sip:a@127.0.0.1", "--listen", "192.0.2.1"))
