"""Tests of what a Store leads to (RFC 6940, sections 7 and 7.4.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.peer.overlay.test.members import identity, node_id, user
from disco_ref.reload.actions import Ask, Incoming, Persist, Reply
from disco_ref.reload.ids import resource_id
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.data_models import APPEND
from disco_ref.reload.storage.kinds import UnknownKinds
from disco_ref.reload.storage.placing import MOST_KEY, MOST_REMOVED
from disco_ref.reload.storage.refusals import UnknownKind
from disco_ref.reload.storage.store import StoreAns, StoreKindResponse, StoreReq
from disco_ref.reload.storage.storing import MOST_OCTETS
from disco_ref.reload.storage.test.peers import (
    ALICE,
    ARRAY,
    BOB,
    BY_KEY,
    CONTEXT,
    DICTIONARY,
    HERE,
    NOW,
    SINGLE,
    StoringPeer,
    incoming,
    kinds_of,
    part,
    store,
    stored,
    value,
)


class StoreCase(SynchronousTestCase):
    """A peer that is responsible."""

    def setUp(self) -> None:
        """The peer, with nothing."""
        self.peer = StoringPeer()

    def refused(self, request: Incoming, code: ErrorCode) -> Refusal:
        """The refusal of a request, which leaves everything as it was."""
        before = {kind: (self.peer.values(kind), self.peer.generation(kind)) for kind in (SINGLE, ARRAY, DICTIONARY)}
        with self.assertRaises(Refusal) as caught:
            self.peer.ask(request)
        refusal: Refusal = caught.exception
        self.assertEqual(refusal.error_code, code)
        after = {kind: (self.peer.values(kind), self.peer.generation(kind)) for kind in (SINGLE, ARRAY, DICTIONARY)}
        self.assertEqual(after, before)
        return refusal


class ModelTests(StoreCase):
    """Each data model."""

    def test_single(self) -> None:
        """A single value is made, and overwritten by a newer one."""
        # = rfc6940:7.4.1.1/17 test
        # = rfc6940:7.2.1/0 test
        self.peer.ask(store(part(SINGLE, value(b"old", 1))))
        self.assertEqual(self.peer.values(), {None: b"old"})
        self.peer.ask(store(part(SINGLE, value(b"new", 2))))
        self.assertEqual(self.peer.values(), {None: b"new"})

    def test_array(self) -> None:
        """An array is sparse; a value takes the place of its index."""
        # = rfc6940:7.2.2/0 test
        self.peer.ask(store(part(ARRAY, value(b"two", place=2, kind=ARRAY), value(b"none", place=0, kind=ARRAY))))
        self.assertEqual(self.peer.values(ARRAY), {2: b"two", 0: b"none"})

    def test_append(self) -> None:
        """The index 0xffffffff stands for the end, value after value, and the values stay verifiable with their new index."""
        # = rfc6940:7.4.2.2/0 test
        self.peer.ask(store(part(ARRAY, value(b"one", place=1, kind=ARRAY))))
        last = [value(each, place=APPEND, kind=ARRAY) for each in (b"a", b"b")]
        self.peer.ask(store(part(ARRAY, *last)))
        self.assertEqual(self.peer.values(ARRAY), {1: b"one", 2: b"a", 3: b"b"})
        held = self.peer.storage.holdings.get(HERE, ARRAY)
        assert held is not None
        self.assertEqual(
            [each.stored.received[12:16].hex() for each in held.values.values()][1:], ["00000002", "00000003"]
        )
        replica = StoringPeer(91)
        copies = tuple(each.stored for each in held.values.values())
        replica.ask(store(part(ARRAY, *copies, generation=2), by=90, replica=1, bucket=(ALICE,)))
        self.assertEqual(replica.values(ARRAY), self.peer.values(ARRAY))

    def test_append_again(self) -> None:
        """The very same value is appended once, however often its Store arrives."""
        # = rfc6940:7.4.1.1/17 test
        for _ in range(2):
            answer = self.peer.ask(store(part(ARRAY, value(b"a", place=APPEND, kind=ARRAY))))
        self.assertEqual(self.peer.values(ARRAY), {0: b"a"})
        self.assertEqual(stored(answer).kind_responses[0].generation_counter, 1)

    def test_dictionary(self) -> None:
        """A dictionary has a value for each key."""
        # = rfc6940:7.2.3/0 test
        self.peer.ask(store(part(BY_KEY, value(b"1", place=b"a", kind=BY_KEY), value(b"2", place=b"b", kind=BY_KEY))))
        self.peer.ask(store(part(BY_KEY, value(b"3", 2, place=b"a", kind=BY_KEY))))
        self.assertEqual(self.peer.values(BY_KEY), {b"a": b"3", b"b": b"2"})

    def test_removal(self) -> None:
        """A removed value is a value that does not exist: it overwrites, and an older one does not come back over it."""
        # = rfc6940:7.4.1.3/2 test
        self.peer.ask(store(part(SINGLE, value(b"there", 1))))
        self.peer.ask(store(part(SINGLE, value(None, 2))))
        self.assertEqual(self.peer.values(), {None: None})
        self.refused(store(part(SINGLE, value(b"there", 1))), ErrorCode.Error_Data_Too_Old)


class AnswerTests(StoreCase):
    """What a Store is answered."""

    def test_answer(self) -> None:
        """Each Kind with its generation counter and the peers that replicate; the answer waits for the write."""
        # = rfc6940:7.4.1.2/1 test
        self.peer.algorithm.next = (node_id(5), node_id(6))
        request = store(part(SINGLE, value(b"s")), part(ARRAY, value(b"a", place=0, kind=ARRAY)))
        first = self.peer.storage.asked(request, NOW)[0]
        assert isinstance(first, Persist)
        self.assertEqual([(each.resource, each.kind) for each in first.changes], [(HERE, SINGLE), (HERE, ARRAY)])
        replicas = (node_id(5), node_id(6))
        expected = tuple(StoreKindResponse(kind, 1, replicas) for kind in (SINGLE, ARRAY))
        self.assertEqual(getattr(first.then[0], "body", None), StoreAns(expected))

    def test_generation(self) -> None:
        """The counter is 1 at first and grows with every change; what changes nothing leaves it."""
        # = rfc6940:7.4.1.1/18 test
        # = rfc6940:7.4.1.1/19 test
        for time, expected in ((1, 1), (2, 2), (2, 2), (3, 3)):
            answer = self.peer.ask(store(part(SINGLE, value(b"%d" % time, time))))
            self.assertEqual(stored(answer).kind_responses[0].generation_counter, expected)
        self.assertEqual(self.peer.generation(), 3)

    def test_nothing(self) -> None:
        """A Store without values leaves nothing behind, not even a counter."""
        # = rfc6940:7.4.1.2/1 test
        answer = self.peer.ask(store(part(SINGLE)))
        self.assertEqual(stored(answer).kind_responses[0].generation_counter, 0)
        self.assertEqual(len(self.peer.storage.holdings), 0)

    def test_again_waits(self) -> None:
        """A Store that changes nothing is answered behind a write too, because what it finds may not be written yet."""
        # = rfc6940:7.4.1.1/17 test
        request = store(part(SINGLE, value(b"x")))
        self.peer.storage.asked(request, NOW)
        again = self.peer.storage.asked(request, NOW)
        self.assertIsInstance(again[0], Persist)
        self.assertEqual(getattr(again[0], "changes", None), ())


class RefusalTests(StoreCase):
    """Each refusal with its error."""

    def test_responsible(self) -> None:
        """A peer that is not responsible takes no original."""
        # = rfc6940:7.4.1.1/4 test
        self.peer.algorithm.own = False
        self.refused(store(part(SINGLE, value(b"x"))), ErrorCode.Error_Not_Found)

    def test_replica(self) -> None:
        """A replica is taken from where it is expected, and from nowhere else."""
        # = rfc6940:7.4.1.1/5 test
        # = rfc6940:7.4.1.1/12 test
        # = rfc6940:7.3/3b test
        # = rfc6940:10.4/3 test
        # = rfc6940:10.4/4 test
        self.peer.algorithm.expected = frozenset({node_id(7)})
        self.refused(store(part(SINGLE, value(b"x"), generation=4), replica=1), ErrorCode.Error_Forbidden)
        self.peer.ask(store(part(SINGLE, value(b"x"), generation=4), replica=1, by=7, bucket=(ALICE,)))
        self.assertEqual(self.peer.values(), {None: b"x"})

    def test_replica_of_another(self) -> None:
        """A replica whose value its signer may not write is refused, whoever stores it."""
        # = rfc6940:7.3/3a test
        request = store(part(SINGLE, value(b"x", by=BOB), generation=4), replica=1, by=7, bucket=(BOB,))
        self.refused(request, ErrorCode.Error_Forbidden)

    def test_unknown_kinds(self) -> None:
        """Unknown Kinds are named in the error, as many as there is room for."""
        # = rfc6940:7.4.1.1/6 test
        # = rfc6940:7.4.1.2/6 test
        unknown = (0xF0000100, 0xF0000101)
        body = StoreReq(HERE, 0, tuple(part(kind) for kind in (unknown[0], SINGLE, unknown[1])))
        refusal = self.refused(incoming(body, MessageCode.store_req, identity(ALICE)), ErrorCode.Error_Unknown_Kind)
        assert isinstance(refusal, UnknownKind)
        self.assertEqual(decode(UnknownKinds, refusal.error_info, CONTEXT).unknown_kinds, unknown)
        self.assertEqual(len(UnknownKind(tuple(range(100))).error_info), 1 + 63 * 4)

    def test_generation(self) -> None:
        """Another counter than the one that is held fails all, and the error tells those that hold, without replicas."""
        # = rfc6940:7.4.1.1/13 test
        # = rfc6940:7.4.1.2/2 test
        # = rfc6940:7.4.1.2/3 test
        self.peer.algorithm.next = (node_id(5),)
        self.peer.ask(store(part(SINGLE, value(b"1", 1))))
        self.peer.ask(store(part(SINGLE, value(b"2", 2))))
        self.peer.ask(store(part(SINGLE, value(b"3", 3), generation=2)))
        for wrong in (2, 4):
            new = value(b"a", place=0, kind=ARRAY)
            request = store(part(ARRAY, new), part(SINGLE, value(b"4", 4), generation=wrong))
            refusal = self.refused(request, ErrorCode.Error_Generation_Counter_Too_Low)
            expected = StoreAns((StoreKindResponse(ARRAY, 0, ()), StoreKindResponse(SINGLE, 3, ())))
            self.assertEqual(getattr(refusal, "error_info", None), encode(expected, CONTEXT))

    def test_too_old(self) -> None:
        """A value that is not newer than the one in its place is refused, and all of the request with it."""
        # = rfc6940:7/1 test
        # = rfc6940:7.4.1.1/2 test
        # = rfc6940:7.4.1.1/3 test
        self.peer.ask(store(part(SINGLE, value(b"now", 5))))
        for time in (4, 5):
            request = store(part(ARRAY, value(b"a", place=0, kind=ARRAY)), part(SINGLE, value(b"other", time)))
            self.refused(request, ErrorCode.Error_Data_Too_Old)

    def test_forged(self) -> None:
        """A value whose signature does not hold is refused, and those before it are not kept."""
        # = rfc6940:7.4.1.1/8 test
        # = rfc6940:7.4.1.1/3 test
        other = value(b"x", 7)._replace(signature=value(b"y", 7).signature)
        self.refused(
            store(part(ARRAY, value(b"a", place=0, kind=ARRAY)), part(SINGLE, other)), ErrorCode.Error_Forbidden
        )

    def test_other_writer(self) -> None:
        """Both the signer of a value and the signer of the request must be allowed to write it."""
        # = rfc6940:7.4.1.1/9 test
        # = rfc6940:7.4.1.1/10 test
        # = rfc6940:7.3/2 test
        self.refused(store(part(SINGLE, value(b"x", by=BOB)), bucket=(BOB,)), ErrorCode.Error_Forbidden)
        self.refused(store(part(SINGLE, value(b"x")), by=BOB, bucket=(ALICE,)), ErrorCode.Error_Forbidden)
        self.peer.ask(store(part(SINGLE, value(b"x"))))

    def test_other_place(self) -> None:
        """A value that was signed for another Resource-ID or another Kind is no value here."""
        # = rfc6940:7.1/0 test
        elsewhere = resource_id(user(BOB))
        for other in (value(b"x", resource=elsewhere), value(b"x", kind=ARRAY)):
            self.refused(store(part(SINGLE, other)), ErrorCode.Error_Forbidden)

    def test_large(self) -> None:
        """A value of max-size octets is taken, a longer one is not."""
        # = rfc6940:7.4.1.2/5 test
        self.refused(store(part(SINGLE, value(bytes(501)))), ErrorCode.Error_Data_Too_Large)
        self.peer.ask(store(part(SINGLE, value(bytes(500)))))

    def test_many(self) -> None:
        """Not more than max-count values stand at one Resource-ID, counted with those that are there."""
        # = rfc6940:7.4.1.2/5 test
        keys = [b"a", b"b", b"c"]
        entries = [value(b"1", place=key, kind=BY_KEY) for key in keys]
        self.refused(store(part(BY_KEY, *entries)), ErrorCode.Error_Data_Too_Large)
        self.peer.ask(store(part(BY_KEY, *entries[:2])))
        self.refused(store(part(BY_KEY, entries[2])), ErrorCode.Error_Data_Too_Large)
        self.peer.ask(store(part(BY_KEY, value(None, 2, place=b"a", kind=BY_KEY), entries[2])))

    def test_far(self) -> None:
        """An array has no element beyond max-count."""
        # = rfc6940:7.4.1.2/5 test
        self.peer.ask(store(part(ARRAY, value(b"x", place=3, kind=ARRAY))))
        for index in (4, 0xFFFFFFFE, APPEND):
            request = store(part(ARRAY, value(b"y", 2, place=index, kind=ARRAY)))
            self.refused(request, ErrorCode.Error_Data_Too_Large)

    def test_removed_ones(self) -> None:
        """Removed values, and keys, are bounded like those that exist."""
        # = rfc6940:7.4.1.2/5 test
        self.refused(
            store(part(BY_KEY, value(b"", place=bytes(MOST_KEY + 1), kind=BY_KEY))), ErrorCode.Error_Data_Too_Large
        )
        gone = [value(None, place=b"%d" % each, kind=BY_KEY) for each in range(MOST_REMOVED + 3)]
        self.peer.ask(store(part(BY_KEY, *gone[:-1])))
        self.refused(store(part(BY_KEY, gone[-1])), ErrorCode.Error_Data_Too_Large)

    def test_cheap_first(self) -> None:
        """Of a request with too many values no signature is looked at: it is too large, not unsound."""
        # = rfc6940:7.4.1.1/7 test
        unsound = value(b"x", kind=ARRAY)
        many = part(SINGLE, *[unsound] * (MOST_REMOVED + 10))
        self.refused(store(many), ErrorCode.Error_Data_Too_Large)

    def test_full(self) -> None:
        """A peer that holds as much as it can takes nothing more, but what takes no more room."""
        # = rfc6940:7.4.1.2/5 test
        self.peer.ask(store(part(SINGLE, value(bytes(50), 1))))
        self.peer.storage.holdings.octets = MOST_OCTETS
        self.refused(store(part(SINGLE, value(bytes(100), 2))), ErrorCode.Error_Data_Too_Large)
        self.peer.ask(store(part(SINGLE, value(b"", 2))))


class ReplicaTests(StoreCase):
    """Stores of replicas."""

    def test_generation(self) -> None:
        """A replica has the generation counter of its Store, higher or lower, also where its values stand here already."""
        # = rfc6940:7.4.1.1/14a test
        # = rfc6940:7.4.1.1/14b test
        for generation in (7, 9, 3):
            request = store(part(SINGLE, value(b"x"), generation=generation), by=7, replica=2, bucket=(ALICE,))
            answer = self.peer.ask(request)
            self.assertEqual(stored(answer).kind_responses, (StoreKindResponse(SINGLE, generation, ()),))
            self.assertEqual(self.peer.generation(), generation)
        self.assertIn((HERE, SINGLE), self.peer.written)

    def test_highest_generation(self) -> None:
        """Behind the highest counter that there is, values are stored all the same, and the counter stays."""
        highest = (1 << 64) - 1
        self.peer.ask(store(part(SINGLE, value(b"x"), generation=highest), by=7, replica=1, bucket=(ALICE,)))
        answer = self.peer.ask(store(part(SINGLE, value(b"y", 2))))
        self.assertEqual(stored(answer).kind_responses[0].generation_counter, highest)
        self.assertEqual(self.peer.values(), {None: b"y"})

    def test_no_further(self) -> None:
        """A peer that is not responsible does not store a replica at its own successors."""
        # = rfc6940:10.4/2 test
        self.peer.algorithm.next, self.peer.algorithm.own = (node_id(5),), False
        self.peer.algorithm.own = False
        request = store(part(SINGLE, value(b"x"), generation=1), by=7, replica=1, bucket=(ALICE,))
        done = self.peer.done(self.peer.storage.asked(request, NOW))
        self.assertEqual([type(each).__name__ for each in done], ["Reply"])

    def test_late(self) -> None:
        """What the responsible peer gets as a replica it stores at its successors: it comes from who was responsible before."""
        # = rfc6940:6.4.2.3/2 test
        self.peer.algorithm.next = (node_id(5),)
        request = store(part(SINGLE, value(b"x"), generation=1), by=7, replica=1, bucket=(ALICE,))
        done = self.peer.done(self.peer.storage.asked(request, NOW))
        self.assertEqual([type(each).__name__ for each in done], ["Reply", "Ask"])

    def test_further(self) -> None:
        """A peer that is responsible stores what is new in a replica at its own, but not where it has come from."""
        # = rfc6940:10.4/2 test
        self.peer.algorithm.next = (node_id(7), node_id(5))
        request = store(part(SINGLE, value(b"x"), generation=1), by=7, replica=1, bucket=(ALICE,))
        for sent in ([node_id(5)], []):
            reply, *asks = self.peer.done(self.peer.storage.asked(request, NOW))
            assert isinstance(reply, Reply)
            self.assertEqual(stored(reply).kind_responses[0].replicas, (node_id(5),))
            self.assertEqual([each.to[-1].destination_data for each in asks if isinstance(each, Ask)], sent)

    def test_joining(self) -> None:
        """A peer that is still joining is given what it will be responsible for, and does not store it elsewhere."""
        # = rfc6940:10.5/6 test
        self.peer.algorithm.next, self.peer.algorithm.peer = (node_id(5),), False
        request = store(part(SINGLE, value(b"x"), generation=1), by=7, replica=1, bucket=(ALICE,))
        self.assertEqual(len(self.peer.done(self.peer.storage.asked(request, NOW))), 1)

    def test_old(self) -> None:
        """A replica that is older than what stands here is refused, with all that came with it."""
        # = rfc6940:7/1 test
        self.peer.ask(store(part(SINGLE, value(b"new", 5))))
        entry = value(b"a", place=0, kind=ARRAY)
        parts = part(ARRAY, entry, generation=1), part(SINGLE, value(b"old", 4), generation=9)
        self.refused(store(*parts, by=7, replica=1, bucket=(ALICE,)), ErrorCode.Error_Data_Too_Old)


class TimeTests(StoreCase):
    """Lifetimes, and certificates that expire."""

    def test_lifetime(self) -> None:
        """A value goes when its lifetime is over, counted from its arrival; others stay, and the row is written anew."""
        # = rfc6940:7.4.1.3/2 test
        short, long = (value(b"x", place=place, kind=ARRAY, lifetime=life) for place, life in ((0, 10), (1, 20)))
        self.peer.ask(store(part(ARRAY, short, long)))
        self.assertEqual(self.peer.timers[("expiry",)], NOW + 10)
        self.peer.done(self.peer.storage.passed(("expiry",), Instant(NOW + 10)))
        self.assertEqual(self.peer.values(ARRAY), {1: b"x"})
        self.assertIsNotNone(self.peer.written[HERE, ARRAY].held)
        self.peer.done(self.peer.storage.passed(("expiry",), Instant(NOW + 20)))
        self.assertIsNone(self.peer.written[HERE, ARRAY].held)
        self.assertEqual((len(self.peer.storage.holdings), self.peer.storage.holdings.octets), (0, 0))
        self.assertEqual(self.peer.timers, {})

    def test_certificate(self) -> None:
        """No value is held longer than the certificate of its signer is valid."""
        # = rfc6940:7.1/2 test
        self.peer.ask(store(part(SINGLE, value(b"x", lifetime=0xFFFFFFFF))))
        until = identity(ALICE).certificate.x509.not_valid_after_utc.timestamp()
        self.assertEqual(self.peer.storage.holdings.deadline, until)

    def test_expired(self) -> None:
        """A value whose signer's certificate has expired is refused."""
        # = rfc6940:7.1/1 test
        later = identity(ALICE).certificate.x509.not_valid_after_utc.timestamp() + 1
        request = store(part(SINGLE, value(b"x")))
        with self.assertRaises(Refusal) as caught:
            self.peer.ask(request, Instant(later))
        self.assertEqual(caught.exception.error_code, ErrorCode.Error_Forbidden)


class LimitTests(SynchronousTestCase):
    """Other configurations."""

    def test_small_messages(self) -> None:
        """What max-message-size makes too long for one answer is refused where it is fetched, not where it is stored."""
        # = rfc6940:7.4.1.1/17 test
        peer = StoringPeer(settings=kinds_of(max_message_size=2000))
        peer.ask(store(part(ARRAY, *(value(bytes(400), place=each, kind=ARRAY) for each in range(4)))))
        self.assertEqual(len(peer.values(ARRAY)), 4)
