"""Tests of storing and fetching for whoever runs a node (RFC 6940, sections 7.4.1 to 7.4.3)."""

from __future__ import annotations

from typing import TypeVar

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.peer.overlay.test.members import identity, node_id
from disco_ref.reload.actions import Action, AnsweredWithError, Ask, RequestTimeout, Tell
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.destination import DestinationType
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.client import Failed, Fetched, Statted, StorageClient, Stored
from disco_ref.reload.storage.data_models import APPEND
from disco_ref.reload.storage.fetch import FetchAns, FetchKindResponse
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.storage.test.peers import (
    ALICE,
    ARRAY,
    BOB,
    DICTIONARY,
    HERE,
    NAME,
    NOW,
    SINGLE,
    Few,
    StoringPeer,
    incoming,
    part,
    store,
    value,
)

Event = TypeVar("Event", Failed, Fetched, Statted, Stored)


class ClientCase(SynchronousTestCase):
    """Alice, and the peer that is responsible for her name."""

    def setUp(self) -> None:
        """Both, and a way between them."""
        self.alice, self.peer = StoringPeer(ALICE), StoringPeer()
        self.alice.algorithm.own = False
        self.client = StorageClient(self.alice.member, self.alice.algorithm)
        self.few = Few(self.alice, self.peer)

    def told(self, actions: list[Action], kind: type[Event], now: Instant = NOW) -> Event:
        """What comes of it, where the request reaches the peer."""
        self.few.told.clear()
        for each in actions:
            if isinstance(each, Ask):
                last = each.to[-1]
                self.assertEqual((last.type, last.destination_data), (DestinationType.resource, HERE))
        self.few.carry(self.alice, actions, now)
        (event,) = self.few.told
        assert isinstance(event, kind)
        return event

    def answered(self, body: Body, code: MessageCode, *bucket: int) -> object:
        """What is told of an answer to a Fetch of the single value that the peer makes up."""
        (ask,) = self.client.fetch(("f",), NAME, SINGLE)
        assert isinstance(ask, Ask)
        certificates = tuple(each for which in bucket for each in identity(which).certificates)
        answer = incoming(body, code, self.peer.member.identity, certificates)
        (told,) = self.client.answered(ask.about, answer, NOW)
        assert isinstance(told, Tell)
        return told.event


class RoundTests(ClientCase):
    """There and back."""

    def test_single(self) -> None:
        """What was stored is fetched, with what it was about and who answered."""
        # = rfc6940:7.4.2.2/3 test
        # = rfc6940:7/2 test
        stored = self.told(self.client.store(("s", 1), NAME, SINGLE, b"x", NOW), Stored)
        self.assertEqual((stored.about, stored.by), (("s", 1), self.peer.node_id))
        found = self.told(self.client.fetch(("f", 2), NAME, SINGLE), Fetched)
        self.assertEqual(
            (found.about, found.generation, found.discarded, found.by), (("f", 2), 1, 0, self.peer.node_id)
        )
        (one,) = found.values
        self.assertEqual((value_of(one).value, one.storage_time, one.lifetime), (b"x", int(NOW * 1000), 86400))

    def test_two_in_one_moment(self) -> None:
        """What is stored anew in the same moment has a later time, so that it is taken."""
        for octets in (b"x", b"y"):
            # = rfc6940:13.5.3/1 test
            self.told(self.client.store(("s",), NAME, SINGLE, octets, NOW), Stored)
        fetched = self.told(self.client.fetch(("f",), NAME, SINGLE), Fetched)
        self.assertEqual([value_of(one).value for one in fetched.values], [b"y"])

    def test_places(self) -> None:
        """Indices, keys, and what is appended; all of them, or those that are named."""
        # = rfc6940:7.4.2.1/0 test
        for where in (2, APPEND):
            self.told(self.client.store(("s",), NAME, ARRAY, b"%d" % where, NOW, where=where), Stored)
        found = self.told(self.client.fetch(("f",), NAME, ARRAY), Fetched)
        self.assertEqual([value_of(each).value for each in found.values], [b"", b"", b"2", b"%d" % APPEND])
        found = self.told(self.client.fetch(("f",), NAME, ARRAY, where=(3, 0)), Fetched)
        self.assertEqual([value_of(each).exists for each in found.values], [True, False])
        key = node_id(ALICE)
        self.told(self.client.store(("s",), NAME, DICTIONARY, b"d", NOW, where=key), Stored)
        for asked in ((), (key,)):
            found = self.told(self.client.fetch(("f",), NAME, DICTIONARY, where=asked), Fetched)
            self.assertEqual([value_of(each).value for each in found.values], [b"d"])

    def test_high_index(self) -> None:
        """An index of more than 31 bits is asked for as well."""
        # = rfc6940:7.4.2.1/0 test
        found = self.told(self.client.fetch(("f",), NAME, ARRAY, where=(0xFFFFFFFE,)), Fetched)
        self.assertEqual(len(found.values), 1)

    def test_removal(self) -> None:
        """What is removed does not exist, and its signature says so."""
        # = rfc6940:7.4.1.3/1 test
        self.told(self.client.store(("s",), NAME, SINGLE, b"x", NOW), Stored)
        later = Instant(NOW + 1)
        self.told(self.client.store(("s",), NAME, SINGLE, None, later, lifetime=90000), Stored, later)
        (gone,) = self.told(self.client.fetch(("f",), NAME, SINGLE), Fetched).values
        self.assertFalse(value_of(gone).exists)
        self.assertTrue(gone.signature.signature_value)

    def test_stat(self) -> None:
        """What is known of a value."""
        # = rfc6940:7.4.3.2/0 test
        self.told(self.client.store(("s",), NAME, SINGLE, b"xyz", NOW), Stored)
        known = self.told(self.client.stat(("t",), NAME, SINGLE), Statted)
        self.assertEqual([len(each.values) for each in known.answer.kind_responses if each.kind == SINGLE], [1])

    def test_seen(self) -> None:
        """Who names the generation it has seen gets the values only if there are others."""
        # = rfc6940:7.4.2.1/0 test
        self.told(self.client.store(("s",), NAME, SINGLE, b"x", NOW), Stored)
        self.assertEqual(self.told(self.client.fetch(("f",), NAME, SINGLE, seen=1), Fetched).values, ())

    def test_same_words(self) -> None:
        """Two requests about the same are told apart."""
        # = rfc6940:7.4.2.2/1 test
        first, second = (self.client.fetch(("f",), NAME, kind) for kind in (SINGLE, ARRAY))
        self.assertEqual(len(self.told(second, Fetched).values), 0)
        self.assertEqual(len(self.told(first, Fetched).values), 1)

    def test_misfit(self) -> None:
        """A place that is none in the Kind's data model, and a Kind that the overlay does not have, are mistakes of the caller."""
        # = rfc6940:7.2/0 test
        for kind, where in ((SINGLE, 1), (ARRAY, None), (DICTIONARY, 3), (99, None)):
            with self.assertRaises(ValueError):
                self.client.store(("s",), NAME, kind, b"x", NOW, where=where)


class RefusedTests(ClientCase):
    """Stores that are refused."""

    def test_too_old(self) -> None:
        """A Store that comes too late tells what stands there; one time more than that is taken."""
        # = rfc6940:7.4.1.2/4 test
        # = rfc6940:7/3 test
        late = int(NOW * 1000) + 5000
        self.peer.ask(store(part(SINGLE, value(b"new", late))))
        failed = self.told(self.client.store(("s",), NAME, SINGLE, b"x", NOW), Failed)
        self.assertEqual((failed.about, failed.why.error_code), (("s",), ErrorCode.Error_Data_Too_Old))
        assert failed.newer is not None
        self.assertEqual([value_of(each).value for each in failed.newer.values], [b"new"])
        after = failed.newer.values[0].storage_time
        self.told(self.client.store(("s",), NAME, SINGLE, b"x", NOW, after=after), Stored)
        self.assertEqual(self.peer.values(), {None: b"x"})

    def test_generation(self) -> None:
        """A Store that expects another generation tells what stands there."""
        # = rfc6940:7.4.1.2/4 test
        self.peer.ask(store(part(SINGLE, value(b"there", 1))))
        failed = self.told(self.client.store(("s",), NAME, SINGLE, b"x", NOW, generation=7), Failed)
        self.assertEqual(failed.why.error_code, ErrorCode.Error_Generation_Counter_Too_Low)
        assert failed.newer is not None
        self.assertEqual(failed.newer.generation, 1)
        self.told(self.client.store(("s",), NAME, SINGLE, b"x", NOW, generation=1), Stored)

    def test_then_silence(self) -> None:
        """Where the Fetch that follows fails too, the first refusal is told."""
        # = rfc6940:7.4.1.2/4 test
        (ask,) = self.client.store(("s",), NAME, SINGLE, b"x", NOW)
        assert isinstance(ask, Ask)
        why = AnsweredWithError(ErrorCode.Error_Data_Too_Old, b"", self.peer.node_id)
        (fetch,) = self.client.failed(ask.about, why, NOW)
        assert isinstance(fetch, Ask)
        (told,) = self.client.failed(fetch.about, RequestTimeout("nobody answers"), NOW)
        self.assertEqual(told, Tell(Failed(("s",), why)))

    def test_timeout(self) -> None:
        """A request that nobody answers has failed."""
        # = rfc6940:6.2.1/0 test
        for actions in (self.client.fetch(("f",), NAME, SINGLE), self.client.stat(("f",), NAME, SINGLE)):
            (ask,) = actions
            assert isinstance(ask, Ask)
            why = RequestTimeout("nobody answers")
            self.assertEqual(self.client.failed(ask.about, why, NOW), [Tell(Failed(("f",), why))])


class VerifyTests(ClientCase):
    """What a storing peer might make up."""

    def fetched(self, *values: StoredData, bucket: tuple[int, ...] = (ALICE, BOB)) -> Fetched:
        """What is left of these values."""
        answer = FetchAns((FetchKindResponse(SINGLE, 1, values),))
        found = self.answered(answer, MessageCode.fetch_ans, *bucket)
        assert isinstance(found, Fetched)
        return found

    def test_forged(self) -> None:
        """Values whose signature or whose signer does not hold are left out, and how many is told."""
        # = rfc6940:7.4.2.2/3 test
        # = rfc6940:7.4.2.2/4 test
        # = rfc6940:7.4.2.2/5a test
        # = rfc6940:7.4.2.2/5b test
        good = value(b"good")
        forged = value(b"bad")._replace(signature=good.signature)
        found = self.fetched(good, forged, value(b"other", by=BOB), value(None, by=BOB))
        self.assertEqual(([value_of(each).value for each in found.values], found.discarded), ([b"good"], 3))

    def test_no_certificate(self) -> None:
        """A value whose signer's certificate did not come along is left out."""
        # = rfc6940:7.4.2.2/4 test
        # = rfc6940:6.3.4/3 test
        self.assertEqual(self.fetched(value(b"x", by=BOB), bucket=()).discarded, 1)

    def test_expired(self) -> None:
        """A value whose signer's certificate has expired is left out."""
        # = rfc6940:7.4.2.2/4 test
        (ask,) = self.client.fetch(("f",), NAME, SINGLE)
        assert isinstance(ask, Ask)
        answer = FetchAns((FetchKindResponse(SINGLE, 1, (value(b"x"),)),))
        received = incoming(answer, MessageCode.fetch_ans, self.peer.member.identity, identity(ALICE).certificates)
        later = identity(ALICE).certificate.x509.not_valid_after_utc.timestamp() + 1
        (told,) = self.client.answered(ask.about, received, Instant(later))
        assert isinstance(told, Tell)
        assert isinstance(told.event, Fetched)
        self.assertEqual((told.event.values, told.event.discarded), ((), 1))

    def test_unasked(self) -> None:
        """Values of other places than were asked for are left out."""
        # = rfc6940:7.4.2.2/2 test
        (ask,) = self.client.fetch(("f",), NAME, ARRAY, where=(1,))
        assert isinstance(ask, Ask)
        values = tuple(value(b"x", place=each, kind=ARRAY) for each in (0, 1))
        answer = FetchAns((FetchKindResponse(ARRAY, 1, values),))
        received = incoming(answer, MessageCode.fetch_ans, self.peer.member.identity, identity(ALICE).certificates)
        (told,) = self.client.answered(ask.about, received, NOW)
        assert isinstance(told, Tell)
        assert isinstance(told.event, Fetched)
        self.assertEqual((len(told.event.values), told.event.discarded), (1, 1))

    def test_other_kind(self) -> None:
        """An answer about another Kind, or about none, is none."""
        # = rfc6940:7.4.2.2/1 test
        other = FetchKindResponse(ARRAY, 1, ())
        for body, code in (
            (FetchAns(()), MessageCode.fetch_ans),
            (FetchAns((other,)), MessageCode.fetch_ans),
        ):
            failed = self.answered(body, code)
            assert isinstance(failed, Failed)
            self.assertIsInstance(failed.why, Malformed)
