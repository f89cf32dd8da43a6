"""Cases from recordings."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.checks.codec import VectorCase
from conformance.checks.recorded import recorded_vectors
from conformance.checks.test.samples import outcomes
from conformance.judge.judging import read_capture
from conformance.judge.traces import CAPTURE, Trace, load_traces
from conformance.lab.capture.test.joined import Joined
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at
from conformance.run.model import Verdict, worst

FIELDS: dict[str, Callable[[Message], list[str]]] = {
    "sip.Method": lambda message: [message.method or ""] if message.is_request else [],
    "sip.r-uri": lambda message: [message.request_uri] if message.is_request else [],
    "sip.Status-Code": lambda message: [] if message.is_request else [str(message.status)],
    "sip.Call-ID": lambda message: [message.call_id or ""],
    "sip.CSeq.seq": lambda message: [str(message.cseq[0])] if message.cseq else [],
    "sip.CSeq.method": lambda message: [message.cseq[1]] if message.cseq else [],
    "sip.from.tag": lambda message: [message.from_tag] if message.from_tag else [],
    "sip.to.tag": lambda message: [message.to_tag] if message.to_tag else [],
    "sip.Via.transport": lambda message: [text_at(via, "transport") or "" for via in message.values("via")],
    "sip.Via.branch": lambda message: [text_at(via, "parameters", "branch") or "" for via in message.values("via")],
    "sip.Via.sent-by.address": lambda message: [text_at(via, "host") or "" for via in message.values("via")],
    "sip.Content-Length": lambda message: [str(length) for length in message.values("content-length")],
    "sip.Max-Forwards": lambda message: [str(hops) for hops in message.values("max-forwards")],
    "sip.Expires": lambda message: [str(seconds) for seconds in message.values("expires")],
}
"""What tshark shows of a message, and the same as the lab reads it."""


class RecordedTests(SynchronousTestCase):
    """What third-party programs sent is input for a codec."""

    def test_messages(self) -> None:
        """Every case names the recording it comes from, expects a request or a response, and is asked for once."""
        found = recorded_vectors()
        self.assertGreater(len(found), 50)
        self.assertEqual(
            len({vector.octets for vector in found.values() if "call-udp" in vector.id}),
            sum("call-udp" in one for one in found),
        )
        for identity, vector in found.items():
            self.assertEqual((vector.origin.how, identity.split("/")[0]), ("recorded", "traces"))
            value = vector.expected("value")
            self.assertTrue("method" in value or "status_code" in value, identity)

    def test_judged(self) -> None:
        """Another value than the one that was recorded fails."""
        vector = next(iter(recorded_vectors().values()))
        right, wrong = (
            {"value": vector.expect["value"]},
            {"value": {**vector.expected("value"), "sip_version": "SIP/3.0"}},
        )
        case = VectorCase(vector)
        self.assertIs(worst(case.judge(outcomes(case, {"first": {"result": right}}))), Verdict.PASS)
        self.assertIs(worst(case.judge(outcomes(case, {"first": {"result": wrong}}))), Verdict.FAIL)

    def test_none(self) -> None:
        """Without recordings there are no cases."""
        self.patch(places, "traces", lambda: Path("no/such/folder"))
        self.assertEqual(recorded_vectors(), {})


class SecondDecoderTests(SynchronousTestCase):
    """tshark, which nobody here wrote, on the messages whose expected values the lab has read."""

    def shown(self, traces: list[Trace]) -> dict[tuple[Path, int], list[list[str]]]:
        """What tshark shows, by capture and frame."""
        ports = sorted({port for trace in traces for port in trace.reading.ports})
        taken = [word for port in ports for way in ("udp", "tcp") for word in ("-d", f"{way}.port=={port},sip")]
        joined = Joined([trace.folder / CAPTURE for trace in traces], Path(self.mktemp()))
        return joined.shown("sip", list(FIELDS), *taken)

    def test_agrees(self) -> None:
        """Every recorded message has the same start line, dialog, transaction, route back and lengths for both."""
        if shutil.which("tshark") is None:
            raise SkipTest("not run: tshark is not installed")
        compared = 0
        traces = [trace for trace in load_traces() if trace.origin.how == "recorded"]
        shown = self.shown(traces)
        for trace in traces:
            frames: dict[int, list[Message]] = {}
            for event, message in read_capture(trace.folder / CAPTURE, trace.reading).sip:
                frames.setdefault(event.frames[-1], []).append(message)
            for frame, messages in frames.items():
                read = [[one for message in messages for one in take(message)] for take in FIELDS.values()]
                self.assertEqual(
                    dict(zip(FIELDS, shown[trace.folder / CAPTURE, frame], strict=True)),
                    dict(zip(FIELDS, read, strict=True)),
                    f"{trace.name} {frame}",
                )
                compared += len(messages)
        self.assertGreater(compared, len(recorded_vectors()) - 1)
