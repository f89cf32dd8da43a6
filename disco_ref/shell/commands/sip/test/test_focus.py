"""``disco-ref focus`` as a program, called by ``disco-ref call``; and what it shows."""

from __future__ import annotations

import io
import json
import socket
import tempfile
from pathlib import Path
from typing import cast

from rich.console import Console
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.focus.roster import (
    ConferenceBegan,
    ConferenceOver,
    EndpointGone,
    EndpointShown,
    TurnedAway,
)
from disco_ref.shell.commands.sip.focus_view import JsonLines, Lines, Picture
from disco_ref.shell.commands.test.programs import Program, ProgramTest, Told, complaint
from disco_ref.shell.notes import printable
from disco_ref.shell.sip.wire import Reactor

SHOWN = EndpointShown("tea", "1", "sip:a@x", "Alice", "sip:a@1.2.3.4", "connected", (("audio", "sendrecv"),))
HISTORY: tuple[object, ...] = (
    ConferenceBegan("tea", "sip:tea@x"),
    SHOWN,
    SHOWN,
    TurnedAway("sip:tea@x", "sip:b@x", 486, "the conference is full"),
    EndpointGone("tea", "1", "sip:a@x", "departed", "hung up by the other side"),
    ConferenceOver("tea"),
)


class Programs(ProgramTest):
    """The focus and a caller, as two programs on the loopback."""

    async def test_call(self) -> None:
        """A call joins; SIGUSR1 says what is held; SIGTERM ends it by BYE, and the focus stops with status 0."""
        calls: list[Program] = []
        counts: dict[str, int] = {}

        def told(focus: Program, line: Told) -> None:
            if "uri" in line and line["event"] == "Said":
                uri = str(line["uri"]).replace("NAME", "tea")
                calls.append(self.start("call", uri, "--seconds", "20"))
            elif line.get("status") == "connected":
                focus.signal("USR1")
            elif line["event"] == "state":
                counts.update(cast("dict[str, int]", line["counts"]))
                focus.signal("TERM")

        focus = self.start("focus", "--udp", "127.0.0.1:0", line=told)
        self.assertEqual((await focus.ended, focus.errors), (0, b""))
        self.assertEqual(await calls[0].ended, 0)
        self.assertEqual(calls[0].lines[-1]["why"], "hung up by the other side")
        events = [line["event"] for line in focus.lines if line["event"] != "Said"]
        self.assertEqual(
            events, ["ConferenceBegan", "EndpointShown", "EndpointShown", "state", "EndpointGone", "ConferenceOver"]
        )
        held = {name: counts[name] for name in ("conferences", "calls", "dialogs", "participants", "media")}
        self.assertEqual(set(held.values()), {1}, held)


class Misused(SynchronousTestCase):
    """What the command says of arguments that are no good."""

    def complaint(self, *arguments: str) -> str:
        """What stands on standard error; the exit status is 2."""
        status, said = complaint("focus", "--udp", "127.0.0.1:0", *arguments)
        self.assertEqual(status, 2)
        return said

    def test_arguments(self) -> None:
        """Each says what was expected."""
        for arguments, words in (
            (("--capacity", "0"), "expected a number"),
            (("--rtp-port", "5001"), "even port"),
            (("--invite", "team"), "NAME=URI"),
            (("--invite", "team=nonsense"), "nonsense"),
            (("--conference", "a b"), "user part"),
            (("--conference", "team=two\nlines"), "one line of text"),
            (("--lock", "team"), "name it with --conference"),
            (("--users", "/nonexistent/users"), "No such file"),
            (("--tls", "127.0.0.1:0"), "--certificate"),
            (("--media", "192.0.2.1"), "for media on 192.0.2.1: this machine has no such address"),
        ):
            self.assertIn(words, self.complaint(*arguments), arguments)

    def test_port_in_use(self) -> None:
        """The port is named, and what to do."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
            held.bind(("127.0.0.1", 0))
            port = held.getsockname()[1]
            complaint = self.complaint("--udp", f"127.0.0.1:{port}")
        self.assertIn(f"127.0.0.1:{port}", complaint)
        self.assertIn("in use", complaint)

    def test_secret_is_not_shown(self) -> None:
        """A file of users that is wrong is complained of without what it holds."""
        folder = Path(tempfile.mkdtemp())
        path = folder / "users"
        path.write_text("alicesecret\n", encoding="utf-8")
        path.chmod(0o600)
        complaint = self.complaint("--users", str(path))
        self.assertIn(str(path), complaint)
        self.assertNotIn("alicesecret", complaint)


class Views(SynchronousTestCase):
    """What is shown."""

    def test_state(self) -> None:
        """What is held, in words without the zeros, to a program with them."""
        for kind, shown in (
            (Lines, "holds 2 calls\n"),
            (JsonLines, '"event": "state", "counts": {"calls": 2, "media": 0}}\n'),
        ):
            out = io.StringIO()
            kind(cast(Reactor, self.clock), out).state({"calls": 2, "media": 0})
            self.assertTrue(out.getvalue().endswith(shown), out.getvalue())
        out = io.StringIO()
        Lines(cast(Reactor, self.clock), out).state({"calls": 0})
        self.assertEqual(out.getvalue(), "holds nothing\n")

    def setUp(self) -> None:
        """Time stands."""
        self.clock = Clock()
        self.reactor = cast(Reactor, self.clock)

    def test_lines(self) -> None:
        """A line each; what is as before is not said again."""
        out = io.StringIO()
        view = Lines(self.reactor, out)
        for event in HISTORY:
            view.show(event)
        view.close()
        self.assertEqual(
            out.getvalue().splitlines(),
            [
                "tea: begins, sip:tea@x",
                "tea: sip:a@x connected audio sendrecv",
                "turned away: sip:b@x calling sip:tea@x: 486, the conference is full",
                "tea: sip:a@x departed (hung up by the other side)",
                "tea: is over",
            ],
        )

    def test_json(self) -> None:
        """An object each, with the time."""
        out = io.StringIO()
        view = JsonLines(self.reactor, out, lambda: 12.3456)
        view.say("hello", uri="sip:x")
        view.show(SHOWN)
        self.clock.advance(1)
        first, second = map(json.loads, out.getvalue().splitlines())
        self.assertEqual(first, {"at": 12.346, "event": "Said", "text": "hello", "uri": "sip:x"})
        self.assertEqual((second["event"], second["media"]), ("EndpointShown", [["audio", "sendrecv"]]))

    def test_picture(self) -> None:
        """The table shows who is there, and nobody in the end."""
        out = io.StringIO()
        view = Picture(
            self.reactor,
            Console(file=out, force_terminal=True, _environ={"TERM": "xterm"}, width=100, color_system=None),
        )
        for event in HISTORY[:4]:
            view.show(event)
        self.clock.advance(1)
        self.assertIn("Alice", out.getvalue())
        self.assertIn("486", out.getvalue())
        for event in HISTORY[4:]:
            view.show(event)
        view.close()
        self.assertIn("nobody is here", out.getvalue().splitlines()[-3] + out.getvalue().splitlines()[-4])

    def test_widths(self) -> None:
        """Where there is little room whole columns go, and names are cut; the status is whole."""
        name = SHOWN._replace(display="", entity=f"sip:{'a' * 40}@example.org", status="disconnecting")
        for width, left_out in ((120, ""), (100, "from"), (60, "media")):
            out = io.StringIO()
            view = Picture(
                self.reactor,
                Console(file=out, force_terminal=True, _environ={"TERM": "xterm"}, width=width, color_system=None),
            )
            view.show(name)
            view.close()
            last = out.getvalue().rpartition("participant")[2]
            self.assertIn("disconnecting", last)
            self.assertIn("sip:aaa", last)
            self.assertFalse(left_out and left_out in last, last)

    def test_control_characters(self) -> None:
        """What comes from outside cannot steer the terminal."""
        self.assertEqual(printable("a\x1b[2Jb\n"), "a?[2Jb?")
