"""Tests of ``disco-ref call --config``: two telephones and an overlay, each a program of its own (RFC 7904; RFC 6940, 6.5.2)."""

from __future__ import annotations

import os
import time
from pathlib import Path

from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.shell.commands.test.programs import Program, ProgramTest, Told, complaint
from disco_ref.shell.enrollment.files import identity_text, write
from disco_ref.shell.overlay.founding import Founded


class OverlayProgramTest(ProgramTest):
    """Two members of an overlay, called guest1 and guest2."""

    timeout = 90
    link = "tls"
    schemes: tuple[str, ...] = ("sip", "sips")

    def setUp(self) -> None:
        """A folder that is not there yet."""
        self.folder = Path(self.mktemp()).absolute()

    def until(self, event: str, verb: str, *arguments: str) -> tuple[Program, Deferred[Told]]:
        """Starts a command; fires when it first prints a line of this kind."""
        seen: Deferred[Told] = Deferred()

        def line(program: Program, told: Told) -> None:
            if told["event"] == event and not seen.called:
                seen.callback(told)

        return self.start(verb, *arguments, line=line), seen

    def config(self, who: str) -> str:
        """The file of a member."""
        return str(self.folder / f"{who}.toml")

    async def overlay(self) -> None:
        """It stands, and its members have their files."""
        words = ("--peers", "3", "--port", "0", "--link", self.link, "--guests", "2", "--folder", str(self.folder))
        _, written = self.until("says", "overlay", *words)
        await written

    async def call(self, uri: str) -> Program:
        """A call that is answered, and hung up by whoever calls."""
        calls = self.start("call", "--config", self.config("guest1"), "--seconds", "0.2", uri)
        self.assertEqual(await calls.ended, 0, f"{calls.lines} {calls.errors.decode()}")
        return calls


class OverlayCallTests(OverlayProgramTest):
    """Links are TLS, each for what it is asked for."""

    async def test_call(self) -> None:
        """One registers and waits, the other one calls by address-of-record, talks and hangs up; the keys are kept."""
        # = rfc7904:7/0 test
        # = rfc6940:6.5.2/0 test
        await self.overlay()
        keys = self.folder / "keys"
        waits, registered = self.until(
            "registered", "call", "--wait", "--config", self.config("guest2"), "--key-log", str(keys)
        )
        await registered
        for scheme in self.schemes:
            heard = len(waits.lines)
            calls = await self.call(f"{scheme}:guest2@overlay.example")
            self.assertEqual(calls.events(), ["joining", "joined", "calling", "linked", "progress", "talking", "ended"])
            said = waits.lines[heard:]
            self.assertEqual([each["event"] for each in said], ["linked", "called", "talking", "ended"])
            self.assertEqual(said[1]["sender"], "sip:guest1@overlay.example")
            ends = {calls.lines[3]["near"], calls.lines[3]["far"]}
            self.assertEqual({said[0]["near"], said[0]["far"]}, ends)
        waits.signal("INT")
        self.assertEqual(await waits.ended, 0, waits.errors.decode())
        self.assertEqual(waits.events()[-1], "unregistered")
        self.assertIn(b"CLIENT_", keys.read_bytes())
        self.assertEqual(keys.stat().st_mode & 0o777, 0o600)

    async def test_nobody(self) -> None:
        """Whoever is not registered is not reached, and the caller is told so."""
        await self.overlay()
        calls = self.start("call", "--config", self.config("guest1"), "sip:guest2@overlay.example")
        self.assertEqual(await calls.ended, 1, calls.errors.decode())
        self.assertEqual(calls.events()[-2:], ["note", "failed"])
        self.assertIn("no way is registered", str(calls.lines[-2]["said"]))
        self.assertEqual(calls.lines[-1]["status"], 503)

    def test_misused(self) -> None:
        """Options that belong to SIP without an overlay are refused beside one, and the other way round."""
        self.assertIn("--key-log goes with", complaint("call", "--wait", "--key-log", "x")[1])
        self.assertIn("none.toml", complaint("call", "--wait", "--config", "none.toml")[1])

    async def test_no_overlay(self) -> None:
        """Who wants to call and finds nobody to join ends, with the reason; options of SIP without an overlay are refused."""
        self.folder.mkdir()
        now = Instant(time.time())
        founded = Founded("overlay.example", "DTLS", now, os.urandom)
        member = founded.member("guest1@overlay.example", now)
        (self.folder / "configuration.xml").write_bytes(founded.document())
        write(self.folder / "own.pem", identity_text(member.key, member.identity.certificate.der))
        text = 'configuration = "configuration.xml"\nidentity = "own.pem"\nlisten = ["dtls 127.0.0.1:0"]\n'
        Path(self.config("guest1")).write_text(text)
        words = ("call", "--config", self.config("guest1"), "sip:guest2@overlay.example")
        for beside in ("--register", "--from=sip:a@b", "--udp=127.0.0.1:0"):
            self.assertIn("the overlay is the only way", complaint(*words, beside)[1])
        calls = self.start(*words)
        self.assertEqual(await calls.ended, 1, calls.errors.decode())
        self.assertEqual(calls.events(), ["joining", "failed"])
