"""Tests of Fetch, Stat and Find (RFC 6940, sections 7.4.2 to 7.4.4)."""

from __future__ import annotations

import hashlib

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode
from disco_ref.notation.presentation import Unknown
from disco_ref.peer.overlay.test.members import identity, node_id
from disco_ref.reload.ids import resource_id
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.signature import NOT_SIGNED, HashAlgorithm
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.data_models import ArrayEntryMeta, DictionaryEntryMeta, MetaData
from disco_ref.reload.storage.fetch import (
    ArrayRange,
    FetchAns,
    FetchKindResponse,
    FetchReq,
    Indices,
    Keys,
    StoredDataSpecifier,
)
from disco_ref.reload.storage.find import FindAns, FindReq
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.storage.kinds import UnknownKinds
from disco_ref.reload.storage.stat import StatAns, StatReq, StoredMetaData
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.storage.test.peers import (
    ALICE,
    ARRAY,
    BY_KEY,
    BY_NODE,
    CONTEXT,
    DICTIONARY,
    HERE,
    LARGE,
    NOW,
    SINGLE,
    StoringPeer,
    incoming,
    part,
    store,
    value,
)

ALL = Indices((ArrayRange(0, -1),))


def values_of(response: FetchKindResponse) -> tuple[StoredData, ...]:
    """Its values, of a Kind that is known."""
    assert not isinstance(response.values, Unknown)
    return response.values


class ReadCase(SynchronousTestCase):
    """A peer that holds some values."""

    def setUp(self) -> None:
        """A value of each data model, the single one overwritten once."""
        self.peer = StoringPeer()
        self.peer.ask(store(part(SINGLE, value(b"old", 1))))
        own = value(b"route", 3, place=node_id(ALICE), kind=DICTIONARY)
        arrayed = value(b"zero", 4, place=0, kind=ARRAY), value(None, 5, place=2, kind=ARRAY)
        self.peer.ask(store(part(SINGLE, value(b"new", 2)), part(ARRAY, *arrayed), part(DICTIONARY, own)))

    def asked(self, body: Body, code: MessageCode, now: Instant = NOW) -> Body:
        """The answer to a request of anybody's, as it comes over the wire."""
        answer = self.peer.ask(incoming(body, code, identity(7)), now)
        there = incoming(answer.body, MessageCode(code + 1), self.peer.member.identity, answer.certificates)
        return there.body

    def refused(self, body: Body, code: MessageCode) -> Refusal:
        """The refusal of a request."""
        with self.assertRaises(Refusal) as caught:
            self.peer.ask(incoming(body, code, identity(7)))
        refusal: Refusal = caught.exception
        return refusal

    def fetched(self, *specifiers: StoredDataSpecifier, now: Instant = NOW) -> tuple[FetchKindResponse, ...]:
        """What is fetched."""
        found = self.asked(FetchReq(HERE, specifiers), MessageCode.fetch_req, now)
        assert isinstance(found, FetchAns)
        return found.kind_responses

    def statted(self, *specifiers: StoredDataSpecifier) -> list[StoredMetaData]:
        """What is known."""
        found = self.asked(StatReq(HERE, specifiers), MessageCode.stat_req)
        assert isinstance(found, StatAns)
        return [
            each for response in found.kind_responses for each in response.values if isinstance(each, StoredMetaData)
        ]


class FetchTests(ReadCase):
    """Fetch."""

    def test_values(self) -> None:
        """There is one response for each Kind, with its counter and its values, those that do not exist among them."""
        # = rfc6940:7.4.2.2/1 test
        # = rfc6940:7.4.2.2/2 test
        specifiers = StoredDataSpecifier(SINGLE, 0, None), StoredDataSpecifier(ARRAY, 0, ALL)
        single, array = self.fetched(*specifiers)
        self.assertEqual((single.kind, single.generation, array.kind, array.generation), (SINGLE, 2, ARRAY, 1))
        self.assertEqual([value_of(each).value for each in values_of(single)], [b"new"])
        found = [
            (value_of(each).value, value_of(each).exists, each.signature == NOT_SIGNED) for each in values_of(array)
        ]
        self.assertEqual(found, [(b"zero", True, False), (b"", False, True), (b"", False, False)])

    def test_seen(self) -> None:
        """Who knows the generation that stands gets no values; who knows another one gets all."""
        # = rfc6940:7.4.2.1/0 test
        (same,) = self.fetched(StoredDataSpecifier(SINGLE, 2, None))
        self.assertEqual((same.generation, same.values), (2, ()))
        for other in (1, 3):
            self.assertEqual(len(self.fetched(StoredDataSpecifier(SINGLE, other, None))[0].values), 1)

    def test_nothing(self) -> None:
        """Where nothing of a Kind stands the counter is 0 and the value is made up."""
        # = rfc6940:7.4.2.2/0 test
        (found,) = self.fetched(StoredDataSpecifier(BY_NODE, 0, None))
        self.assertEqual((found.generation, [each.signature for each in values_of(found)]), (0, [NOT_SIGNED]))

    def test_lifetime(self) -> None:
        """The lifetime that is told is what is left of it."""
        # = rfc6940:7.4.1.1/20 test
        (found,) = self.fetched(StoredDataSpecifier(SINGLE, 0, None), now=Instant(NOW + 600))
        self.assertEqual([each.lifetime for each in values_of(found)], [3000])

    def test_certificates(self) -> None:
        """The certificates of the signers come along, each once."""
        # = rfc6940:6.3.4/1 test
        request = FetchReq(HERE, (StoredDataSpecifier(SINGLE, 0, None), StoredDataSpecifier(ARRAY, 0, ALL)))
        answer = self.peer.ask(incoming(request, MessageCode.fetch_req, identity(7)))
        self.assertEqual(answer.certificates, identity(ALICE).certificates)

    def test_unknown(self) -> None:
        """A Kind that is not known fails the request, and is named."""
        # = rfc6940:7.4.2.1/1 test
        # = rfc6940:7.4.1.2/6 test
        asked = StoredDataSpecifier(SINGLE, 0, None), StoredDataSpecifier(2, 0, None)
        for body, code in (
            (FetchReq(HERE, asked), MessageCode.fetch_req),
            (StatReq(HERE, asked), MessageCode.stat_req),
        ):
            refusal = self.refused(body, code)
            self.assertEqual(refusal.error_code, ErrorCode.Error_Unknown_Kind)
            info = getattr(refusal, "error_info", b"")
            self.assertEqual(decode(UnknownKinds, info, CONTEXT).unknown_kinds, (2,))

    def test_repeated(self) -> None:
        """A Kind that is asked for a thousand times is not answered a thousand times."""
        # = rfc6940:7.4.2.2/1 test
        asked = (StoredDataSpecifier(SINGLE, 0, None),) * 1000
        for body, code in (
            (FetchReq(HERE, asked), MessageCode.fetch_req),
            (StatReq(HERE, asked), MessageCode.stat_req),
        ):
            self.assertEqual(self.refused(body, code).error_code, ErrorCode.Error_Invalid_Message)

    def test_too_large(self) -> None:
        """What makes no message of the overlay is refused, and can be fetched in parts."""
        # = rfc6940:7.4.2.2/2 test
        for each in range(20):
            self.peer.ask(store(part(LARGE, value(bytes(4000), place=b"%d" % each, kind=LARGE))))
        keys = tuple(b"%d" % each for each in range(10))
        refusal = self.refused(FetchReq(HERE, (StoredDataSpecifier(LARGE, 0, Keys(())),)), MessageCode.fetch_req)
        self.assertEqual(refusal.error_code, ErrorCode.Error_Response_Too_Large)
        (found,) = self.fetched(StoredDataSpecifier(LARGE, 0, Keys(keys)))
        self.assertEqual(len(found.values), 10)
        self.assertEqual(len(self.statted(StoredDataSpecifier(LARGE, 0, Keys(())))), 20)

    def test_absent_keys(self) -> None:
        """Keys that are not there cost no more than a message either."""
        # = rfc6940:7.4.2.2/2 test
        keys = tuple(each.to_bytes(2, "big") for each in range(10000))
        for body, code in (
            (FetchReq(HERE, (StoredDataSpecifier(BY_KEY, 0, Keys(keys)),)), MessageCode.fetch_req),
            (StatReq(HERE, (StoredDataSpecifier(BY_KEY, 0, Keys(keys)),)), MessageCode.stat_req),
        ):
            self.assertEqual(self.refused(body, code).error_code, ErrorCode.Error_Response_Too_Large)


class StatTests(ReadCase):
    """Stat."""

    def test_meta_data(self) -> None:
        """What is told of a value: its times, its length, and the digest of its octets with their length before them."""
        # = rfc6940:7.4.3.2/0 test
        (single,) = self.statted(StoredDataSpecifier(SINGLE, 0, None))
        digest = hashlib.sha256(b"\0\0\0\x03new").digest()
        self.assertEqual(single, StoredMetaData(3, 2, 3600, MetaData(True, 3, HashAlgorithm.sha256, digest)))

    def test_places(self) -> None:
        """Indices and keys stand with what is told, also of values that do not exist."""
        # = rfc6940:7.4.3.2/0 test
        array = [each.metadata for each in self.statted(StoredDataSpecifier(ARRAY, 0, ALL))]
        found = [(each.index, each.value.exists) for each in array if isinstance(each, ArrayEntryMeta)]
        self.assertEqual(found, [(0, True), (1, False), (2, False)])
        entries = [each.metadata for each in self.statted(StoredDataSpecifier(DICTIONARY, 0, Keys(())))]
        keys = [(each.key, each.value.value_length) for each in entries if isinstance(each, DictionaryEntryMeta)]
        self.assertEqual(keys, [(node_id(ALICE), 5)])

    def test_seen(self) -> None:
        """Who knows the generation that stands is told nothing more."""
        # = rfc6940:7.4.2.1/0 test
        self.assertEqual(self.statted(StoredDataSpecifier(SINGLE, 2, None)), [])


class FindTests(ReadCase):
    """Find."""

    def found(self, resource: bytes, *kinds: int) -> list[tuple[int, bytes]]:
        """The Resource-IDs by Kind."""
        answer = self.asked(FindReq(resource, kinds), MessageCode.find_req)
        assert isinstance(answer, FindAns)
        return [(each.kind, each.closest) for each in answer.results]

    def test_closest(self) -> None:
        """The first Resource-ID from the one that is asked about, upwards and over the top; each Kind has its own."""
        # = rfc6940:7.4.4.2/2a test
        # = rfc6940:7.4.4.2/2b test
        places = sorted([HERE, *(resource_id(node_id(each)) for each in range(10, 15))])
        for each in range(10, 15):
            there = resource_id(node_id(each))
            written = value(b"x", by=each, kind=BY_NODE, resource=there)
            self.peer.ask(store(part(BY_NODE, written), by=each, resource=there))
        nodes = [each for each in places if each != HERE]
        for before, place in zip([nodes[-1], *nodes], nodes, strict=False):
            behind = (int.from_bytes(before, "big") + 1).to_bytes(16, "big")
            self.assertEqual(self.found(behind, BY_NODE, SINGLE), [(BY_NODE, place), (SINGLE, HERE)])
            self.assertEqual(self.found(place, BY_NODE), [(BY_NODE, place)])

    def test_none(self) -> None:
        """A Kind that is not known, or of which nothing is held, has the Resource-ID 0."""
        # = rfc6940:7.4.4.2/3 test
        self.assertEqual(self.found(HERE, 12345, BY_NODE), [(12345, bytes(16)), (BY_NODE, bytes(16))])

    def test_gone(self) -> None:
        """What has expired is found no more."""
        # = rfc6940:7.4.4.2/2a test
        self.peer.done(self.peer.storage.passed(("expiry",), Instant(NOW + 3600)))
        self.assertEqual(self.found(HERE, SINGLE), [(SINGLE, bytes(16))])

    def test_responsible(self) -> None:
        """A peer that is not responsible for the Resource-ID tells nothing."""
        # = rfc6940:7.4.4.2/1 test
        self.peer.algorithm.own = False
        self.assertEqual(
            self.refused(FindReq(HERE, (SINGLE,)), MessageCode.find_req).error_code, ErrorCode.Error_Not_Found
        )
