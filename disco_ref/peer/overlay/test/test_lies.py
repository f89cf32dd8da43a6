"""Tests of nodes that say what is not so, or nothing at all (RFC 6940, sections 6.5.1, 6.6.3.1 and 10.7.3)."""

from __future__ import annotations

from disco_ref.peer.overlay.effects import Close, Send
from disco_ref.peer.overlay.node import MOST_SURPLUS
from disco_ref.peer.overlay.test.lone import Between
from disco_ref.peer.overlay.test.members import identity, node_id
from disco_ref.reload.link.establishing import Gather
from disco_ref.reload.topology.chord.update import ChordUpdate, ChordUpdateType, Neighbors
from disco_ref.reload.topology.chord.updating import MOST_WANTED

UPDATE = 19
READY = ChordUpdate(1, ChordUpdateType.peer_ready, None)


class LiesTests(Between):
    """A peer, and a party that lies."""

    def wanted(self) -> int:
        """How many connections the peer wants."""
        return sum(isinstance(each, Gather) for each in self.lone.others)

    def test_many_names(self) -> None:
        """Of a thousand peers that a node names some are looked for, no more each time that it does, and those of others too."""
        # = rfc6940:10.7.3/1a test
        for turn in range(3):
            names = tuple(node_id(1000 * turn + each) for each in range(1000, 2000))
            self.left.send(
                self.left.message(None, UPDATE, ChordUpdate(1, ChordUpdateType.neighbors, Neighbors(names, ())))
            )
            self.assertEqual(self.wanted(), MOST_WANTED)
        told = Neighbors((node_id(5000),), ())
        self.right.send(self.right.message(None, UPDATE, ChordUpdate(1, ChordUpdateType.neighbors, told)))
        self.assertEqual(self.wanted(), MOST_WANTED + 1)

    def test_many_links(self) -> None:
        """Of the links that one node makes without end the oldest are closed, the youngest is used."""
        parties = [self.lone.party(identity(3)) for _ in range(MOST_SURPLUS + 4)]
        closed = [each.link for each in self.lone.others if isinstance(each, Close)]
        self.assertEqual(closed, [each.link for each in parties[:3]])
        self.assertEqual(len(parties[-1].send(parties[-1].message())), 1)

    def stall(self) -> None:
        """The party acknowledges nothing for a while, and then all."""
        lone, link = self.lone, self.left.link
        end = lone.ends.pop(link)
        frame = end.send(self.left.message(), lone.now)[0]
        lone.do(lone.peer.received(link, frame, lone.now))
        for _ in range(20):
            lone.later(0.2)
        unread = [each.octets for each in lone.others if isinstance(each, Send) and each.link == link]
        lone.ends[link] = end
        for reply in end.receive(b"".join(unread), lone.now).replies:
            lone.do(lone.peer.received(link, reply, lone.now))

    def test_client_that_stalls(self) -> None:
        """A client whose link fails for a while is no peer when it answers again."""
        # = rfc6940:6.6.3.1/10 test
        # = rfc6940:6.5.1/1b test
        self.stall()
        self.assertEqual(self.lone.peer.chord.routing_table(), ())

    def test_peer_that_stalls(self) -> None:
        """A peer whose link fails for a while is routed through again afterwards."""
        # = rfc6940:6.6.3.1/10 test
        for each in (self.left, self.right):
            each.send(each.message(None, UPDATE, READY))
        before = self.lone.peer.chord.routing_table()
        self.assertEqual(set(before), {node_id(1), node_id(2)})
        self.stall()
        self.assertEqual(self.lone.peer.chord.routing_table(), before)
