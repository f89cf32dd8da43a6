"""Evidence: written, read, judged again, and readable by another program."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance.checks.codec import VectorCase
from conformance.checks.test.samples import vector
from conformance.errors import Misuse
from conformance.report.test.samples import event, result
from conformance.run.evidence import DECISIONS, EXCHANGES, MESSAGES, read_exchanges, recorded, write_evidence
from conformance.run.frames import Frame, with_frames, write_frames
from conformance.run.model import Result


def message(number: int = 1) -> Result:
    """A result whose input is a SIP message."""
    octets = b"OPTIONS sip:a@b.example SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nContent-Length: 0\r\n\r\n"
    params = {"format": "sip.message", "bytes": octets.hex()}
    asked = event(number, value={"command": "decode", "params": params}, malformed=True)
    return result("rfc3261/message/sample", format="sip.message", events=(asked, event(number + 1)))


class FrameTests(SynchronousTestCase):
    """Messages as a capture file."""

    def test_only_messages(self) -> None:
        """What is a whole message becomes a frame with a comment; a struct does not."""
        struct_only = result(
            events=(event(1, value={"command": "decode", "params": {"format": "reload.struct", "bytes": "01"}}),)
        )
        marked, frames = with_frames([struct_only, message(3)])
        self.assertEqual(len(frames), 1)
        self.assertEqual([one.frame for one in marked[1].events], [1, None])
        for word in ("rfc3261/message/sample", "event 3", "DELIBERATELY MALFORMED", "Verdict: pass"):
            self.assertIn(word, frames[0].comment)

    def test_octets_written_by_the_subject(self) -> None:
        """What a subject writes for a message is a frame from the subject."""
        events = (message().events[0], event(2, value={"id": 1, "result": {"bytes": "0102"}}))
        _marked, frames = with_frames([result(events=events)])
        self.assertEqual(frames[1].octets[12:16], bytes((192, 0, 2, 2)))

    def test_blocks(self) -> None:
        """The file is made of blocks whose two lengths agree, the packet among them."""
        stream = io.BytesIO()
        write_frames(stream, [Frame(1.5, b"abcde", "a comment")], "the harness")
        octets, at, kinds = stream.getvalue(), 0, []
        while at < len(octets):
            kind, length = struct.unpack_from("<II", octets, at)
            self.assertEqual(struct.unpack_from("<I", octets, at + length - 4)[0], length)
            kinds.append(kind)
            at += length
        self.assertEqual(kinds, [0x0A0D0D0A, 1, 6])
        self.assertIn(b"a comment", octets)

    def test_tshark_reads_it(self) -> None:
        """Another program reads the frame as SIP, with right checksums and our comment."""
        program = shutil.which("tshark")
        if program is None:
            raise SkipTest("tshark is not installed")
        path = Path(self.mktemp())
        with path.open("wb") as stream:
            write_frames(stream, with_frames([message()])[1], "the harness")
        words = [
            program,
            "-r",
            str(path),
            "-o",
            "udp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
            "-T",
            "fields",
        ]
        words += [
            word
            for name in ("sip.Method", "udp.checksum.status", "ip.checksum.status", "frame.comment")
            for word in ("-e", name)
        ]
        fields = subprocess.run(words, capture_output=True, check=True, timeout=60).stdout.decode().split("\t")
        self.assertEqual(fields[:3], ["OPTIONS", "1", "1"])
        self.assertIn("rfc3261/message/sample", fields[3])


class EvidenceTests(SynchronousTestCase):
    """The folder of evidence."""

    def write(self, results: list[Result]) -> Path:
        """A folder with the evidence of these results."""
        folder = Path(self.mktemp())
        marked, frames = with_frames(results)
        write_evidence(folder, marked, frames, {"vectors": "00"}, b"a log", "the harness")
        return folder

    def test_there_and_back(self) -> None:
        """Events come back as they were, by check."""
        folder = self.write([message()])
        self.assertEqual(read_exchanges(folder), {"rfc3261/message/sample": with_frames([message()])[0][0].events})

    def test_line_is_event(self) -> None:
        """Line N of the log is event N, and passes are in it."""
        folder = self.write([message(), result(events=(event(3), event(4)))])
        lines = (folder / EXCHANGES).read_text(encoding="utf-8").splitlines()
        self.assertEqual([json.loads(line)["number"] for line in lines], [1, 2, 3, 4])

    def test_decisions(self) -> None:
        """Every finding is in the decision log, with the verdict it leads to; the rest of the folder is there."""
        folder = self.write([result()])
        decision = json.loads((folder / DECISIONS).read_text(encoding="utf-8"))
        self.assertEqual((decision["finding"], decision["verdict"], decision["events"]), ("pass", "pass", [2]))
        self.assertEqual((folder / "evidence/subject.log").read_bytes(), b"a log")
        self.assertTrue((folder / MESSAGES).read_bytes())

    def test_unreadable(self) -> None:
        """No evidence, and a line that is none, are misuse with their place."""
        self.assertRaises(Misuse, read_exchanges, Path("no-such-folder"))
        folder = self.write([result()])
        (folder / EXCHANGES).write_text("{}\n", encoding="utf-8")
        self.assertIn(":1:", str(self.assertRaises(Misuse, read_exchanges, folder)))


class RecordedTests(SynchronousTestCase):
    """Recorded events meet what a case asks."""

    case = VectorCase(vector(format="sip.multipart"))

    def events(self, octets: str = "020102") -> tuple[object, ...]:
        """The exchange as it is recorded."""
        params = {**self.case.requests()[0].params, "bytes": octets}
        asked = event(1, value={"step": "first", "command": "decode", "params": params})
        return asked, event(2, value={"id": 1, "result": {"value": 1}})

    def test_joined(self) -> None:
        """A recorded reply becomes the outcome of its request; what is not recorded was not asked."""
        found = recorded(self.case.requests(), self.events())  # type: ignore[arg-type]
        self.assertEqual([one.kind for one in found.outcomes], ["reply", "unasked"])
        self.assertEqual(found.outcomes[0].event, 2)

    def test_stale(self) -> None:
        """A check that asks something else now does not judge the evidence."""
        found = recorded(self.case.requests(), self.events("00"))  # type: ignore[arg-type]
        self.assertIn("asks something else", found.stale)
