"""Tests of ``disco-ref overlay``, ``node`` and of asking: the programs as they are started, on ports that are free."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from twisted.internet import reactor as installed
from twisted.internet.task import deferLater

from disco_ref.clock import Instant
from disco_ref.reload.actions import AnsweredWithError
from disco_ref.reload.registries import DataKind
from disco_ref.shell.commands.asking import reason
from disco_ref.shell.commands.test.programs import Program, ProgramTest, complaint
from disco_ref.shell.enrollment.files import identity_text, write
from disco_ref.shell.overlay.founding import Founded
from disco_ref.shell.overlay.kinds import NOTE
from disco_ref.shell.overlay.node_file import read_node_file
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.sip.flow import Address

NAME = "guest1@overlay.example"


class OverlayTests(ProgramTest):
    """A small overlay, and whoever comes to it."""

    def setUp(self) -> None:
        """A folder that is not there yet."""
        self.folder = Path(self.mktemp()).absolute()

    async def until(self, true: Callable[[], object], program: Program) -> None:
        """Waits for something that a program does."""
        while not true():
            if not program.runs:
                self.fail(program.errors.decode())
            await deferLater(installed, 0.02, lambda: None)

    async def test_whole(self) -> None:
        """Peers come up; a guest joins and leaves; another one stores."""
        overlay = self.start("overlay", "--peers", "3", "--port", "0", "--guests", "2", "--folder", str(self.folder))
        await self.until(lambda: "says" in overlay.events(), overlay)
        self.assertEqual(overlay.events()[:3], ["joined"] * 3)
        self.assertEqual((self.folder / "guest1.pem").stat().st_mode & 0o777, 0o600)
        with (self.folder / "guest2.toml").open("a") as file:
            file.write('holdings = "held.sqlite"\n')
        node = self.start("node", "--config", str(self.folder / "guest2.toml"))
        good = self.start("store", "--config", str(self.folder / "guest1.toml"), NAME, "tea at five")
        await self.until(lambda: "joined" in node.events(), node)
        self.assertEqual(await good.ended, 0, good.errors.decode())
        self.assertEqual(len(cast(list[str], good.lines[0]["replicas"])), 2)
        node.signal("TERM")
        self.assertEqual(await node.ended, 0)
        ring = self.start("ring", "--config", str(self.folder / "guest1.toml"))
        self.assertEqual(await ring.ended, 0, ring.errors.decode())
        self.assertEqual(ring.events().count("peer"), 3)
        kinds = [kind for line in ring.lines for kind in cast(list[int], line.get("kinds", []))]
        # the three peers, and the node that has left, each have stored their certificates
        self.assertEqual((kinds.count(DataKind.CERTIFICATE_BY_NODE), kinds.count(NOTE)), (4, 1))
        overlay.signal("TERM")
        self.assertEqual(await overlay.ended, 0)

    def test_reason(self) -> None:
        """A refusal is told with the name of its error, and with what was said besides."""
        self.assertEqual(reason(AnsweredWithError(2, b"not yours", b"\x01")), "01 answers Error_Forbidden: not yours")
        self.assertEqual(reason(AnsweredWithError(9999, b"", b"\x01")), "01 answers error 9999")

    def test_misused(self) -> None:
        """A file that says nothing sensible is told by its place, with exit status 2."""
        self.folder.mkdir()
        path = self.folder / "node.toml"
        cases = {
            "": "configuration: missing",
            "x = 1": "x: no such key",
            "first = 1": "first: expected bool",
            "[": "no TOML",
            'configuration = "none.xml"': "none.xml",
        }
        for text, says in cases.items():
            path.write_text(text)
            status, said = complaint("node", "--config", str(path))
            self.assertEqual(status, 2)
            self.assertIn(says, said)

    def guest(self) -> Path:
        """The file of a node of an overlay without anybody."""
        self.folder.mkdir(exist_ok=True)
        now = Instant(time.time())
        founded = Founded("overlay.example", "TLS", now, os.urandom)
        member = founded.member(NAME, now)
        (self.folder / "configuration.xml").write_bytes(founded.document())
        write(self.folder / "own.pem", identity_text(member.key, member.identity.certificate.der))
        path = self.folder / "node.toml"
        path.write_text('configuration = "configuration.xml"\nidentity = "own.pem"\nlisten = ["tls 127.0.0.1:0"]\n')
        return path

    def test_no_place(self) -> None:
        """A place or a file that cannot be meant is told in one line, and so is that there is nobody to ask."""
        path = self.guest()
        cases = {
            ("--kind", "SIP-REGISTRATION"): "is a dictionary: --key TEXT",
            ("--kind", "SIP-REGISTRATION", "--key", "hex:zz"): "--key hex:zz: expected hexadecimal digits",
            ("--key", "x"): "no dictionary",
            ("--index", "1"): "no array",
            ("--kind", "CERTIFICATE_BY_USER", "--index", "-1"): "--index -1: expected a number from 0",
            ("--lifetime", "-5"): "--lifetime -5: expected a number from 0",
        }
        for options, says in cases.items():
            status, said = complaint("store", "--config", str(path), *options, NAME, "x")
            self.assertEqual((status, said.count("\n")), (2, 1), said)
            self.assertIn(says, said)
        status, said = complaint("ring", "--config", str(path), "--svg", str(self.folder / "none" / "ring.svg"))
        self.assertEqual((status, said.count("\n")), (2, 1), said)
        self.assertIn("no such folder", said)

    async def test_nobody(self) -> None:
        """Where there is nobody to ask, that is all that is said."""
        for words in (("ring",), ("fetch", NAME), ("ping", NAME)):
            program = self.start(words[0], "--config", str(self.guest()), *words[1:])
            self.assertEqual(await program.ended, 1)
            self.assertEqual(program.errors.decode().count("\n"), 1, program.errors.decode())
            self.assertIn("no bootstrap node", program.errors.decode())

    def test_all_alike(self) -> None:
        """The configuration of the overlay says whether links are made by ICE; STUN servers are addresses."""
        # = rfc6940:6.5.1.5/1 test
        self.folder.mkdir()
        now = Instant(time.time())
        path = self.folder / "node.toml"
        for ice, wanted in ((True, "wants ice"), (False, "wants tls or dtls")):
            founded = Founded("overlay.example", "DTLS", now, os.urandom, ice)
            member = founded.member(NAME, now)
            (self.folder / "configuration.xml").write_bytes(founded.document())
            write(self.folder / "own.pem", identity_text(member.key, member.identity.certificate.der))
            given = 'configuration = "configuration.xml"\nidentity = "own.pem"\n'
            for listen in ("ice", "dtls"):
                path.write_text(f'{given}listen = ["{listen} 127.0.0.1:0"]\nstun = ["[2001:db8::9]:3478"]\n')
                if ice == (listen == "ice"):
                    file = read_node_file(path)
                    self.assertEqual((file.with_asyncio, file.stun), (ice, (Address("2001:db8::9", 3478),)))
                else:
                    with self.assertRaisesRegex(Trouble, wanted):
                        read_node_file(path)
        path.write_text(f'{given}listen = ["dtls 127.0.0.1:0"]\nstun = ["stun.example"]\n')
        with self.assertRaisesRegex(Trouble, "stun: 'stun.example': expected"):
            read_node_file(path)

    def test_no_number(self) -> None:
        """What is no number is told with what was expected."""
        for option in ("--peers", "--session", "--loss"):
            status, said = complaint("simulate", option, "x")
            self.assertEqual(status, 2)
            self.assertIn("'x': expected", said)

    def test_key_for_others(self) -> None:
        """A key that others can read is not used."""
        self.folder.mkdir()
        now = Instant(time.time())
        founded = Founded("overlay.example", "TLS", now, os.urandom)
        member = founded.member(NAME, now)
        (self.folder / "configuration.xml").write_bytes(founded.document())
        (self.folder / "own.pem").write_bytes(identity_text(member.key, member.identity.certificate.der))
        path = self.folder / "node.toml"
        path.write_text('configuration = "configuration.xml"\nidentity = "own.pem"\nlisten = ["tls [::1]:0"]\n')
        (self.folder / "own.pem").chmod(0o644)
        with self.assertRaisesRegex(Trouble, "others can read the key"):
            read_node_file(path)
        (self.folder / "own.pem").chmod(0o600)
        read = read_node_file(path)
        self.assertEqual(read.identity.node_id, member.identity.node_id)
        self.assertEqual((read.first, read.holdings), (False, None))
        text = path.read_text()
        for chosen, says in (("zz", "hexadecimal"), ("00" * 16, f"certificate: {member.identity.node_id.hex()}")):
            path.write_text(f'{text}node-id = "{chosen}"\n')
            with self.assertRaisesRegex(Trouble, says):
                read_node_file(path)
