"""Subjects that do one thing whatever comes pass nothing, and no check is met by them without a reason on record."""

from __future__ import annotations

import json
import subprocess
import sys
from fnmatch import fnmatchcase

from twisted.trial.unittest import SynchronousTestCase

from conformance.live.scenario import ROLES
from conformance.live.verdicts.judging import chosen_checks
from conformance.mutants.dumb.nodes import Ended
from conformance.mutants.dumb.playing import DumbFate, met, try_dumb
from conformance.mutants.dumb.subject import ANSWERS, Dumb

QUICK = ("answers-nothing", "always-200-without-tag", "always-400", "sends-garbage", "retransmits-everything")
"""The subjects that are tried as registrars or proxies, which are quick to play; ``mutants --live`` tries all in every role."""
FEW = (("registrar", "always-400"), ("notifier", "always-503"), ("focus", "echoes"), ("notifier", "crashes"))


class DumbTests(SynchronousTestCase):
    """Who does not look at what it is asked."""

    def judge(self, fate: DumbFate) -> None:
        """Nothing passes in a run, nothing passes by itself without a reason, nothing breaks."""
        told = f"{fate.role} {fate.name}"
        self.assertEqual((fate.passes, fate.undeserved, fate.broken), ((), (), ()), told)

    def test_quick(self) -> None:
        """Most dumb subjects, by turns in the roles that are quick to play."""
        self.assertLessEqual(set(QUICK), set(ANSWERS))
        for number, name in enumerate(QUICK):
            self.judge(try_dumb(("registrar", "proxy")[number % 2], name))

    def test_few(self) -> None:
        """Some of them in the other roles; one that answers at all meets some requirements by itself, as is on record."""
        fates = [try_dumb(role, name) for role, name in FEW]
        for fate in fates:
            self.judge(fate)
        self.assertIn("rfc3261/s08_2_6_2/via-copied", fates[0].met)
        self.assertEqual(fates[2].met, ())

    def test_nodes_of_an_overlay(self) -> None:
        """Who answers everything in the same way, or only acknowledges, passes nothing in a run; the form of what it says is on record."""
        for name in ("always-forbidden", "acknowledges-only"):
            fate = try_dumb("storing-peer", name)
            self.judge(fate)
            self.assertIn("rfc6940/s06_6_2/acknowledged", fate.met)

    def test_reasons(self) -> None:
        """Each pattern of the record names a check that there is; each reason is a sentence."""
        known = {one.id for one in chosen_checks(ROLES)}
        for entry in met():
            self.assertRegex(entry.because, r"[.]$")
            for pattern in entry.checks:
                found = [one for one in known if fnmatchcase(one, pattern)]
                self.assertTrue(found, pattern)

    def test_process(self) -> None:
        """The same subject as a process keeps the contract until it ends by itself."""
        words = [sys.executable, "-m", "conformance.mutants.dumb.subject", "crashes"]
        message = {
            "transport": "udp",
            "source": "192.0.2.11:5060",
            "destination": "192.0.2.1:5060",
            "octets": b"BYE a b".hex(),
        }
        asked = [("hello", {}), ("node.start", {}), *[("node.receive", message)] * 3]
        lines = [
            json.dumps({"id": number, "command": command, "params": {"node": "n", "now": 1, **params}})
            for number, (command, params) in enumerate(asked)
        ]
        done = subprocess.run(words, input="\n".join(lines), capture_output=True, text=True, timeout=30, check=False)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((done.returncode, len(said)), (1, 4), done.stderr)
        self.assertEqual(said[0]["result"]["name"], "crashes")

    def test_copies(self) -> None:
        """The one that sends everything again asks to be woken for that."""
        dumb = Dumb("retransmits-everything")
        dumb.reply("node.start", {"node": "n", "now": 1})
        octets = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\n\r\n".hex()
        message = {"transport": "udp", "source": "c:1", "destination": "b:2", "octets": octets}
        result = dumb.reply("node.receive", {"node": "n", "now": 1, **message})["result"]
        self.assertEqual(result["wake"] if isinstance(result, dict) else None, 1.5)
        again = dumb.reply("node.advance", {"node": "n", "now": 1.5})["result"]
        self.assertEqual(len(again["sent"]) if isinstance(again, dict) and isinstance(again["sent"], list) else 0, 1)
        self.assertRaises(Ended, self._exhaust, message)

    def _exhaust(self, message: dict[str, str]) -> None:
        dumb = Dumb("crashes")
        dumb.reply("node.start", {"node": "n", "now": 1})
        for _ in range(3):
            dumb.reply("node.receive", {"node": "n", "now": 1, **message})
