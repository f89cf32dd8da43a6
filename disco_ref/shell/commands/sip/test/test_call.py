"""``disco-ref call`` as a program, against a telephone on the loopback."""

from __future__ import annotations

import contextlib
import io
import os

from twisted.trial.unittest import SynchronousTestCase, TestCase

from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.phone import Manners, Phone
from disco_ref.peer.user_agent import UserAgent
from disco_ref.shell.commands.sip.call_view import View
from disco_ref.shell.commands.test.programs import (
    LOOPBACK,
    Program,
    ProgramTest,
    Told,
    complaint,
)
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.identity import Identity


class Called(ProgramTest):
    """A telephone that is called by the command."""

    def setUp(self) -> None:
        """The telephone listens."""
        self.dialogs = Dialogs()
        identity = Identity.of("sip:bob@127.0.0.1")
        self.calls = Calls(self.dialogs, identity, os.urandom)
        self.phone = Phone(self.calls, relaying({4: "127.0.0.1"}, {4: 9}), os.urandom)
        self.agent = UserAgent(self.dialogs, self.calls, self.phone, os.urandom)
        self.ends: list[object] = []
        self.driving = self.drive(self.agent, *LOOPBACK, delivered=self.ends.append)
        where = self.driving.listening
        self.calls.identity = identity.at(where)
        self.uri = f"sip:bob@{where[0].address}"

    async def test_hangs_up(self) -> None:
        """It is answered, talks for a while, hangs up, and says so."""
        program = self.start("call", self.uri, "--seconds", "0.2")
        self.assertEqual((await program.ended, program.errors), (0, b""))
        self.assertEqual(program.events(), ["calling", "progress", "talking", "ended"])
        self.assertEqual(program.lines[-1]["why"], "hung up")
        self.assertEqual(len(self.calls), 0)

    async def test_interrupted(self) -> None:
        """SIGTERM ends the call by BYE; here over TCP."""

        def talking(program: Program, told: Told) -> None:
            if told["event"] == "talking":
                program.signal("TERM")

        program = self.start("call", f"{self.uri};transport=tcp", line=talking)
        self.assertEqual(await program.ended, 0)
        self.assertEqual(program.lines[-1]["why"], "hung up")
        self.assertEqual(len(self.calls), 0)

    async def test_hung_up(self) -> None:
        """The other side hangs up."""

        def talking(program: Program, told: Told) -> None:
            if told["event"] == "talking":
                now = self.driving.now()
                self.driving.perform(self.agent.settle(self.phone.leave(now), now))

        program = self.start("call", self.uri, "--late-offer", line=talking)
        self.assertEqual(await program.ended, 0)
        self.assertEqual(program.lines[-1]["why"], "hung up by the other side")

    async def test_rejected(self) -> None:
        """Who is busy makes it fail."""
        self.phone.manners = Manners(answers=486)
        program = self.start("call", self.uri)
        self.assertEqual(await program.ended, 1)
        self.assertEqual((program.lines[-1]["event"], program.lines[-1]["status"]), ("failed", 486))


class Misused(TestCase):
    """What the command says of arguments that are no good."""

    def complaint(self, *arguments: str) -> str:
        """What stands on standard error; the exit status is 2."""
        status, said = complaint("call", *arguments)
        self.assertEqual(status, 2)
        return said

    def test_uri(self) -> None:
        """Other URIs cannot be called."""
        self.assertIn("bob is no sip or sips URI; expected one such as", self.complaint("bob"))
        self.assertIn("no sip or sips URI", self.complaint("tel:+1234"))
        self.assertIn("not spoken here", self.complaint("sip:a@127.0.0.1;transport=sctp"))

    def test_listen(self) -> None:
        """Where it cannot listen is said."""
        self.assertIn("127.0.0.1:x", self.complaint("sip:a@127.0.0.1", "--listen", "127.0.0.1:x"))
        self.assertIn("192.0.2.1", self.complaint("sip:a@127.0.0.1", "--listen", "192.0.2.1"))

    def test_nonsense(self) -> None:
        """What makes no sense together is said."""
        for arguments, said in (
            ((), "either a URI to call or --wait"),
            (("sip:a@127.0.0.1", "--wait"), "either a URI to call or --wait"),
            (("--wait", "--register"), "--register needs --from"),
            (("--wait", "--register", "--from", "sips:a@127.0.0.1"), "shows a certificate"),
            (("sip:a@127.0.0.1", "--route", "tel:+1"), "tel:+1 is no sip or sips URI"),
            (("sip:a@127.0.0.1", "--seconds", "soon"), "expected a number of seconds"),
            (("--wait", "--expires", "0"), "expected a whole number"),
            (("sips:a@127.0.0.1", "--ca", "/nowhere/roots"), "cannot read certificates of authorities /nowhere/roots"),
        ):
            self.assertIn(said, self.complaint(*arguments))


class Shown(SynchronousTestCase):
    """The lines."""

    def test_both(self) -> None:
        """Text has a clock and nothing that steers the terminal; JSON has all fields."""
        for as_json, line in (
            (False, "00:00:01.500  sip:a?[1m calls\n"),
            (True, '{"time": 1.5, "event": "called", "sender": "sip:a\\u001b[1m"}\n'),
        ):
            out = io.StringIO()
            View(as_json, out, lambda: 1.5).show("called", "sip:a\x1b[1m calls", sender="sip:a\x1b[1m")
            self.assertEqual(out.getvalue()[-len(line) + 2 * (not as_json) :], line[2 * (not as_json) :])

    def test_unread(self) -> None:
        """Where nobody reads any more, that is known, and nothing is raised."""
        inward, outward = os.pipe()
        os.close(inward)
        with contextlib.suppress(OSError), open(outward, "w", encoding="utf-8") as out:
            view = View(False, out)
            view.show("calling", "calling")
            self.assertTrue(view.unread)
