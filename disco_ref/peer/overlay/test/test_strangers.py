"""Tests of messages of others than they say, of nodes of which nobody knows who they are, and of pieces (RFC 6940, 6.1.2, 6.3.4, 6.7)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.lone import LENIENT, Between, Lone
from disco_ref.peer.overlay.test.members import identity, node_id
from disco_ref.reload.forwarding.attach import AttachReqAns
from disco_ref.reload.forwarding.passing import arrived, node_place
from disco_ref.reload.forwarding.ping import PingAns, PingReq
from disco_ref.reload.link.fragmentation import split
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.storage.fetch import FetchReq

PING, PING_ANS, ATTACH, FETCH = 23, 24, 3, 9
FORBIDDEN = 2


class SignatureTests(Between):
    """Messages of others than they say."""

    def nothing(self, octets: bytes) -> None:
        """Nothing comes back, and the log says that something was dropped."""
        self.assertIsNone(self.error(octets))
        self.assertIn("dropped", self.lone.notes()[-1])

    def test_forged(self) -> None:
        """A message changed behind its header, or brought into another transaction, is dropped."""
        # = rfc6940:6.3.4/11 test
        # = rfc6940:6.3.4/12a test
        # = rfc6940:6.3.4/12b test
        # = rfc6940:6.1.1/3a test
        octets = self.left.message(None, PING, PingReq(b"aaaa"))
        self.nothing(octets.replace(b"aaaa", b"aaab"))
        self.nothing(self.bent(20, b"\x77", octets))
        self.nothing(octets[:-1] + bytes([octets[-1] ^ 1]))

    def test_foreign(self) -> None:
        """A certificate that another root has issued is not believed."""
        # = rfc6940:6.3.4/11 test
        self.nothing(self.left.message(by=identity(3, 8)))

    def test_expired(self) -> None:
        """A certificate out of its time is not believed."""
        self.lone.now = type(self.lone.now)(self.lone.now + 20 * 365 * 86_400)
        self.nothing(self.left.message())

    def test_replayed(self) -> None:
        """A request that arrives again is answered with the same octets, and not worked on again."""
        # = rfc6940:6.2.1/12 test
        octets = self.left.message()
        first, second = self.left.send(octets)[0], self.left.send(octets)[0]
        body = first.message.message_contents
        self.assertEqual(body, second.message.message_contents)
        self.assertEqual(first.message.security_block, second.message.security_block)

    def test_answer_that_nobody_waits_for(self) -> None:
        """An answer to nothing is dropped."""
        self.nothing(self.left.message(None, PING_ANS, PingAns(1, 2)))


class SeveralTests(SynchronousTestCase):
    """A neighbor whose certificate holds several Node-IDs, without an Attach."""

    def setUp(self) -> None:
        """It is linked, and so is somebody else."""
        self.lone = Lone()
        self.several = self.lone.party(identity(4, 0, 5))
        self.right = self.lone.party(identity(2))

    def attach(self) -> Body:
        """An Attach request."""
        return AttachReqAns(b"", b"", b"passive", (), False)

    def test_ping_and_attach_pass(self) -> None:
        """Its Ping and its Attach go on, and the answers come back to the Node-ID that has signed."""
        # = rfc6940:6.1.2/10 test
        to = (node_place(node_id(2)),)
        for code, body in ((PING, PingReq(b"")), (ATTACH, self.attach())):
            self.several.send(self.several.message(to, code, body))
            asked = self.right.heard()[-1].message.forwarding_header
            self.assertEqual(asked.via_list, (node_place(node_id(4)),))
            back = (node_place(self.lone.node_id), node_place(node_id(4)))
            self.right.send(self.right.message(back, PING_ANS, PingAns(1, 2), transaction_id=asked.transaction_id))
            self.assertEqual(self.several.heard()[-1].message.forwarding_header.transaction_id, asked.transaction_id)

    def test_others_do_not(self) -> None:
        """Everything else it asks is forbidden, also what it passes on for others, which is not told of."""
        # = rfc6940:6.1.2/9 test
        to = (node_place(node_id(2)),)
        (came,) = self.several.send(self.several.message(to, FETCH, FetchReq(b"r" * 16, ())))
        self.assertEqual(came.error, FORBIDDEN)
        via = (node_place(node_id(7)),)
        (came,) = self.several.send(self.several.message(to, PING, PingReq(b""), via_list=via))
        self.assertEqual(came.error, FORBIDDEN)
        self.several.send(self.several.message(to, PING_ANS, PingAns(1, 2)))
        self.assertEqual(self.right.heard(), [])

    def test_forged_name(self) -> None:
        """A Ping that another signed says nothing about who the neighbor is."""
        octets = self.several.message((node_place(node_id(2)),), PING, PingReq(b""), by=identity(6))
        self.assertEqual(self.several.send(octets), [])
        self.assertEqual(self.right.heard(), [])


class FragmentTests(Between):
    """Messages in pieces."""

    def pieces(self, padding: bytes) -> list[bytes]:
        """A Ping in pieces."""
        octets = self.left.message(None, PING, PingReq(padding))
        whole = split(octets, 700, LENIENT)
        self.assertGreater(len(whole), 2)
        return list(whole)

    def test_put_together(self) -> None:
        """In any order, and some of them twice, the pieces are answered once, with the last that was missing."""
        # = rfc6940:6.3.4/11 test
        first, second, *rest = self.pieces(b"x" * 1200)
        came = [len(self.left.send(each)) for each in (second, *rest, second, first)]
        self.assertEqual(came, [0] * (len(rest) + 2) + [1])

    def test_contradicting(self) -> None:
        """Pieces that contradict each other are let go, nobody is told, and what was said of them before does not count."""
        octets = self.pieces(b"x" * 1200)
        bent = octets[1][:-1] + b"?"
        self.assertEqual([self.left.send(each) for each in (octets[0], octets[1], bent)], [[], [], []])
        self.assertEqual([self.left.send(each) for each in octets[2:]], [[]] * len(octets[2:]))
        self.assertEqual(len(self.left.send(self.left.message())), 1)

    def test_passed_on(self) -> None:
        """Pieces of a message for another go on as they are, each by itself, with the same Via List, compressed or not."""
        for most in (0, 1):
            self.lone.peer.member.most_places = most
            before = len(self.right.raw)
            octets = self.left.message(self.to_right, PING, PingReq(b"x" * 1200), via_list=(node_place(node_id(7)),))
            pieces = split(octets, 700, LENIENT)
            for each in pieces:
                self.left.send(each)
            came = self.right.raw[before:]
            self.assertEqual(len(came), len(pieces))
            places = {arrived(each, LENIENT).header.via_list for each in came}
            self.assertEqual([len(each) for each in places], [1 if most else 2])
