"""Tests of what a peer of a ring does and answers, step by step (RFC 6940, sections 10.5 and 10.7 to 10.9)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.overlay.test.members import identity, node_id, overlay
from disco_ref.reload.actions import (
    Action,
    Ask,
    Connect,
    FindBootstrap,
    Replicate,
    Reply,
    RequestTimeout,
    SetTimer,
    Tell,
)
from disco_ref.reload.forwarding.connections import Connection
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.ping import PingAns
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.test.peers import incoming
from disco_ref.reload.topology.chord.changing import HOLD_DOWN, OWING
from disco_ref.reload.topology.chord.following import SETTLING
from disco_ref.reload.topology.chord.joining import AGAIN, HANDING_ON, Left
from disco_ref.reload.topology.chord.ring import Chord
from disco_ref.reload.topology.chord.route_query import ChordRouteQueryAns
from disco_ref.reload.topology.chord.update import ChordUpdate, ChordUpdateType, Neighbors
from disco_ref.reload.topology.join import JoinAns
from disco_ref.reload.topology.leave import LeaveAns, LeaveReq
from disco_ref.reload.topology.route_query import RouteQueryReq

NOW = Instant(1_800_000_000.0)
PEER, ASKING, CLIENT = 90, 1, 2


def timers(actions: list[Action]) -> dict[object, Instant | None]:
    """The timers that are set, by what they are about."""
    return {each.about: each.at for each in actions if isinstance(each, SetTimer)}


class PeerCase(SynchronousTestCase):
    """The first peer of a ring."""

    def setUp(self) -> None:
        """Random octets are noughts."""
        self.member = Member(overlay(), identity(PEER), bytes, NOW)
        self.chord = Chord(self.member)
        self.begun = self.chord.begin(True, NOW)
        self.answer = incoming(LeaveAns(), MessageCode.leave_ans, identity(ASKING))

    def leaves(self, node_id: bytes) -> list[Action]:
        """What follows when a node says goodbye."""
        request = incoming(LeaveReq(node_id, b""), MessageCode.leave_req, identity(ASKING))
        return self.chord.asked(request._replace(node_id=node_id, neighbor=node_id), NOW)


class RouteQueryTests(PeerCase):
    """Where would it route?"""

    def query(self, to: Destination, send_update: bool = False) -> tuple[bytes, list[Action]]:
        """The next hop that is answered, and what follows the answer."""
        request = incoming(RouteQueryReq(send_update, to, b""), MessageCode.route_query_req, identity(ASKING))
        reply, *more = self.chord.asked(request, NOW)
        assert isinstance(reply, Reply) and isinstance(reply.body, ChordRouteQueryAns)
        return reply.body.next_peer, more

    def test_connected(self) -> None:
        """To a node that is connected, a client as well, the next hop is that node; else the table of the ring says it."""
        # = rfc6940:10.8/0 test
        self.chord.tables.insert(node_id(3))
        self.assertEqual(self.query(node_place(node_id(CLIENT)))[0], node_id(3))
        stream = FramedStream(overlay().context)
        self.member.connections.add(Connection(1, stream, identity(CLIENT).certificates, (node_id(CLIENT),), NOW))
        self.assertEqual(self.query(node_place(node_id(CLIENT)))[0], node_id(CLIENT))

    def test_here(self) -> None:
        """For what it is responsible for itself a peer names itself."""
        # = rfc6940:10.8/0 test
        self.chord.tables.insert(node_id(3))
        self.assertEqual(self.query(resource_place(node_id(PEER)))[0], node_id(PEER))

    def test_update(self) -> None:
        """Who wants an Update as well is sent one after the answer, nobody else."""
        # = rfc6940:10.8/1 test
        self.assertEqual(self.query(resource_place(node_id(PEER)))[1], [])
        (update,) = self.query(resource_place(node_id(PEER)), True)[1]
        assert isinstance(update, Ask)
        self.assertEqual((update.code, update.to), (MessageCode.update_req, (node_place(node_id(ASKING)),)))


class LeaveTests(PeerCase):
    """Going."""

    def test_handing_on(self) -> None:
        """What a peer holds is handed on before it goes; it goes as well if that never ends, and at once if nobody is there."""
        alone = Chord(Member(overlay(), identity(ASKING), bytes, NOW))
        alone.begin(True, NOW)
        self.assertEqual(timers(alone.leave(NOW))[("handed on",)], NOW)
        self.assertEqual(alone.passed(("handed on",), NOW)[-1], Tell(Left()))
        self.chord.connected(("neighbor", node_id(3)), node_id(3), NOW)
        actions = self.chord.leave(NOW)
        (handed,) = [each for each in actions if isinstance(each, Replicate)]
        self.assertEqual([(each.about, each.at) for each in handed.then], [(("handed on",), NOW)])
        assert handed.missed is not None
        self.assertEqual([(each.about, each.at) for each in handed.missed], [(("hand on",), NOW + AGAIN)])
        self.assertEqual(
            [each.to for each in self.chord.passed(("hand on",), NOW) if isinstance(each, Replicate)], [handed.to]
        )
        self.assertEqual(timers(actions)[("late",)], NOW + HANDING_ON)
        self.assertEqual(self.chord.passed(("late",), NOW)[-1], Tell(Left()))
        self.assertEqual(self.chord.passed(("hand on",), NOW), [])

    def test_also_leaving(self) -> None:
        """Who was given the data leaves too, before this peer is gone or while it says goodbye: the next one is given it."""
        # = rfc6940:10.9/3 test
        chord = self.chord
        circle = chord.tables.circle
        own = circle.place(node_id(PEER))
        known = [circle.octets(own + (step << 100)) for step in (1, 2, 3)]
        for link, each in enumerate(known):
            stream = FramedStream(overlay().context)
            self.member.connections.add(Connection(link, stream, identity(1).certificates, (each,), NOW))
            chord.connected(("neighbor", each), each, NOW)
        given = [each.to for each in chord.leave(NOW) if isinstance(each, Replicate)]
        self.leaves(known[0])
        given += [each.to for each in chord.passed(("handed on",), NOW) if isinstance(each, Replicate)]
        leaves = [each for each in chord.passed(("handed on",), NOW) if isinstance(each, Ask)]
        self.leaves(known[1])
        (again,) = [each for leave in leaves for each in chord.answered(leave.about, self.answer, NOW)]
        assert isinstance(again, Replicate)
        self.assertEqual([*given, again.to], known)
        self.assertEqual(chord.passed(("handed on",), NOW)[-1], Tell(Left()))

    def test_all_told(self) -> None:
        """It is gone when each of those it was connected to has answered its Leave, or never will."""
        # = rfc6940:10.9/1 test
        for link, each in enumerate((ASKING, CLIENT, 3)):
            stream = FramedStream(overlay().context)
            self.member.connections.add(Connection(link, stream, identity(each).certificates, (node_id(each),), NOW))
            self.chord.connected(("neighbor", node_id(each)), node_id(each), NOW)
        self.chord.leave(NOW)
        leaves = [each for each in self.chord.passed(("handed on",), NOW) if isinstance(each, Ask)]
        self.assertEqual([each.code for each in leaves], [MessageCode.leave_req] * 3)
        why = RequestTimeout("nobody answers")
        told = [self.chord.failed(each.about, why, NOW) for each in leaves]
        self.assertEqual(told, [[], [], [SetTimer(self.chord, ("late",), None), Tell(Left())]])

    def test_neighbor_without_updates(self) -> None:
        """A neighbour is told that this peer leaves, also one that it has attached to and never heard an Update of."""
        # = rfc6940:10.9/1 test
        stream = FramedStream(overlay().context)
        self.member.connections.add(Connection(1, stream, identity(3).certificates, (node_id(3),), NOW))
        self.member.connections.add(Connection(2, stream, identity(CLIENT).certificates, (node_id(CLIENT),), NOW))
        self.chord.tables.insert(node_id(3))
        self.chord.leave(NOW)
        leaves = [each for each in self.chord.passed(("handed on",), NOW) if isinstance(each, Ask)]
        self.assertEqual([each.to for each in leaves], [(node_place(node_id(3)),)])


class IntervalTests(PeerCase):
    """What is done again and again."""

    def test_begun(self) -> None:
        """Updates come no sooner than half their interval, searches for fingers and for the rest of the ring never before theirs."""
        # = rfc6940:10.7.4.1/3 test
        # = rfc6940:10.7.4.2/6 test
        wanted = {("update",): NOW + 300, ("fingers",): NOW + 3600, ("partition",): NOW + 3600}
        found = timers(self.begun)
        self.assertEqual({each: found[each] for each in wanted}, wanted)

    def test_again(self) -> None:
        """What has come due comes again."""
        self.chord.tables.insert(node_id(3))
        for about in (("update",), ("fingers",), ("partition",)):
            self.assertIn(about, timers(self.chord.passed(about, NOW)))

    def test_told_in_turn(self) -> None:
        """Every neighbour is told the tables, each at a time of its own; not who is none any more."""
        # = rfc6940:10.7.4.1/1 test
        # = rfc6940:10.7.4.1/3 test
        parts = iter(range(256))
        chord = Chord(Member(overlay(), identity(PEER), lambda size: bytes([next(parts)] * size), NOW))
        chord.begin(True, NOW)
        for each in (3, 4):
            chord.tables.insert(node_id(each))
        turns = {about: at for about, at in timers(chord.passed(("update",), NOW)).items() if about != ("update",)}
        self.assertEqual(set(turns), {("tell", node_id(3)), ("tell", node_id(4))})
        self.assertEqual(len(set(turns.values())), 2)
        told = [each.to for each in chord.passed(("tell", node_id(3)), NOW) if isinstance(each, Ask)]
        self.assertEqual(told, [(node_place(node_id(3)),)])
        chord.tables.remove(node_id(4))
        self.assertEqual(chord.passed(("tell", node_id(4)), NOW), [])

    def test_last_finger(self) -> None:
        """When the last finger is gone a peer looks soon whether the ring has fallen apart; not when one of two is."""
        # = rfc6940:10.7.1/8b test
        own = self.chord.tables.circle.place(node_id(PEER))
        successor, near, far = (self.chord.tables.circle.octets(own + (1 << bit)) for bit in (0, 126, 127))
        for each in (successor, near, far):
            self.chord.tables.insert(each)
        self.assertNotIn(("partition",), timers(self.chord.lost(near, NOW)))
        self.assertEqual(timers(self.chord.lost(far, NOW))[("partition",)], NOW + SETTLING)


class JoiningTests(SynchronousTestCase):
    """Becoming a peer, step by step."""

    def setUp(self) -> None:
        """A node that has found its Admitting Peer by way of a bootstrap node."""
        self.admitting = identity(ASKING)
        self.chord = Chord(Member(overlay(), identity(PEER), bytes, NOW))
        self.chord.begin(False, NOW)
        self.chord.connected(("bootstrap",), node_id(CLIENT), NOW)
        self.chord.connected(("admitting",), node_id(ASKING), NOW)

    def told(self, *named: int) -> list[Action]:
        """An Update of the Admitting Peer that names others; what follows its answer."""
        neighbors = Neighbors((), tuple(node_id(each) for each in named))
        body = ChordUpdate(1, ChordUpdateType.neighbors, neighbors)
        reply, *more = self.chord.asked(incoming(body, MessageCode.update_req, self.admitting), NOW)
        assert isinstance(reply, Reply)
        return more

    def test_told_again(self) -> None:
        """The first Update of the Admitting Peer says whom to attach to; a second one undoes nothing of that."""
        # = rfc6940:10.5/4 test
        wanted = [each.about for each in self.told(3, 4) if isinstance(each, Connect)]
        self.assertEqual(set(wanted), {("join neighbor", node_id(3)), ("join neighbor", node_id(4))})
        self.chord.connected(("join neighbor", node_id(3)), node_id(3), NOW)
        self.assertEqual(self.told(3, 4), [])
        (join,) = self.chord.connected(("join neighbor", node_id(4)), node_id(4), NOW)
        assert isinstance(join, Ask)
        self.assertEqual((join.code, join.to), (MessageCode.join_req, (node_place(node_id(ASKING)),)))
        self.assertEqual(set(self.chord.tables.neighbors.members()), {node_id(each) for each in (ASKING, 3, 4)})

    def test_first_replicas(self) -> None:
        """Replicas are taken as soon as the node has asked to be admitted; once it is a peer it makes those that it owes."""
        # = rfc6940:10.7.3/5 test
        chord, teller = self.chord, node_id(ASKING)
        self.assertFalse(chord.may_replicate(teller, teller))
        self.told()
        self.assertEqual((chord.may_replicate(teller, teller), chord.responsible(teller)), (True, False))
        answer = incoming(JoinAns(b""), MessageCode.join_ans, self.admitting)
        chord.answered(("join", teller), answer, NOW)
        admitted = self.told(PEER)
        self.assertTrue(chord.joined)
        self.assertEqual(timers(admitted)[("replicas",)], NOW + OWING)

    def test_back(self) -> None:
        """A peer that has lost all others pings for whoever follows it, and joins again at the peer that answers."""
        # = rfc6940:10.7.1/7b test
        chord = Chord(Member(overlay(), identity(PEER), bytes, NOW))
        chord.begin(True, NOW)
        chord.tables.insert(node_id(3))
        self.assertTrue(any(isinstance(each, FindBootstrap) for each in chord.lost(node_id(3), NOW)))
        (ping,) = chord.connected(("bootstrap",), node_id(CLIENT), NOW)
        assert isinstance(ping, Ask)
        answer = incoming(PingAns(1, 2), MessageCode.ping_ans, self.admitting)
        (attach,) = chord.answered(ping.about, answer, NOW)
        assert isinstance(attach, Connect)
        self.assertEqual((attach.to, attach.send_update), ((node_place(node_id(ASKING)),), True))


class ReplicaTests(PeerCase):
    """Who gives replicas to whom, and when."""

    def test_stand_in(self) -> None:
        """Who stands in for a lost successor gets its replicas after a while only, though another peer has come meanwhile."""
        # = rfc6940:10.7.1/3 test
        circle, unit = self.chord.tables.circle, 1 << 100
        own = circle.place(node_id(PEER))
        known = {step: circle.octets(own + step * unit) for step in (1, 2, 3, -1, -2, -3)}
        for each in known.values():
            self.chord.connected(("neighbor", each), each, NOW)
        gone = self.chord.lost(known[1], NOW)
        self.assertEqual(self.replicas(gone), [])
        self.assertEqual(timers(gone)[("replicas",)], NOW + HOLD_DOWN)
        new = circle.octets(own - unit // 2)
        self.assertEqual(self.replicas(self.chord.connected(("neighbor", new), new, NOW)), [new])
        self.assertEqual(self.replicas(self.chord.passed(("replicas",), Instant(NOW + HOLD_DOWN))), [known[3]])

    def test_leaves(self) -> None:
        """Who stands in for a successor that has said goodbye gets its replicas at once."""
        # = rfc6940:10.9/3 test
        circle, own = self.chord.tables.circle, self.chord.tables.circle.place(node_id(PEER))
        known = [circle.octets(own + (step << 100)) for step in (1, 2, 3, 4)]
        for each in known:
            self.chord.connected(("neighbor", each), each, NOW)
        self.assertEqual(self.replicas(self.leaves(known[0])), [known[2]])

    def test_first_again(self) -> None:
        """Who was the first peer and has lost all is so again where there is no bootstrap node; nobody else ever is."""
        # = rfc6940:10.7.1/7a test
        chord = Chord(Member(overlay(), identity(ASKING), bytes, NOW))
        chord.begin(False, NOW)
        for each in (self.chord, chord):
            if each is self.chord:
                each.connected(("neighbor", node_id(3)), node_id(3), NOW)
                each.lost(node_id(3), NOW)
            self.assertFalse(each.joined)
            each.failed(("bootstrap",), RequestTimeout("nobody"), NOW)
            again = each.passed(("pause",), NOW)
            self.assertEqual(each.joined, each is self.chord)
            self.assertEqual(any(isinstance(action, FindBootstrap) for action in again), each is chord)

    def test_taken_for_a_peer(self) -> None:
        """A node that has lost the ring says so to whoever still names it as a neighbour."""
        # = rfc6940:10.7.1/7a test
        self.chord.connected(("neighbor", node_id(3)), node_id(3), NOW)
        self.chord.lost(node_id(3), NOW)
        self.assertFalse(self.chord.joined)
        update = ChordUpdate(1, ChordUpdateType.neighbors, Neighbors((node_id(PEER),), ()))
        request = incoming(update, MessageCode.update_req, identity(ASKING))
        reply, leave = self.chord.asked(request, NOW)
        assert isinstance(reply, Reply) and isinstance(leave, Ask)
        self.assertEqual((leave.code, leave.to), (MessageCode.leave_req, (node_place(node_id(ASKING)),)))
        self.assertEqual(self.chord.failed(leave.about, RequestTimeout("nobody"), NOW), [])

    def replicas(self, actions: list[Action]) -> list[bytes]:
        """Who is given something."""
        return [each.to for each in actions if isinstance(each, Replicate)]

    def test_told(self) -> None:
        """A replica is taken from a peer whose Update has said that this one follows it, and from no other so far away."""
        # = rfc6940:10.4/3 test
        circle, teller = self.chord.tables.circle, node_id(ASKING)
        own, begin = circle.place(node_id(PEER)), circle.place(teller)
        quarter = circle.distance(begin, own) // 4
        between = [circle.octets(begin + quarter * each) for each in (1, 2, 3)]
        for each in between:
            self.chord.tables.insert(each)
        stream = FramedStream(overlay().context)
        self.member.connections.add(Connection(1, stream, identity(ASKING).certificates, (teller,), NOW))
        before = (circle.octets(begin - 2),)
        for successors, taken in ((tuple(between[:2]), False), ((between[2], node_id(PEER)), True)):
            body = ChordUpdate(1, ChordUpdateType.neighbors, Neighbors(before, successors))
            self.chord.asked(incoming(body, MessageCode.update_req, identity(ASKING)), NOW)
            self.assertIs(self.chord.may_replicate(teller, circle.octets(begin - 1)), taken)
