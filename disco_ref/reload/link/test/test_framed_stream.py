"""Frames over TLS (RFC 6940, sections 6.6.2 and 6.6.5)."""

from __future__ import annotations

from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.notation.codec import encode
from disco_ref.notation.cursor import UnknownVariant
from disco_ref.reload.link.framed_stream import MOST_OCTETS, MOST_UNACKNOWLEDGED, FramedStream
from disco_ref.reload.link.framing import FrameTooLarge, acknowledged, framed
from disco_ref.reload.link.test.test_fragmentation import HEADER, message
from disco_ref.reload.storage.kinds import overlay_context

PLAIN = settings(max_examples=60, deadline=None, derandomize=True, database=None)
CONTEXT = overlay_context(max_message_size=5000)
HEAD = len(encode(HEADER, CONTEXT))


def stream(size: int | None = 5000) -> FramedStream:
    """One end."""
    return FramedStream(overlay_context(max_message_size=size))


class OctetsTests(SynchronousTestCase):
    """From octets to messages and back."""

    @PLAIN
    @given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.integers(1, 60), max_size=30))
    def test_any_cut(self, messages: list[bytes], cuts: list[int]) -> None:
        """However the stream is cut, every message is heard once, in order, and acknowledged at once."""
        # = rfc6940:6.6.2/1 test
        one, other = stream(), stream()
        octets = b"".join(frame for each in messages for frame in one.send(each, Instant(1)))
        heard: list[bytes] = []
        for size in [*cuts, len(octets)]:
            carried = other.receive(octets[:size], Instant(2))
            octets = octets[size:]
            heard += carried.messages
            self.assertEqual(len(carried.replies), len(carried.messages))
            for each in carried.replies:
                one.receive(each, Instant(3))
        self.assertEqual(heard, messages)
        self.assertIsNone(one.deadline)
        self.assertEqual(one.round_trip, 2 if messages else None)

    def test_sequence_numbers(self) -> None:
        """The first frame is 0, each further one counts one more, and after the last number comes 0."""
        # = rfc6940:6.6.2/0 test
        one = stream()
        self.assertEqual([one.send(b"a", Instant(0)) for _ in range(2)], [(framed(0, b"a"),), (framed(1, b"a"),)])
        one._next, one._sent = 0xFFFFFFFF, []
        self.assertEqual(one.send(b"a", Instant(0)), (framed(0xFFFFFFFF, b"a"),))
        self.assertEqual(one.send(b"a", Instant(0)), (framed(0, b"a"),))
        one.receive(acknowledged(0, []), Instant(1))
        self.assertIsNone(one.deadline)

    def test_long_message_in_small_pieces(self) -> None:
        """The time for a large frame grows with its length, not with the number of its pieces."""
        octets = framed(0, bytes(8 << 20))
        other, heard = stream(None), 0
        before = process_time()
        for start in range(0, len(octets), 512):
            heard += len(other.receive(octets[start : start + 512], Instant(0)).messages)
        self.assertEqual(heard, 1)
        self.assertLess(process_time() - before, 2)

    def test_other_type(self) -> None:
        """A frame of another type closes the link."""
        with self.assertRaises(UnknownVariant):
            stream().receive(b"\x00", Instant(0))

    @PLAIN
    @given(st.lists(st.binary(max_size=60), max_size=6))
    def test_any_octets(self, pieces: list[bytes]) -> None:
        """Any octets are frames or refused, and no more of them are kept than a frame may have."""
        other = stream(100)
        try:
            for each in pieces:
                other.receive(each, Instant(0))
                self.assertLessEqual(len(other._pending), 108)
        except Malformed:
            return


class TooLargeTests(SynchronousTestCase):
    """Messages larger than the overlay admits."""

    def refused(self, octets: bytes, cut: int) -> tuple[int, FrameTooLarge]:
        """How many octets were needed to refuse a frame that comes in pieces, and the refusal."""
        other = stream()
        for end in range(cut, len(octets) + cut, cut):
            try:
                other.receive(octets[end - cut : end], Instant(0))
            except FrameTooLarge as refusal:
                return end, refusal
        raise AssertionError("not refused")

    def test_refused_with_its_beginning(self) -> None:
        """A frame announced too large is refused once its message code is there, with what an error needs; not before its end."""
        # = rfc6940:6.6/1 test
        large = message(bytes(6000))
        end, refusal = self.refused(framed(0, large), 1)
        self.assertEqual((refusal.error_code, refusal.beginning, end), (11, large[: HEAD + 2], 8 + HEAD + 2))
        _, refusal = self.refused(framed(0, large), 9000)
        self.assertEqual(refusal.beginning, large[: HEAD + 2])

    def test_header_too_large(self) -> None:
        """Where the header alone is larger than a message may be, no error is owed."""
        # = rfc6940:6.6/2 test
        for head in (b"\xff" * 38, bytes(32) + b"\x13\x88\x00\x00\x00\x00"):
            end, refusal = self.refused(framed(0, head + bytes(6000)), 1)
            self.assertEqual((refusal.beginning, end), (b"", 8 + 38))

    def test_no_room_for_a_message_code(self) -> None:
        """A message that is too large by less than its message code is refused too, without an error."""
        # = rfc6940:6.6/2 test
        head = bytes(32) + (5000 - 38).to_bytes(2, "big") + bytes(4)
        _, refusal = self.refused(framed(0, head + bytes(5001 - 38)), 9000)
        self.assertEqual(refusal.beginning, b"")

    def test_largest(self) -> None:
        """The largest message passes."""
        self.assertEqual(stream().receive(framed(0, bytes(5000)), Instant(0)).messages, (bytes(5000),))
        with self.assertRaises(FrameTooLarge):
            stream().receive(framed(0, bytes(5001)), Instant(0))


class FailingTests(SynchronousTestCase):
    """A link that is not acknowledged."""

    def test_failing_then_failed(self) -> None:
        """Nothing acknowledged for one RTO makes a link a failing one, 30 seconds more a failed one; nothing is sent again."""
        # = rfc6940:6.6.5/2 test
        # = rfc6940:6.6.5/3 test
        # = rfc6940:6.6/3a test
        one = stream()
        one.send(b"a", Instant(10))
        self.assertEqual((one.deadline, one.expire(Instant(10.9)), one.failing), (11, (), False))
        self.assertEqual((one.expire(Instant(11)), one.failing, one.failed), ((), True, False))
        self.assertEqual(one.deadline, 41)
        one.expire(Instant(40.9))
        self.assertFalse(one.failed)
        one.expire(Instant(41))
        self.assertEqual((one.failed, one.deadline, one.send(b"b", Instant(42))), (True, None, ()))

    def test_sending_on_is_no_sign_of_life(self) -> None:
        """The RTO runs from the first message that waits, however many follow it."""
        # = rfc6940:6.6.5/2 test
        one = stream()
        for at in (10.0, 10.5, 10.9):
            one.send(b"a", Instant(at))
        self.assertEqual(one.deadline, 11)

    def test_restored(self) -> None:
        """An acknowledgement restores the link; what is still on its way has one RTO again."""
        one = stream()
        for _ in range(2):
            one.send(b"a", Instant(10))
        one.expire(Instant(11))
        one.receive(acknowledged(0, []), Instant(12))
        self.assertEqual((one.failing, one.round_trip), (False, 2))
        self.assertEqual(one.deadline, 12 + 6)

    def test_time_out_follows_the_round_trip(self) -> None:
        """The round trip is measured by acknowledgements, and the RTO follows it."""
        # = rfc6940:6.6.5/1 test
        one = stream()
        one.send(b"a", Instant(10))
        one.receive(acknowledged(0, []), Instant(10.5))
        one.send(b"a", Instant(20))
        self.assertEqual(one.deadline, 21.5)

    def test_acknowledged_with_a_later_one(self) -> None:
        """In a stream, what was sent before an acknowledged frame has arrived too."""
        one = stream()
        for at in (1, 2, 3):
            one.send(b"a", Instant(at))
        one.receive(acknowledged(1, []), Instant(4))
        self.assertEqual((one.round_trip, len(one._sent)), (2, 1))

    def test_foreign_acks(self) -> None:
        """Acknowledgements of what was never sent, or acknowledged already, change nothing."""
        one = stream()
        one.send(b"a", Instant(1))
        for sequence in (1, 77, 0xFFFFFFFF):
            one.receive(acknowledged(sequence, []), Instant(1.5))
        self.assertEqual((one.deadline, one.round_trip), (2, None))
        for at in (1.5, 9):
            one.receive(acknowledged(0, []), Instant(at))
        self.assertEqual((one.deadline, one.round_trip), (None, 0.5))

    def test_bounded(self) -> None:
        """A node that acknowledges nothing is not sent to without end; what is too much is counted."""
        one = stream()
        for _ in range(MOST_UNACKNOWLEDGED + 3):
            one.send(b"a", Instant(1))
        self.assertEqual((len(one._sent), one.dropped), (MOST_UNACKNOWLEDGED, 3))
        two = stream()
        for _ in range(MOST_OCTETS // 5000 + 2):
            two.send(bytes(5000), Instant(1))
        self.assertEqual(two.dropped, 2)
        two.receive(acknowledged(0, []), Instant(2))
        self.assertEqual(len(two.send(bytes(5000), Instant(2))), 1)
