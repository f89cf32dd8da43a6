"""Tests of what a peer takes, passes on, refuses and drops, whoever sends it (RFC 6940, sections 6.1 to 6.3)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.presentation import Unknown
from disco_ref.peer.overlay.effects import Close
from disco_ref.peer.overlay.test.lone import LENIENT, Between
from disco_ref.peer.overlay.test.members import node_id
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.actions import Ask
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.ping import PingAns, PingReq
from disco_ref.reload.forwarding.refusing import BURST, PER_SECOND
from disco_ref.reload.message.contents import MessageExtension
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.envelope import decode_message
from disco_ref.reload.message.forwarding_header import FIXED_LENGTH, LAST_FRAGMENT, WHOLE, ForwardingHeader
from disco_ref.reload.message.forwarding_option import (
    DESTINATION_CRITICAL,
    FORWARD_CRITICAL,
    RESPONSE_COPY,
    ForwardingOption,
)
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.client import Fetched, Stored

PING, PING_ANS, ATTACH, FETCH = 23, 24, 3, 9
FORBIDDEN, INCOMPATIBLE, UNSUPPORTED, TTL, TOO_LARGE, EXTENSION = 2, 6, 7, 10, 11, 13
CONFIG_TOO_OLD, CONFIG_TOO_NEW, INVALID = 15, 16, 20


def option(flags: int) -> ForwardingOption:
    """An option that nobody knows."""
    return ForwardingOption(77, flags, Unknown(77, b"what"))


class CompressionTests(SynchronousTestCase):
    """A ring in which everybody replaces Via Lists."""

    def test_ring(self) -> None:
        """Values are stored and fetched over several hops, with opaque IDs in place of Via Lists."""
        # = rfc6940:6.1.2/5 test
        # = rfc6940:6.1.3/1 test
        ring = Ring(16)
        for peer in ring.peers:
            peer.member.most_places = 1
        for which in range(4):
            self.assertIsInstance(ring.store(which, b"value")[0], Stored)
            self.assertIsInstance(ring.fetch(15 - which, which)[0], Fetched)
        self.assertGreater(sum(each._around.saved for each in ring.peers), 0)


class PassingTests(Between):
    """Messages for others."""

    def test_passed_on(self) -> None:
        """A message goes on with one hop less and who sent it at the end of the Via List; what is behind the header stays."""
        # = rfc6940:6.1.2/1 test
        # = rfc6940:6.1.2/3 test
        # = rfc6940:6.1.2/4 test
        # = rfc6940:6.3.2/5 test
        octets = self.left.message(self.to_right, via_list=(node_place(node_id(7)),), options=(option(0),))
        self.assertEqual(self.left.send(octets), [])
        (came,) = self.right.heard()
        before, after = decode_message(octets, LENIENT), came.message
        self.assertEqual(after.forwarding_header.ttl, 99)
        self.assertEqual(after.forwarding_header.via_list, (node_place(node_id(7)), node_place(node_id(1))))
        self.assertEqual(after.forwarding_header.destination_list, self.to_right)
        self.assertEqual(after.forwarding_header.length, len(came.octets))
        self.assertEqual(after.forwarding_header.options, (option(0),))
        self.assertEqual(
            (after.message_contents, after.security_block), (before.message_contents, before.security_block)
        )

    def test_way_back(self) -> None:
        """An answer along the Via List turned round comes to who asked."""
        # = rfc6940:6.2.2/1 test
        # = rfc6940:6.1.2/7 test
        self.left.send(self.left.message(self.to_right))
        asked = self.right.heard()[0].message.forwarding_header
        to = (node_place(self.lone.node_id), *reversed(asked.via_list))
        self.right.send(self.right.message(to, PING_ANS, PingAns(1, 2), transaction_id=asked.transaction_id))
        (came,) = self.left.heard()
        self.assertEqual(came.message.forwarding_header.destination_list, (node_place(node_id(1)),))

    def test_own_arc(self) -> None:
        """A Node-ID of the peer's arc that is not connected is dropped, and nobody is told."""
        # = rfc6940:6.1.1/4 test
        self.assertIsNone(self.error(self.left.message((node_place(node_id(50)),))))
        self.assertIn("dropped", self.lone.notes()[-1])

    def test_unsigned_goes_on(self) -> None:
        """Who passes a message on does not look at its signature."""
        octets = self.left.message(self.to_right)
        self.left.send(octets[:-1] + bytes([octets[-1] ^ 1]))
        self.assertEqual(len(self.right.heard()), 1)

    def test_no_hop_left(self) -> None:
        """A message with ttl 0 for another is not passed on, and is answered with an error; one for the peer is taken."""
        # = rfc6940:6.3.2/6 test
        self.assertEqual(self.error(self.left.message(self.to_right, ttl=0)), TTL)
        self.assertEqual(self.left.send(self.left.message(ttl=0))[0].error, None)

    def test_forward_critical(self) -> None:
        """An option that every hop has to know stops the message; one that only the destination has to know goes on."""
        # = rfc6940:6.3.2.3/2 test
        self.assertEqual(self.error(self.left.message(self.to_right, options=(option(FORWARD_CRITICAL),))), UNSUPPORTED)
        self.left.send(self.left.message(self.to_right, options=(option(DESTINATION_CRITICAL),)))
        self.assertEqual(len(self.right.heard()), 1)

    def test_answers_are_not_answered(self) -> None:
        """An answer that cannot be passed on is dropped."""
        for header in ({"ttl": 0}, {"options": (option(FORWARD_CRITICAL),)}):
            self.assertIsNone(self.error(self.left.message(self.to_right, PING_ANS, PingAns(1, 2), **header)))
        self.assertIsNone(self.error(self.left.message(None, PING_ANS, PingAns(1, 2), ttl=101)))

    def test_later_fragments(self) -> None:
        """Of a message that cannot be passed on only the first fragment is answered."""
        first, second = WHOLE & ~LAST_FRAGMENT, WHOLE | 100
        self.assertEqual(self.error(self.left.message(self.to_right, ttl=0, fragment=first)), TTL)
        self.assertIsNone(self.error(self.left.message(self.to_right, ttl=0, fragment=second)))

    def test_list_compression(self) -> None:
        """A Via List beyond the bound is replaced by an opaque ID, and what comes back to that ID takes the way of the list."""
        # = rfc6940:6.1.2/5 test
        # = rfc6940:6.1.3/1 test
        self.lone.peer.member.most_places = 2
        before = (node_place(node_id(7)), node_place(node_id(8)))
        self.left.send(self.left.message(self.to_right, via_list=before))
        asked = self.right.heard()[0].message.forwarding_header
        self.assertEqual(len(asked.via_list), 1)
        self.assertTrue(asked.via_list[0].short)
        to = (node_place(self.lone.node_id), asked.via_list[0])
        self.right.send(self.right.message(to, PING_ANS, PingAns(1, 2), transaction_id=asked.transaction_id))
        (came,) = self.left.heard()
        self.assertEqual(
            came.message.forwarding_header.destination_list,
            (node_place(node_id(1)), node_place(node_id(8)), node_place(node_id(7))),
        )
        full = Destination(DestinationType.opaque_id_type, asked.via_list[0].destination_data)
        self.right.send(self.right.message((node_place(self.lone.node_id), full), PING_ANS, PingAns(1, 2)))
        self.assertEqual(len(self.left.heard()), 2)

    def test_strange_opaque_id(self) -> None:
        """An opaque ID that the peer has not made leads nowhere."""
        # = rfc6940:6.3.2.2/9 test
        strange = Destination(DestinationType.opaque_id_type, b"\x80\x01", True)
        self.assertIsNone(self.error(self.left.message((strange,))))


class OwnTests(Between):
    """Messages of the peer's own."""

    def ask(self, *to: Destination) -> ForwardingHeader:
        """The peer pings; the header of what came to the right."""
        room = self.lone.peer.rooms.configuring
        ask = Ask(room, ("config", b""), to, MessageCode.ping_req, PingReq(b""), (), 4711)
        self.lone.do(self.lone.peer.perform([ask], self.lone.now))
        return self.right.heard()[-1].message.forwarding_header

    def test_header(self) -> None:
        """A request leaves with the initial ttl, no Via List, no reserved bit set, and over the link to whom it is for."""
        # = rfc6940:6.2.1/1 test
        # = rfc6940:6.2.1/2 test
        # = rfc6940:6.2.1/4 test
        # = rfc6940:6.3.2/7a test
        # = rfc6940:6.3.2/7b test
        # = rfc6940:6.3.2/10 test
        header = self.ask(*self.to_right)
        self.assertEqual((header.ttl, header.via_list, header.destination_list), (100, (), self.to_right))
        self.assertEqual((header.fragment, header.max_response_length), (WHOLE, 4711))
        self.assertEqual(header.overlay, LENIENT.overlay)

    def test_source_routing(self) -> None:
        """A Destination List of several places leaves whole, but for the peer itself at its head."""
        # = rfc6940:6.2.1/3 test
        far = node_place(node_id(7))
        header = self.ask(node_place(self.lone.node_id), *self.to_right, far)
        self.assertEqual(header.destination_list, (*self.to_right, far))

    def test_repeated(self) -> None:
        """What is not answered leaves again, the same but for nothing, five times in all."""
        # = rfc6940:6.2.1/9 test
        # = rfc6940:6.2.1/10 test
        # = rfc6940:6.2.1/11 test
        self.ask(*self.to_right)
        for _ in range(8):
            self.lone.later(3.0)
        pings = [each.octets for each in self.right.heard() if each.message.message_contents.message_code == PING]
        self.assertEqual((len(pings), len(set(pings))), (5, 1))

    def test_wrong_responder(self) -> None:
        """The answer of another node than was asked is dropped; that of the right one is still taken after it."""
        # = rfc6940:6.3.4/13 test
        # = rfc6940:6.3.4/14 test
        transaction = self.ask(*self.to_right).transaction_id
        self.left.send(self.left.message(None, PING_ANS, PingAns(1, 2), transaction_id=transaction))
        self.assertIn("nobody waits", self.lone.notes()[-1])
        before = len(self.lone.notes())
        self.right.send(self.right.message(None, PING_ANS, PingAns(1, 2), transaction_id=transaction))
        self.assertEqual(len(self.lone.notes()), before)

    def test_answer_to_a_client(self) -> None:
        """A node with one Node-ID is answered over its link without an Attach, with the code that follows the request's."""
        # = rfc6940:6.1.2/8 test
        # = rfc6940:6.3.3.1/1 test
        # = rfc6940:6.3.3.1/2 test
        (came,) = self.left.send(self.left.message())
        self.assertEqual(came.message.message_contents.message_code, PING_ANS)
        self.assertEqual(came.message.forwarding_header.destination_list, (node_place(node_id(1)),))

    def test_resource_like_a_client(self) -> None:
        """A Resource-ID with the octets of a client's Node-ID is the peer's, who has the arc, and not the client's."""
        # = rfc6940:6.1.1/3b test
        (came,) = self.left.send(self.left.message((resource_place(node_id(2)),)))
        self.assertIsNone(came.error)
        self.assertEqual(self.right.heard(), [])


class RefusalTests(Between):
    """Messages that nobody takes."""

    def test_other_overlay(self) -> None:
        """Another overlay or version, a ttl beyond the largest: each has its error; what is no RELOAD has none."""
        # = rfc6940:6.1/1 test
        # = rfc6940:6.1/2 test
        # = rfc6940:6.3.2/4 test
        # = rfc6940:6.3.2/8 test
        self.assertEqual(self.error(self.left.message(overlay=1)), INCOMPATIBLE)
        self.assertEqual(self.error(self.bent(10, b"\x01")), INCOMPATIBLE)
        self.assertEqual(self.error(self.left.message(ttl=101)), TTL)
        self.assertIsNone(self.error(self.bent(0, b"\x00")))
        self.assertIsNone(self.error(self.left.message(fragment=LAST_FRAGMENT)))

    def test_lists(self) -> None:
        """A Resource-ID before the end is dropped; a node twice is an error; a Resource-ID in the Via List leaves no way back."""
        # = rfc6940:6.1.1/2 test
        # = rfc6940:6.3.2.2/4a test
        # = rfc6940:6.3.2.2/4b test
        # = rfc6940:13.6.5/2 test
        resource, far = resource_place(b"r" * 16), node_place(node_id(2))
        self.assertIsNone(self.error(self.left.message((resource, far))))
        self.assertEqual(self.error(self.left.message((far, far))), INVALID)
        self.assertIsNone(self.error(self.left.message(via_list=(resource,))))

    def test_way_of_an_error(self) -> None:
        """An error takes the way back along the Via List, through who brought the request."""
        far = node_place(node_id(7))
        (came,) = self.left.send(self.left.message(self.to_right, ttl=0, via_list=(far,)))
        self.assertEqual(came.message.forwarding_header.destination_list, (node_place(node_id(1)), far))

    def test_destination_critical(self) -> None:
        """An option that the destination has to know, and an extension that is critical, are refused there."""
        # = rfc6940:6.3.2.3/3 test
        # = rfc6940:6.3.3/1 test
        # = rfc6940:6.3.3/2 test
        self.assertEqual(self.error(self.left.message(options=(option(DESTINATION_CRITICAL),))), UNSUPPORTED)
        self.assertEqual(self.error(self.left.message(extensions=(MessageExtension(9, True, b""),))), EXTENSION)
        self.assertEqual(len(self.left.send(self.left.message(extensions=(MessageExtension(9, False, b""),)))), 1)

    def test_response_copy(self) -> None:
        """An option that is to be copied stands in the answer without its flags, also where the answer is an error; others do not."""
        # = rfc6940:6.3.2.3/4a test
        # = rfc6940:6.3.2.3/4b test
        # = rfc6940:6.3.2.3/1 test
        (came,) = self.left.send(self.left.message(options=(option(RESPONSE_COPY), option(0))))
        self.assertEqual(came.message.forwarding_header.options, (option(0),))
        (came,) = self.left.send(self.left.message(options=(option(RESPONSE_COPY | DESTINATION_CRITICAL),)))
        self.assertEqual((came.error, came.message.forwarding_header.options), (UNSUPPORTED, (option(0),)))

    def test_bounded(self) -> None:
        """A neighbor is sent so many errors at once and a few a second after that; another neighbor is none the worse."""
        # = rfc6940:6.1/2 test
        octets = self.left.message(overlay=1)
        self.assertEqual([len(self.left.send(octets)) for _ in range(BURST + 3)], [1] * BURST + [0] * 3)
        self.assertEqual(len(self.right.send(octets)), 1)
        self.lone.later(2 / PER_SECOND)
        self.assertEqual([len(self.left.send(octets)) for _ in range(3)], [1, 1, 0])

    def test_unknown_method(self) -> None:
        """A request with a code that nobody knows is answered with an error; an unknown answer is dropped."""
        # = rfc6940:6.3.3.1/3a test
        # = rfc6940:6.3.3.1/3b test
        self.assertEqual(self.left.send(self.left.message(None, 4001, b"?"))[0].error, INVALID)
        self.assertEqual(self.left.send(self.left.message(None, 4002, b"?")), [])

    def test_garbage(self) -> None:
        """A message cut anywhere, or with any of its first octets changed, costs at most one error and stops nothing."""
        octets = self.left.message()
        for at in range(0, len(octets), 7):
            self.assertLessEqual(len(self.left.send(octets[:at])), 1)
        for at in range(FIXED_LENGTH + 40):
            self.assertLessEqual(len(self.left.send(self.bent(at, bytes([octets[at] ^ 0xFF]), octets))), 1)
        self.lone.later(60)
        self.assertIsNone(self.left.send(self.left.message())[0].error)

    def test_too_large_for_the_asker(self) -> None:
        """An answer beyond max_response_length is replaced by an error; one within it is sent, the lists of its header counted."""
        # = rfc6940:6.3.2/12 test
        # = rfc6940:6.3.2/13 test
        (came,) = self.left.send(self.left.message())
        size = len(came.octets)
        self.assertEqual(came.message.forwarding_header.max_response_length, 0)
        # signatures differ by some octets in length
        self.assertIsNone(self.left.send(self.left.message(max_response_length=size + 8))[0].error)
        (came,) = self.left.send(self.left.message(max_response_length=size - 8))
        self.assertEqual(came.error, INCOMPATIBLE)
        via_list = (node_place(node_id(7)),)
        (came,) = self.left.send(self.left.message(max_response_length=size + 8, via_list=via_list))
        self.assertEqual(came.error, INCOMPATIBLE)

    def test_too_large(self) -> None:
        """A message beyond the largest of the overlay is answered with an error, and its link is closed."""
        # = rfc6940:6.6/1 test
        octets = self.left.message(None, PING, PingReq(bytes(65_500)))
        self.assertEqual(self.error(octets), TOO_LARGE)
        self.assertEqual([each.link for each in self.lone.others if isinstance(each, Close)], [self.left.link])

    def test_sequence(self) -> None:
        """Another configuration sequence is refused where the request arrives, and not on its way."""
        # = rfc6940:6.3.2.1/3 test
        # = rfc6940:6.3.2.1/4 test
        self.assertEqual(self.error(self.left.message(configuration_sequence=0)), CONFIG_TOO_OLD)
        self.assertEqual(self.error(self.left.message(configuration_sequence=2)), CONFIG_TOO_NEW)
        self.left.send(self.left.message(self.to_right, configuration_sequence=2))
        self.assertEqual(len(self.right.heard()), 1)
