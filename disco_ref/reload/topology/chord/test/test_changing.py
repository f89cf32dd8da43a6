"""Tests of what follows when neighbours change, and of leaving (RFC 6940, sections 6.4.2.3, 10.4, 10.7.3, 10.7.4.3 and 10.9)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import Context
from disco_ref.reload.actions import Action, Ask, Forget, Incoming, Replicate
from disco_ref.reload.room import Quiet
from disco_ref.reload.storage.room import MOST_TRIES, RETRY
from disco_ref.reload.topology.chord.changing import (
    FORGETTING,
    HOLD_DOWN,
    OWING,
    forgotten,
    handed_over,
    owed,
    replicated,
)
from disco_ref.reload.topology.chord.fingers import LEAST_FINGERS, MOST_FINGERS
from disco_ref.reload.topology.chord.leave import ChordLeaveData, ChordLeaveType
from disco_ref.reload.topology.chord.leaving import leave_requests, left_behind
from disco_ref.reload.topology.chord.tables import Neighborhood, Tables
from disco_ref.reload.topology.leave import LeaveReq

CONTEXT = Context()


def at(high: int, low: int = 0) -> bytes:
    """The Node-ID that begins with one octet and ends with another."""
    return bytes([high]) + bytes(14) + bytes([low])


def tables(own: int, *others: int) -> Tables:
    """The tables of a peer that knows others."""
    made = Tables(at(own))
    for each in others:
        made.insert(at(each))
    return made


RING = (0x10, 0x20, 0x30, 0x50, 0x60, 0x70)
"""Three peers before 0x40, and three behind it."""


class ChangingTests(SynchronousTestCase):
    """Data that moves."""

    def test_new_predecessor(self) -> None:
        """What lies between the old predecessor and a new one is stored at the new one."""
        # = rfc6940:6.4.2.3/2 test
        known = tables(0x40, *RING)
        before = known.now
        known.insert(at(0x38))
        self.assertEqual(handed_over(before, known), [Replicate(at(0x38), at(0x30), at(0x38), 1, None)])
        self.assertEqual(handed_over(known.now, known), [])

    def test_several_before(self) -> None:
        """Where several peers have appeared in what was this one's, each value goes to whoever is responsible for it."""
        # = rfc6940:6.4.2.3/2 test
        known = tables(0x40, 0x10, 0x20, 0x30, 0x34, 0x38)
        self.assertEqual(owed(at(0x30), known), [Replicate(b"", at(0x30), at(0x38), 1)])
        self.assertEqual(owed(at(0x34), known), [])
        self.assertEqual(owed(at(0x38), known), [])

    def test_replicas(self) -> None:
        """A new peer of the replica set gets everything, one that was in it before only what this peer is responsible for anew."""
        # = rfc6940:10.7.3/5 test
        known = tables(0x40, *RING)
        before = known.now
        self.assertEqual(replicated(before, known), [])
        known.remove(at(0x50))
        self.assertEqual(replicated(before, known), [Replicate(at(0x70), at(0x30), at(0x40), 2)])
        before = known.now
        known.remove(at(0x30))
        wanted = [Replicate(at(0x60), at(0x20), at(0x30), 1), Replicate(at(0x70), at(0x20), at(0x30), 2)]
        self.assertEqual(replicated(before, known), wanted)

    def test_forgotten(self) -> None:
        """Only what three predecessors stand before is dropped."""
        # = rfc6940:10.7.3/7 test
        self.assertEqual(forgotten(tables(0x40, *RING)), [Forget(at(0x10), at(0x40))])
        self.assertEqual(forgotten(tables(0x40, 0x30, 0x50)), [])

    def test_told(self) -> None:
        """A replica is taken from a peer that has told that this one is next and that the place is its own."""
        # = rfc6940:10.4/3 test
        known = tables(0x80, 0x50, 0x60, 0x70, 0x90)
        self.assertFalse(known.may_replicate(at(0x40), at(0x3F)))
        known.tell(at(0x40), Neighborhood((at(0x30),), (at(0x50), at(0x60))))
        self.assertFalse(known.may_replicate(at(0x40), at(0x3F)))
        # the peers between are gone, as it seems to who tells
        known.tell(at(0x40), Neighborhood((at(0x30),), (at(0x70), at(0x80))))
        self.assertTrue(known.may_replicate(at(0x40), at(0x3F)))
        self.assertFalse(known.may_replicate(at(0x40), at(0x2F)))
        known.remove(at(0x40))
        self.assertFalse(known.may_replicate(at(0x40), at(0x3F)))

    def test_growth(self) -> None:
        """The Finger Table grows until the last successor has an entry, to no more than its most."""
        # = rfc6940:10.7.4.3/2 test
        wide = tables(0x40, 0x50)
        wide.grow()
        self.assertEqual(wide.fingers.size, LEAST_FINGERS)
        dense = Tables(at(0x40))
        dense.insert(at(0x40, 0xFF))
        dense.grow()
        self.assertEqual(dense.fingers.size, 121)
        self.assertEqual(dense.fingers.number(at(0x40, 0xFF)), 121)
        dense.fingers.reach(at(0x40, 1))
        self.assertEqual(dense.fingers.size, MOST_FINGERS)


class Asking(Quiet):
    """A room that asks."""

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Nobody asks it."""
        raise AssertionError(request)


class LeavingTests(SynchronousTestCase):
    """Leave."""

    def test_sides(self) -> None:
        """Peers before the leaving one hear its successors, peers behind it its predecessors."""
        # = rfc6940:10.9/2 test
        known = tables(0x40, *RING)
        asked = leave_requests([at(0x30), at(0x50), at(0x41), at(0x3F)], known, Asking(), CONTEXT)
        told = []
        for each in asked:
            assert isinstance(each, Ask) and isinstance(each.body, LeaveReq)
            self.assertEqual(each.body.leaving_peer_id, at(0x40))
            told.append(decode(ChordLeaveData, each.body.overlay_specific_data, CONTEXT))
        from_succ = ChordLeaveData(ChordLeaveType.from_succ, known.neighbors.successors)
        from_pred = ChordLeaveData(ChordLeaveType.from_pred, known.neighbors.predecessors)
        self.assertEqual(told, [from_succ, from_pred, from_pred, from_succ])

    def test_left_behind(self) -> None:
        """The peers that a Leave names are read; one that says nothing readable names none."""
        body = encode(ChordLeaveData(ChordLeaveType.from_succ, (at(1), at(2))), CONTEXT)
        self.assertEqual(left_behind(LeaveReq(at(0), body), CONTEXT), (at(1), at(2)))
        for broken in (b"", b"\x07", body[:-1], body + b"x"):
            self.assertEqual(left_behind(LeaveReq(at(0), broken), CONTEXT), ())


class TimeTests(SynchronousTestCase):
    """The times that are chosen here."""

    def test_order(self) -> None:
        """Nothing is forgotten before it has been handed over, with every repetition of a Store that storage makes."""
        self.assertGreater(FORGETTING, OWING + MOST_TRIES * RETRY)
        self.assertGreater(FORGETTING, HOLD_DOWN + MOST_TRIES * RETRY)
