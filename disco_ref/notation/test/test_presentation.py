"""The presentation language: layouts, located errors, contexts (RFC 6940, section 6.3.1)."""

from __future__ import annotations

from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.codec import decode, encode
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.cursor import Truncated, Unwritable
from disco_ref.notation.layout import layout, struct
from disco_ref.notation.test.structs import (
    KINDS,
    OCTETS,
    REFUSED,
    ROWS,
    UNWRITABLE,
    ArrayItem,
    Item,
    Numbers,
    Octets,
    Pair,
)


class CodecTests(SynchronousTestCase):
    """Reading and writing."""

    def test_rows(self) -> None:
        """Every value is written as its octets, and the octets are read as the value."""
        # = rfc6940:6.3.1/0 test
        for value, digits in ROWS:
            octets = bytes.fromhex(digits)
            self.assertEqual(encode(value, KINDS).hex(), octets.hex())
            self.assertEqual(decode(type(value), octets, KINDS), value)

    def test_every_truncation(self) -> None:
        """Each row is refused wherever it is cut short."""
        for value, digits in ROWS:
            octets = bytes.fromhex(digits)
            for end in range(len(octets)):
                with self.assertRaises(Truncated):
                    decode(type(value), octets[:end], KINDS)

    def test_refused(self) -> None:
        """Refusals name the field, the place and the reason."""
        for cls, digits, family, said in REFUSED:
            with self.assertRaises(family) as caught:
                decode(cls, bytes.fromhex(digits))
            self.assertEqual(str(caught.exception), said)

    def test_unwritable(self) -> None:
        """What does not fit its layout is refused and never cut short."""
        for value in UNWRITABLE:
            with self.assertRaises(Unwritable):
                encode(value)

    def test_node_id_length(self) -> None:
        """The length of a Node-ID comes from the context."""
        # = rfc6940:6.3.1.1/0 test
        value = OCTETS[0]._replace(node=bytes(20))
        context = Context(node_id_length=20)
        self.assertEqual(decode(Octets, encode(value, context), context), value)

    def test_received(self) -> None:
        """A struct can keep the octets it came in, which are no part of its equality."""
        item = decode(Item, bytes.fromhex("00000001 07"), Context(data_model=DataModel.array))
        self.assertEqual(item.received, b"\x07")
        self.assertEqual(item, Item(ArrayItem(7)))
        self.assertEqual(hash(item), hash(Item(ArrayItem(7))))
        self.assertNotEqual(item, Item(ArrayItem(8)))
        self.assertTrue(item != Item(ArrayItem(8)))

    def test_compiled_once(self) -> None:
        """A decoder is compiled once and keeps its source for the curious."""
        self.assertIs(reader(Numbers), reader(Numbers))
        self.assertIn("def read(buf, p, e, ctx):", reader(Numbers).source)  # type: ignore[attr-defined]

    def test_no_struct(self) -> None:
        """A class without layout is a programming error."""
        with self.assertRaises(TypeError):
            layout(Pair)
        with self.assertRaises(TypeError):

            @struct
            class Wrong(NamedTuple):
                """A field of no known type."""

                field: float
