"""``disco-ref watch``: what it shows, and as a program against a notifier on the loopback."""

from __future__ import annotations

import argparse
import io
import json
import os

from rich.console import Console
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.document import (
    ConferenceDescription,
    ConferenceInfo,
    ConferenceState,
    Endpoint,
    EndpointStatus,
    Media,
    MediaStatus,
    User,
    Users,
)
from disco_ref.peer.test.test_watcher import Publisher, conference
from disco_ref.shell.commands.sip.watch import add
from disco_ref.shell.commands.sip.watch_view import JsonLines, Lines, Picture
from disco_ref.shell.commands.test.programs import (
    LOOPBACK,
    Program,
    ProgramTest,
    Told,
    complaint,
)
from disco_ref.shell.notes import printable

ROOM = "sip:room@192.0.2.2"


def state(*users: User, subject: str | None = None, locked: bool | None = None) -> ConferenceInfo:
    """A roster."""
    return ConferenceInfo(
        entity=ROOM,
        conference_description=ConferenceDescription(subject=subject) if subject else None,
        conference_state=ConferenceState(user_count=len(users), locked=locked),
        users=Users(user=users),
    )


def somebody(name: str, status: EndpointStatus = EndpointStatus.connected, text: str | None = None) -> User:
    """A participant with one stream."""
    media = Media(id="1", type="audio", status=MediaStatus.sendrecv)
    return User(
        entity=f"sip:{name}@example.org",
        display_text=text,
        endpoint=(Endpoint(entity=f"sip:{name}@192.0.2.9", status=status, media=(media,)),),
    )


class ViewTest(SynchronousTestCase):
    """What is shown of a roster."""

    def test_lines(self) -> None:
        """Who comes, changes and goes gets a line; who stays as they were does not."""
        out = io.StringIO()
        view = Lines(out, lambda: 0.0)
        held = somebody("alice", EndpointStatus.on_hold)
        view.roster(state(somebody("alice"), subject="Weekly"), 1)
        view.roster(state(held, somebody("bob", text="Bob")), 2)
        view.roster(state(somebody("bob", text="Bob"), locked=True), 3)
        view.roster(None, 4)
        said = [line.partition("  ")[2] for line in out.getvalue().splitlines()]
        self.assertEqual(
            said,
            [
                f"{ROOM}: Weekly, 1 present",
                "+ sip:alice@example.org connected audio sendrecv",
                "  sip:alice@example.org on-hold audio sendrecv",
                "+ Bob <sip:bob@example.org> connected audio sendrecv",
                "- sip:alice@example.org on-hold audio sendrecv",
                "the conference is no more",
                "- Bob <sip:bob@example.org> connected audio sendrecv",
            ],
        )

    def test_json(self) -> None:
        """Each roster is one object with everybody in it."""
        out = io.StringIO()
        view = JsonLines(out, lambda: 12.0)
        view.roster(state(somebody("alice"), locked=True), 7)
        view.roster(None, 8)
        view.say("ended", "over", exit=0)
        roster, gone, ended = map(json.loads, out.getvalue().splitlines())
        self.assertEqual(
            (roster["event"], roster["version"], roster["user_count"], roster["locked"]), ("roster", 7, 1, True)
        )
        (user,) = roster["users"]
        self.assertEqual((user["entity"], user["endpoints"][0]["status"]), ("sip:alice@example.org", "connected"))
        self.assertEqual(user["endpoints"][0]["media"], [{"id": "1", "type": "audio", "status": "sendrecv"}])
        self.assertEqual((gone["event"], ended["exit"], ended["at"]), ("gone", 0, 12.0))

    def test_picture(self) -> None:
        """The last picture shows who is there, without what could steer the terminal."""
        out = io.StringIO()
        view = Picture(Console(file=out, force_terminal=True, _environ={"TERM": "xterm"}, width=120), ROOM)
        nowhere = User(entity="sip:carol@example.org")
        view.roster(state(somebody("alice"), somebody("mallory", text="\x1b[2Jhello[bold]"), nowhere), 1)
        view.say("subscribed", "subscribed")
        view.close()
        shown = out.getvalue().rpartition(ROOM)[2]
        self.assertIn("sip:alice@example.org", shown)
        self.assertIn("sip:carol@example.org", shown)
        self.assertIn("?[2Jhello[bold]", shown)
        self.assertNotIn("\x1b[2J", shown)

    def test_printable(self) -> None:
        """Long texts are cut, control characters replaced."""
        self.assertEqual((printable("a\r\n\x07b"), len(printable("x" * 10_000))), ("a???b", 500))

    def test_big_roster(self) -> None:
        """A picture of very many has an end."""
        out = io.StringIO()
        view = Picture(Console(file=out, force_terminal=True, _environ={"TERM": "xterm"}, width=80, height=400), ROOM)
        view.roster(state(*(somebody(f"u{number}") for number in range(300))), 1)
        view.close()
        self.assertIn("and 100 more", out.getvalue())


class ArgumentTest(SynchronousTestCase):
    """What is refused before anything is sent."""

    def test_misuse(self) -> None:
        """Wrong arguments get status 2 and one line that says what is wrong."""
        rows = [
            (["http://example.org"], "is no sip or sips URI"),
            (["sip:"], "no sip URI"),
            (["sip:x@127.0.0.1;transport=sctp"], "transport=sctp is not spoken here"),
            (["sip:x@127.0.0.1", "--seconds", "soon"], "expected a number of seconds"),
            (["sip:x@127.0.0.1", "--expires", "-1"], "expected a whole number"),
            (["sips:x@127.0.0.1", "--ca", "/nowhere/roots"], "cannot read certificates of authorities /nowhere/roots"),
            (["sip:x@127.0.0.1", "--from", "tel:+1"], "tel:+1 is no sip or sips URI"),
            (["sip:x@127.0.0.1", "--password-file", "/nowhere/secret"], "cannot read /nowhere/secret"),
        ]
        for arguments, said in rows:
            status, errors = complaint("watch", *arguments)
            self.assertEqual(status, 2, errors)
            self.assertIn(said, errors)

    def test_help(self) -> None:
        """The options have examples."""
        parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter)
        add(parser)
        self.assertIn("exit status", parser.format_help())


class WatchTest(ProgramTest):
    """The command against a notifier."""

    def setUp(self) -> None:
        """The notifier listens."""
        self.publisher = Publisher(os.urandom)
        self.driving = self.drive(self.publisher, *LOOPBACK)
        self.uri = f"sip:room@{self.driving.listening[0].address}"

    async def test_interrupted(self) -> None:
        """The roster as it is, then SIGTERM: it unsubscribes and nothing is left at the notifier."""

        def line(program: Program, told: Told) -> None:
            if told["event"] == "roster":
                program.signal("TERM")

        program = self.start("watch", f"{self.uri};transport=tcp", line=line)
        self.assertEqual((await program.ended, program.errors), (0, b""))
        self.assertEqual(program.events(), ["subscribed", "roster", "ended"])
        self.assertEqual(len(self.publisher.notifier), 0)

    async def test_once(self) -> None:
        """The roster once, and status 0."""
        self.publisher.publication.publish(conference("a", "b"))
        program = self.start("watch", self.uri, "--once")
        self.assertEqual(await program.ended, 0)
        (roster,) = program.lines
        self.assertEqual(roster["user_count"], 2)

    async def test_ended_by_the_other_side(self) -> None:
        """A subscription that the other side takes away is lost: status 3."""

        def line(program: Program, told: Told) -> None:
            if told["event"] == "roster":
                now = self.driving.now()
                (id,) = self.publisher.ids
                self.driving.perform(self.publisher.notifier.terminate(id, now, "rejected"))

        program = self.start("watch", self.uri, line=line)
        self.assertEqual(await program.ended, 3)
        self.assertEqual(program.lines[-1]["reason"], "rejected")

    async def test_refused(self) -> None:
        """A conference that is not there: status 1."""
        self.publisher.notifier.packages = {}
        program = self.start("watch", self.uri)
        self.assertEqual(await program.ended, 1)
        self.assertEqual(program.lines[-1]["status"], 489)
