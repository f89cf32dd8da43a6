"""``disco-ref call --wait`` and ``--register``, as programs that call each other through a registrar on the loopback."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from twisted.internet.defer import Deferred

from disco_ref.peer.proxy import ProxyCore
from disco_ref.shell.commands.test.programs import LOOPBACK, Program, ProgramTest, Told
from disco_ref.sip.digest.accounts import Accounts


class Waiting(ProgramTest):
    """Programs on one machine."""

    def registrar(self, passwords: Mapping[str, str] | None = None) -> str:
        """Starts a registrar with its proxy; where it is."""
        accounts = Accounts(passwords) if passwords else None
        self.core = ProxyCore(["127.0.0.1"], os.urandom, accounts=accounts, stores=False)
        return self.drive(self.core, *LOOPBACK).listening[0].sent_by

    def command(self, *arguments: str, until: str = "") -> tuple[Program, Deferred[Told]]:
        """Starts the command; and the first line of one kind."""
        found: Deferred[Told] = Deferred()

        def line(program: Program, told: Told) -> None:
            if told["event"] == until and not found.called:
                found.callback(told)

        return self.start("call", *arguments, line=line), found

    async def test_called(self) -> None:
        """Who waits rings, answers, says who calls, hangs up, and waits on until he is stopped."""
        waiting, listens = self.command(
            "--wait", "--listen", "127.0.0.1", "--seconds", "0.1", "--ring", "0.1", until="listening"
        )
        where = (await listens)["address"]
        calling, _ = self.command(f"sip:anybody@{where};transport=tcp", "--from", "sip:alice@example.com")
        self.assertEqual(await calling.ended, 0)
        self.assertEqual(calling.events(), ["calling", "progress", "talking", "ended"])
        self.assertEqual(calling.lines[-1]["why"], "hung up by the other side")
        waiting.signal("TERM")
        self.assertEqual((await waiting.ended, waiting.errors), (0, b""))
        self.assertEqual(waiting.events(), ["listening", "listening", "called", "talking", "ended"])
        self.assertEqual(waiting.lines[2]["sender"], "sip:alice@example.com")

    async def test_registered(self) -> None:
        """Both stand registered while they need it, with their passwords: one is called through the other's registrar."""
        where = self.registrar({"alice": "wonder", "bob": "build"})
        secrets = {}
        for name, secret in (("alice", "wonder"), ("bob", "build")):
            secrets[name] = Path(self.mktemp()).absolute()
            secrets[name].write_text(f"{secret}\n")
        bob = f"sip:bob@{where}"
        waiting, registered = self.command(
            "--wait", "--once", "--from", bob, "--password-file", str(secrets["bob"]), "--register", until="registered"
        )
        self.assertEqual((await registered)["contacts"], 1)
        calling, _ = self.command(
            bob, "--from", f"sip:alice@{where}", "--password-file", str(secrets["alice"]), "--seconds", "0.1",
            f"--register=sip:{where}",
        )  # fmt: skip
        self.assertEqual((await calling.ended, await waiting.ended), (0, 0))
        self.assertEqual(calling.events()[:3], ["registering", "registered", "calling"])
        self.assertEqual((calling.events()[-1], waiting.events()[-1]), ("unregistered", "unregistered"))
        self.assertEqual(waiting.lines[-2]["why"], "hung up by the other side")

    async def test_refused(self) -> None:
        """Who is not let in says so, and calls nobody: status 1."""
        where = self.registrar({"alice": "wonder"})
        program, _ = self.command(f"sip:bob@{where}", "--from", f"sip:bob@{where}", "--register")
        self.assertEqual(await program.ended, 1)
        self.assertEqual(program.events(), ["registering", "failed"])
        self.assertEqual(program.lines[-1]["status"], 401)
