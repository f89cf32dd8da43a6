"""What should lie at a subject, as checks reckon it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.rfc6940.live.storage.shelf import APPEND, END, Shelf
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.writing import Object, entry, keyed, single

AT = "00" * 16
KIND = 7


def body(*values: Object) -> dict[str, Json]:
    """A StoreReq of one Kind."""
    stored: list[Json] = [{"storage_time": "1", "lifetime": 1, "value": one, "signature": {}} for one in values]
    return {"resource": AT, "kind_data": [{"kind": KIND, "generation_counter": "0", "values": stored}]}


def indices(*ranges: tuple[int, int]) -> Json:
    """A specifier of parts of an array."""
    return {"kind": KIND, "model_specifier": {"indices": [{"first": first, "last": last} for first, last in ranges]}}


class ShelfTest(SynchronousTestCase):
    """The three data models."""

    def setUp(self) -> None:
        """Nothing lies there."""
        self.shelf = Shelf()

    def test_single(self) -> None:
        """The last one, until it is removed."""
        asked: Json = {"kind": KIND, "model_specifier": {}}
        self.shelf.store(body(single(b"one")))
        self.shelf.store(body(single(b"two")))
        self.assertEqual(self.shelf.wanted(AT, asked), ({None: b"two"}, set()))
        self.shelf.store(body(single(b"", exists=False)))
        self.assertEqual(self.shelf.wanted(AT, asked), ({}, set()))
        self.assertEqual(self.shelf.wanted("ff", asked), ({}, set()))

    def test_array(self) -> None:
        """What is appended comes behind the last index, and gaps are known."""
        self.shelf.store(body(entry(APPEND, b"first"), entry(2, b"third")))
        self.shelf.store(body(entry(APPEND, b"fourth")))
        everything = {0: b"first", 2: b"third", 3: b"fourth"}
        self.assertEqual(self.shelf.wanted(AT, indices((0, END))), (everything, {1}))
        self.assertEqual(self.shelf.wanted(AT, indices((1, 2))), ({2: b"third"}, {1}))
        self.assertEqual(self.shelf.wanted(AT, indices((0, 0), (3, 100))), ({0: b"first", 3: b"fourth"}, set()))
        self.assertEqual(self.shelf.wanted(AT, indices((END, END))), ({3: b"fourth"}, set()))

    def test_dictionary(self) -> None:
        """Those that are named, or all."""
        self.shelf.store(body(keyed(b"a", b"one"), keyed(b"b", b"two")))
        some: Json = {"kind": KIND, "model_specifier": {"keys": ["61", "63"]}}
        every: Json = {"kind": KIND, "model_specifier": {"keys": []}}
        self.assertEqual(self.shelf.wanted(AT, some), ({"61": b"one"}, set()))
        self.assertEqual(self.shelf.wanted(AT, every), ({"61": b"one", "62": b"two"}, set()))
