"""Tests of replicas, of data that moves, and of catching up (RFC 6940, sections 7.4.1.1, 10.4 and 10.7.3)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.test.members import identity, node_id
from disco_ref.reload.actions import AnsweredWithError, Ask, Incoming, Remark, Replicate, SetTimer
from disco_ref.reload.ids import resource_id
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.fetch import FetchAns, FetchKindResponse
from disco_ref.reload.storage.holdings import Place
from disco_ref.reload.storage.placing import MOST_REMOVED
from disco_ref.reload.storage.replicating import WINDOW
from disco_ref.reload.storage.room import MOST_TRIES, RETRY
from disco_ref.reload.storage.store import StoreAns, StoreReq
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.storage.test.peers import (
    ALICE,
    ARRAY,
    BOB,
    BY_KEY,
    BY_NODE,
    HERE,
    LARGE,
    NOW,
    SINGLE,
    Few,
    StoringPeer,
    incoming,
    kinds_of,
    part,
    store,
    value,
)

ALL = bytes(16), bytes(16)
"""The arc that is the whole ring."""


class ReplicaCase(SynchronousTestCase):
    """A peer that is responsible, and two that replicate."""

    def setUp(self) -> None:
        """Three peers with nothing."""
        self.own, self.first, self.second = (StoringPeer(90 + each) for each in range(3))
        self.own.algorithm.next = (self.first.node_id, self.second.node_id)
        for each in (self.first, self.second):
            each.algorithm.own = False
            each.algorithm.expected = frozenset({self.own.node_id})
        self.few = Few(self.own, self.first, self.second)

    def store(self, request: Incoming, now: Instant = NOW) -> None:
        """A Store at the responsible peer, and what it leads to."""
        self.few.carry(self.own, self.own.storage.asked(request, now), now)

    def copies(self, kind: int = SINGLE) -> list[tuple[dict[Place, bytes | None], int]]:
        """What stands where, with its generation."""
        peers = self.own, self.first, self.second
        return [(each.values(kind), each.generation(kind)) for each in peers]


class StoreTests(ReplicaCase):
    """What follows a Store."""

    def test_copies(self) -> None:
        """A value goes to both replicas, numbered from 1, after it is written and answered, with its generation."""
        # = rfc6940:10.4/2 test
        # = rfc6940:7.4.1.1/14a test
        # = rfc6940:7.4.1.1/15 test
        actions = self.own.done(self.own.storage.asked(store(part(SINGLE, value(b"x"))), NOW))
        self.assertEqual([type(each).__name__ for each in actions], ["Reply", "Ask", "Ask"])
        asks = [each for each in actions if isinstance(each, Ask)]
        numbers = [each.body.replica_number for each in asks if isinstance(each.body, StoreReq)]
        self.assertEqual((numbers, asks[0].certificates), ([1, 2], identity(ALICE).certificates))
        self.few.carry(self.own, actions)
        self.assertEqual(self.copies(), [({None: b"x"}, 1)] * 3)
        self.store(store(part(SINGLE, value(b"y", 2))))
        self.assertEqual(self.copies(), [({None: b"y"}, 2)] * 3)

    def test_only_new(self) -> None:
        """Only what is new goes to the replicas, however much stands beside it."""
        # = rfc6940:10.4/2 test
        self.store(store(part(BY_KEY, value(b"1", place=b"a", kind=BY_KEY))))
        actions = self.own.done(self.own.storage.asked(store(part(BY_KEY, value(b"2", place=b"b", kind=BY_KEY))), NOW))
        body = next(each.body for each in actions if isinstance(each, Ask))
        assert isinstance(body, StoreReq)
        self.assertEqual([len(each.values) for each in body.kind_data if isinstance(each.values, tuple)], [1])
        self.few.carry(self.own, actions)
        self.assertEqual(self.copies(BY_KEY), [({b"a": b"1", b"b": b"2"}, 2)] * 3)

    def test_removal(self) -> None:
        """A removed value is replicated like any other."""
        # = rfc6940:7.4.1.3/2 test
        self.store(store(part(SINGLE, value(b"x", 1))))
        self.store(store(part(SINGLE, value(None, 2))))
        self.assertEqual(self.copies(), [({None: None}, 2)] * 3)

    def test_lifetime(self) -> None:
        """What is stored elsewhere later lives there no longer than here."""
        # = rfc6940:7.4.1.1/20 test
        # = rfc6940:7.4.1.1/21 test
        self.own.algorithm.next = ()
        self.store(store(part(SINGLE, value(b"x", lifetime=100))))
        later = Instant(NOW + 60)
        wanted = Replicate(self.first.node_id, *ALL, 1)
        self.few.carry(self.own, self.own.storage.replicate(wanted, later), later)
        self.assertEqual(self.first.storage.holdings.deadline, NOW + 100)


class HandingOverTests(ReplicaCase):
    """Arcs that are stored at another peer."""

    def test_arc(self) -> None:
        """All of an arc goes, a few Stores at a time, and nothing else; timers wait until all are answered."""
        # = rfc6940:10.5/6 test
        # = rfc6940:6.4.2.3/2 test
        places = {each: resource_id(node_id(each)) for each in range(100, 120)}
        for each, place in places.items():
            written = value(b"x", by=each, kind=BY_NODE, resource=place)
            self.own.ask(store(part(BY_NODE, written), by=each, resource=place))
        order = sorted(places.values())
        done = SetTimer(self.own.algorithm, ("done",), NOW)
        wanted = Replicate(self.first.node_id, order[2], order[15], 1, None, (done,))
        actions = self.own.storage.replicate(wanted, NOW)
        self.assertEqual([type(each) for each in actions], [Ask] * WINDOW)
        self.assertNotIn(("done",), self.own.timers)
        self.few.carry(self.own, actions)
        held = [each for each in order if self.first.storage.holdings.kinds(each)]
        self.assertEqual(held, order[3:16])
        self.assertEqual(self.own.timers[("done",)], NOW)

    def test_empty(self) -> None:
        """Where there is nothing to be stored the timers are set at once."""
        # = rfc6940:10.5/6 test
        done = SetTimer(self.own.algorithm, ("done",), NOW)
        self.assertEqual(self.own.storage.replicate(Replicate(self.first.node_id, *ALL, 1, None, (done,)), NOW), [done])

    def test_since(self) -> None:
        """Only what has changed since a time goes, if that is wanted."""
        # = rfc6940:10.5/8 test
        self.own.algorithm.next = ()
        self.store(store(part(SINGLE, value(b"x", 1))))
        later = Instant(NOW + 10)
        self.assertEqual(self.own.storage.replicate(Replicate(self.first.node_id, *ALL, 1, later), later), [])
        self.store(store(part(SINGLE, value(b"y", 2))), later)
        self.assertEqual(len(self.own.storage.replicate(Replicate(self.first.node_id, *ALL, 1, later), later)), 1)

    def test_failed(self) -> None:
        """Stores that fail are no obstacle: the others go on, and the timers are set."""
        # = rfc6940:10.5/6 test
        self.few.cut = {self.first.node_id}
        self.own.algorithm.next = ()
        self.store(store(part(SINGLE, value(b"x", 1))))
        done = SetTimer(self.own.algorithm, ("done",), NOW)
        wanted = Replicate(self.first.node_id, *ALL, 1, None, (done,))
        self.few.carry(self.own, self.own.storage.replicate(wanted, NOW))
        self.assertIn(("done",), self.own.timers)

    def test_parts(self) -> None:
        """What is more than a message can hold goes in several, each within max-message-size."""
        # = rfc6940:6.6/1 test
        own = StoringPeer(90, kinds_of(max_message_size=10000))
        own.algorithm.next = ()
        for each in range(9):
            own.ask(store(part(LARGE, value(bytes(3000), place=b"%d" % each, kind=LARGE))))
        few = Few(own, self.first)
        few.carry(own, own.storage.replicate(Replicate(self.first.node_id, *ALL, 1), NOW))
        self.assertEqual(self.first.values(LARGE), own.values(LARGE))
        self.assertEqual(self.first.generation(LARGE), 9)
        self.assertEqual(few.asked, 5)


class ReturnTests(ReplicaCase):
    """A peer that starts anew with what it has written."""

    def test_returned(self) -> None:
        """What it held goes to its replicas once it is a peer; while it is none it waits, and what is not its own stays."""
        # = rfc6940:10.7.3/5 test
        self.few.cut = {self.first.node_id, self.second.node_id}
        self.store(store(part(SINGLE, value(b"x"))))
        self.few.cut = set()
        for joined, own, copies in ((False, True, 0), (True, False, 0), (True, True, 2)):
            again = StoringPeer(90)
            again.algorithm.next, again.algorithm.own = self.own.algorithm.next, own
            again.algorithm.peer = joined
            few = Few(again, self.first, self.second)
            few.carry(again, again.storage.restore(self.own.written.values(), NOW)[0])
            self.assertEqual(again.timers.pop(("returned",)), NOW + RETRY)
            few.carry(again, again.storage.passed(("returned",), NOW))
            self.assertEqual(("returned",) in again.timers, not joined)
            self.assertEqual([self.first.values(), self.second.values()].count({None: b"x"}), copies)


class CatchingUpTests(ReplicaCase):
    """A peer that finds something newer elsewhere."""

    def test_newer(self) -> None:
        """What a replica refuses as too old is fetched from it, takes the place here, and goes to the others."""
        # = rfc6940:7.4.1.1/22 test
        for each in (self.own, self.first, self.second):
            each.algorithm.expected = None
        self.first.ask(store(part(SINGLE, value(b"new", 9), generation=5), by=92, replica=1, bucket=(ALICE,)))
        self.store(store(part(SINGLE, value(b"old", 3))))
        self.assertEqual(self.copies(), [({None: b"new"}, 6)] * 3)

    def test_both(self) -> None:
        """Where each side has something newer, both have both in the end."""
        # = rfc6940:7.4.1.1/22 test
        old, new = (
            (
                value(b"%d" % time, time, place=b"a", kind=BY_KEY),
                value(b"%d" % time, 10 - time, place=b"b", kind=BY_KEY),
            )
            for time in (3, 7)
        )
        self.first.ask(store(part(BY_KEY, *new, generation=4), by=90, replica=1, bucket=(ALICE,)))
        self.store(store(part(BY_KEY, *old)))
        self.assertEqual(self.copies(BY_KEY), [({b"a": b"7", b"b": b"3"}, 5)] * 3)

    def test_ahead(self) -> None:
        """A peer that hands over and is not responsible takes what is newer there, and stores what is newer here again."""
        # = rfc6940:7.4.1.1/22 test
        for which, (a, b) in ((self.own, (3, 7)), (self.first, (7, 3))):
            which.algorithm.own, which.algorithm.expected = False, None
            entries = (value(b"%d" % time, time, place=place, kind=BY_KEY) for place, time in ((b"a", a), (b"b", b)))
            which.ask(store(part(BY_KEY, *entries, generation=a), by=92, replica=1, bucket=(ALICE,)))
        self.few.carry(self.own, self.own.storage.replicate(Replicate(self.first.node_id, *ALL, 1), NOW))
        self.assertEqual(self.copies(BY_KEY)[:2], [({b"a": b"7", b"b": b"7"}, 7)] * 2)

    def test_forged(self) -> None:
        """What is fetched is taken only if its signer may write it."""
        # = rfc6940:7.4.2.2/4 test
        self.store(store(part(SINGLE, value(b"old", 3))))
        about = ("newer", HERE, self.first.node_id, 1, 1, 0)
        forged: tuple[StoredData, ...] = (value(b"bad", 9, by=BOB),)
        answer = FetchAns((FetchKindResponse(SINGLE, 9, forged), FetchKindResponse(ARRAY, 9, ())))
        bucket = identity(BOB).certificates
        received = incoming(answer, MessageCode.fetch_ans, self.first.member.identity, bucket)
        self.few.carry(self.own, self.own.storage.answered(about, received, NOW))
        self.assertEqual(self.own.values(), {None: b"old"})

    def test_crowd(self) -> None:
        """Of what is fetched no more is taken than the Kind admits."""
        # = rfc6940:7.4.1.2/5 test
        self.store(store(part(BY_KEY, value(b"old", 1, place=b"a", kind=BY_KEY))))
        about = ("newer", HERE, self.first.node_id, 1, 1, 0)
        many = tuple(value(b"x", 9, place=b"%d" % each, kind=BY_KEY) for each in range(MOST_REMOVED))
        answer = FetchAns((FetchKindResponse(BY_KEY, 9, many),))
        bucket = identity(ALICE).certificates
        received = incoming(answer, MessageCode.fetch_ans, self.first.member.identity, bucket)
        self.few.carry(self.own, self.own.storage.answered(about, received, NOW))
        self.assertEqual(self.own.values(BY_KEY), {b"a": b"old", b"0": b"x"})


class RetryTests(ReplicaCase):
    """Stores at replicas that fail."""

    def test_again(self) -> None:
        """A replica that could not be reached is stored again some time later, with all that stands by then."""
        # = rfc6940:10.4/2 test
        self.few.cut = {self.first.node_id}
        self.store(store(part(SINGLE, value(b"x", 1))))
        self.assertEqual([each[0] for each in self.copies()], [{None: b"x"}, {}, {None: b"x"}])
        self.few.cut = set()
        ((about, at),) = ((each, at) for each, at in self.own.timers.items() if each[0] == "again")
        self.assertEqual(at, NOW + RETRY)
        self.few.carry(self.own, self.own.storage.passed(about, at), at)
        self.assertEqual(self.copies(), [({None: b"x"}, 1)] * 3)

    def test_bounded(self) -> None:
        """That ends after some tries, each later than the one before, and at once where the peer is no replica any more."""
        # = rfc6940:10.4/2 test
        self.few.cut = {self.first.node_id}
        self.store(store(part(SINGLE, value(b"x", 1))))
        waited = []
        for _ in range(MOST_TRIES):
            about = next(each for each in self.own.timers if each[0] == "again")
            waited.append(self.own.timers.pop(about) - NOW)
            self.few.carry(self.own, self.own.storage.passed(about, NOW))
        self.assertEqual(waited, [2, 6, 18, 54, 162, 486, 1458])
        self.assertEqual([each for each in self.own.timers if each[0] == "again"], [])
        self.own.algorithm.next = (self.second.node_id,)
        about = ("replica", HERE, self.first.node_id, 1, 0, 0)
        self.assertEqual(self.own.storage.passed(("again", *about[1:]), NOW), [])
        (remark,) = self.own.storage.failed(about, Refusal("gone"), NOW)
        self.assertIsInstance(remark, Remark)

    def test_handing_over(self) -> None:
        """What could not be handed over is tried again too, though the other peer is no replica of this one."""
        # = rfc6940:10.5/6 test
        self.own.algorithm.next = ()
        self.few.cut = {self.first.node_id}
        self.store(store(part(SINGLE, value(b"x", 1))))
        self.few.carry(self.own, self.own.storage.replicate(Replicate(self.first.node_id, *ALL, 1), NOW))
        self.few.cut = set()
        self.own.algorithm.own = False
        about = next(each for each in self.own.timers if each[0] == "again")
        self.few.carry(self.own, self.own.storage.passed(about, NOW))
        self.assertEqual(self.first.values(), {None: b"x"})

    def test_alone(self) -> None:
        """A value that a replica refuses does not keep the others from it for good."""
        # = rfc6940:10.4/2 test
        entries = [value(b"x", place=each, kind=ARRAY) for each in range(3)]
        self.own.algorithm.next = ()
        self.store(store(part(ARRAY, *entries)))
        asks = self.own.storage.passed(("again", HERE, self.first.node_id, 1, 2, 0), NOW)
        bodies = [each.body for each in asks if isinstance(each, Ask)]
        self.assertEqual(bodies, [])
        self.own.algorithm.next = (self.first.node_id,)
        asks = self.own.storage.passed(("again", HERE, self.first.node_id, 1, 2, 0), NOW)
        self.assertEqual(len([each for each in asks if isinstance(each, Ask)]), 3)

    def test_answers(self) -> None:
        """An answer to a Store leads to nothing more."""
        # = rfc6940:10.4/2 test
        received = incoming(StoreAns(()), MessageCode.store_ans, self.first.member.identity)
        about = ("replica", HERE, self.first.node_id, 1, 0, 0)
        self.assertEqual(self.own.storage.answered(about, received, NOW), [])

    def test_rounds(self) -> None:
        """Two peers that find each other too old for ever stop some time."""
        # = rfc6940:7.4.1.1/22 test
        self.store(store(part(SINGLE, value(b"x", 1))))
        why = AnsweredWithError(ErrorCode.Error_Data_Too_Old, b"", self.first.node_id)
        last = ("replica", HERE, self.first.node_id, 1, MOST_TRIES, 0)
        first = ("replica", HERE, self.first.node_id, 1, 0, 0)
        self.assertEqual([type(each) for each in self.own.storage.failed(first, why, NOW)], [Ask])
        self.assertEqual([type(each) for each in self.own.storage.failed(last, why, NOW)], [Remark])


Order = list[tuple[int, int, bool]]
"""For each Store its value's place, where it arrives, and whether it is handed on at once."""


class ConvergenceTests(SynchronousTestCase):
    """Whatever comes in whatever order, the newest values stand everywhere in the end."""

    @settings(deadline=None, derandomize=True, max_examples=40)
    @given(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=8),
        st.randoms(use_true_random=False),
    )
    def test_newest(self, stores: Order, random: object) -> None:
        """Stores at any peer, in any order of their storage times, and then every peer hands over to every other one."""
        # = rfc6940:7.4.1.1/22 test
        # = rfc6940:7/1 test
        peers = [StoringPeer(90 + each) for each in range(3)]
        few = Few(*peers)
        times = list(range(1, len(stores) + 1))
        getattr(random, "shuffle")(times)  # noqa: B009
        newest: dict[Place, tuple[int, bytes]] = {}
        for (place, where, replicated), time in zip(stores, times, strict=True):
            peer = peers[where]
            others = tuple(each.node_id for each in peers if each is not peer)
            peer.algorithm.next = others if replicated else ()
            octets = b"%d" % time
            try:
                request = store(part(ARRAY, value(octets, time, place=place, kind=ARRAY)))
                few.carry(peer, peer.storage.asked(request, NOW))
            except Refusal as refusal:
                self.assertEqual(refusal.error_code, ErrorCode.Error_Data_Too_Old)
            newest[place] = max(newest.get(place, (0, b"")), (time, octets))
            peer.algorithm.next = ()
        for _ in range(2):
            for peer in peers:
                for other in peers:
                    if other is not peer:
                        few.carry(peer, peer.storage.replicate(Replicate(other.node_id, *ALL, 1), NOW))
        expected = {place: octets for place, (_, octets) in newest.items()}
        self.assertEqual([each.values(ARRAY) for each in peers], [expected] * 3)
