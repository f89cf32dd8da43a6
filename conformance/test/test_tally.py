"""The closing line of ``.ci/run``, over a result as the reports write it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.report.files.json_result import to_json
from conformance.report.test.samples import account

TALLY = Path(__file__).parent.parent.parent / ".ci" / "tally.py"


class TallyTests(SynchronousTestCase):
    """What the last line counts."""

    def setUp(self) -> None:
        """The program stands in a checkout only."""
        if places.installed():
            raise SkipTest("not run: this is no checkout")
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.log = self.folder / "log"

    def line(self, log: str, code: int) -> tuple[int, str]:
        """The exit code and the line."""
        self.log.write_text(log, encoding="utf-8")
        command = [sys.executable, str(TALLY), str(self.log), str(self.folder), str(code)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.rstrip("\n")

    def test_report(self) -> None:
        """Every result of the report is counted; what is known to fail, says nothing or did not run is no pass."""
        content = to_json(account())
        (self.folder / "result.json").write_text(json.dumps(content), encoding="utf-8")
        results, not_run = content["results"], content["not_run"]
        assert isinstance(results, list) and isinstance(not_run, list)
        counted = {"passed": 0, "failed": 0, "skipped": len(not_run)}
        for one in results:
            assert isinstance(one, dict)
            good, bad = one["verdict"] in ("pass", "nonstrict"), one["verdict"] in ("fail", "harness-error")
            word = "skipped" if one["expected_failure"] or not (good or bad) else "passed" if good else "failed"
            counted[word] += 1
        self.assertTrue(all(counted.values()))
        told = ", ".join(f"{count} {word}" for word, count in counted.items())
        self.assertEqual(self.line("", 1), (1, told))

    def test_log(self) -> None:
        """The sums of trial and the outcomes of the environments count; without any, and after a failure, it is no pass."""
        log = "PASSED (skips=2, successes=7)\n  lint: OK (1.00 seconds)\n  types: OK (1.00 seconds)\n"
        self.assertEqual(self.line(log, 0), (0, "9 passed, 0 failed, 2 skipped"))
        self.assertEqual(self.line(log, 1), (1, "9 passed, 1 failed, 2 skipped"))
        self.assertEqual(
            self.line("FAILED (failures=1, errors=1, successes=7)\n", 1), (1, "7 passed, 2 failed, 0 skipped")
        )
        self.assertEqual(self.line("", 0), (1, "0 passed, 0 failed, 0 skipped"))

    def test_programs_of_others(self) -> None:
        """Live mutants count one each; of programs of others what holds counts, and what is not listed."""
        log = "3 live mutants, 2 killed by every check they are aimed at, 1 not\ninterop: not run: sipp is not installed\n"
        log += "baresip 1.0.0 (Debian 1.0.0-4+b3): 22 fail, 3 nonstrict, 200 pass, 9 not-applicable\n"
        self.assertEqual(self.line(log, 0), (1, "205 passed, 1 failed, 32 skipped"))
        self.assertEqual(
            self.line(f"{log}  unexpected failure: rfc3261/x (rfc3261:8.1/1)\n", 1),
            (1, "205 passed, 2 failed, 32 skipped"),
        )
