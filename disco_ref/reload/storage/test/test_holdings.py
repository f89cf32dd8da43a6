"""Tests of what a peer holds, and of what is written of it (RFC 6940, section 7)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.notation.codec import encode
from disco_ref.notation.context import DataModel
from disco_ref.peer.overlay.test.members import identity
from disco_ref.reload.actions import Change, Forget
from disco_ref.reload.storage.holdings import Held, Holdings, Resource
from disco_ref.reload.storage.test.peers import (
    ALICE,
    ARRAY,
    CONTEXT,
    HERE,
    NOW,
    SINGLE,
    StoringPeer,
    part,
    store,
    stored,
    value,
)
from disco_ref.reload.topology.chord.arithmetic import Circle


def held(lifetime: int = 100) -> Held:
    """A value, taken in now."""
    stored = value(b"x", lifetime=lifetime)
    octets = encode(stored, CONTEXT._replace(data_model=DataModel.single_value))[4:]
    certificates = identity(ALICE).certificates
    return Held(stored._replace(received=octets), NOW, Instant(NOW + lifetime), certificates)


def holdings(*resources: bytes, kind: int = SINGLE) -> Holdings:
    """A value at each of these."""
    found = Holdings(lambda: CONTEXT)
    for each in resources:
        found.put(each, kind, Resource(1, {None: held()}, NOW))
    return found


class OrderTests(SynchronousTestCase):
    """Arcs, and what is closest."""

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(
        st.sets(st.integers(0, 15), max_size=8),
        st.integers(0, 15),
        st.integers(0, 15),
        st.sampled_from([16, 20]),
    )
    def test_within(self, resources: set[int], after: int, until: int, length: int) -> None:
        """An arc holds what the arithmetic of the ring says, in the order of the ring, also where Node-IDs are longer."""
        # = rfc6940:10.1/0 test
        circle = Circle(length)
        ids = [each.to_bytes(1, "big") + bytes(15) for each in sorted(resources)]
        start, end = (each.to_bytes(1, "big") + bytes(length - 1) for each in (after, until))
        place = circle.place
        expected = [each for each in ids if circle.within(place(each), place(start), place(end))]
        expected.sort(key=lambda each: (place(each) - place(start) - 1) % circle.places)
        self.assertEqual(_MANY[frozenset(resources)].within(start, end), expected)

    def test_closest(self) -> None:
        """The closest of a Kind is the first from a place on; beyond the last it is the first of all."""
        # = rfc6940:7.4.4/0 test
        low, high = b"\x10" + bytes(15), b"\x80" + bytes(15)
        found = holdings(low, high)
        found.put(HERE, ARRAY, Resource(1, {0: held()}, NOW))
        self.assertEqual(found.closest(bytes(16), SINGLE), low)
        self.assertEqual(found.closest(low, SINGLE), low)
        self.assertEqual(found.closest(b"\x10" + bytes(14) + b"\x01", SINGLE), high)
        self.assertEqual(found.closest(b"\xff" * 16, SINGLE), low)
        self.assertIsNone(found.closest(HERE, 7))
        found.drop(low, SINGLE)
        self.assertEqual(found.closest(bytes(16), SINGLE), high)


class _Many(dict[frozenset[int], Holdings]):
    """Holdings by what stands in them."""

    def __missing__(self, resources: frozenset[int]) -> Holdings:
        found = holdings(*(each.to_bytes(1, "big") + bytes(15) for each in resources))
        return self.setdefault(resources, found)


_MANY = _Many()


class AccountTests(SynchronousTestCase):
    """Counts, costs, deadlines."""

    def test_cost(self) -> None:
        """What values cost comes with them and goes with them."""
        # = rfc6940:7.4.1.2/5 test
        found = holdings(HERE)
        once = found.octets
        self.assertGreater(once, 0)
        found.put(HERE, SINGLE, Resource(2, {None: held()}, NOW))
        self.assertEqual((found.octets, len(found)), (once, 1))
        found.put(HERE, ARRAY, Resource(1, {0: held(), 1: held(5)}, NOW))
        self.assertEqual((found.octets, len(found), found.kinds(HERE)), (3 * once, 1, (SINGLE, ARRAY)))
        found.expire(Instant(NOW + 5))
        self.assertEqual(found.octets, 2 * once)
        found.drop(HERE, ARRAY)
        found.drop(HERE, SINGLE)
        self.assertEqual((found.octets, len(found), found.deadline), (0, 0, None))

    def test_longer(self) -> None:
        """A newer value expires when its own time is over, not with the one it has replaced."""
        # = rfc6940:7.4.1.3/2 test
        found = holdings(HERE)
        found.put(HERE, SINGLE, Resource(2, {None: held(900)}, NOW))
        self.assertEqual(found.deadline, NOW + 900)
        self.assertEqual(found.expire(Instant(NOW + 100)), ())


class RestoreTests(SynchronousTestCase):
    """What is written, read again."""

    def test_restored(self) -> None:
        """A peer that comes up with what it has written holds the same, but for what has expired in the meantime."""
        # = rfc6940:7.4.1.1/17 test
        peer, again = StoringPeer(), StoringPeer()
        short, long = (value(b"x", place=each, kind=ARRAY, lifetime=life) for each, life in ((0, 10), (1, 900)))
        peer.ask(store(part(SINGLE, value(b"s", 1)), part(ARRAY, short, long)))
        peer.ask(store(part(SINGLE, value(b"t", 2))))
        later = Instant(NOW + 20)
        actions, refused = again.storage.restore(peer.written.values(), later)
        again.done(actions)
        self.assertEqual(refused, [])
        self.assertEqual((again.values(), again.generation(), again.values(ARRAY)), ({None: b"t"}, 2, {1: b"x"}))
        self.assertEqual(again.timers[("expiry",)], NOW + 900)
        before, after = (each.storage.holdings.get(HERE, SINGLE) for each in (peer, again))
        assert before is not None
        assert after is not None
        self.assertEqual(after.values, before.values)
        self.assertEqual(after.values[None].stored.received, before.values[None].stored.received)

    def test_expired(self) -> None:
        """A row of which all has expired meanwhile is taken away where it was written."""
        # = rfc6940:7.4.1.3/2 test
        peer, again = StoringPeer(), StoringPeer()
        peer.ask(store(part(SINGLE, value(b"s", lifetime=10))))
        actions, _ = again.storage.restore(peer.written.values(), Instant(NOW + 10))
        again.done(actions)
        self.assertEqual((again.values(), again.written[HERE, SINGLE].held, again.timers), ({}, None, {}))

    def test_asked_again(self) -> None:
        """What was written but not answered when the peer went down is answered when it is stored again, as the same."""
        # = rfc6940:7.4.1.1/17 test
        peer, again = StoringPeer(), StoringPeer()
        request = store(part(SINGLE, value(b"s")))
        peer.ask(request)
        again.done(again.storage.restore(peer.written.values(), NOW)[0])
        answer = stored(again.ask(request))
        self.assertEqual([each.generation_counter for each in answer.kind_responses], [1])
        self.assertEqual(again.values(), {None: b"s"})

    def test_damaged(self) -> None:
        """A row that is none, and one of a Kind that is not known, are told; the others are held."""
        # = rfc6940:7.4.1.1/17 test
        peer, again = StoringPeer(), StoringPeer()
        peer.ask(store(part(SINGLE, value(b"s", 1)), part(ARRAY, value(b"a", place=0, kind=ARRAY))))
        good, other = peer.written[HERE, SINGLE], peer.written[HERE, ARRAY]
        cut = Change(HERE, ARRAY, (other.held or b"")[:-1])
        _, refused = again.storage.restore([cut, Change(HERE, 99, good.held), good], NOW)
        self.assertEqual([each.change.kind for each in refused], [ARRAY, 99])
        self.assertIsInstance(refused[0].why, Malformed)
        self.assertIn("HeldRows", str(refused[0].why))
        self.assertEqual((again.values(), again.values(ARRAY)), ({None: b"s"}, {}))


class GarbageTests(SynchronousTestCase):
    """Rows that are anything."""

    @settings(deadline=None, derandomize=True, max_examples=150)
    @given(st.data())
    def test_anything(self, data: st.DataObject) -> None:
        """Octets are a row or are refused with where the fault lies; nothing else happens."""
        peer = StoringPeer()
        peer.ask(store(part(SINGLE, value(b"s"))))
        sound = peer.written[HERE, SINGLE].held or b""
        cut = data.draw(st.integers(0, len(sound)))
        octets = sound[:cut] + data.draw(st.binary(max_size=40)) + sound[cut + data.draw(st.integers(0, 9)) :]
        found = holdings()
        try:
            found.restore(Change(HERE, SINGLE, octets), DataModel.single_value, NOW)
        except Malformed as refusal:
            self.assertTrue(refusal.where)
            self.assertEqual(len(found), 0)


class ForgetTests(SynchronousTestCase):
    """What is no longer this peer's to keep."""

    def test_outside(self) -> None:
        """What lies outside an arc is dropped, and that is written; what lies in it stays."""
        # = rfc6940:10.7.3/7 test
        peer = StoringPeer()
        peer.ask(store(part(SINGLE, value(b"s"))))
        before = (int.from_bytes(HERE, "big") - 1).to_bytes(16, "big")
        self.assertEqual(peer.storage.forget(Forget(before, HERE), NOW), [])
        self.assertEqual(peer.storage.forget(Forget(HERE, HERE), NOW), [])
        self.assertEqual(peer.values(), {None: b"s"})
        peer.done(peer.storage.forget(Forget(HERE, before), NOW))
        self.assertEqual(peer.values(), {})
        self.assertEqual(peer.written[HERE, SINGLE], Change(HERE, SINGLE, None))
