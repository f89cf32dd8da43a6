"""tshark as a witness of a run over sockets."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.command import main
from conformance.lab.reload import encode_framed
from conformance.live.evidence import LOG, WIRE, write_played
from conformance.live.memory.record import Entry, Record
from conformance.live.overlay import writing
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.sockets.links import SocketLinks
from conformance.live.overlay.wire import OCTETS, OPEN
from conformance.live.overlay.writing import Sealing
from conformance.live.playing import COMPLETE, Played

HOST = ("127.0.0.1", 9)


class ConfirmTests(SynchronousTestCase):
    """One Ping over a real link."""

    def setUp(self) -> None:
        """A report with one scenario; nothing without tshark."""
        if shutil.which("tshark") is None:
            self.skipTest("tshark is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.report = Path(folder.name)

    def play(self, transport: str, *, spoilt: bool = False) -> None:
        """A Ping is sent, and written down; ``spoilt``: otherwise than it was sent."""
        overlay = Overlay(time.time())
        near, far = SocketLinks(HOST), SocketLinks(HOST)
        self.addCleanup(near.close)
        self.addCleanup(far.close)
        near.open("ann", overlay.certify("ann@x"))
        to = far.open("bob", overlay.certify("bob@x"))
        header = {
            "relo_token": 0xD2454C4F, "overlay": overlay.number, "configuration_sequence": 22, "version": 10,
            "ttl": 100, "fragment": 0xC0000000, "transaction_id": "5", "max_response_length": 0, "via_list": [],
            "options": [], "destination_list": [writing.node(bytes(16))],
        }  # fmt: skip
        body = writing.body_of("PingReq", {"padding": "00"}, overlay.context)
        ping = writing.message(header, 23, body, Sealing(by=overlay.certify("ann@x")), overlay.context)  # type: ignore[arg-type]
        frame = encode_framed(
            {"frames": [{"type": "data", "sequence": 1, "message": ping.hex()}], "rest": ""}, overlay.context
        )
        link = near.connect("ann", transport, to)
        self._until(near, far, OPEN)
        near.send(link, frame)
        self._until(far, near, OCTETS)
        way = near.way(link)
        said = frame if not spoilt else frame[:-1] + bytes([frame[-1] ^ 1])
        record = Record(wire=near.wire)
        record.entries.append(
            Entry(
                time=near.now,
                party="ann",
                sent=False,
                transport=transport,
                source=way.near,
                destination=way.far,
                octets=said,
            )
        )
        played = Played(
            scenario="peer/ping", what="A Ping.", ended=COMPLETE, why="", record=record, transport=transport, virtual=False,
            scale=1.0, started=near.now, seconds=0.1, protocol="reload", context={"overlay_name": overlay.name, "kinds": {}},
        )  # fmt: skip
        write_played(self.report, played, {})

    def _until(self, one: SocketLinks, other: SocketLinks, what: str) -> None:
        limit = time.monotonic() + 5
        while time.monotonic() < limit:
            if any(each.what == what for each in one.wait(one.now + 0.01)):
                return
            other.wait(other.now + 0.01)
        self.fail(f"no {what}")

    def confirm(self) -> tuple[int, str]:
        """The exit code, and what is printed."""
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            return main(["confirm", str(self.report)]), out.getvalue()

    def test_what_was_said_is_confirmed(self) -> None:
        """Over both transports, by the keys in the file."""
        for transport in ("tls", "dtls"):
            self.play(transport)
            code, text = self.confirm()
            self.assertEqual(code, 0, text)
            self.assertRegex(text, r"\d{3} octets inside 1 flows of TLS and DTLS; 1 messages read; 0 against")

    def test_what_was_said_otherwise_is_found(self) -> None:
        """Evidence that is not what was on the wire."""
        self.play("tls", spoilt=True)
        code, text = self.confirm()
        self.assertEqual(code, 1)
        self.assertIn("disagree  peer/ping: from ", text)

    def test_a_report_without_scenarios(self) -> None:
        """Nothing to be asked about."""
        self.assertEqual(self.confirm()[0], 2)

    def test_virtual_time_has_no_wire(self) -> None:
        """Its messages are read all the same."""
        self.play("tls")
        folder = next(self.report.rglob(LOG)).parent
        (folder / WIRE).unlink()
        self.assertTrue(json.loads((folder / LOG).read_text())["entries"])
        code, text = self.confirm()
        self.assertEqual(code, 0, text)
        self.assertIn("no flow (time was virtual); 1 messages", text)
