"""Tests of RTP packets and silence."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.media import rtp
from disco_ref.media.offer_answer.agreement import AgreedStream
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.formats import STATIC, Codec, Format
from disco_ref.media.silence import silence_for
from disco_ref.sip.flow import Address


def stream(*formats: Format, packet_time: int | None = None) -> AgreedStream:
    """A stream of audio in these formats."""
    address = Address("192.0.2.1", 6000)
    return AgreedStream(
        0, "audio", 4, address.host, address, None, Direction.sendrecv, formats, formats, packet_time
    )  # fmt: skip


class Packets(SynchronousTestCase):
    """Headers."""

    def test_worked(self) -> None:
        """A packet laid out by hand is read field by field, and written again."""
        octets = bytes.fromhex("92 88 1234 00000140 deadbeef 00000001 00000002 bede0001 10aa0000") + b"tone"
        header, payload = rtp.read(octets)
        self.assertEqual(
            header,
            rtp.Header(8, 0x1234, 320, 0xDEADBEEF, True, (1, 2), bytes.fromhex("bede000110aa0000")),
        )
        self.assertEqual(payload, b"tone")
        self.assertEqual(header.octets(payload), octets)

    def test_padding(self) -> None:
        """Padding is not part of the payload; padding longer than the packet, or none where some is said, is refused."""
        head = bytes.fromhex("a0 00 0001 00000000 00000001")
        self.assertEqual(rtp.read(head + b"ab\0\0\3")[1], b"ab")
        for tail in (b"ab\0\0\0", b"ab\0\0\6", b"\1\2\x63"):
            with self.assertRaises(rtp.MalformedPacket):
                rtp.read(head + tail)

    def test_truncated(self) -> None:
        """Every truncation of the head is refused."""
        octets = bytes.fromhex("91 00 0001 00000000 00000001 00000002 bede0001 10aa0000")
        for end in range(len(octets)):
            with self.assertRaises(rtp.MalformedPacket):
                rtp.read(octets[:end])
        rtp.read(octets)

    @settings(deadline=None, derandomize=True, max_examples=400)
    @given(st.integers(0x80, 0xBF), st.binary(min_size=8, max_size=90), st.integers(0, 4))
    def test_anything(self, first: int, others: bytes, words: int) -> None:
        """Any octets are read or refused; what is read comes out again, but for its padding."""
        octets = bytearray([first, *others])
        length = 14 + 4 * (first & 15)
        octets[length : length + 2] = words.to_bytes(2, "big")
        try:
            header, payload = rtp.read(bytes(octets))
        except rtp.MalformedPacket:
            return
        again = header.octets(payload)
        self.assertEqual((again[0], again[1:]), (first & ~0x20, octets[1 : len(again)]))
        self.assertEqual(len(octets) - len(again), octets[-1] if first & 0x20 else 0)

    def test_told_apart(self) -> None:
        """Media and reports are no substitute for one another; compound reports fill their packet."""
        media = rtp.Header(0, 1, 1, 1).octets(b"x" * 160)
        report = bytes.fromhex("80c90001 00000001") + bytes.fromhex("81ca0002 00000001 01000000")
        self.assertTrue(rtp.is_media(media) and rtp.is_report(report))
        self.assertFalse(rtp.is_report(media) or rtp.is_media(report))
        self.assertFalse(rtp.is_report(report[:-4]))
        self.assertFalse(rtp.is_report(report + b"\0"))
        for first in (b"\x01", b"\x41", b"\xc1"):
            self.assertFalse(rtp.is_report(report[:8] + first + report[9:]))
        for first in (b"\x00", b"\x40", b"\xc0", b"\xa0"):
            self.assertFalse(rtp.is_report(first + report[1:]))


class Silent(SynchronousTestCase):
    """Silence."""

    def test_numbers(self) -> None:
        """Sequence and timestamp go on from the seed, and wrap; only the first packet is marked."""
        silence = silence_for(stream(Format(8, STATIC[8])), b"\1\2\3\4\xff\xff\xff\xff\xff\xff")
        assert silence is not None
        first, second = (rtp.read(silence.packet(0.02)) for _ in range(2))
        self.assertEqual(first[0], rtp.Header(8, 0xFFFF, 0xFFFFFFFF, 0x01020304, marker=True))
        self.assertEqual(second[0], rtp.Header(8, 0, 159, 0x01020304))
        self.assertEqual(first[1], b"\xd5" * 160)

    def test_pause(self) -> None:
        """The packet after a pause has the timestamp of its time, the next number, and is marked."""
        silence = silence_for(stream(Format(0, STATIC[0])), bytes(10))
        assert silence is not None
        told = []
        for elapsed in (1.0, 0.02, 1.0, 0.02):
            header, payload = rtp.read(silence.packet(elapsed))
            told.append((header.sequence, header.timestamp // 160, header.marker))
        self.assertEqual(told, [(0, 0, True), (1, 1, False), (2, 51, True), (3, 52, False)])
        self.assertEqual(payload, b"\xff" * 160)

    # = rfc3264:7/4 test
    def test_packet_time(self) -> None:
        """The other side's packet time is granted within bounds."""
        for wanted, octets in ((30, 240), (None, 160), (500, 160), (5, 160)):
            silence = silence_for(stream(Format(0, STATIC[0]), packet_time=wanted), bytes(10))
            assert silence is not None
            self.assertEqual(len(rtp.read(silence.packet(0))[1]), octets)

    def test_unknown(self) -> None:
        """The preferred codec whose silence is known is taken; without one there is none."""
        speex = Format(97, Codec("speex", 8000))
        silence = silence_for(stream(speex, Format(112, STATIC[8])), bytes(10))
        assert silence is not None
        self.assertEqual(rtp.read(silence.packet(0))[0].payload_type, 112)
        self.assertIsNone(silence_for(stream(speex), bytes(10)))
