"""Every struct of RELOAD, by strategies that its declaration yields (RFC 6940, section 6.3.1)."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.plain import from_plain, to_plain
from disco_ref.reload.link.framing import read_frames
from disco_ref.reload.message.envelope import Message, decode_message, encode_message
from disco_ref.reload.storage.kinds import overlay_context
from disco_ref.reload.test.strategies import contexts, structs
from disco_ref.shell.formats.reload_structs import STRUCTS

QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def bounded(examples: int) -> settings:
    """So many reproducible examples, however long each takes."""
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=QUIET, database=None)


@st.composite
def anything(draw: st.DrawFn) -> tuple[object, Context]:
    """A value of any struct, and the context it belongs to."""
    context = draw(contexts())
    cls = STRUCTS[draw(st.sampled_from(sorted(STRUCTS)))]
    return draw(structs(cls, context)), context


def settled(octets: bytes, cls: type[object], context: Context) -> bool:
    """Whether the octets are refused, or hold a value that is written so that it is read again."""
    try:
        value = decode(cls, octets, context)
    except Refusal:
        return True
    return bool(decode(cls, encode(value, context), context) == value)


class StructTests(SynchronousTestCase):
    """What holds for every struct."""

    def test_each_struct(self) -> None:
        """Of every struct some values are drawn, written and read again; none is left out."""
        for name, cls in STRUCTS.items():
            self.assertTrue(self.drawn(cls), f"no {name} was drawn")

    def drawn(self, cls: type[object]) -> int:
        """How many values of a struct were drawn; each has been written and read again."""
        context = overlay_context(node_id_length=17, data_model=DataModel.dictionary)
        count = 0

        @bounded(6)
        @given(structs(cls, context))
        def round_trip(value: object) -> None:
            nonlocal count
            count += 1
            self.assertEqual(decode(cls, encode(value, context), context), value)

        round_trip()
        return count

    @bounded(150)
    @given(anything())
    def test_round_trip(self, given_value: tuple[object, Context]) -> None:
        """Whatever a struct can hold is written and read again."""
        value, context = given_value
        self.assertEqual(decode(type(value), encode(value, context), context), value)

    @bounded(80)
    @given(anything())
    def test_plain_round_trip(self, given_value: tuple[object, Context]) -> None:
        """The JSON form holds all that the octets hold."""
        value, context = given_value
        octets = encode(value, context)
        self.assertEqual(encode(from_plain(type(value), to_plain(value), context), context), octets)

    @bounded(60)
    @given(anything())
    def test_every_truncation(self, given_value: tuple[object, Context]) -> None:
        """A struct that lacks its last octets is refused, wherever it is cut."""
        value, context = given_value
        octets = encode(value, context)
        for end in range(len(octets)):
            with self.assertRaises(Refusal):
                decode(type(value), octets[:end], context)

    @bounded(60)
    @given(anything())
    def test_trailing_octet(self, given_value: tuple[object, Context]) -> None:
        """A struct with an octet too many is refused."""
        value, context = given_value
        with self.assertRaises(Refusal):
            decode(type(value), encode(value, context) + b"\x00", context)

    @bounded(150)
    @given(anything(), st.integers(0, 1 << 20), st.integers(0, 255))
    def test_one_octet_changed(self, given_value: tuple[object, Context], place: int, octet: int) -> None:
        """One wrong octet gives a refusal, or a value that can be written."""
        value, context = given_value
        octets = bytearray(encode(value, context))
        if octets:
            octets[place % len(octets)] = octet
            self.assertTrue(settled(bytes(octets), type(value), context))

    @bounded(150)
    @given(st.sampled_from(sorted(STRUCTS)), st.binary(max_size=64))
    def test_any_octets(self, name: str, octets: bytes) -> None:
        """Any octets give a refusal, or a value that can be written."""
        context = overlay_context(data_model=DataModel.array)
        self.assertTrue(settled(octets, STRUCTS[name], context), name)


class MessageTests(SynchronousTestCase):
    """What holds for whole messages and frames."""

    @bounded(80)
    @given(st.data())
    def test_round_trip(self, data: st.DataObject) -> None:
        """A message with any body is written and read again, and its JSON form holds all of it."""
        context = data.draw(contexts())
        message = data.draw(structs(Message, context))
        octets = encode_message(message, context)
        read = decode_message(octets, context)
        self.assertEqual(encode_message(read, context), octets)
        self.assertEqual(read, message._replace(forwarding_header=read.forwarding_header))
        self.assertEqual(encode_message(from_plain(Message, to_plain(read), context), context), octets)

    @bounded(80)
    @given(st.data())
    def test_one_octet_changed(self, data: st.DataObject) -> None:
        """One wrong octet gives a refusal, or a message that can be written."""
        context = overlay_context()
        octets = bytearray(encode_message(data.draw(structs(Message, context)), context))
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
        try:
            read = decode_message(bytes(octets), context)
        except Refusal:
            return
        self.assertEqual(decode_message(encode_message(read, context), context), read)

    @bounded(150)
    @given(st.binary(max_size=80))
    def test_any_octets(self, octets: bytes) -> None:
        """Any octets are refused as a message, and as frames they are refused or come back."""
        with self.assertRaises(Refusal):
            decode_message(octets, overlay_context())
        try:
            frames, rest = read_frames(octets, overlay_context())
        except Refusal:
            return
        self.assertEqual(b"".join(encode(each) for each in frames) + rest, octets)
