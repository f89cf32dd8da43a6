"""Tests of flows written as text."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.capture import write
from conformance.lab.capture.flow import FlowFault, checksum, packets_of, read_flow
from conformance.lab.capture.layers import Layers
from conformance.lab.capture.stream import Streams

FLOW = """
title = "t"
start = 10.0
[parties]
a = "192.0.2.1:5060"
b = "[2001:db8::2]:5060"
c = "192.0.2.3:5060"
[[message]]
id = "F1"
from = "a"
to = "c"
at = 0.5
text = '''one
two
'''
[[message]]
id = "F2"
from = "a"
to = "c"
transport = "tcp"
hex = "414243"
cut = [1]
join = true
[[message]]
id = "F3"
from = "a"
to = "c"
transport = "tcp"
hex = "44"
"""


class FlowTests(SynchronousTestCase):
    """From text to packets."""

    def _flow(self, text: str) -> Path:
        path = Path(self.mktemp())
        path.mkdir()
        (path / "flow.toml").write_text(text, encoding="utf-8")
        return path / "flow.toml"

    def test_packets(self) -> None:
        """Line ends become CR LF; a joined message shares its segment, a cut one is split."""
        layers, streams = Layers(), Streams()
        found = [layers.take(packet) for packet in packets_of(read_flow(self._flow(FLOW)))]
        first = found[0]
        assert first is not None
        self.assertEqual((first.octets, first.time), (b"one\r\ntwo\r\n", 10.5))
        pieces = [piece.octets for one in found[1:] if one for piece in streams.take(one)]
        self.assertEqual(pieces, [b"A", b"BCD"])

    def test_checksums(self) -> None:
        """The checksum over a header with its checksum is zero."""
        packet = next(iter(packets_of(read_flow(self._flow(FLOW)))))
        self.assertEqual(checksum(packet.octets[14:34]), 0)

    def test_same_again(self) -> None:
        """Writing twice gives the same octets."""
        path = self._flow(FLOW)
        self.assertEqual(write.main([str(path)]), 0)
        first = (path.parent / "capture.pcapng").read_bytes()
        self.assertEqual(write.main([str(path)]), 0)
        self.assertEqual((path.parent / "capture.pcapng").read_bytes(), first)

    def test_faults(self) -> None:
        """A flow that cannot be written says which message is at fault."""
        self.patch(sys, "stderr", io.StringIO())
        for find, put in (
            ('to = "c"', 'to = "x"'),
            ('id = "F2"', 'id = "F1"'),
            ("[parties]", "[parties"),
            ("cut", "cat"),
        ):
            path = self._flow(FLOW.replace(find, put, 1))
            self.assertRaises(FlowFault, read_flow, path)
            self.assertEqual(write.main([str(path)]), 1)
        self.assertEqual(write.main([]), 2)
