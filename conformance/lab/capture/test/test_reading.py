"""Tests of capture files: both formats, both byte orders, and every way to be broken."""

from __future__ import annotations

import io
import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.capture.packet import CaptureFault, Packet
from conformance.lab.capture.reading import packets
from conformance.lab.capture.writing import write_pcap, write_pcapng

SOME = [Packet(1, 1291215600.25, 1, b"first", 5, "a comment"), Packet(2, 1291215601.5, 1, b"the second!", 11)]


def written(write: object = write_pcapng, **options: str) -> bytes:
    """Some packets as a file."""
    file = io.BytesIO()
    assert callable(write)
    write(file, SOME, **options)
    return file.getvalue()


def read(octets: bytes) -> list[Packet]:
    """All packets of a file."""
    return list(packets(io.BytesIO(octets)))


class ReadingTests(SynchronousTestCase):
    """Reading what was written."""

    def test_pcapng(self) -> None:
        """Packets, times and comments come back."""
        self.assertEqual(read(written()), SOME)

    def test_pcap_in_both_orders(self) -> None:
        """The older format has no comments."""
        wanted = [packet._replace(comment="") for packet in SOME]
        for order in "<>":
            self.assertEqual(read(written(write_pcap, order=order)), wanted)

    def test_nanoseconds(self) -> None:
        """The magic of nanoseconds changes the unit."""
        octets = (
            struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101)
            + struct.pack("<IIII", 7, 500_000_000, 1, 1)
            + b"x"
        )
        self.assertEqual(read(octets), [Packet(1, 7.5, 101, b"x", 1)])

    def test_big_endian_pcapng_with_other_blocks(self) -> None:
        """Order is by section, the resolution by interface, blocks nobody knows are passed over."""
        octets = _block(">", 0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1))
        octets += _block(">", 1, struct.pack(">HHI", 147, 0, 0) + struct.pack(">HH", 9, 1) + b"\x09\0\0\0")
        octets += _block(">", 0xBAD, b"1234") + _block(
            ">", 6, struct.pack(">IIIII", 0, 0, 2_000_000_000, 3, 3) + b"abc\0"
        )
        octets += _block(">", 3, struct.pack(">I", 2) + b"zz\0\0")
        self.assertEqual(read(octets), [Packet(1, 2.0, 147, b"abc", 3), Packet(2, 0.0, 147, b"zz", 2)])

    def test_every_truncation(self) -> None:
        """Cut anywhere, the file gives its whole packets and then a fault at an octet of the file, or just ends."""
        for octets in (written(), written(write_pcap)):
            for length in range(len(octets)):
                found: list[Packet] = []
                try:
                    found.extend(packets(io.BytesIO(octets[:length])))
                except CaptureFault as fault:
                    self.assertLessEqual(fault.offset, length)
                self.assertLessEqual(len(found), 2)

    def test_absurd_lengths(self) -> None:
        """Lengths that no file can honour are refused before anything is read for them."""
        octets = written(write_pcap)
        absurd = octets[:32] + struct.pack("<I", 0x7FFFFFFF) + octets[36:]
        self.assertIn("2147483647", str(self.assertRaises(CaptureFault, read, absurd)))
        block = struct.pack("<II", 0x0A0D0D0A, 0xFFFFFFFC) + struct.pack("<I", 0x1A2B3C4D)
        self.assertEqual(self.assertRaises(CaptureFault, read, block).offset, 4)

    def test_block_lengths_disagree(self) -> None:
        """The length at the end of a block is that at its beginning."""
        octets = written()
        self.assertRaises(CaptureFault, read, octets[:-4] + struct.pack("<I", 12))

    def test_packet_without_interface(self) -> None:
        """A packet of an interface that was not described is refused."""
        octets = _block("<", 0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + _block("<", 6, bytes(20))
        self.assertIn("interface 0", str(self.assertRaises(CaptureFault, read, octets)))

    @settings(deadline=None, derandomize=True, max_examples=300)
    @given(st.binary(max_size=300), st.sampled_from([b"", written()[:120], written(write_pcap)[:40]]))
    def test_any_octets(self, octets: bytes, front: bytes) -> None:
        """Garbage, alone or behind a good beginning, gives packets or a fault."""
        try:
            read(front + octets)
        except CaptureFault as fault:
            self.assertTrue(fault.why)


def _block(order: str, kind: int, body: bytes) -> bytes:
    total = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + total + body + total
