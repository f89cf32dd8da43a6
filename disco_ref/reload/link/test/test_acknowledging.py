"""The receiver's side: acknowledgements (RFC 6940, section 6.6.2)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.link.acknowledging import Acknowledging
from disco_ref.reload.link.framing import Ack, read_frames
from disco_ref.reload.storage.kinds import overlay_context

PLAIN = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def acks(sequences: list[int]) -> list[Ack]:
    """What a receiver answers to frames in this order."""
    receiver = Acknowledging()
    found: list[Ack] = []
    for sequence in sequences:
        frames, _ = read_frames(receiver.acknowledge(sequence), overlay_context())
        assert isinstance(frames[0].frame, Ack)
        found.append(frames[0].frame)
    return found


class AcknowledgingTests(SynchronousTestCase):
    """Every frame is answered, with what is known of those before it."""

    def test_in_order(self) -> None:
        """Each frame is acknowledged by its own number; a bit stands for each before it."""
        # = rfc6940:6.6.2/1 test
        self.assertEqual(acks([0, 1, 2]), [Ack(0, 0), Ack(1, 0b10), Ack(2, 0b110)])

    def test_gap(self) -> None:
        """A frame that has not arrived leaves its bit clear, and has none in the ack for an earlier one."""
        self.assertEqual(acks([0, 2, 1]), [Ack(0, 0), Ack(2, 0b100), Ack(1, 0b10)])

    def test_only_the_last_32(self) -> None:
        """A frame that 32 others have arrived after is no longer told of, though its number is near."""
        # = rfc6940:6.6.2/2 test
        later = list(range(1000, 1032))
        self.assertEqual(acks([5, *later[:-1], 6])[-1], Ack(6, 0b10))
        self.assertEqual(acks([5, *later, 6])[-1], Ack(6, 0))

    def test_copy(self) -> None:
        """A copy of a frame is acknowledged too, and pushes none of the others out."""
        self.assertEqual(acks([4, *[5] * 40, 6])[-1], Ack(6, 0b110))

    @PLAIN
    @given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=6))
    def test_every_bit(self, runs: list[tuple[int, int]]) -> None:
        """A bit is set exactly where a frame less than 32 before it is among the last 32 that arrived."""
        # = rfc6940:6.6.2/2 test
        sequences = list(dict.fromkeys(first + n for first, length in runs for n in range(length)))
        for count, ack in enumerate(acks(sequences)):
            known = {n for n in sequences[max(0, count - 32) : count] if 0 < ack.ack_sequence - n < 32}
            bits = {ack.ack_sequence - bit for bit in range(32) if ack.received >> bit & 1}
            self.assertEqual(bits, known)
