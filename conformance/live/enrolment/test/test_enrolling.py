"""Tests of both stages of enrolment: the harness as client meets the harness as server."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.rfc6940.live.enrolment.exchanges import certificate, exchanges
from conformance.errors import Misuse
from conformance.live.enrolment.accounts import Account, read_accounts
from conformance.live.enrolment.asking import Server, ServerStage
from conformance.live.enrolment.serving import PASSWORD, USER, NodeStage
from conformance.live.enrolment.starting import Enroller
from conformance.live.evidence import read_played, write_played
from conformance.live.playing import COMPLETE, perform
from conformance.live.scenario import Scenario

ACCOUNT = Account(user=USER, password=PASSWORD)


class MeetingTests(SynchronousTestCase):
    """The two stages, over the loopback interface."""

    def setUp(self) -> None:
        """The harness listens, and takes requests until it is told to end."""
        self.node = NodeStage(Enroller("true {url}"), "https://127.0.0.1:0/.well-known/reload-config")
        self.over = threading.Event()
        serving = threading.Thread(target=self.node.until, args=(self.over.is_set, 30.0))
        serving.start()
        self.addCleanup(self.node.close)
        self.addCleanup(serving.join)
        self.addCleanup(self.over.set)

    def play(self, act: Callable[[ServerStage], object]) -> Path:
        """Let the client play a scenario; the folder of its evidence."""
        stage = ServerStage(Server(url=self.node.directory.url, accounts=(ACCOUNT,)))

        def ladder(stage: ServerStage) -> None:
            act(stage)

        one = Scenario(id="enrollment-server/test", what="A test.", role="enrollment-server", play=ladder)
        played = perform(one, stage)
        self.assertEqual((played.ended, played.why), (COMPLETE, ""))
        folder = Path(self.mktemp())
        return write_played(folder, played, {})

    def test_certificate(self) -> None:
        """A certificate is asked for and given; the evidence says so when it is read again."""
        evidence, _ = read_played(self.play(lambda stage: stage.enrol(stage.account(), label="good")))
        found = list(exchanges(evidence, "good"))
        self.assertEqual([one.outcome for one in found], ["status 200, application/pkix-cert"])
        self.assertEqual([len(got.node_ids) for one in found if (got := certificate(evidence, one))], [1])
        self.assertEqual([one.direction for one in evidence.events], ["received", "sent"] * 2)
        self.assertNotIn(PASSWORD.encode(), b"".join(one.event.octets for one in found))

    def test_refused(self) -> None:
        """A form without a request is refused."""
        evidence, _ = read_played(
            self.play(lambda stage: stage.enrol(stage.account(), parts=[], label="bad", malformed=True))
        )
        self.assertEqual([one.token for one in exchanges(evidence, "bad")], ["bad_CSR"])


class AccountsTests(SynchronousTestCase):
    """The file of accounts."""

    def test_read(self) -> None:
        """Names are as they stand there; what is no such file is told."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "accounts.toml"
            path.write_text('[[account]]\nuser = "jörg"\npassword = "x"\n', "utf-8")
            self.assertEqual(read_accounts(path), (Account(user="jörg", password="x"),))
            for text in ("", "[[account]]\nuser = 1", "account = 3", "not toml"):
                path.write_text(text, "utf-8")
                with self.subTest(text), self.assertRaises(Misuse):
                    read_accounts(path)
