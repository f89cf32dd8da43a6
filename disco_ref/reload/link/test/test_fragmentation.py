"""Fragments: any cut, any order, duplicates, overlaps, gaps (RFC 6940, section 6.7)."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import encode
from disco_ref.reload.link.fragmentation import (
    MOST_PIECES,
    BadFragment,
    add,
    read_fragment,
    reassemble,
    split,
    whole,
)
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.forwarding_header import (
    RELO_TOKEN,
    VERSION,
    WHOLE,
    BadHeader,
    ForwardingHeader,
    MessageTooLarge,
    NotReload,
)
from disco_ref.reload.storage.kinds import overlay_context

CONTEXT = overlay_context()
HEADER = ForwardingHeader(
    RELO_TOKEN, 1, 1, VERSION, 100, WHOLE, 0, 7, 0, (), (Destination(DestinationType.node, bytes(16)),), ()
)
PLAIN = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def message(body: bytes, fragment: int = WHOLE, transaction_id: int = 7) -> bytes:
    """Octets with a right header and any body."""
    header = HEADER._replace(fragment=fragment, transaction_id=transaction_id)
    length = len(encode(header, CONTEXT)) + len(body)
    return encode(header._replace(length=length), CONTEXT) + body


def piece(offset: int, body: bytes, last: bool = False) -> bytes:
    """A fragment."""
    return message(body, 0x80000000 | (0x40000000 if last else 0) | offset)


class SplitTests(SynchronousTestCase):
    """Taking apart."""

    @PLAIN
    @given(st.integers(0, 4000), st.integers(60, 1500), st.randoms(use_true_random=False))
    def test_split_and_reassembled(self, size: int, mtu: int, order: random.Random) -> None:
        """Fragments in any order, some of them twice, give the message again."""
        # = rfc6940:6.7/0 test
        # = rfc6940:6.7/1a test
        octets = message(bytes(index % 251 for index in range(size)))
        parts = list(split(octets, mtu, CONTEXT))
        parts += parts[:2]
        order.shuffle(parts)
        self.assertEqual(reassemble(parts, CONTEXT), octets)

    @PLAIN
    @given(st.integers(1000, 9000), st.integers(400, 1500))
    def test_sizes(self, size: int, mtu: int) -> None:
        """Every fragment but the last has 256 octets of the body, leaves 32 of the MTU free, and the sizes are equal."""
        # = rfc6940:6.7/1b test
        # = rfc6940:6.7/3b test
        # = rfc6940:6.7/6 test
        parts = [read_fragment(part, CONTEXT) for part in split(message(bytes(size)), mtu, CONTEXT)]
        for part in parts[:-1]:
            self.assertGreaterEqual(len(part.body), 256)
            self.assertEqual(len(part.body), len(parts[0].body))
        for part in parts:
            self.assertLessEqual(len(part.header) + len(part.body), mtu - 32)
        self.assertEqual([part.last for part in parts], [False] * (len(parts) - 1) + [True])

    def test_whole_where_it_fits(self) -> None:
        """A message that fits is not fragmented."""
        octets = message(bytes(100))
        self.assertEqual(split(octets, 1000, CONTEXT), (octets,))

    def test_whole_without_room(self) -> None:
        """Where the header leaves no room for 256 octets, the message stays whole and IP fragments it."""
        octets = message(bytes(1000))
        self.assertEqual(split(octets, 300, CONTEXT), (octets,))

    def test_fragment_of_a_fragment(self) -> None:
        """A fragment can be fragmented again on the way."""
        octets = message(bytes(index % 256 for index in range(3000)))
        parts = [small for part in split(octets, 1500, CONTEXT) for small in split(part, 500, CONTEXT)]
        self.assertEqual(reassemble(parts, CONTEXT), octets)

    def test_length_is_that_of_the_fragment(self) -> None:
        """The length field of a fragment counts that fragment."""
        # = rfc6940:6.7/2 test
        for part in split(message(bytes(3000)), 1000, CONTEXT):
            self.assertEqual(int.from_bytes(part[16:20], "big"), len(part))


class ReassemblyTests(SynchronousTestCase):
    """Putting together."""

    def test_overlap_that_agrees(self) -> None:
        """Overlapping fragments with the same octets are harmless."""
        parts = [piece(0, b"abcdef"), piece(4, b"efgh"), piece(2, b"cdefghij", True)]
        self.assertEqual(reassemble(parts, CONTEXT), message(b"abcdefghij"))
        parts = [piece(3, b"defghi"), piece(0, b"abcdef"), piece(6, b"ghij", True)]
        self.assertEqual(reassemble(parts, CONTEXT), message(b"abcdefghij"))

    def test_overlap_that_differs(self) -> None:
        """Overlapping fragments with different octets are refused."""
        with self.assertRaisesRegex(BadFragment, "differ at 2"):
            reassemble([piece(0, b"abcd"), piece(2, b"xdef", True)], CONTEXT)

    def test_missing(self) -> None:
        """A gap, a missing beginning, a missing end and nothing at all are refused."""
        # = rfc6940:6.7/6 test
        for parts in (
            [piece(0, b"ab"), piece(4, b"ef", True)],
            [piece(2, b"cd", True)],
            [piece(0, b"ab"), piece(2, b"cd")],
            [],
        ):
            with self.assertRaisesRegex(BadFragment, "missing"):
                reassemble(parts, CONTEXT)

    def test_two_ends(self) -> None:
        """Two last fragments that end at different places are refused."""
        with self.assertRaisesRegex(BadFragment, "two last"):
            reassemble([piece(0, b"ab", True), piece(2, b"cd", True)], CONTEXT)

    def test_beyond_the_end(self) -> None:
        """A fragment behind the last one is refused, in either order."""
        parts = [piece(0, b"ab", True), piece(2, b"cd")]
        for order in (parts, parts[::-1]):
            with self.assertRaisesRegex(BadFragment, "beyond"):
                reassemble(order, CONTEXT)

    def test_other_transaction(self) -> None:
        """Fragments of two transactions are not mixed."""
        with self.assertRaisesRegex(BadFragment, "another transaction"):
            reassemble([piece(0, b"ab"), message(b"cd", 0xC0000002, 8)], CONTEXT)

    def test_limit(self) -> None:
        """What would become too large is refused before it is held."""
        # = rfc6940:6.7/5 test
        with self.assertRaises(MessageTooLarge):
            add(None, read_fragment(piece(900, bytes(200)), CONTEXT), limit=1000)

    def test_many_small_fragments(self) -> None:
        """Thousands of tiny fragments in the worst order take no more than a moment."""
        body = bytes(index % 251 for index in range(4000))
        parts = [piece(offset, body[offset : offset + 1], offset == 3999) for offset in reversed(range(4000))]
        self.assertEqual(reassemble(parts, CONTEXT), message(body))

    def test_too_many_pieces(self) -> None:
        """Pieces are not held without end; one that is held already changes nothing."""
        # = rfc6940:6.7/5 test
        held = add(None, read_fragment(piece(0, b"a"), CONTEXT))
        held = held._replace(pieces=tuple((2 * place, b"a") for place in range(MOST_PIECES)))
        with self.assertRaises(MessageTooLarge):
            add(held, read_fragment(piece(2 * MOST_PIECES, b"a"), CONTEXT))
        self.assertEqual(add(held, read_fragment(piece(2, b"a"), CONTEXT)), held)

    def test_empty_fragment(self) -> None:
        """A fragment without body brings nothing and is refused, unless it is the last one."""
        with self.assertRaises(BadFragment):
            read_fragment(piece(5, b""), CONTEXT)
        self.assertEqual(reassemble([piece(0, b"ab"), piece(2, b"", True)], CONTEXT), message(b"ab"))

    def test_first_bit_clear(self) -> None:
        """A message whose first fragment bit is clear is never taken for a fragment."""
        # = rfc6940:6.7/9 test
        # = rfc6940:6.3.2/9 test
        # = rfc6940:6.7/7b test
        with self.assertRaises(NotReload):
            read_fragment(message(b"ab", 0x40000000), CONTEXT)

    def test_length_mismatch(self) -> None:
        """A fragment of another length than it says is refused."""
        with self.assertRaises(BadHeader):
            read_fragment(message(b"ab") + b"x", CONTEXT)

    def test_held(self) -> None:
        """A holder can see how much it holds, and duplicates do not add to it."""
        one = add(None, read_fragment(piece(0, b"abcd"), CONTEXT))
        again = add(one, read_fragment(piece(1, b"bc"), CONTEXT))
        self.assertEqual(one.held, again.held)
        self.assertIsNone(whole(again))

    @PLAIN
    @given(st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=12), st.booleans()), max_size=8))
    def test_any_fragments(self, given_parts: list[tuple[int, bytes, bool]]) -> None:
        """Any fragments give a message whose every octet one of them brought, or a refusal."""
        parts = [piece(offset, body, last) for offset, body, last in given_parts]
        try:
            octets = reassemble(parts, CONTEXT)
        except Refusal:
            return
        found = read_fragment(octets, CONTEXT)
        for offset, body, _ in given_parts:
            self.assertEqual(found.body[offset : offset + len(body)], body)
        self.assertTrue(found.last)
