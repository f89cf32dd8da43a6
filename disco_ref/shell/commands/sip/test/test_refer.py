"""``disco-ref refer`` as a program, with a focus that it asks and a telephone that is asked for."""

from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.commands.test.programs import Program, ProgramTest, Told, complaint


class ArgumentTest(SynchronousTestCase):
    """What is refused before anything is sent."""

    def test_misuse(self) -> None:
        """Wrong arguments get status 2 and one line that says what is wrong."""
        rows = [
            (["sip:x@127.0.0.1"], "WHOM"),
            (["http://example.org", "sip:a@127.0.0.1"], "is no sip or sips URI"),
            (["sip:x@127.0.0.1", "tel:+1"], "tel:+1 is no sip or sips URI"),
            (["sip:x@127.0.0.1", "sip:a@127.0.0.1", "--password-file", "/nowhere/secret"], "cannot read"),
            (["sip:x@127.0.0.1", "sip:a@127.0.0.1", "--tls", "127.0.0.1:0"], "--certificate"),
        ]
        for arguments, said in rows:
            status, errors = complaint("refer", *arguments)
            self.assertEqual((status, errors.count("Traceback")), (2, 0))
            self.assertIn(said, errors)


class ReferTest(ProgramTest):
    """The command against a focus."""

    async def test_invite_and_remove(self) -> None:
        """Bob is called into the conference, and removed again; who was never there cannot be removed."""
        asked: list[Program] = []

        def phone(program: Program, told: Told) -> None:
            if told["event"] == "listening" and told["transport"] == "UDP":
                self.bob = f"sip:bob@{told['address']}"
                asked.append(self.start("refer", self.tea, self.bob))

        def room(program: Program, told: Told) -> None:
            if "uri" in told and told["event"] == "Said":
                self.tea = str(told["uri"]).replace("NAME", "tea")
                ended.append(self.start("call", "--wait", "--once", "--listen", "127.0.0.1:0", line=phone))

        ended: list[Program] = []
        self.start("focus", "--udp", "127.0.0.1:0", "--conference", "tea", line=room)
        while not asked:
            await _soon()
        self.assertEqual((await asked[0].ended, asked[0].errors), (0, b""))
        self.assertEqual([told.get("status") for told in asked[0].lines], [None, 202, 100, 200])
        removed = self.start("refer", self.tea, self.bob, "--remove")
        self.assertEqual(await removed.ended, 0)
        self.assertEqual(await ended[0].ended, 0)
        again = self.start("refer", self.tea, self.bob, "--remove")
        self.assertEqual((await again.ended, again.lines[-1]["status"]), (1, 404))

    async def test_refused(self) -> None:
        """A telephone is no conference: status 1, and its answer is told."""
        found: list[str] = []

        def phone(program: Program, told: Told) -> None:
            if told["event"] == "listening" and told["transport"] == "UDP":
                found.append(f"sip:bob@{told['address']}")

        self.start("call", "--wait", "--listen", "127.0.0.1:0", line=phone)
        while not found:
            await _soon()
        program = self.start("refer", found[0], "sip:alice@127.0.0.1")
        self.assertEqual((await program.ended, program.lines[-1]["status"]), (1, 405))


async def _soon() -> None:
    from twisted.internet import reactor
    from twisted.internet.interfaces import IReactorTime
    from twisted.internet.task import deferLater

    await deferLater(cast(IReactorTime, reactor), 0.05)
