"""Tests of ``disco-ref registrar``: the program as it is started, and what it shows."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import cast

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.effects import Note
from disco_ref.shell.commands.sip.registrar import add
from disco_ref.shell.commands.sip.registrar_view import SHOWN, JsonLines, Lines, LiveTable
from disco_ref.shell.commands.test.programs import COMMAND, complaint, environment
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.digest.accounts import Account
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.digest.scheme import Algorithm
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.registration.bindings import Binding

NOW = Instant(1_700_000_000.0)


class Program(SynchronousTestCase):
    """The program on the network, on a port that is free."""

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The program, started."""
        command = [*COMMAND, "registrar", *words]
        told = {**environment(), "XDG_STATE_HOME": str(Path(self.mktemp()).absolute())}
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=told)
        self.addCleanup(program.wait, 10)
        self.addCleanup(program.kill)
        return program

    def line(self, program: subprocess.Popen[str]) -> dict[str, object]:
        """The next line of JSON."""
        assert program.stdout is not None
        read = json.loads(program.stdout.readline())
        assert isinstance(read, dict)
        return read

    def users(self) -> str:
        """A file of users."""
        path = Path(self.mktemp())
        path.write_text("alice wonderland\n", encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    def test_registers(self) -> None:
        """It listens, challenges, registers, keeps what it knows for the next start, and ends cleanly; no password is shown."""
        users, kept = self.users(), str(Path(self.mktemp()).absolute())
        words = "--udp", "127.0.0.1:0", "--domain", "example.com", "--users", users, "--database", kept, "--json"
        program = self.start(*words)
        listening = self.line(program)["listening"]
        assert isinstance(listening, list)
        port = int(listening[0].rpartition(":")[2])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind(("127.0.0.1", 0))
            phone.connect(("127.0.0.1", port))
            phone.settimeout(10)
            asked = self.register(phone.getsockname()[1])
            phone.send(bytes(asked))
            challenge = read(phone.recv(65536))
            assert isinstance(challenge, Response)
            self.assertEqual(challenge.status_code, 401)
            again = Keyring([Account("alice", "wonderland")], os.urandom).answer(asked, challenge)
            assert again is not None
            via = asked.headers.via.with_parameter("branch", "z9hG4bK2")
            phone.send(bytes(again).replace(b"\r\n", f"\r\nVia: {via}\r\n".encode(), 1))
            answer = read(phone.recv(65536))
        assert isinstance(answer, Response)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.line(program)["user"], "alice@example.com")
        program.send_signal(signal.SIGTERM)
        out, err = program.communicate(timeout=10)
        self.assertEqual((program.returncode, err), (0, ""))
        self.assertNotIn("wonderland", out)
        again_started = self.start(*words)
        self.line(again_started)
        self.assertEqual(self.line(again_started)["user"], "alice@example.com")
        again_started.send_signal(signal.SIGTERM)
        again_started.communicate(timeout=10)

    def register(self, port: int) -> Request:
        """A REGISTER of alice's phone."""
        message = read(
            (
                f"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK1\r\n"
                "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\n"
                f"Call-ID: c\r\nCSeq: 1 REGISTER\r\nContact: <sip:alice@127.0.0.1:{port}>\r\n\r\n"
            ).encode()
        )
        assert isinstance(message, Request)
        return message

    def test_misuse(self) -> None:
        """What keeps it from starting is said in one line, with exit status 2."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{taken.getsockname()[1]}"
            for words, why in (
                (["--udp", place, "--database", ":memory:"], "the port is in use"),
                (["--users", "/nonexistent"], "/nonexistent: No such file"),
                (["--database", "/nonexistent/x"], "there is no folder /nonexistent"),
            ):
                status, said = complaint("registrar", *words)
                self.assertEqual(status, 2)
                self.assertIn(why, said)

    def test_unknown_algorithm(self) -> None:
        """Only algorithms that are known can be wanted."""
        parser = argparse.ArgumentParser(exit_on_error=False)
        add(parser)
        with self.assertRaisesRegex(argparse.ArgumentError, "expected some of SHA-256, MD5"):
            parser.parse_args(["--algorithms", "ROT13"])


class Showing(SynchronousTestCase):
    """What is shown of registrations."""

    def setUp(self) -> None:
        """Time stands still."""
        self.clock = Clock()
        self.reactor = cast(Reactor, self.clock)

    def bindings(self) -> tuple[Binding, ...]:
        """One binding."""
        (contact,) = CONTACT.read("<sip:alice@192.0.2.9>")
        assert isinstance(contact, Contact)
        return (Binding(contact, "c", 1, Instant(NOW + 60)),)

    def shown(self, kind: type[Lines]) -> str:
        """What is written when a user comes and goes."""
        out = io.StringIO()
        show = kind(self.reactor, out)
        show.started(("example.com",), ["UDP 127.0.0.1:5060"])
        show.bindings("alice@example.com", self.bindings(), NOW)
        show.bindings("alice@example.com", (), NOW)
        show.note(Note("debug", "nothing"))
        show.close()
        return out.getvalue()

    def test_lines(self) -> None:
        """Lines for people."""
        self.assertEqual(
            self.shown(Lines).splitlines(),
            [
                "registrar and proxy of example.com, on UDP 127.0.0.1:5060",
                "alice@example.com: sip:alice@192.0.2.9 for 60 s",
                "alice@example.com: not registered any more",
            ],
        )

    def test_json(self) -> None:
        """Lines for programs."""
        started, came, went = (json.loads(line) for line in self.shown(JsonLines).splitlines())
        self.assertEqual((started["event"], went["bindings"]), ("started", []))
        self.assertEqual(came["bindings"], [{"contact": "<sip:alice@192.0.2.9>", "expires": 60}])
        out = io.StringIO()
        show = JsonLines(self.reactor, out)
        show.note(Note("info", "odd", (("from", "x"),)))
        show.close()
        self.assertEqual(json.loads(out.getvalue()), {"event": "info", "text": "odd", "from": "x"})

    def test_table(self) -> None:
        """A table that changes."""
        self.assertIn("Ctrl-C", self.shown(LiveTable))

    def test_many(self) -> None:
        """However many register at once, the table is drawn once, with the first ones by name and how many more there are."""
        out = io.StringIO()
        show = LiveTable(self.reactor, out)
        show.started(("example.com",), [])
        for number in range(SHOWN + 9, -1, -1):
            show.bindings(f"user{number:03}@example.com", self.bindings(), NOW)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        show.close()
        drawn = out.getvalue()
        self.assertIn("user000@", drawn)
        self.assertNotIn(f"user{SHOWN:03}@", drawn)
        self.assertIn("and 10 more", drawn)

    def test_markup(self) -> None:
        """What a contact holds is text to the table, not its markup."""
        (contact,) = CONTACT.read("<sip:a@b;x=[/red]>")
        assert isinstance(contact, Contact)
        out = io.StringIO()
        show = LiveTable(self.reactor, out)
        show.started(("example.com",), [])
        show.bindings("alice@example.com", (Binding(contact, "c", 1, Instant(NOW + 60)),), NOW)
        show.close()
        self.assertIn("[/red]", out.getvalue())

    def test_unread(self) -> None:
        """Who reads no more ends nothing."""
        inward, outward = os.pipe()
        os.close(inward)
        with open(outward, "w", encoding="utf-8") as out:
            show = Lines(self.reactor, out)
            show.started(("example.com",), [])
            show.bindings("alice@example.com", self.bindings(), NOW)
            show.close()
            show.bindings("alice@example.com", (), NOW)
            show.close()

    def test_algorithms(self) -> None:
        """Algorithms come in the order in which they are wanted."""
        parser = argparse.ArgumentParser()
        add(parser)
        parsed = parser.parse_args(["--algorithms", "md5, sha-256"])
        self.assertEqual(parsed.algorithms, (Algorithm.MD5, Algorithm.SHA_256))
        self.assertEqual(parser.parse_args([]).algorithms, (Algorithm.MD5,))
