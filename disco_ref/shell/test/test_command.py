"""The command line ``disco-ref``: what it prints, where, and its exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from unittest import SkipTest

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

import disco_ref
from disco_ref.conference.test.documents import SAMPLE
from disco_ref.media.test.test_sdp_reading import EXAMPLE
from disco_ref.shell.command import main
from disco_ref.shell.commands.test.programs import environment
from disco_ref.shell.release import release


class CommandTest(SynchronousTestCase):
    """One run of the command."""

    def run_with(self, *arguments: str, octets: bytes = b"") -> tuple[int, bytes, str]:
        """Exit status, standard output, standard error."""
        output, errors = io.TextIOWrapper(io.BytesIO()), io.StringIO()
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
        self.patch(sys, "stdout", output)
        self.patch(sys, "stderr", errors)
        try:
            status = main(arguments)
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
        output.flush()
        assert isinstance(output.buffer, io.BytesIO)
        return status, output.buffer.getvalue(), errors.getvalue()

    def file(self, octets: bytes) -> str:
        """A file that holds these octets."""
        path = Path(self.mktemp())
        path.write_bytes(octets)
        return str(path)

    def test_version(self) -> None:
        """--version says which one it is, exit 0; without it nobody looks that up."""
        self.assertEqual(self.run_with("--version"), (0, f"disco-ref {release()}\n".encode(), ""))
        loaded = "import sys, disco_ref.shell.command as c; c._parser(''); print('importlib.metadata' in sys.modules)"
        ran = subprocess.run([sys.executable, "-c", loaded], env=environment(), capture_output=True, check=True)
        self.assertEqual(ran.stdout, b"False\n")

    def test_json(self) -> None:
        """What is well formed is printed as JSON, exit 0: from a file, from `-` and from nothing."""
        for arguments in ((self.file(EXAMPLE.encode()),), ("-",), ()):
            status, output, errors = self.run_with("decode", "sdp", *arguments, octets=EXAMPLE.encode())
            self.assertEqual((status, errors), (0, ""))
            self.assertEqual(json.loads(output)["origin"]["username"], "jdoe")

    def test_reencode(self) -> None:
        """--reencode writes octets."""
        octets = EXAMPLE.replace("\r\n", "\n").encode()
        self.assertEqual(self.run_with("decode", "sdp", "--reencode", octets=octets), (0, EXAMPLE.encode(), ""))

    def test_hex(self) -> None:
        """--hex takes hexadecimal digits with white space; other characters are misuse."""
        status, output, _ = self.run_with("decode", "struct", "ProbeReq", "--hex", octets=b"02 01\n02")
        self.assertEqual((status, len(json.loads(output)["requested_info"])), (0, 2))
        status, _, errors = self.run_with("decode", "struct", "ProbeReq", "--hex", octets=b"0x02")
        self.assertEqual((status, errors.count("\n")), (2, 1))

    def test_refused(self) -> None:
        """What is refused gives one line on standard error that says where and why, exit 1."""
        path = self.file(b"v=0\r\n")
        self.assertEqual(
            self.run_with("decode", "sdp", path), (1, b"", f"disco-ref: {path}: end at byte 5: o= is missing\n")
        )
        status, _, errors = self.run_with("decode", "struct", "ProbeReq", octets=b"\x02\x01")
        self.assertEqual((status, errors.count("\n")), (1, 1))
        self.assertIn("ProbeReq.requested_info at byte 1", errors)

    def test_sip_status(self) -> None:
        """A refused SIP request prints the status its sender is owed; the line on standard error stays one."""
        status, output, errors = self.run_with("decode", "sip", octets=b"INVITE sip:a@example.com SIP/3.0\r\n\r\n")
        self.assertEqual((status, errors.count("\n")), (1, 1))
        self.assertIn(json.loads(output)["status"], (400, 505))

    def test_sip(self) -> None:
        """A SIP message is printed with its headers as arrays of values."""
        response = b"SIP/2.0 100 Trying\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\n"
        rest = b"To: <sip:b@example.com>\r\nCall-ID: 1@a\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        status, output, errors = self.run_with("decode", "sip", octets=response + rest)
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(json.loads(output)["headers"]["cseq"], [{"number": 1, "method": "INVITE"}])

    def test_misuse(self) -> None:
        """A missing file, an unknown struct, kind, verb or context is misuse, exit 2."""
        status, _, errors = self.run_with("decode", "sdp", self.mktemp())
        self.assertEqual(status, 2)
        self.assertIn("No such file", errors)
        status, _, errors = self.run_with("decode", "struct", "StorReq")
        self.assertEqual(status, 2)
        self.assertIn("did you mean StoreReq", errors)
        for arguments in (
            (),
            ("decode",),
            ("decode", "xml"),
            ("decode", "struct"),
            ("decode", "sdp", "--node-id-length", "21"),
            ("decode", "sdp", "--kind", "7"),
            ("decode", "sdp", "--kind", "7=LIST"),
            ("decode", "sdp", "--kind", "0x1FFFFFFFF=ARRAY"),
            ("decode", "document", "--type", "register"),
            ("encode", "sdp"),
        ):
            self.assertEqual(self.run_with(*arguments)[0], 2, arguments)

    def test_context(self) -> None:
        """The context reaches the decoder."""
        node_id = "01" * 20
        status, output, errors = self.run_with(
            "decode", "struct", "JoinReq", "--hex", "--node-id-length", "20", octets=f"{node_id}0000".encode()
        )
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(json.loads(output)["joining_peer_id"], node_id)
        value = b"00000001" + b"00" * 7 + b"01"
        for arguments, status in (((), 1), (("--kind", "0xF0000001=SINGLE"), 1), (("--data-model", "SINGLE"), 1)):
            self.assertEqual(
                self.run_with("decode", "struct", "StoredData", "--hex", *arguments, octets=value)[0], status
            )

    def test_document(self) -> None:
        """A document is read by its root, or refused where --type says something else."""
        status, output, _ = self.run_with("decode", "document", octets=SAMPLE)
        self.assertEqual((status, json.loads(output)["conference-info"]["version"]), (0, 7))
        status, output, errors = self.run_with("decode", "document", "--type", "configuration", octets=SAMPLE)
        self.assertEqual((status, output), (1, b""))
        self.assertIn("overlay", errors)

    def test_help(self) -> None:
        """The help teaches by examples and names the exit status."""
        for arguments in (("--help",), ("decode", "--help"), ("decode", "struct", "--help"), ("adapter", "--help")):
            status, output, _ = self.run_with(*arguments)
            self.assertEqual(status, 0)
            self.assertIn(b"usage: disco-ref", output)
        self.assertIn(b"disco-ref decode struct StoreReq", self.run_with("--help")[1])

    def test_misuse_is_one_line(self) -> None:
        """What is wrong, and where the examples stand; not all options."""
        for arguments in ((), ("no-such-verb",), ("focus", "--udp", "nowhere"), ("decode", "sip", "--bogus")):
            status, output, errors = self.run_with(*arguments)
            self.assertEqual((status, output, len(errors.splitlines())), (2, b"", 1), errors)
            self.assertIn("--help` has examples", errors)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.sampled_from(["sip", "reload", "framed", "sdp", "document"]), st.binary(max_size=80))
    def test_any_octets(self, kind: str, octets: bytes) -> None:
        """Any octets give JSON and exit 0, or one line and exit 1."""
        status, output, errors = self.run_with("decode", kind, octets=octets)
        if status == 0:
            json.loads(output)
        else:
            self.assertEqual((status, errors.count("\n")), (1, 1))
            if kind == "sip":
                self.assertIn("status", json.loads(output))
            else:
                self.assertEqual(output, b"")

    def test_closed_streams(self) -> None:
        """A standard stream that is closed is misuse, and nothing takes the place of standard error."""
        sample = self.file(EXAMPLE.encode())
        output, errors = io.TextIOWrapper(io.BytesIO()), io.StringIO()
        self.patch(sys, "stderr", errors)
        for closed, arguments in (
            ("stdin", ("decode", "sdp")),
            ("stdin", ("adapter",)),
            ("stdout", ("decode", "sdp", sample)),
            ("stdout", ("decode", "sdp", "--reencode", sample)),
            ("stdout", ("adapter",)),
        ):
            for name, stream in (("stdin", io.TextIOWrapper(io.BytesIO())), ("stdout", output)):
                self.patch(sys, name, None if name == closed else stream)
            self.assertEqual(main(arguments), 2, (closed, arguments))
        self.assertEqual(errors.getvalue().count("is closed\n"), 5)
        self.patch(sys, "stdout", output)
        self.patch(sys, "stderr", None)
        self.assertEqual(main(("decode", "sdp", self.file(b""))), 1)
        output.flush()
        assert isinstance(output.buffer, io.BytesIO)
        self.assertEqual(output.buffer.getvalue(), b"")


class ProcessTest(SynchronousTestCase):
    """The command as a process."""

    def started(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A process of the command, run from the tree."""
        return subprocess.Popen(
            [sys.executable, "-m", "disco_ref.shell.command", *arguments],
            cwd=Path(disco_ref.__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def test_adapter(self) -> None:
        """The adapter answers while its input is open, and ends when that ends."""
        process = self.started("adapter")
        assert process.stdin and process.stdout
        process.stdin.write(b'{"id": 1, "command": "hello"}\n')
        process.stdin.flush()
        self.assertEqual(json.loads(process.stdout.readline())["id"], 1)
        output, errors = process.communicate(b"", timeout=30)
        self.assertEqual((process.returncode, output, errors), (0, b"", b""))

    def test_nobody_reads(self) -> None:
        """A reader that goes away makes no noise."""
        process = self.started("decode", "sdp")
        assert process.stdout and process.stdin and process.stderr
        process.stdout.close()
        process.stdin.write(EXAMPLE.encode())
        process.stdin.close()
        self.assertEqual((process.wait(30), process.stderr.read()), (0, b""))
        process.stderr.close()

    def test_nobody_reads_a_refusal(self) -> None:
        """What is refused stays refused when the reader of the JSON goes away."""
        process = self.started("decode", "sip")
        assert process.stdout and process.stdin and process.stderr
        process.stdout.close()
        process.stdin.close()
        self.assertEqual((process.wait(30), process.stderr.read().count(b"\n")), (1, 1))
        process.stderr.close()

    def test_no_room(self) -> None:
        """Output that cannot be written gives one line and exit 2."""
        if not Path("/dev/full").exists():
            raise SkipTest("no /dev/full")
        for arguments in (("decode", "sdp"), ("decode", "sdp", "--reencode"), ("adapter",)):
            with Path("/dev/full").open("wb") as full:
                process = subprocess.run(
                    [sys.executable, "-m", "disco_ref.shell.command", *arguments],
                    cwd=Path(disco_ref.__file__).parent.parent,
                    input=EXAMPLE.encode(),
                    stdout=full,
                    stderr=subprocess.PIPE,
                    timeout=30,
                    check=False,
                )
            self.assertEqual((process.returncode, process.stderr.count(b"\n")), (2, 1), process.stderr)
