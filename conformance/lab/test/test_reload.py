"""Tests of whole messages, frames, fragments, and the rules of the prose."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab import reload, rules
from conformance.lab.context import Context, read_context
from conformance.lab.presentation.refusal import Json, LabRefusal

NODE = "101112131415161718191a1b1c1d1e1f"
HEADER = (
    "d2454c4f" "9aa32b8d" "0016" "0a" "64" "c0000000" "{length:08x}" "0102030405060708" "00000000" "0000" "0012" "0000"
    "0110" + NODE
)  # fmt: skip
CONTENTS = "0017000000040002abcd00000000"
SECURITY = "000004010100220420" + "b0" * 32 + "0004deadbeef"
PING = bytes.fromhex(HEADER.format(length=56 + 14 + 47) + CONTENTS + SECURITY)


def header(**changes: Json) -> dict[str, Json]:
    """The forwarding header of the ping, changed."""
    value, _ = reload.read_header(PING, Context())
    return {**value, **changes}


def with_header(**changes: Json) -> bytes:
    """The ping under another forwarding header; its length is right."""
    fresh = {name: one for name, one in header(**changes).items() if name != "length" or "length" in changes}
    value = reload.read_message(PING, Context()).value
    return reload.encode_message({**value, "forwarding_header": fresh}, Context())


class Messages(SynchronousTestCase):
    """Forwarding header, contents and security block."""

    def test_ping(self) -> None:
        """A message is read and written back."""
        value = reload.decode_message(PING, Context())
        assert isinstance(value, dict)
        contents: Json = {"message_code": 23, "message_body": {"padding": "abcd"}, "extensions": []}
        self.assertEqual(value["message_contents"], contents)
        self.assertEqual(reload.encode_message(value, Context()), PING)

    def test_truncated(self) -> None:
        """Every truncation and a byte more are refused."""
        for end in range(len(PING)):
            self.assertRaises(LabRefusal, reload.decode_message, PING[:end], Context())
        self.assertRaises(LabRefusal, reload.decode_message, PING + b"\0", Context())

    def test_no_numbers(self) -> None:
        """A value with words for numbers is refused, not written."""
        value = reload.read_message(PING, Context()).value
        wrongs: list[Json] = ["seven", None, [], "9" * 50]
        for wrong in wrongs:
            contents: dict[str, Json] = {"message_code": wrong, "message_body": "", "extensions": []}
            given: dict[str, Json] = {**value, "message_contents": contents}
            self.assertRaises(LabRefusal, reload.encode_message, given, Context())

    def test_body_not_filled(self) -> None:
        """A body that is longer than its struct is refused."""
        octets = PING.replace(bytes.fromhex("000000040002abcd"), bytes.fromhex("000000040001abcd"))
        refusal = self.assertRaises(LabRefusal, reload.decode_message, octets, Context())
        self.assertEqual(refusal.where, "message_contents.message_body")

    def test_unknown_code(self) -> None:
        """The body of a message that is not known stays as it is."""
        octets = PING.replace(bytes.fromhex("001700000004"), bytes.fromhex("7ffd00000004"))
        value = reload.decode_message(octets, Context())
        self.assertEqual(rules.member(rules.member(value, "message_contents"), "message_body"), "0002abcd")
        self.assertEqual(reload.encode_message(value, Context()), octets)

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(st.integers(0, len(PING) - 1), st.integers(1, 255))
    def test_any_change(self, place: int, change: int) -> None:
        """A changed byte gives a value that is written as the same bytes, or a refusal."""
        octets = PING[:place] + bytes([PING[place] ^ change]) + PING[place + 1 :]
        try:
            value = reload.decode_message(octets, Context())
        except LabRefusal:
            return
        self.assertEqual(reload.encode_message(value, Context()), octets)


class Prose(SynchronousTestCase):
    """Each rule refuses what breaks it, under its clause."""

    def refused(self, octets: bytes, clause: str, error: int | None, context: Context | None = None) -> None:
        """The message is refused for this clause, with this error."""
        refusal = self.assertRaises(LabRefusal, reload.decode_message, octets, context or Context())
        self.assertEqual((refusal.clause, refusal.error), (clause, error))

    def test_header(self) -> None:
        """The fields of the forwarding header."""
        resource: Json = {"type": "resource", "destination_data": {"resource_id": "01"}}
        node: Json = {"type": "node", "destination_data": {"node_id": NODE}}
        rows: list[tuple[dict[str, Json], str, int | None]] = [
            ({"relo_token": 0x52454C4F}, "rfc6940:6.3.2/1", None),
            ({"version": 1}, "rfc6940:6.3.2/4", 6),
            ({"ttl": 101}, "rfc6940:6.3.2/8", 10),
            ({"fragment": 0x40000000}, "rfc6940:6.7/7b", None),
            ({"fragment": 0x80000000}, "rfc6940:6.7/6", None),
            ({"fragment": 0xC0000001}, "rfc6940:6.7/6", None),
            ({"length": 1}, "rfc6940:6.3.2/0", None),
            ({"via_list": [resource]}, "rfc6940:6.3.2.2/4b", None),
            ({"destination_list": [resource, node]}, "rfc6940:6.3.2.2/4a", None),
            ({"destination_list": [node, node]}, "rfc6940:13.6.5/2", 20),
            ({"options": [{"type": 7, "flags": 2, "unknown": ""}]}, "rfc6940:6.3.2.3/3", 7),
        ]
        for changes, clause, error in rows:
            self.refused(with_header(**changes), clause, error)

    def test_harmless(self) -> None:
        """What a node that is addressed has no reason to refuse."""
        resource: Json = {"type": "resource", "destination_data": {"resource_id": "01"}}
        for changes in ({"ttl": 0}, {"ttl": 100}, {"destination_list": [resource]}, {"configuration_sequence": 65535}):
            self.assertTrue(reload.decode_message(with_header(**changes), Context()))

    def test_overlay(self) -> None:
        """The overlay is the end of the hash of its name, where the name is known."""
        context = Context(overlay_name="overlay.example")
        self.refused(PING, "rfc6940:6.3.2/2", 6, context)
        right = with_header(overlay=rules.overlay_of("overlay.example"))
        self.assertTrue(reload.decode_message(right, context))

    def test_critical_extension(self) -> None:
        """A critical extension is refused, another kept."""
        for critical, expected in ((b"\1", True), (b"\0", False)):
            extension = b"\x12\x34" + critical + bytes(4)
            value = reload.read_message(PING, Context()).value
            contents: dict[str, Json] = {
                "message_code": 23,
                "message_body": {"padding": ""},
                "extensions": [{"type": 0x1234, "critical": expected, "extension_contents": ""}],
            }
            octets = reload.encode_message(
                {**value, "forwarding_header": header(length=0), "message_contents": contents}, Context()
            )
            octets = octets[:16] + len(octets).to_bytes(4) + octets[20:]
            self.assertIn(extension, octets)
            if expected:
                self.refused(octets, "rfc6940:6.3.3/1", 13)
            else:
                self.assertTrue(reload.decode_message(octets, Context()))

    def test_structs(self) -> None:
        """Rules of single structs."""
        stored = "00000018" + "00" * 12 + "0000000000" + "0000" + "030000" + "0000"
        rows = [
            ("FindReq", "0101" + "08" + "0000000100000001", "rfc6940:7.4.4.1/1"),
            ("ArrayRange", "0000000200000001", "rfc6940:7.4.2.1/2"),
            (
                "StoredDataSpecifier",
                "00000010" + "00" * 8 + "00120010" + "00000001000000050000000500000006",
                "rfc6940:7.4.2.1/3b",
            ),
            ("DataValue", "0000000001aa", "rfc6940:7.4.1.3/0"),
            ("ErrorResponse", "00000000", "rfc6940:14.9/0"),
            ("StoreReq", "0101" + "00" + "00000020" + ("00000002" + "00" * 8 + "00000000") * 2, "rfc6940:7.4.1.1/1"),
            ("StoreReq", "0101" + "01" + "00000010" + "00000002" + "00" * 8 + "00000000", "rfc6940:7.4.1.1/15"),
            (
                "StoreReq",
                "0101" + "00" + "0000002c" + "00000002" + "00" * 8 + "0000001c" + stored,
                "rfc6940:7.4.1.1/16",
            ),
        ]
        for name, octets, clause in rows:
            refusal = self.assertRaises(LabRefusal, reload.decode_struct, name, bytes.fromhex(octets), Context())
            self.assertEqual(refusal.clause, clause, name)

    def test_without_switch(self) -> None:
        """A struct that cannot be read alone is not known."""
        self.assertRaises(KeyError, reload.decode_struct, "DestinationData", b"", Context())


class Frames(SynchronousTestCase):
    """The bytes of a link."""

    def test_frames_and_rest(self) -> None:
        """Whole frames are told apart, an incomplete one is left."""
        octets = bytes.fromhex("8000000001000002abcd81000000010000000380000000020000")
        value = reload.decode_framed(octets, Context())
        frames: Json = [
            {"type": "data", "sequence": 1, "message": "abcd"},
            {"type": "ack", "ack_sequence": 1, "received": 3},
        ]
        self.assertEqual(value, {"frames": frames, "rest": "80000000020000"})
        self.assertEqual(reload.encode_framed(value, Context()), octets)

    def test_unknown_type(self) -> None:
        """A type that no case covers is refused, wherever it stands."""
        for octets in (b"\x00", b"\x81" + bytes(8) + b"\x82"):
            self.assertRaises(LabRefusal, reload.decode_framed, octets, Context())


class Fragments(SynchronousTestCase):
    """Reassembly."""

    def part(self, start: int, end: int) -> bytes:
        """A fragment of the ping's body."""
        body = PING[56:]
        last = rules.LAST_FRAGMENT if end == len(body) else 0
        fragment = rules.FRAGMENTED | last | start
        length = 56 + end - start
        return (
            reload.encode_struct("ForwardingHeader", header(fragment=fragment, length=length), Context())
            + body[start:end]
        )

    def test_orders(self) -> None:
        """Order, repetitions and equal overlaps do not matter."""
        end = len(PING) - 56
        first, second, third = self.part(0, 20), self.part(20, 40), self.part(40, end)
        overlapping = self.part(10, 30)
        for parts in ([first, second, third], [third, first, second], [third, second, second, first, overlapping]):
            self.assertEqual(reload.reassemble(parts, Context()), PING)

    def test_refused(self) -> None:
        """Gaps, a missing end, differing overlaps and foreign fragments are refused."""
        end = len(PING) - 56
        first, second, third = self.part(0, 20), self.part(20, 40), self.part(40, end)
        other = self.part(20, 40)[:-1] + b"\x77"
        foreign = second[:20] + bytes(8) + second[28:]
        for parts in ([], [first, third], [first, second], [first, second, other, third], [first, foreign, third]):
            self.assertRaises(LabRefusal, reload.reassemble, parts, Context())


class Contexts(SynchronousTestCase):
    """The context of a request."""

    def test_refused(self) -> None:
        """Members of the wrong type are refused by name."""
        rows: list[tuple[Json, str]] = [
            ([], "context"),
            ({"node_id_length": 15}, "context.node_id_length"),
            ({"node_id_length": True}, "context.node_id_length"),
            ({"kinds": {"x": "SINGLE"}}, "context.kinds"),
            ({"resource": "0"}, "context.resource"),
            ({"trust": "00"}, "context.trust"),
            ({"certificates": [1]}, "context.certificates"),
            ({"overlay_name": 1}, "context.overlay_name"),
            ({"kind": 1 << 32}, "context.kind"),
            ({"resource": "00" * 256}, "context.resource"),
        ]
        for value, where in rows:
            self.assertEqual(self.assertRaises(LabRefusal, read_context, value).where, where)

    def test_models(self) -> None:
        """The Kind tells the model; the context may add Kinds."""
        context = read_context({"kinds": {"4026531841": "DICTIONARY"}, "kind": 3})
        self.assertEqual(context.model_of(0xF0000001), "dictionary")
        self.assertEqual(context.model_of(2), "single_value")
        self.assertEqual(context.model, "array")
        self.assertIsNone(context.model_of(99))
