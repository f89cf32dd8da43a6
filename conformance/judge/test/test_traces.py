"""Tests of the canned exchanges: each replays as its file says, and comes from its text."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.errors import SuiteFault
from conformance.judge import traces
from conformance.judge.judging import read_capture
from conformance.judge.traces import CAPTURE, load_trace, load_traces, replay, replay_all
from conformance.lab.capture.flow import read_flow
from conformance.lab.capture.test.joined import Joined
from conformance.lab.capture.write import pcapng_of
from conformance.run.expectations import compare
from conformance.run.model import Verdict

FLOWS = sorted(places.traces().glob("*/*/flow.toml"))


class ReplayTests(SynchronousTestCase):
    """Every trace in the tree."""

    def test_as_expected(self) -> None:
        """No failure that is not listed, none listed that holds, nothing inconclusive or broken."""
        results, entries = replay_all()
        found = compare(results, entries, {result.id for result in results})
        self.assertEqual([f"{one.id}: {one.decisive}" for one in found.unexpected], [])
        self.assertEqual([one[0].id for one in found.stale], [])
        self.assertEqual([f"{one.id}: {one.decisive}" for one in found.unclear], [])

    def test_counted(self) -> None:
        """Every trace says which checks judged it."""
        self.assertEqual([trace.name for trace in load_traces() if not trace.judged], [])

    def test_specification_examples_and_hand_work_hold(self) -> None:
        """A flow worked out by hand has no failure; only a published example may have one, with its reason."""
        for trace in load_traces():
            if trace.origin.how == "worked-out":
                self.assertEqual(trace.expect, (), trace.name)

    def test_captures_come_from_their_flows(self) -> None:
        """Each capture beside a flow is what the flow gives, octet for octet."""
        for path in FLOWS:
            self.assertEqual(pcapng_of(read_flow(path)), (path.parent / "capture.pcapng").read_bytes(), str(path))

    def test_second_decoder(self) -> None:
        """No message of a flow worked out by hand is malformed to tshark, and it sees every one of them."""
        if shutil.which("tshark") is None:
            raise SkipTest("tshark is not installed")
        captures = [path.parent / CAPTURE for path in FLOWS]
        shown = Joined(captures, Path(self.mktemp())).shown(
            "_ws.malformed || sip || reload || reload-framing", ["_ws.malformed", "sip.CSeq.method"]
        )
        self.assertEqual({place: row for place, row in shown.items() if row[0]}, {})
        traces = {trace.folder / CAPTURE: trace for trace in load_traces()}
        for path in captures:
            for event, message in read_capture(path, traces[path].reading).sip:
                self.assertIn(message.cseq[1] if message.cseq else "", shown[path, event.frames[-1]][1], str(path))


class FormTests(SynchronousTestCase):
    """The file of a trace."""

    def _trace(self, find: str, put: str) -> Path:
        folder = Path(self.mktemp()) / "rfc3261" / "copy"
        shutil.copytree(places.traces() / "rfc3261" / "24-2-session", folder)
        path = folder / "trace.toml"
        text = path.read_text("utf-8")
        self.assertIn(find, text)
        path.write_text(text.replace(find, put, 1), "utf-8")
        return folder

    def test_faults(self) -> None:
        """Every broken rule is listed."""
        for find, put, problem in (
            ("title =", "heading =", "heading: not known"),
            ('how = "specification-example"', 'how = "guessed"', "origin"),
            ('how = "specification-example"', 'how = "recorded"', "programs"),
            ('"rfc3261:24.2/0"', '"section 24"', "clause id"),
            ("[judged]", '[[expect]]\ncheck = "none"\nreason = "x"\n[judged]', "no check"),
        ):
            fault = self.assertRaises(SuiteFault, load_trace, self._trace(find, put))
            self.assertIn(problem, str(fault))

    def test_lost_observations(self) -> None:
        """A check that judges less than before, or nothing any more, is a fault of the harness."""
        folder = self._trace(
            '"rfc3261/s08_1_1_3/from-tag" = 5', '"rfc3261/s08_1_1_3/from-tag" = 500\n"rfc3262/s03/offered" = 1'
        )
        broken = [one.id for one in replay(load_trace(folder)) if one.verdict is Verdict.HARNESS_ERROR]
        prefix = "traces/rfc3261/copy/"
        self.assertEqual(sorted(broken), [f"{prefix}rfc3261/s08_1_1_3/from-tag", f"{prefix}rfc3262/s03/offered"])

    def test_write(self) -> None:
        """The observations are written once, and again the same."""
        folder = self._trace("[judged]", "[judged]")
        self.patch(sys, "stdout", io.StringIO())
        before = (folder / "trace.toml").read_text("utf-8")
        self.assertEqual(traces.main(["--write", str(folder)]), 0)
        self.assertEqual((folder / "trace.toml").read_text("utf-8"), before)
