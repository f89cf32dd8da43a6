"""``disco-ref call`` and ``disco-ref watch`` over TLS, against a focus on the loopback."""

from __future__ import annotations

import os
from pathlib import Path

from disco_ref.clock import Duration
from disco_ref.conference.focus.policy import Policy
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.focus import focus_node
from disco_ref.shell.commands.test.programs import Program, ProgramTest, Told
from disco_ref.shell.sip.test.certificates import Authority
from disco_ref.shell.sip.tls import Credentials
from disco_ref.sip.flow import Transport


class Secure(ProgramTest):
    """A focus that listens for TLS alone."""

    def focus(self, *, mutual: bool = False) -> tuple[int, int]:
        """Starts it; its ports over IPv4 and IPv6."""
        self.authority = Authority(Path(self.mktemp()))
        self.roots = str(self.authority.file.absolute())
        certificate = self.authority.certificate("focus.pem", "127.0.0.1", "::1", "localhost")
        able = relaying({4: "127.0.0.1", 6: "::1"}, {4: 9, 6: 9})
        self.node = focus_node(Policy(), able, os.urandom, interval=Duration(0.0))
        credentials = Credentials(certificate=certificate, authorities=self.authority.file, mutual=mutual)
        places = [(Transport.TLS, host) for host in ("127.0.0.1", "::1")]
        self.driving = self.drive(self.node.core, *places, credentials=credentials)
        first, second = self.driving.listening
        return first.address.port, second.address.port

    def command(self, verb: str, *arguments: str, ends: bool = False) -> Program:
        """Starts a command; ``ends``: the focus ends everything as soon as the call or the subscription stands."""

        def line(program: Program, told: Told) -> None:
            if ends and told["event"] in ("talking", "roster"):
                now = self.driving.now()
                self.driving.perform(self.node.settle(self.node.focus.close(now), now))

        return self.start(verb, *arguments, line=line)

    async def test_without_certificate(self) -> None:
        """Who has no certificate can call and watch, by name and over IPv6; BYE and NOTIFY come on his own connection."""
        four, six = self.focus()
        staying = self.command("call", f"sips:room@[::1]:{six}", "--ca", self.roots)
        by_name = self.command(
            "call", f"sip:room@localhost:{four};transport=tls", "--ca", self.roots, "--seconds", "0.1"
        )
        self.assertEqual((await by_name.ended, by_name.errors), (0, b""))
        looking = self.command("watch", f"sips:room@[::1]:{six}", "--ca", self.roots, ends=True)
        self.assertEqual((await staying.ended, await looking.ended), (0, 0))
        self.assertIs(staying.lines[1]["focus"], True)
        self.assertEqual(staying.lines[-1]["why"], "hung up by the other side")
        self.assertEqual(looking.lines[-1]["reason"], "noresource")

    async def test_mutual(self) -> None:
        """A focus that asks for a certificate takes who shows one, and nobody else."""
        four, _ = self.focus(mutual=True)
        mine = str(self.authority.certificate("mine.pem", "127.0.0.1").absolute())
        uri = f"sips:room@127.0.0.1:{four}"
        nobody = self.command("call", uri, "--ca", self.roots)
        somebody = self.command("call", uri, "--ca", self.roots, "--certificate", mine, ends=True)
        self.assertEqual((await nobody.ended, await somebody.ended), (1, 0))
        self.assertEqual(nobody.lines[-1]["status"], 503)
        self.assertEqual(somebody.lines[-1]["why"], "hung up by the other side")

    async def test_not_trusted(self) -> None:
        """Whose authority is not known is not called, and why is said."""
        four, _ = self.focus()
        program = self.command("call", f"sips:room@127.0.0.1:{four}")
        self.assertEqual(await program.ended, 1)
        self.assertIn(": certificate verify failed", str(program.lines[-1]["reason"]))
