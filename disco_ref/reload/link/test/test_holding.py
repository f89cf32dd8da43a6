"""Fragments that wait for the rest of their message (RFC 6940, section 6.7)."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.notation.codec import encode
from disco_ref.reload.forwarding.passing import Arrived, arrived, node_place
from disco_ref.reload.link import holding
from disco_ref.reload.link.fragmentation import split
from disco_ref.reload.link.holding import Holding
from disco_ref.reload.link.test.test_fragmentation import CONTEXT, HEADER, message, piece
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.forwarding_header import BadHeader, MessageTooLarge

PLAIN = settings(max_examples=60, deadline=None, derandomize=True, database=None)
NEAR, FAR = b"n" * 16, b"f" * 16


def part(octets: bytes) -> Arrived:
    """A message or fragment as it arrives."""
    return arrived(octets, CONTEXT)


def by(via_list: tuple[Destination, ...], transaction_id: int = 7, offset: int = 0, last: bool = False) -> Arrived:
    """A fragment of three octets that has come by some nodes."""
    fragment = 0x80000000 | (0x40000000 if last else 0) | offset
    header = HEADER._replace(via_list=via_list, transaction_id=transaction_id, fragment=fragment)
    length = len(encode(header, CONTEXT)) + 3
    return part(encode(header._replace(length=length), CONTEXT) + b"abc")


class HoldingTests(SynchronousTestCase):
    """What is held, and until when."""

    def test_in_one_piece(self) -> None:
        """A message in one piece is given back at once, and nothing is held."""
        # = rfc6940:6.7/0 test
        held = Holding()
        octets = message(b"abc")
        self.assertEqual(held.add(part(octets), NEAR, Instant(0)), octets)
        self.assertEqual((len(held), held.octets, held.deadline), (0, 0, None))

    @PLAIN
    @given(st.lists(st.integers(300, 3000), min_size=1, max_size=4), st.randoms(use_true_random=False))
    def test_any_order(self, sizes: list[int], order: random.Random) -> None:
        """Fragments of several messages in any order, from any neighbor, each give their message once."""
        # = rfc6940:6.7/0 test
        messages = [
            message(bytes(index % 251 for index in range(size)), transaction_id=n) for n, size in enumerate(sizes)
        ]
        via = (node_place(FAR),)
        messages = [_with_via(each, via) for each in messages]
        parts = [each for octets in messages for each in split(octets, 450, CONTEXT)]
        order.shuffle(parts)
        held = Holding()
        found = [held.add(part(each), order.choice([NEAR, FAR]), Instant(0)) for each in parts]
        self.assertCountEqual([each for each in found if each is not None], messages)
        self.assertEqual((len(held), held.octets, held._shares), (0, 0, {}))

    def test_fifteen_seconds(self) -> None:
        """What is incomplete after the lifetime of a request is let go, counted from its first fragment."""
        # = rfc6940:6.7/4 test
        held = Holding()
        held.add(part(piece(0, b"abc")), NEAR, Instant(100))
        held.add(part(piece(6, b"ghi")), NEAR, Instant(110))
        self.assertEqual(held.deadline, 115)
        held.expire(Instant(114.9))
        self.assertEqual(len(held), 1)
        held.expire(Instant(115))
        self.assertEqual((len(held), held.octets, held.dropped, held.deadline), (0, 0, 1, None))
        self.assertIsNone(held.add(part(piece(3, b"def", True)), NEAR, Instant(115)))

    def test_late_fragment(self) -> None:
        """A fragment that comes too late does not complete its message, though nobody has looked at the time before."""
        # = rfc6940:6.7/4 test
        held = Holding()
        held.add(part(piece(0, b"abc")), NEAR, Instant(100))
        self.assertIsNone(held.add(part(piece(3, b"def", True)), NEAR, Instant(116)))

    def test_whose(self) -> None:
        """The same transaction number from two beginnings makes two messages; by two ways from one, one message."""
        one, other, same = (node_place(NEAR),), (node_place(FAR),), (node_place(NEAR), node_place(FAR))
        held = Holding()
        held.add(by(one), b"x" * 16, Instant(0))
        self.assertIsNone(held.add(by(other, offset=3, last=True), b"x" * 16, Instant(0)))
        self.assertIsNotNone(held.add(by(same, offset=3, last=True), b"y" * 16, Instant(0)))
        self.assertEqual(len(held), 1)

    def test_opaque_beginning(self) -> None:
        """Where the beginning is hidden, the neighbor stands for it."""
        hidden = [(Destination(DestinationType.opaque_id_type, text),) for text in (b"one", b"two")]
        held = Holding()
        held.add(by(hidden[0]), NEAR, Instant(0))
        self.assertIsNotNone(held.add(by(hidden[1], offset=3, last=True), NEAR, Instant(0)))

    def test_contradiction(self) -> None:
        """Fragments that contradict each other go, all of them; the message may come anew."""
        held = Holding()
        held.add(part(piece(0, b"abcd")), NEAR, Instant(0))
        self.assertIsNone(held.add(part(piece(2, b"xyz", True)), NEAR, Instant(0)))
        self.assertEqual((len(held), held.octets, held.dropped), (0, 0, 1))
        held.add(part(piece(2, b"cde", True)), NEAR, Instant(1))
        self.assertEqual(held.add(part(piece(0, b"ab")), NEAR, Instant(1)), message(b"abcde"))

    def test_wrong_length(self) -> None:
        """A fragment of another length than it says is refused."""
        # = rfc6940:6.7/2 test
        with self.assertRaises(BadHeader):
            Holding().add(part(piece(0, b"abc") + b"x"), NEAR, Instant(0))

    def test_too_large(self) -> None:
        """A message that would be too large is refused, and nothing of it stays."""
        # = rfc6940:6.7/5 test
        held = Holding(1000)
        held.add(part(piece(0, bytes(900))), NEAR, Instant(0))
        with self.assertRaises(MessageTooLarge):
            held.add(part(piece(900, bytes(101), True)), NEAR, Instant(0))
        self.assertEqual((len(held), held.octets), (0, 0))


class BoundsTests(SynchronousTestCase):
    """However many fragments come."""

    def test_messages_of_a_neighbor(self) -> None:
        """One neighbor cannot begin messages without end, and does not keep others from beginning theirs."""
        # = rfc6940:6.7/5 test
        held = Holding()
        for number in range(holding.NEIGHBOR_MESSAGES + 5):
            held.add(by((), number), NEAR, Instant(0))
        self.assertEqual((len(held), held.dropped), (holding.NEIGHBOR_MESSAGES, 5))
        held.add(by((), 1), FAR, Instant(0))
        self.assertEqual(len(held), holding.NEIGHBOR_MESSAGES + 1)

    def test_all_messages(self) -> None:
        """Many neighbors cannot either."""
        # = rfc6940:6.7/5 test
        held = Holding()
        for number in range(holding.MOST_MESSAGES + 5):
            held.add(by((), number), bytes([number % 16]) * 16, Instant(0))
        self.assertEqual((len(held), held.dropped), (holding.MOST_MESSAGES, 5))

    def test_octets(self) -> None:
        """What is held is bounded in octets, for one neighbor and for all."""
        # = rfc6940:6.7/5 test
        held = Holding()
        big = part(message(bytes(60_000), 0x80000000))
        for number in range(30):
            held.add(big._replace(header=big.header._replace(transaction_id=number)), NEAR, Instant(0))
        self.assertEqual(len(held), holding.NEIGHBOR_OCTETS // 60_500)
        for number in range(100):
            held.add(big._replace(header=big.header._replace(transaction_id=number)), bytes([number]) * 16, Instant(0))
        self.assertEqual(len(held), holding.MOST_OCTETS // 60_500)
        self.assertLessEqual(held.octets, holding.MOST_OCTETS)

    def test_room_comes_back(self) -> None:
        """What has been completed counts no more, neither for its neighbor nor for all."""
        held = Holding()
        held.add(by((), 1000), NEAR, Instant(0))
        size = 100_000
        parts = [part(each) for each in split(message(bytes(size)), 60_000, CONTEXT)]
        done = [held.add(each, NEAR, Instant(0)) for _ in range(3 * holding.MOST_OCTETS // size) for each in parts]
        self.assertEqual(len([each for each in done if each]), 3 * holding.MOST_OCTETS // size)
        self.assertEqual((len(held), held.dropped), (1, 0))

    def test_pieces(self) -> None:
        """A message in ever smaller pieces is let go."""
        # = rfc6940:6.7/5 test
        held = Holding()
        for number in range(holding.MOST_PIECES + 1):
            held.add(part(piece(2 * number, b"a")), NEAR, Instant(0))
        self.assertEqual((len(held), held.dropped), (0, 1))

    def test_nothing_in_it(self) -> None:
        """A fragment without a body begins nothing that could be held without being counted."""
        held = Holding()
        held.add(part(piece(5, b"")), NEAR, Instant(0))
        self.assertTrue(held.octets > 0 or not len(held))


def _with_via(octets: bytes, via_list: tuple[Destination, ...]) -> bytes:
    """The message, with another Via List."""
    old = arrived(octets, CONTEXT)
    header = old.header._replace(via_list=via_list)
    body = octets[old.end :]
    return encode(header._replace(length=len(encode(header, CONTEXT)) + len(body)), CONTEXT) + body
