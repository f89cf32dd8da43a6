"""Subjects that the harness starts by itself."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import Misuse
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.sockets.starting import Starting
from conformance.live.wants import NotClaimed
from conformance.run.model import Json

END = ("127.0.0.1", 6084)


class StartingTests(SynchronousTestCase):
    """A command with places to be filled."""

    def settings(self) -> dict[str, Json]:
        """As a stage gives them."""
        identity = Overlay(time.time()).certify("subject@x")
        shown: list[Json] = [identity.certificate.hex()]
        return {"configuration": "<overlay/>", "certificates": shown, "key": identity.private.hex(), "first": True}

    def started(self, code: str) -> Starting:
        """A program of Python, with everything that can be named behind it."""
        words = "{configuration} {identity} {listen} {first} {transport} {folder}"
        made = Starting(f"{sys.executable} -c '{code}' {words}", "tls")
        self.addCleanup(made.stop)
        made.start(self.settings(), END)
        return made

    def ended(self, one: Starting) -> str:
        """Why it has ended, as soon as it has."""
        limit = time.monotonic() + 5
        while not one.ended and time.monotonic() < limit:
            time.sleep(0.01)
        return one.ended

    def test_the_files_are_there(self) -> None:
        """The document as it is, the identity for its owner alone."""
        code = (
            "import sys,os; c,i,l,f,t,d=sys.argv[1:]; "
            'print(open(c).read(), oct(os.stat(i).st_mode)[-3:], open(i).read().count("BEGIN"), l, f, t, os.listdir(d))'
        )
        self.assertIn("status 0: <overlay/> 600 2 127.0.0.1:6084 true tls []", self.ended(self.started(code)))

    def test_it_is_ended_with_what_it_has_started(self) -> None:
        """Nothing is left behind, also of what does not listen to SIGTERM."""
        self.patch(sys.modules[Starting.__module__], "ENDING", 0.3)
        code = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
        one = self.started(code)
        self.assertEqual(one.ended, "")
        self.assertTrue(one.coming)
        running = one._running
        assert running is not None
        one.stop()
        self.assertIsNotNone(running.poll())
        self.assertFalse(Path(f"/proc/{running.pid}").exists())

    def test_what_cannot_be_run_is_said(self) -> None:
        """Words that nobody fills, programs that are none, settings that a command has no words for."""
        for template in ("true {password}", "no-such-program {listen}", "true {", "'", ""):
            self.assertRaises(Misuse, Starting, template, "tls")
        one = Starting("true {listen}", "tls")
        self.assertRaises(NotClaimed, one.start, {**self.settings(), "clock": 1}, END)
        self.assertRaises(NotClaimed, one.start, {"configuration": ""}, END)
