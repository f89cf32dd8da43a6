"""Values of the presentation language as JSON has them, and back."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.cursor import Unwritable
from disco_ref.notation.plain import from_plain, to_plain
from disco_ref.notation.test.structs import (
    KINDS,
    NUMBERS,
    OCTETS,
    ROWS,
    VECTORS,
    ArrayItem,
    Item,
    Items,
    Named,
    Numbers,
    Octets,
    Strict,
    Vectors,
)


class PlainTests(SynchronousTestCase):
    """The JSON form."""

    def test_rows(self) -> None:
        """Every row goes to JSON and back."""
        for value, _ in ROWS:
            self.assertEqual(from_plain(type(value), to_plain(value), KINDS), value)

    def test_forms(self) -> None:
        """Wide numbers are strings, enums names, octets hex; a nameless select merges, a named one does not."""
        plain = to_plain(NUMBERS[0])
        self.assertEqual((plain["d"], plain["e"], plain["f"], plain["h"]), ("4", "5", -1, "red"))
        self.assertEqual(plain["i"], "with-hyphen")
        self.assertEqual(to_plain(ROWS[4][0]), {"colour": "green", "left": 1, "right": 2, "after": 8})
        self.assertEqual(to_plain(ROWS[5][0]), {"colour": 9, "unknown": "616263", "after": 8})
        self.assertEqual(to_plain(ROWS[9][0])["wanted"], {"names": ["6d"]})
        self.assertEqual(to_plain(ROWS[10][0]), {"kind": 3, "values": "6162", "wanted": {"unknown": ""}})

    def test_refused(self) -> None:
        """A JSON form that is none is refused with the path of the member."""
        good = to_plain(NUMBERS[0])
        for change, said in [
            ({"a": 256}, "Numbers.a: 256 is not within 0 to 255"),
            ({"a": True}, "Numbers.a: this is no number"),
            ({"d": "x"}, "Numbers.d: this is no number"),
            ({"d": "9" * 60}, "Numbers.d: this number is too large"),
            ({"g": 1}, "Numbers.g: this is neither true nor false"),
            ({"h": "blue"}, "Numbers.h: 'blue' is no Colour"),
            ({"h": 0}, "Numbers.h: 0 is no Colour"),
            ({"i": 6}, "Numbers.i: 6 is no Closed"),
        ]:
            with self.assertRaises(Unwritable) as caught:
                from_plain(Numbers, {**good, **change}, KINDS)  # type: ignore[dict-item]
            self.assertEqual(str(caught.exception), said)

    def test_shapes(self) -> None:
        """Wrong shapes are refused as well: no object, no array, no hex, a member missing, no such variant."""
        for cls, plain in [
            (Numbers, []),
            (Numbers, {}),
            (Octets, {**to_plain(OCTETS[0]), "a": "0"}),
            (Octets, {**to_plain(OCTETS[0]), "a": "00" * 256}),
            (Octets, {**to_plain(OCTETS[0]), "node": "00"}),
            (Vectors, {**to_plain(VECTORS[0]), "numbers": 3}),
            (Strict, {"colour": 7}),
            (Items, {"kind": 1, "values": [{"value": {"nothing": 1}}], "wanted": {}}),
        ]:
            with self.assertRaises(Unwritable):
                from_plain(cls, plain, KINDS)  # type: ignore[arg-type]

    def test_models_by_members(self) -> None:
        """Where the data model decides, the members that are there say which it is."""
        for value in (Item(ArrayItem(1)), Item(Named(b"n"))):
            self.assertEqual(from_plain(Item, to_plain(value), KINDS), value)
        with self.assertRaises(Unwritable):
            from_plain(Item, {"value": {"unknown": 7}}, KINDS)

    def test_value_of_no_variant(self) -> None:
        """A body that its switch does not name has no JSON form: an error of the program."""
        with self.assertRaises(TypeError):
            to_plain(Item(7))  # type: ignore[arg-type]
