"""Tests of ``disco-conformance judge``."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.command import main


class JudgeTests(SynchronousTestCase):
    """The command, from words to exit code."""

    def _judge(self, *words: str) -> tuple[int, str, Path]:
        report = Path(self.mktemp())
        out, err = io.StringIO(), io.StringIO()
        self.patch(sys, "stdout", out)
        self.patch(sys, "stderr", err)
        return main(["judge", *words, "--report", str(report), "--quiet"]), out.getvalue() + err.getvalue(), report

    def _capture(self, name: str) -> Path:
        return places.traces() / name / "capture.pcapng"

    def test_good_capture(self) -> None:
        """A capture in which all is right: exit 0 and every report."""
        code, _, report = self._judge(str(self._capture("rfc3261/record-routed-call")))
        self.assertEqual(code, 0)
        results = json.loads((report / "result.json").read_text("utf-8"))["results"]
        self.assertGreater(sum(one["verdict"] == "pass" for one in results), 70)

    def test_failing_capture(self) -> None:
        """A failure that nobody listed: exit 1; as a trace with its expectations: exit 0."""
        name = "rfc3261/24-1-registration"
        self.assertEqual(self._judge(str(self._capture(name)))[0], 1)
        self.assertEqual(self._judge(str(places.traces() / name))[0], 0)

    def test_folder_of_traces(self) -> None:
        """All traces below a folder, each held to its expectations: exit 0."""
        code, _, report = self._judge(str(places.traces() / "disco00"))
        results = json.loads((report / "result.json").read_text("utf-8"))["results"]
        self.assertEqual((code, len({one["id"].split("/")[2] for one in results})), (0, 5))

    def test_selection_and_party(self) -> None:
        """Only what was selected, only what a party sent."""
        code, _, report = self._judge(
            str(self._capture("rfc3261/24-1-registration")), "--party", "192.0.2.4", "--only", "rfc3261/s10_2"
        )
        results = json.loads((report / "result.json").read_text("utf-8"))["results"]
        self.assertEqual((code, {one["id"].rsplit("/", 1)[0] for one in results}), (0, {"rfc3261/s10_2"}))

    def test_bad_input(self) -> None:
        """No file, garbage, a text, an empty capture, nothing to judge: exit 2 with one line."""
        garbage, empty = Path(self.mktemp()), Path(self.mktemp())
        garbage.write_bytes(b"\x01\x02\x03\x04" * 100)
        empty.write_bytes(self._capture("rfc3261/24-2-session").read_bytes()[:120][:0])
        for path in (garbage, empty, Path("/nonexistent"), places.schemas(), places.traces() / "README.md"):
            code, printed, _ = self._judge(str(path))
            self.assertEqual((code, printed.count("\n")), (2, 1), printed)

    def test_bad_options(self) -> None:
        """Ports and models that are none."""
        capture = str(self._capture("rfc3261/24-2-session"))
        for words in (
            ("--port", "70000=sip"),
            ("--port", "5=http"),
            ("--kind-model", "1=LIST"),
            ("--kind-model", "x=ARRAY"),
        ):
            self.assertEqual(self._judge(capture, *words)[0], 2)

    def test_party_that_sends_nothing(self) -> None:
        """A party of which nothing comes is a slip of the pen, not a pass; the senders are named."""
        code, printed, _ = self._judge(str(self._capture("rfc3261/24-1-registration")), "--party", "192.0.2.77")
        self.assertEqual(code, 2)
        self.assertIn("192.0.2.4:5060", printed)

    def test_command_again(self) -> None:
        """The command that a report gives for one check has the options that this run had."""
        capture = str(self._capture("rfc3261/24-1-registration"))
        words = ["--port", "5060=sip", "--party", "192.0.2.5", "--overlay-name", "a b"]
        report = self._judge(capture, *words)[2]
        results = json.loads((report / "result.json").read_text("utf-8"))["results"]
        again = next(one["run_again"] for one in results if one["verdict"] == "fail")
        self.assertIn(f"judge {capture} --port 5060=sip --party 192.0.2.5 --overlay-name 'a b' --only", again)

    def test_truncated(self) -> None:
        """A capture that breaks off is judged as far as it goes; exit 3, and the place is told."""
        path = Path(self.mktemp())
        path.write_bytes(self._capture("rfc3261/record-routed-call").read_bytes()[:9000])
        code, printed, _ = self._judge(str(path))
        self.assertEqual(code, 3)
        self.assertIn("the file ends inside", printed)
