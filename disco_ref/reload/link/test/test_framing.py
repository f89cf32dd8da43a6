"""Frames on a link (RFC 6940, section 6.6.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.codec import encode
from disco_ref.notation.cursor import UnknownVariant, Unwritable
from disco_ref.reload.link.framing import (
    Ack,
    Data,
    FramedMessage,
    FramedMessageType,
    acknowledged,
    acknowledgement,
    framed,
    read_frames,
    received_mask,
)
from disco_ref.reload.storage.kinds import overlay_context

CONTEXT = overlay_context()
DATA = bytes.fromhex("80 00000001 000003 616263")
ACK = bytes.fromhex("81 00000007 00000006")


class FramingTests(SynchronousTestCase):
    """Writing and reading frames."""

    def test_rows(self) -> None:
        """Frames are written and read as the layout says."""
        # = rfc6940:6.6.2/0 test
        self.assertEqual(framed(1, b"abc"), DATA)
        self.assertEqual(acknowledged(7, [5, 6]), ACK)
        frames, rest = read_frames(DATA + ACK, CONTEXT)
        self.assertEqual(frames[0], FramedMessage(FramedMessageType.data, Data(1, b"abc")))
        self.assertEqual(frames[1], FramedMessage(FramedMessageType.ack, Ack(7, 6)))
        self.assertEqual(rest, b"")

    def test_struct(self) -> None:
        """What is written by fixed places is what the struct says, whatever the lengths and numbers."""
        # = rfc6940:6.6.2/0 test
        for sequence in (0, 255, 0xFFFFFFFF):
            for size in (0, 1, 300, 70_000):
                frame = FramedMessage(FramedMessageType.data, Data(sequence, b"m" * size))
                self.assertEqual(framed(sequence, b"m" * size), encode(frame))
                self.assertEqual(read_frames(encode(frame), CONTEXT), ([frame], b""))
            ack = FramedMessage(FramedMessageType.ack, Ack(sequence, 0xFFFFFFFE))
            self.assertEqual(acknowledgement(sequence, 0xFFFFFFFE), encode(ack))
            self.assertEqual(read_frames(encode(ack), CONTEXT), ([ack], b""))
        self.assertRaises(Unwritable, framed, 0, bytes(1 << 24))

    def test_every_cut(self) -> None:
        """Wherever the octets of a link stop, the whole frames are read and the rest is kept."""
        octets = DATA + ACK + DATA
        for end in range(len(octets)):
            frames, rest = read_frames(octets[:end], CONTEXT)
            again, nothing = read_frames(rest + octets[end:], CONTEXT)
            self.assertEqual(len(frames) + len(again), 3)
            self.assertEqual(nothing, b"")

    def test_unknown_type(self) -> None:
        """Another type of frame is refused, with its place."""
        # = rfc6940:6.3.1.1/1a test
        with self.assertRaises(UnknownVariant) as caught:
            read_frames(DATA + b"\x01", CONTEXT)
        self.assertEqual(caught.exception.offset, len(DATA))

    def test_received_mask(self) -> None:
        """Bit N-M stands for frame M, below N and above N-32 only, among the last 32 received."""
        # = rfc6940:6.6.2/2 test
        self.assertEqual(received_mask(10, []), 0)
        self.assertEqual(received_mask(10, [9]), 0b10)
        self.assertEqual(received_mask(10, [10, 11]), 0)
        self.assertEqual(received_mask(40, [8]), 0)
        self.assertEqual(received_mask(40, [9]), 1 << 31)
        self.assertEqual(received_mask(50, [49, *range(32)]), sum(1 << (50 - each) for each in range(19, 32)))
