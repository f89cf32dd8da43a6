"""Tests of peers that admit others (RFC 6940, sections 6.4.2.1 and 10.5)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.overlay.test.members import identity, node_id, overlay
from disco_ref.reload.actions import Action, Ask, Refuse, Replicate, Reply, SetTimer
from disco_ref.reload.forwarding.connections import Connection
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.member import Member
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.test.peers import incoming
from disco_ref.reload.topology.chord.admitting import HAND_OVER, NotAdmitting
from disco_ref.reload.topology.chord.ring import Chord
from disco_ref.reload.topology.join import JoinReq

NOW = Instant(1_800_000_000.25)
LATER = Instant(NOW + 3)
ADMITTING, JOINING = 90, 7


class AdmittingTests(SynchronousTestCase):
    """A peer alone, and a node that joins."""

    def setUp(self) -> None:
        """The Join has come."""
        self.member = Member(overlay(), identity(ADMITTING), bytes, NOW)
        self.chord = Chord(self.member)
        self.chord.begin(True, NOW)
        join = JoinReq(node_id(JOINING), b"")
        self.actions = self.chord.asked(incoming(join, MessageCode.join_req, identity(JOINING)), NOW)

    def admitted(self) -> list[Action]:
        """The data is handed over, some seconds later."""
        then = next(each.then for each in self.actions if isinstance(each, Replicate))
        return self.chord.passed(then[0].about, LATER)

    def test_handing_over(self) -> None:
        """The Join is answered, and all that will be the node's is stored there; it is no neighbour before that has ended."""
        # = rfc6940:10.5/6 test
        # = rfc6940:10.5/7 test
        self.assertIsInstance(self.actions[0], Reply)
        arcs = [(each.to, each.until, each.since) for each in self.actions if isinstance(each, Replicate)]
        self.assertEqual(arcs, [(node_id(JOINING), node_id(JOINING), None)])
        timers = [each.at for each in self.actions if isinstance(each, SetTimer)]
        self.assertEqual(timers, [NOW + HAND_OVER])
        self.assertEqual(self.chord.tables.neighbors.members(), ())

    def test_written_meanwhile(self) -> None:
        """What was written while the data was handed over follows once the node is the predecessor, and nothing older."""
        # = rfc6940:6.4.2.3/2 test
        actions = self.admitted()
        again = [(each.to, each.until, each.since) for each in actions if isinstance(each, Replicate)]
        self.assertEqual(again[0], (node_id(JOINING), node_id(JOINING), NOW))
        self.assertNotIn((node_id(JOINING), node_id(JOINING), None), again)
        self.assertEqual(self.chord.tables.predecessor, node_id(JOINING))

    def test_told_first(self) -> None:
        """The Update that makes the node a peer goes before all else."""
        # = rfc6940:10.5/8 test
        first = self.admitted()[0]
        assert isinstance(first, Ask)
        self.assertEqual((first.code, first.about), (MessageCode.update_req, ("update", node_id(JOINING))))

    def test_one_after_the_other(self) -> None:
        """A second node waits for the first; its turn comes also where handing over to the first never ends."""
        # = rfc6940:10.5/6 test
        stream, second = FramedStream(overlay().context), identity(2)
        self.member.connections.add(Connection(1, stream, second.certificates, (node_id(2),), NOW))
        request = incoming(JoinReq(node_id(2), b""), MessageCode.join_req, second)
        self.assertEqual(self.chord.asked(request, NOW), [])
        actions = self.chord.passed(("hand over",), Instant(NOW + HAND_OVER))
        self.assertEqual([each.request for each in actions if isinstance(each, Reply)], [request])
        self.assertEqual([each.to for each in actions if isinstance(each, Replicate)], [node_id(2)])
        self.assertEqual(self.admitted(), [], "the first has had its time")

    def test_elsewhere(self) -> None:
        """Who joins at another peer than that of its place is refused, at once or when its turn comes."""
        # = rfc6940:6.4.2.1/0 test
        circle = self.chord.tables.circle
        first, own = circle.place(node_id(JOINING)), circle.place(node_id(ADMITTING))
        which = next(each for each in range(1, 7) if not circle.within(circle.place(node_id(each)), first, own))
        other, stream = identity(which), FramedStream(overlay().context)
        self.member.connections.add(Connection(1, stream, other.certificates, (node_id(which),), NOW))
        request = incoming(JoinReq(node_id(which), b""), MessageCode.join_req, other)
        self.assertEqual(self.chord.asked(request, NOW), [])
        (refused,) = [each for each in self.admitted() if isinstance(each, Refuse)]
        self.assertIs(refused.request, request)
        self.assertIsInstance(refused.refusal, NotAdmitting)
        with self.assertRaises(NotAdmitting):
            self.chord.asked(request, LATER)
