"""Fresh recordings of third-party programs stand the same checks as those in the tree; long because the programs take their time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance.judge.traces import load_traces, replay
from conformance.record.flows import FLOWS
from conformance.run.model import Verdict

QUICK = ("rfc3261/call-udp", "rfc3261/call-tcp", "rfc3261/call-phones", "rfc3261/cancel")
"""Flows of a few seconds."""


class Fresh(SynchronousTestCase):
    """SIPp and baresip, recorded now."""

    def test_quick_flows(self) -> None:
        """A flow that is recorded now, in a network namespace of its own, has no failure that the kept one does not have."""
        needed = {"dumpcap", "editcap", "tshark", "ip", "dpkg-query"}
        needed |= {program for flow in FLOWS if flow.folder in QUICK for program in flow.programs}
        lacking = sorted(program for program in needed if shutil.which(program) is None)
        if lacking or os.name != "posix" or os.geteuid() != 0:
            raise SkipTest(f"not run: {', '.join(lacking)} not installed" if lacking else "not run: needs root")
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, "-m", "conformance.record", *QUICK, "--into", folder]
            done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
            if "no network namespace" in done.stderr:
                raise SkipTest("not run: no network namespace can be made here")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            fresh = load_traces(Path(folder))
            self.assertEqual({trace.name for trace in fresh}, set(QUICK))
            known = {entry.id for trace in load_traces() for entry in trace.expect}
            results = [result for trace in fresh for result in replay(trace)]
        self.assertGreater(len(results), 60)
        failed = {result.id for result in results if result.verdict is Verdict.FAIL}
        self.assertEqual(failed - known, set())
