"""The suite finds in a parser from npm what the page of its adapter says; long because the whole suite is put to it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "examples" / "npm-sip"


class NpmSip(SynchronousTestCase):
    """A parser from npm under judgement."""

    def setUp(self) -> None:
        """Node.js and the installed package are needed."""
        if shutil.which("node") is None:
            raise SkipTest("not run: Node.js is not installed")
        if not (FOLDER / "node_modules" / "sip").is_dir():
            raise SkipTest("not run: `npm install` in docs/examples/npm-sip was not run")

    def verdicts(self) -> dict[str, str]:
        """What the suite says of the parser, by check."""
        report = self.mktemp()
        target = f"exec:node {FOLDER / 'adapter.js'}"
        words = [sys.executable, "-m", "conformance.command", "run", "--target", target, "--report", report, "--quiet"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        results = json.loads(Path(report, "result.json").read_text(encoding="utf-8"))["results"]
        return {one["id"]: one["verdict"] for one in results}

    def test_findings(self) -> None:
        """The faults that the page names are found; what the parser does not claim is no pass."""
        verdicts = self.verdicts()
        page = (FOLDER / "README.md").read_text(encoding="utf-8")
        named = [word for word in page.split("`") if word.startswith(("rfc3261/", "rfc3515/"))]
        self.assertGreater(len(named), 10)
        self.assertEqual({name: verdicts.get(name) for name in named}, dict.fromkeys(named, "fail"))
        self.assertEqual(verdicts["rfc6940/forwarding_header/version-one"], "not-applicable")
        for verdict, word in (("pass", "pass"), ("nonstrict", "nonstrict"), ("fail", "fail")):
            count = sum(one == verdict for one in verdicts.values())
            self.assertIn(f"{count} checks {word}" if word == "pass" else f"{count} ", page, verdict)
