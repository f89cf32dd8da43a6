"""Tests of which values a specifier means (RFC 6940, section 7.4.2)."""

from __future__ import annotations

from itertools import islice

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.notation.codec import encode
from disco_ref.notation.context import DataModel
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.registries import AccessPolicy
from disco_ref.reload.storage.data_models import ArrayEntry, DataValue, DictionaryEntry
from disco_ref.reload.storage.fetch import ArrayRange, Indices, Keys, StoredDataSpecifier
from disco_ref.reload.storage.holdings import Held, Place, Resource, place_of
from disco_ref.reload.storage.selecting import remaining, selected
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.storage.test.peers import ARRAY, CONTEXT, NOW, value


def definition(model: DataModel, max_count: int = 8) -> KindDefinition:
    """A Kind of this data model."""
    return KindDefinition(ARRAY, model, AccessPolicy.USER_MATCH, max_count, 100, 0)


def held(stored: StoredData) -> Held:
    """A value that was taken in now."""
    octets = encode(stored, CONTEXT._replace(data_model=DataModel.array))[4:]
    return Held(stored._replace(received=octets), NOW, Instant(NOW + stored.lifetime), ())


def resource(*places: Place) -> Resource:
    """Values at these places."""
    return Resource(1, {each: Held(value(b"x", place=each), NOW, Instant(NOW + 9), ()) for each in places}, NOW)


class IndexTests(SynchronousTestCase):
    """Ranges of an array."""

    def places(self, *ranges: tuple[int, int], there: tuple[int, ...] = (1, 3)) -> list[Place]:
        """The indices that ranges mean, where some elements are there."""
        choice = Indices(tuple(ArrayRange(*each) for each in ranges))
        found = selected(StoredDataSpecifier(ARRAY, 0, choice), definition(DataModel.array), resource(*there))
        return [place_of(each.stored if isinstance(each, Held) else each) for each in islice(found, 100)]

    def test_ranges(self) -> None:
        """Both ends belong to a range; gaps are filled, up to the number of elements that the Kind admits."""
        # = rfc6940:7.2.2/0 test
        # = rfc6940:7.4.2.2/2 test
        self.assertEqual(self.places((0, 2), (3, 4)), [0, 1, 2, 3, 4])
        self.assertEqual(self.places((2, 2)), [2])
        self.assertEqual(self.places((5, 100)), [5, 6, 7])
        self.assertEqual(self.places((100, 200)), [100])

    def test_final(self) -> None:
        """0xffffffff is the last element that is there; where none is, it is none."""
        # = rfc6940:7.4.2.1/0 test
        self.assertEqual(self.places((0, -1)), [0, 1, 2, 3])
        self.assertEqual(self.places((-1, -1)), [3])
        self.assertEqual(self.places((2, -1)), [2, 3])
        self.assertEqual(self.places((7, -1)), [])
        self.assertEqual(self.places((0, -1), there=()), [])
        self.assertEqual(self.places((-1, -1), there=()), [])

    def test_vast(self) -> None:
        """The largest range there is costs no more than the Kind admits."""
        # = rfc6940:7.4.2.1/0 test
        self.assertEqual(self.places((0, -2)), list(range(8)))
        self.assertEqual(self.places((-3, -2)), [0xFFFFFFFD])

    def test_made_up(self) -> None:
        """What is not there does not exist, and nobody has signed it."""
        # = rfc6940:7.4.2.2/0 test
        choice = Indices((ArrayRange(1, 2),))
        there, gap = selected(StoredDataSpecifier(ARRAY, 0, choice), definition(DataModel.array), resource(1))
        self.assertIsInstance(there, Held)
        self.assertEqual(gap, StoredData(0, 0, ArrayEntry(2, DataValue(False, b"")), NOT_SIGNED))


class OtherTests(SynchronousTestCase):
    """Dictionaries and single values."""

    def test_keys(self) -> None:
        """Keys mean their entries, each once, in the order of asking; no keys mean all entries."""
        # = rfc6940:7.4.2.1/0 test
        kind = definition(DataModel.dictionary)

        def chosen(*keys: bytes) -> list[object]:
            found = selected(StoredDataSpecifier(ARRAY, 0, Keys(keys)), kind, resource(b"a", b"b"))
            return [place_of(each.stored) if isinstance(each, Held) else each.value for each in found]

        self.assertEqual(chosen(), [b"a", b"b"])
        absent = DataValue(False, b"")
        self.assertEqual(
            chosen(b"b", b"c", b"b", b""), [b"b", DictionaryEntry(b"c", absent), DictionaryEntry(b"", absent)]
        )

    def test_single(self) -> None:
        """A single value is there, or is made up."""
        # = rfc6940:7.4.2.2/0 test
        specifier, kind = StoredDataSpecifier(ARRAY, 0, None), definition(DataModel.single_value)
        self.assertEqual(list(selected(specifier, kind, None)), [StoredData(0, 0, DataValue(False, b""), NOT_SIGNED)])
        self.assertIsInstance(next(selected(specifier, kind, resource(None))), Held)


class LifetimeTests(SynchronousTestCase):
    """What is left of a lifetime."""

    def test_remaining(self) -> None:
        """The lifetime is less by the time the value has been here, in the octets too, and never less than nothing."""
        # = rfc6940:7.4.1.1/20 test
        # = rfc6940:7.4.1.1/21 test
        taken = held(value(b"x", 77, place=1, lifetime=100))
        for waited, left in ((0.0, 100), (30.5, 69), (100.0, 0), (500.0, 0)):
            found = remaining(taken, Instant(NOW + waited))
            self.assertEqual((found.storage_time, found.lifetime), (77, left))
            self.assertEqual(int.from_bytes(found.received[8:12], "big"), left)
            self.assertEqual(found.received[12:], taken.stored.received[12:])
