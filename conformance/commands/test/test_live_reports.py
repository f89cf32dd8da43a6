"""What comes of a live run: files that others read, and exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

import jsonschema
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.command import main
from conformance.live.evidence import CAPTURE

SAMPLE = Path(__file__).parents[2] / "live" / "test" / "sample_adapter.py"
GOOD = f"exec:{sys.executable} {SAMPLE}"
DUMB = f"exec:{sys.executable} -m conformance.mutants.dumb.subject"
REFUSED = "rfc3261/s12_2_2/unknown-dialog-481"
"""A check that the one that says 200 to everything fails."""


class LiveReportTests(SynchronousTestCase):
    """Runs with ladders, in virtual time."""

    def setUp(self) -> None:
        """A place for the report."""
        self.folder = Path(self.mktemp())

    def run_with(self, target: str, *words: str) -> tuple[int, str]:
        """Exit code, and everything that was printed."""
        text = io.StringIO()
        role = () if "--role" in words else ("--role", "user-agent")
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            code = main(["run", "--target", target, *role, "--report", str(self.folder), *words])
        return code, text.getvalue()

    def listed(self, identity: str) -> str:
        """An expectations file in which one failure is known."""
        path = Path(self.mktemp())
        path.write_text(f'[[expect]]\nid = "{identity}"\nreason = "known"\n', encoding="utf-8")
        return str(path)

    def test_files(self) -> None:
        """Every file of the report has its form, with passes, failures and what could not be judged in it."""
        code, text = self.run_with(
            f"{DUMB} always-200-with-sdp", "--scenario", "user-agent/malformed-*", "--scenario", "user-agent/call"
        )
        self.assertEqual(code, 1, text)
        result = json.loads((self.folder / "result.json").read_text("utf-8"))
        jsonschema.validate(result, json.loads((places.schemas() / "report.schema.json").read_text("utf-8")))
        self.assertEqual({one["kind"] for one in result["results"]}, {"live"})
        failing = [one for one in result["results"] if one["verdict"] == "fail"]
        self.assertTrue(all(one["evidence"].endswith(CAPTURE) and one["run_again"] for one in failing))
        suite = etree.parse(str(self.folder / "junit.xml")).getroot()
        self.assertEqual(suite.get("failures"), str(len(failing)))
        points = [
            one
            for one in (self.folder / "results.tap").read_text("utf-8").splitlines()
            if one.startswith(("ok", "not ok"))
        ]
        self.assertEqual(len(points), len(result["results"]))
        run = json.loads((self.folder / "results.sarif").read_text("utf-8"))["runs"][0]
        wrong = [one for one in run["results"] if one["properties"]["verdict"] == "fail"]
        self.assertEqual({one["ruleId"] for one in wrong}, {one["id"] for one in failing})
        places_named = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in wrong}
        self.assertTrue(all(one.endswith(CAPTURE) for one in places_named), places_named)

    def test_as_expected(self) -> None:
        """0 for what holds, and for a failure that is listed."""
        self.assertEqual(self.run_with(GOOD, "--scenario", "user-agent/options")[0], 0)
        code, text = self.run_with(f"{DUMB} always-200", "--only", REFUSED, "--expectations", self.listed(REFUSED))
        self.assertEqual(code, 0, text)

    def test_unexpected(self) -> None:
        """1 for a MUST that is broken."""
        code, text = self.run_with(f"{DUMB} always-200", "--scenario", "user-agent/stray-requests")
        self.assertEqual(code, 1, text)

    def test_nothing(self) -> None:
        """2 where nothing is selected, or a word is unknown."""
        for words in (["--scenario", "user-agent/none"], ["--only", "no/such"], ["--role", "queen"]):
            self.assertEqual(self.run_with(GOOD, *words)[0], 2, words)

    def test_unclear(self) -> None:
        """3 where a required check is inconclusive, and where the subject ends or cannot be started."""
        code, text = self.run_with(f"{DUMB} answers-nothing", "--scenario", "user-agent/call")
        self.assertEqual(code, 3, text)
        self.assertEqual(self.run_with("exec:./no-such-program-here")[0], 3)
        self.assertEqual(self.run_with("sip:udp:no-such-host.invalid")[0], 3)
        code, text = self.run_with("sip:tcp:127.0.0.1:1")
        self.assertEqual((code, len(text.splitlines())), (3, 1), text)

    def test_stale(self) -> None:
        """4 where a failure is listed that is none any more, or whose check does not exist."""
        for identity in ("rfc3261/s11/options-served", "rfc3261/s11/no-such-check"):
            code, text = self.run_with(
                GOOD, "--scenario", "user-agent/options", "--expectations", self.listed(identity)
            )
            self.assertEqual(code, 4, text)

    def test_one_word(self) -> None:
        """Who says one thing to everything passes nothing, and is told why."""
        code, text = self.run_with(f"{DUMB} always-503", "--role", "registrar")
        result = json.loads((self.folder / "result.json").read_text("utf-8"))
        self.assertEqual((code, result["counts"]["pass"]), (1, 0), text)
        self.assertIn("the subject says 503 to everything", text)
