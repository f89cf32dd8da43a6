"""The forwarding header, its destinations and options (RFC 6940, section 6.3.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import BadValue, Truncated, Unwritable
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.forwarding_header import BadHeader, ForwardingHeader
from disco_ref.reload.message.forwarding_option import (
    DESTINATION_CRITICAL,
    FORWARD_CRITICAL,
    RESPONSE_COPY,
    ForwardingOption,
    UnsupportedForwardingOption,
    copied_to_response,
    refuse_answering,
    refuse_forwarding,
    refuse_in_response,
)
from disco_ref.reload.message.test.samples import CONTEXT, HEADER, NODE, RESOURCE

SHORT = Destination(DestinationType.opaque_id_type, b"\x80\x01", True)
LONG = Destination(DestinationType.opaque_id_type, b"\x80\x01")
OPTION = ForwardingOption(1, RESPONSE_COPY | 0x80, Unknown(1, b"abc"))

FULL = HEADER._replace(
    via_list=(NODE, SHORT), destination_list=(LONG, RESOURCE), options=(OPTION,), length=0x66, max_response_length=9
)
FULL_OCTETS = bytes.fromhex(
    "d2454c4f 00000000 0016 0a 64 c0000000 00000066 0102030405060708 00000009 0014 0010 0007"
    "0110 000102030405060708090a0b0c0d0e0f 8001"
    "0303 028001 0209 087265736f75726365"
    "01 84 0003 616263".replace(" ", "")
)
FULL_OCTETS = FULL_OCTETS[:4] + HEADER.overlay.to_bytes(4, "big") + FULL_OCTETS[8:]


class HeaderTests(SynchronousTestCase):
    """The header as a whole."""

    def test_row(self) -> None:
        """A header with everything in it is written and read as the layout says."""
        # = rfc6940:6.3.2/0 test
        # = rfc6940:6.3.2.2/0 test
        # = rfc6940:6.3.2.3/0 test
        self.assertEqual(encode(FULL, CONTEXT).hex(), FULL_OCTETS.hex())
        self.assertEqual(decode(ForwardingHeader, FULL_OCTETS, CONTEXT), FULL)

    def test_refused(self) -> None:
        """What a receiver must not take is refused with the error that its section names."""
        # = rfc6940:6.3.2/1 test
        # = rfc6940:6.3.2/4 test
        # = rfc6940:6.3.2/8 test
        # = rfc6940:6.1/1 test
        # = rfc6940:6.3.2.2/4a test
        # = rfc6940:6.3.2.2/4b test
        # = rfc6940:6.1/2 test
        # = rfc6940:6.1.1/1 test
        # = rfc6940:6.1.1/2 test
        # = rfc6940:6.3.2/9 test
        # = rfc6940:6.6/1 test
        # = rfc6940:6.7/7b test
        for change, error, place, offset in [
            ({"relo_token": 0x52454C4F}, None, "relo_token", 0),
            ({"version": 1}, 6, "version", 10),
            ({"overlay": 1}, 6, "overlay", 4),
            ({"fragment": 0x40000000}, None, "fragment", 12),
            ({"ttl": 101}, 10, "ttl", 11),
            ({"length": 70000}, 11, "length", 16),
            ({"via_list": (RESOURCE,)}, 20, "via_list", 38),
            ({"destination_list": (RESOURCE, NODE)}, None, "destination_list", 0),
        ]:
            context = CONTEXT._replace(max_message_size=65536)
            octets = encode(HEADER._replace(**change), context)  # type: ignore[arg-type]
            with self.assertRaises(Refusal) as caught:
                decode(ForwardingHeader, octets, context)
            self.assertEqual(caught.exception.error_code, error, place)
            self.assertEqual(caught.exception.where, f"ForwardingHeader.{place}")
            self.assertEqual(caught.exception.offset, offset)

    def test_overlay_may_define_more_hops(self) -> None:
        """The initial ttl of the overlay, not 100, is the bound."""
        # = rfc6940:6.3.2/8 test
        header = HEADER._replace(ttl=200)
        context = CONTEXT._replace(initial_ttl=200)
        self.assertEqual(decode(ForwardingHeader, encode(header, context), context), header)

    def test_loop(self) -> None:
        """A node twice in the Destination List is refused, next to itself or not; equal opaque IDs are no loop."""
        # = rfc6940:13.6.5/2 test
        other = Destination(DestinationType.node, b"\xaa" * 16)
        for loop in ((NODE, NODE), (NODE, other, NODE)):
            with self.assertRaisesRegex(BadHeader, "twice") as caught:
                decode(ForwardingHeader, encode(HEADER._replace(destination_list=loop), CONTEXT), CONTEXT)
            self.assertEqual((caught.exception.error_code, caught.exception.offset), (20, 38))
        for route in ((NODE, other), (SHORT, SHORT, NODE, RESOURCE)):
            octets = encode(HEADER._replace(destination_list=route), CONTEXT)
            self.assertEqual(decode(ForwardingHeader, octets, CONTEXT).destination_list, route)

    def test_odd_list_length(self) -> None:
        """A list that ends inside a destination is refused at that place."""
        octets = bytearray(FULL_OCTETS)
        octets[32:34] = b"\x00\x13"
        with self.assertRaises(Truncated) as caught:
            decode(ForwardingHeader, bytes(octets), CONTEXT)
        self.assertEqual(caught.exception.offset, 38 + 18)


class DestinationTests(SynchronousTestCase):
    """Destinations by themselves."""

    def read(self, digits: str, context: Context = CONTEXT) -> Destination:
        """The destination of these octets, which it fills."""
        octets = bytes.fromhex(digits)
        found, end = Destination.read(octets, 0, len(octets), context)
        self.assertEqual(end, len(octets))
        self.assertEqual(Destination.write(found, context), octets)
        return found

    def test_forms(self) -> None:
        """The short form stands for an opaque ID of two octets, and comes back in its own form."""
        # = rfc6940:6.3.2.2/2a test
        # = rfc6940:6.3.2.2/2b test
        short, full = self.read("8001"), self.read("0303028001")
        self.assertEqual(short._replace(short=False), full)

    def test_unknown_type(self) -> None:
        """A type that is not known is skipped by its length and kept."""
        # = rfc6940:6.3.2.2/0 test
        self.assertEqual(self.read("0903616263"), Destination(9, Unknown(9, b"abc")))

    def test_node_id_length(self) -> None:
        """A Node-ID has the length of the overlay."""
        # = rfc6940:6.3.1.1/0 test
        with self.assertRaises(Malformed):
            self.read("0110" + "00" * 16, Context(node_id_length=20))
        self.read("0114" + "00" * 20, Context(node_id_length=20))

    def test_refused(self) -> None:
        """Nothing, half of a short form, type 0 and lengths that do not fit are refused."""
        for digits in ("", "80", "0000", "0105" + "00" * 5, "0203010000", "020401"):
            with self.assertRaises(Malformed, msg=digits):
                self.read(digits)

    def test_short_form_written(self) -> None:
        """A short form without two octets or without its first bit is not written."""
        # = rfc6940:6.3.2.2/1 test
        for octets in (b"\x80", b"\x7f\xff", b"\x80\x00\x00"):
            with self.assertRaises(Unwritable):
                Destination.write(SHORT._replace(destination_data=octets), CONTEXT)

    def test_full_form_written(self) -> None:
        """A full form whose type would set the first bit is not written; the last type that does not is."""
        # = rfc6940:6.3.2.2/3 test
        with self.assertRaises(Unwritable):
            Destination.write(Destination(128, Unknown(128, b"x")), CONTEXT)
        self.assertEqual(Destination.write(Destination(127, Unknown(127, b"x")), CONTEXT), b"\x7f\x01x")


class OptionTests(SynchronousTestCase):
    """Forwarding options."""

    def test_critical_for_forwarding(self) -> None:
        """Whoever forwards must refuse an option critical for that, unless it understands it."""
        # = rfc6940:6.3.2.3/2 test
        option = OPTION._replace(flags=FORWARD_CRITICAL)
        with self.assertRaises(UnsupportedForwardingOption) as caught:
            refuse_forwarding([option])
        self.assertEqual(caught.exception.error_code, 7)
        refuse_forwarding([option], {1})
        refuse_answering([option])

    def test_critical_for_the_destination(self) -> None:
        """Whoever answers must refuse an option critical for that, unless it understands it."""
        # = rfc6940:6.3.2.3/3 test
        option = OPTION._replace(flags=DESTINATION_CRITICAL)
        with self.assertRaises(UnsupportedForwardingOption):
            refuse_answering([option])
        refuse_answering([option], {1})
        refuse_forwarding([option])

    def test_copied(self) -> None:
        """Options that ask for it are copied into the response, their three flags cleared, others are not."""
        # = rfc6940:6.3.2.3/4a test
        # = rfc6940:6.3.2.3/4b test
        every = OPTION._replace(flags=0xFF)
        self.assertEqual(copied_to_response([every, OPTION._replace(flags=3)]), (every._replace(flags=0xF8),))

    def test_flags_in_a_response(self) -> None:
        """A response with a flag is refused, and nobody is owed an error."""
        # = rfc6940:6.3.2.3/1 test
        with self.assertRaises(UnsupportedForwardingOption) as caught:
            refuse_in_response([OPTION])
        self.assertIsNone(caught.exception.error_code)
        refuse_in_response([OPTION._replace(flags=0x80)])

    def test_type_zero(self) -> None:
        """Type 0 is named invalid and refused."""
        # = rfc6940:6.3.2.3/0 test
        with self.assertRaises(BadValue):
            decode(ForwardingOption, bytes(4))


class ErrorTests(SynchronousTestCase):
    """What refusals are."""

    def test_misplaced_resource_is_malformed(self) -> None:
        """A Resource-ID in the wrong place is a fault of the sender's layout."""
        with self.assertRaises(BadHeader):
            decode(ForwardingHeader, encode(HEADER._replace(via_list=(RESOURCE,)), CONTEXT), CONTEXT)
