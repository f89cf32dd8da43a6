"""Simple Reliability over a bad way (RFC 6940, section 6.6.3)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.notation.cursor import UnknownVariant
from disco_ref.reload.link.carrier import Carrier
from disco_ref.reload.link.fragmentation import reassemble
from disco_ref.reload.link.framing import Ack, Data, FrameTooLarge, acknowledged, framed, read_frames
from disco_ref.reload.link.simple_reliability import (
    MOST_OCTETS,
    MOST_WAITING,
    CutShort,
    SimpleReliability,
)
from disco_ref.reload.link.test.test_fragmentation import message
from disco_ref.reload.link.test.ways import FATES, Fate, Way
from disco_ref.reload.storage.kinds import overlay_context

PLAIN = settings(max_examples=60, deadline=None, derandomize=True, database=None)
CONTEXT = overlay_context(max_message_size=5000)
MTU = 1200
LOST: Fate = ()


def sender(round_trip: float | None = None, mtu: int = MTU) -> SimpleReliability:
    """One end."""
    return SimpleReliability(CONTEXT, mtu, None if round_trip is None else Duration(round_trip))


def way(fates: list[Fate] | None = None) -> tuple[SimpleReliability, SimpleReliability, Way]:
    """Two ends, and the way between them."""
    one, other = sender(), sender()
    ends: tuple[Carrier, Carrier] = (one, other)
    return one, other, Way(ends, fates or [])


def data(way: Way) -> list[tuple[float, int, bytes]]:
    """When the first end has sent which frame with what."""
    found: list[tuple[float, int, bytes]] = []
    for at, end, octets in way.sent:
        frame = read_frames(octets, CONTEXT)[0][0].frame
        if not end and isinstance(frame, Data):
            found.append((at, frame.sequence, frame.message))
    return found


class RetransmissionTests(SynchronousTestCase):
    """A message and its transmissions."""

    def test_schedule(self) -> None:
        """Unanswered, a message leaves at 0, 500, 1500, 3500 and 7500 ms, each time with the next number; then the link has failed."""
        # = rfc6940:6.6.3.1/5 test
        # = rfc6940:6.6.3.1/6 test
        # = rfc6940:6.6.3.1/7 test
        # = rfc6940:6.6.3.1/8 test
        one, _, between = way([LOST] * 5)
        between.send(0, b"a")
        between.run()
        times = [0.0, 0.5, 1.5, 3.5, 7.5]
        self.assertEqual(data(between), [(at, n, b"a") for n, at in enumerate(times)])
        self.assertTrue(one.failed)
        self.assertEqual((between.now - 1000.0, one.deadline, one.dropped), (15.5, None, 1))

    def test_retransmission_arrives(self) -> None:
        """One loss costs one time-out, and the message is heard once."""
        one, _, between = way([LOST])
        between.send(0, b"a")
        between.run()
        self.assertEqual(between.heard[1], [b"a"])
        self.assertEqual((one.state, len(data(between))), ("Idle", 2))

    def test_ack_of_any_transmission(self) -> None:
        """The acknowledgement of the first transmission ends it, though it comes after the second."""
        one = sender()
        one.send(b"a", Instant(0))
        one.expire(Instant(0.5))
        one.receive(acknowledged(0, []), Instant(0.6))
        self.assertEqual((one.state, one.round_trip), ("Pausing", 0.6))

    def test_ten_milliseconds(self) -> None:
        """The next message leaves 10 ms after the acknowledgement, not before, and waits for it."""
        # = rfc6940:6.6.3.1/1 test
        # = rfc6940:6.6.3.1/11 test
        one = sender()
        self.assertEqual(len(one.send(b"a", Instant(0))), 1)
        self.assertEqual(one.send(b"b", Instant(0)), ())
        self.assertEqual(one.receive(acknowledged(0, []), Instant(1 / 4)).replies, ())
        self.assertEqual(one.deadline, 0.26)
        self.assertEqual(one.expire(Instant(0.259)), ())
        self.assertEqual(one.expire(Instant(0.26)), (framed(1, b"b"),))

    def test_pause_after_a_late_ack(self) -> None:
        """An acknowledgement that comes when nothing is under way is waited after too."""
        # = rfc6940:6.6.3.1/11 test
        one = sender()
        one.send(b"a", Instant(0))
        one.expire(Instant(0.5))
        one.receive(acknowledged(1, []), Instant(0.6))
        one.expire(Instant(0.7))
        self.assertEqual(one.state, "Idle")
        one.receive(acknowledged(0, []), Instant(0.8))
        self.assertEqual(one.send(b"b", Instant(0.805)), ())
        self.assertEqual(len(one.expire(Instant(0.82))), 1)

    def test_estimate(self) -> None:
        """The round trip of the handshake's STUN sets the first time-out, those measured the later ones."""
        # = rfc6940:6.6.3.1/4a test
        one = sender(0.2)
        one.send(b"a", Instant(0))
        self.assertAlmostEqual(one.deadline or 0, 0.6, 9)
        one.receive(acknowledged(0, []), Instant(0.2))
        one.expire(Instant(0.25))
        one.send(b"b", Instant(1))
        self.assertAlmostEqual(one.deadline or 0, 1.5, 9)

    def test_smaller_static_value(self) -> None:
        """A local network may begin with less than 500 ms."""
        # = rfc6940:6.6.3.1/2 test
        one = SimpleReliability(CONTEXT, MTU, rto=0.05)
        one.send(b"a", Instant(0))
        self.assertEqual(one.deadline, 0.05)

    def test_foreign_acks(self) -> None:
        """Acknowledgements of what was never sent, or acknowledged already, change nothing."""
        one = sender()
        one.send(b"a", Instant(0))
        for sequence in (1, 7, 0xFFFFFFFF):
            one.receive(acknowledged(sequence, []), Instant(0.1))
        self.assertEqual((one.state, one.deadline, one.round_trip), ("Waiting", 0.5, None))
        for at in (0.1, 0.3):
            one.receive(acknowledged(0, []), Instant(at))
        self.assertEqual((one.round_trip, one.deadline), (0.1, 0.11))


class FailingTests(SynchronousTestCase):
    """Links that answer no more."""

    def test_failing_and_restored(self) -> None:
        """The third retransmission in vain makes a link a failing one; an acknowledgement restores it."""
        # = rfc6940:6.6.3.1/9 test
        # = rfc6940:6.6.3.1/10 test
        # = rfc6940:6.6/3a test
        one, _, between = way([LOST] * 4)
        between.send(0, b"a")
        between.run(3.49)
        self.assertFalse(one.failing)
        between.run(3.5)
        self.assertTrue(one.failing)
        self.assertFalse(one.failed)
        between.run()
        self.assertFalse(one.failing)
        self.assertEqual(between.heard[1], [b"a"])

    def test_restored_by_a_late_ack(self) -> None:
        """The acknowledgement of an earlier message shows that a failing link works; the transmissions go on being counted."""
        # = rfc6940:6.6.3.1/10 test
        one = sender()
        one.send(b"a", Instant(0))
        one.expire(Instant(0.5))
        one.receive(acknowledged(1, []), Instant(0.6))
        one.send(b"b", Instant(0.6))
        while not one.failing and (at := one.deadline) is not None:
            one.expire(at)
        one.receive(acknowledged(0, []), one.deadline or Instant(0))
        self.assertEqual(one.state, "Waiting")
        again = 0
        while (at := one.deadline) is not None:
            again += len(one.expire(at))
        self.assertEqual((again, one.failed), (1, True))

    def test_three_in_a_row(self) -> None:
        """Time-outs before the last acknowledgement do not count towards the three, whatever it acknowledged."""
        # = rfc6940:6.6.3.1/9 test
        one = sender()
        for number in (0, 3):
            one.send(b"a", Instant(number * 10))
            for _ in range(2):
                one.expire(one.deadline or Instant(0))
            self.assertFalse(one.failing)
            one.receive(acknowledged(number + 2, []), one.deadline or Instant(0))
            one.expire(one.deadline or Instant(0))
        one.send(b"b", Instant(60))
        for _ in range(2):
            one.expire(one.deadline or Instant(0))
        one.receive(acknowledged(0, []), one.deadline or Instant(0))
        one.expire(one.deadline or Instant(0))
        self.assertEqual((one.state, one.failing), ("Waiting", False))

    def test_nothing_after_failed(self) -> None:
        """A failed link sends nothing, repeats nothing and counts what it is given; it still acknowledges."""
        # = rfc6940:6.6.3.1/8 test
        one = sender()
        one.send(b"a", Instant(0))
        one.send(b"b", Instant(0))
        while (at := one.deadline) is not None:
            one.expire(at)
        self.assertEqual((one.failed, one.failing, one.dropped), (True, True, 2))
        self.assertEqual(one.send(b"c", Instant(99)), ())
        self.assertEqual(one.expire(Instant(999)), ())
        self.assertEqual(one.receive(acknowledged(0, []), Instant(99)), ((), ()))
        self.assertEqual(one.receive(framed(0, b"x"), Instant(99)).messages, (b"x",))
        self.assertEqual((one.failed, one.dropped), (True, 3))

    def test_bounded_by_count(self) -> None:
        """What waits is bounded in number; what comes on top is dropped and counted."""
        one = sender()
        for _ in range(MOST_WAITING + 11):
            one.send(b"a", Instant(0))
        self.assertEqual(one.dropped, 10)

    def test_bounded_by_octets(self) -> None:
        """What waits is bounded in octets."""
        one = sender(mtu=9000)
        full = message(bytes(4900))
        count = 2 * MOST_OCTETS // len(full)
        for _ in range(count):
            one.send(full, Instant(0))
        self.assertEqual(count - one.dropped, 1 + MOST_OCTETS // len(full))

    def test_dropped_whole(self) -> None:
        """A message whose fragments do not all find room leaves none of them."""
        one = sender()
        for _ in range(MOST_WAITING - 1):
            one.send(b"a", Instant(0))
        one.send(message(bytes(4900)), Instant(0))
        self.assertEqual((one.dropped, one.send(b"a", Instant(0)), one.send(b"a", Instant(0))), (1, (), ()))
        self.assertEqual(one.dropped, 1)


class RecordTests(SynchronousTestCase):
    """What a record may hold."""

    def test_acknowledged_at_once(self) -> None:
        """Each frame is acknowledged in the same breath; a copy of it too, but it is heard once."""
        # = rfc6940:6.6.2/1 test
        one = sender()
        self.assertEqual(one.receive(framed(3, b"a"), Instant(0)), ((b"a",), (acknowledged(3, []),)))
        self.assertEqual(one.receive(framed(3, b"a"), Instant(0)), ((), (acknowledged(3, []),)))

    def test_refused(self) -> None:
        """A frame cut short, one of another type, and one that is too large close the link."""
        # = rfc6940:6.6/1 test
        # = rfc6940:6.6/2 test
        one = sender()
        with self.assertRaises(CutShort):
            one.receive(framed(0, b"abc")[:-1], Instant(0))
        with self.assertRaises(UnknownVariant):
            one.receive(b"\x01", Instant(0))
        large = message(bytes(6000))
        with self.assertRaises(FrameTooLarge) as caught:
            one.receive(framed(0, large), Instant(0))
        self.assertEqual(caught.exception.beginning, large[: len(large) - 6000 + 2])
        with self.assertRaises(FrameTooLarge) as caught:
            one.receive(framed(0, b"\xff" * 6000), Instant(0))
        self.assertEqual(caught.exception.beginning, b"")

    def test_fragments(self) -> None:
        """A message that does not fit arrives in fragments that do, with room for the Via List."""
        # = rfc6940:6.7/3b test
        _, _, between = way()
        large = message(bytes(index % 256 for index in range(4900)))
        between.send(0, large)
        between.run()
        self.assertEqual(reassemble(between.heard[1], CONTEXT), large)
        self.assertGreater(len(between.heard[1]), 4)
        self.assertTrue(all(len(frame) <= MTU - 32 for _, _, frame in between.sent))

    def test_fits(self) -> None:
        """A message that just fits stays whole; one octet more makes two fragments."""
        for size, count in ((MTU - 8 - 32, 1), (MTU - 8 - 31, 2)):
            _, _, between = way()
            between.send(0, message(bytes(size - len(message(b"")))))
            between.run()
            self.assertEqual(len(between.heard[1]), count)

    def test_no_message(self) -> None:
        """What is too large for a record and cannot be read as a message is dropped and counted."""
        one = sender()
        self.assertEqual(one.send(bytes(2000), Instant(0)), ())
        self.assertEqual(one.dropped, 1)


class AnyWayTests(SynchronousTestCase):
    """Whatever the way does."""

    @PLAIN
    @given(FATES, st.lists(st.integers(0, 1), min_size=1, max_size=12))
    def test_in_order_or_failed(self, fates: list[Fate], ends: list[int]) -> None:
        """Each end hears what the other has sent, in order, at least once; or a beginning of it, if that other has failed."""
        # = rfc6940:6.6.3.1/1 test
        one, other, between = way(fates)
        sent: tuple[list[bytes], list[bytes]] = ([], [])
        for number, end in enumerate(ends):
            between.send(end, b"%d" % number)
            sent[end].append(b"%d" % number)
        between.run()
        for end, carrier in enumerate((one, other)):
            heard = list(dict.fromkeys(between.heard[1 - end]))
            self.assertEqual(heard, sent[end][: len(heard)])
            if not carrier.failed:
                self.assertEqual(heard, sent[end])
                self.assertEqual((carrier.state, carrier.dropped), ("Idle", 0))

    @PLAIN
    @given(FATES)
    def test_one_at_a_time(self, fates: list[Fate]) -> None:
        """No message leaves before every message before it is acknowledged; no number is used twice; none is sent six times."""
        # = rfc6940:6.6.3.1/1 test
        _, _, between = way(fates)
        for number in range(5):
            between.send(0, b"%d" % number)
        between.run()
        frames = data(between)
        self.assertEqual([sequence for _, sequence, _ in frames], list(range(len(frames))))
        contents = [each for _, _, each in frames]
        self.assertEqual(contents, sorted(contents))
        self.assertLessEqual(max(contents.count(each) for each in contents), 5)

    @PLAIN
    @given(st.binary(max_size=40))
    def test_any_record(self, octets: bytes) -> None:
        """Any octets are frames, or refused."""
        one = sender()
        try:
            carried = one.receive(octets, Instant(0))
        except (CutShort, UnknownVariant, FrameTooLarge):
            return
        for each in carried.replies:
            self.assertIsInstance(read_frames(each, CONTEXT)[0][0].frame, Ack)

    def test_numbers_begin_anew(self) -> None:
        """After the last sequence number the first one is used again, and acknowledgements are still understood."""
        one = sender()
        one._next = 0xFFFFFFFF
        for number in (0xFFFFFFFF, 0):
            self.assertEqual(one.send(b"a", Instant(number)), (framed(number, b"a"),))
            one.receive(acknowledged(number, []), Instant(number + 0.1))
            one.expire(Instant(number + 0.2))
        self.assertEqual(one.state, "Idle")

    def test_long_use(self) -> None:
        """A thousand messages leave no more behind than one."""
        one, other, between = way()
        for number in range(1000):
            between.send(number % 2, bytes(40))
            between.run()
        self.assertEqual((len(between.heard[0]), len(between.heard[1])), (500, 500))
        self.assertLessEqual(max(len(one._sent_at), len(other._sent_at)), 32)
