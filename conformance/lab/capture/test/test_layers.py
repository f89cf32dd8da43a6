"""Tests of the way from a frame to a datagram or a stream."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.capture import packet as links
from conformance.lab.capture.flow import ethernet, tcp, udp
from conformance.lab.capture.layers import MOST_PENDING, Layers, Payload
from conformance.lab.capture.packet import Packet
from conformance.lab.capture.stream import MOST_WAITING, Piece, Streams

A, B = "192.0.2.1:5060", "192.0.2.2:5070"
A6, B6 = "[2001:db8::1]:5060", "[2001:db8::2]:5070"


def frame(octets: bytes, link_type: int = links.LINK_ETHERNET) -> Packet:
    """A packet with these octets."""
    return Packet(1, 1.0, link_type, octets, len(octets))


class LayersTests(SynchronousTestCase):
    """Link headers, IP, fragments."""

    def test_link_types(self) -> None:
        """The same IP packet under every link type."""
        for ends in ((A, B), (A6, B6)):
            whole = ethernet(*ends, 17, udp(*ends, b"hello"), 1)
            ip, kind = whole[14:], whole[12:14]
            for link_type, octets in (
                (links.LINK_ETHERNET, whole),
                (links.LINK_ETHERNET, whole[:12] + b"\x81\0\0\x05" + whole[12:]),
                (links.LINK_LINUX_SLL, bytes(14) + kind + ip),
                (links.LINK_LINUX_SLL2, kind + bytes(18) + ip),
                (links.LINK_RAW, ip),
                (links.LINK_NULL, b"\x02\0\0\0" + ip),
            ):
                found = Layers().take(frame(octets, link_type))
                assert found is not None, link_type
                self.assertEqual((found.source, found.destination, found.octets), (*ends, b"hello"))

    def test_user0_has_no_addresses(self) -> None:
        """Octets of link type USER0 are the payload."""
        found = Layers().take(frame(b"raw", links.LINK_USER0))
        assert found is not None
        self.assertEqual((found.transport, found.octets), ("none", b"raw"))

    def test_fragments_in_any_order(self) -> None:
        """Fragments come together whatever their order, and name all their frames."""
        datagram = udp(A, B, bytes(range(256)) * 10)
        parts = []
        for number, start in enumerate(range(0, len(datagram), 1000)):
            body = datagram[start : start + 1000]
            more = 0x2000 if start + 1000 < len(datagram) else 0
            whole = bytearray(ethernet(A, B, 17, body, 77))
            whole[20:22] = struct.pack("!H", more | start // 8)
            parts.append(Packet(number + 1, 1.0, 1, bytes(whole), len(whole)))
        layers = Layers()
        found = [layers.take(part) for part in (parts[2], parts[0], parts[1])]
        assert found[-1] is not None
        self.assertEqual((found[:2], found[-1].frames), ([None, None], (1, 2, 3)))
        self.assertEqual(found[-1].octets, bytes(range(256)) * 10)

    def test_fragments_are_bounded(self) -> None:
        """Fragments that never become whole are given up."""
        layers = Layers()
        for number in range(3 * MOST_PENDING):
            whole = bytearray(ethernet(A, B, 17, bytes(64), number))
            whole[20:22] = struct.pack("!H", 0x2000)
            layers.take(frame(bytes(whole)))
        self.assertLessEqual(len(layers._pending), MOST_PENDING + 1)

    @settings(deadline=None, derandomize=True, max_examples=300)
    @given(st.sampled_from([0, 1, 101, 113, 147, 276, 999]), st.binary(max_size=80), st.booleans())
    def test_any_octets(self, link_type: int, octets: bytes, behind: bool) -> None:
        """Any octets are a payload or are counted as unread."""
        front = ethernet(A, B, 17, b"", 1)[:20] if behind else b""
        Layers().take(frame(front + octets, link_type))


def segment(sequence: int, octets: bytes, flags: int = 0, ends: tuple[str, str] = (A, B)) -> Payload:
    """A TCP segment as it comes out of the layers."""
    found = Layers().take(frame(ethernet(*ends, 6, tcp(*ends, sequence % 2**32, 0, flags, octets), 1)))
    assert found is not None
    return found


def joined(segments: list[Payload]) -> tuple[bytes, list[Piece]]:
    """What comes out of a stream."""
    streams = Streams()
    found = [piece for one in segments for piece in streams.take(one)]
    found.extend(streams.end())
    return b"".join(piece.octets for piece in found), found


class StreamTests(SynchronousTestCase):
    """Segments in order."""

    def test_reordered_repeated_overlapping(self) -> None:
        """Order is by sequence number; what was seen before is left out."""
        start = 2**32 - 4
        some = [
            segment(start - 1, b"", 2), segment(start + 3, b"DEF"), segment(start, b"ABC"), segment(start, b"ABC"),
            segment(start + 4, b"EFGH"), segment(start + 8, b"I"),
        ]  # fmt: skip
        self.assertEqual(joined(some)[0], b"ABCDEFGHI")

    def test_gap(self) -> None:
        """A segment that never came is passed over at the end, and that is told."""
        octets, found = joined([segment(1, b"AB"), segment(5, b"CD")])
        self.assertEqual((octets, [piece.gap for piece in found]), (b"ABCD", [False, True]))

    def test_waiting_is_bounded(self) -> None:
        """A stream with a gap does not hold more than its bound."""
        streams = Streams()
        list(streams.take(segment(1, b"A")))
        taken = sum(
            len(piece.octets)
            for number in range(1200)
            for piece in streams.take(segment(100 + 1000 * number, bytes(1000)))
        )
        self.assertGreater(taken, 1_200_000 - MOST_WAITING - 2000)

    def test_new_connection_on_old_ports(self) -> None:
        """A SYN starts a fresh stream."""
        _, found = joined([segment(1, b"A"), segment(5000, b"", 2), segment(5001, b"B")])
        self.assertEqual([piece.fresh for piece in found], [True, True])
