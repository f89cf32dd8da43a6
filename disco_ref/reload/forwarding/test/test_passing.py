"""Tests of messages that go on (RFC 6940, sections 6.1.2 and 6.3.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.codec import encode
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.forwarding.passing import (
    LONGEST_LIST,
    ViaTooLong,
    arrived,
    launched,
    node_place,
    passed_on,
    resource_place,
    via_list_of,
    way_back,
    written,
)
from disco_ref.reload.message.forwarding_header import RELO_TOKEN, VERSION, WHOLE, ForwardingHeader, TTLExceeded
from disco_ref.reload.message.forwarding_option import ForwardingOption
from disco_ref.reload.storage.kinds import overlay_context

CONTEXT = overlay_context("overlay.example.org")
ONE, TWO, THREE = (node_place(bytes([each]) * 16) for each in (1, 2, 3))
REST = b"what nobody on the way can read"


def header(**fields: object) -> ForwardingHeader:
    """A header with everything in it."""
    found = ForwardingHeader(
        RELO_TOKEN, CONTEXT.overlay or 0, 9, VERSION, 50, WHOLE, 0, 0x0102030405060708, 4711,
        (ONE,), (TWO, THREE), (ForwardingOption(7, 0, Unknown(7, b"option")),),
    )  # fmt: skip
    return found._replace(**fields)  # type: ignore[arg-type]


class PassedOnTests(SynchronousTestCase):
    """The octets that leave."""

    def test_every_field(self) -> None:
        """Only ttl, length and the lists differ, and the octets are those that the codec would write."""
        # = rfc6940:6.3.2/5 test
        octets = launched(header(), REST, CONTEXT)
        message = arrived(octets, CONTEXT)
        for destinations in (message.header.destination_list, (TWO, THREE), (THREE,), (ONE, resource_place(b"r"))):
            for via in ((), (ONE,), (ONE, THREE)):
                left = passed_on(message, destinations, written(via, CONTEXT), CONTEXT)
                wanted = header(ttl=49, via_list=via, destination_list=destinations, length=len(left))
                self.assertEqual(left, encode(wanted, CONTEXT) + REST)

    def test_via_list(self) -> None:
        """The Via List that a message came with, in octets."""
        for via in ((), (ONE,), (ONE, TWO, THREE)):
            message = arrived(launched(header(via_list=via), REST, CONTEXT), CONTEXT)
            self.assertEqual(via_list_of(message), written(via, CONTEXT))

    def test_no_hop_left(self) -> None:
        """With ttl 1 it leaves with 0, with 0 it does not leave."""
        # = rfc6940:6.3.2/6 test
        message = arrived(launched(header(ttl=1), REST, CONTEXT), CONTEXT)
        self.assertEqual(passed_on(message, (TWO,), b"", CONTEXT)[11], 0)
        message = arrived(launched(header(ttl=0), REST, CONTEXT), CONTEXT)
        self.assertRaises(TTLExceeded, passed_on, message, (TWO,), b"", CONTEXT)

    def test_no_room(self) -> None:
        """A list of more octets than its length can say is refused, and nobody is told."""
        message = arrived(launched(header(), REST, CONTEXT), CONTEXT)
        many = (ONE,) * (LONGEST_LIST // 18)
        self.assertEqual(len(passed_on(message, (TWO,), written(many, CONTEXT), CONTEXT)) > LONGEST_LIST, True)
        self.assertRaises(ViaTooLong, passed_on, message, (TWO,), written((*many, ONE), CONTEXT), CONTEXT)
        self.assertRaises(ViaTooLong, passed_on, message, (*many, ONE), b"", CONTEXT)
        self.assertIsNone(ViaTooLong.error_code)

    def test_way_back(self) -> None:
        """The way back is the Via List turned round."""
        # = rfc6940:6.2.2/1 test
        self.assertEqual(way_back((ONE, TWO, THREE)), (THREE, TWO, ONE))
