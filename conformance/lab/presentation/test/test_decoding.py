"""Tests of the interpreter: rows both ways, truncations, refusals with their places, values of every struct."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.context import Context, read_context
from conformance.lab.presentation.decoding import Decoder
from conformance.lab.presentation.definitions import Definitions, specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.parser import parse
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.presentation.syntax import Struct
from conformance.lab.presentation.test.strategies import values

NODE = "101112131415161718191a1b1c1d1e1f"
DATA: dict[str, Json] = {"exists": True, "value": "616263"}

ROWS: list[tuple[str, dict[str, Json], str, Json]] = [
    (
        "IpAddressPort",
        {},
        "0106c000020117c4",
        {"type": "ipv4_address", "v4addr_port": {"addr": 3221225985, "port": 6084}},
    ),
    ("IpAddressPort", {}, "09020102", {"type": 9, "unknown": "0102"}),
    ("IPv6AddrPort", {}, "20010db8" + "00" * 11 + "01" + "17c4", {"addr": str(0x20010DB8 << 96 | 1), "port": 6084}),
    ("Destination", {}, "0110" + NODE, {"type": "node", "destination_data": {"node_id": NODE}}),
    ("Destination", {}, "0203020102", {"type": "resource", "destination_data": {"resource_id": "0102"}}),
    ("Destination", {}, "090101", {"type": 9, "destination_data": {"unknown": "01"}}),
    (
        "Destination",
        {},
        "8001",
        {"type": "opaque_id_type", "destination_data": {"opaque_id": "8001"}, "short": True},
    ),
    (
        "Destination",
        {"node_id_length": 20},
        "0114" + "00" * 20,
        {"type": "node", "destination_data": {"node_id": "00" * 20}},
    ),
    ("ProbeReq", {}, "0301020a", {"requested_info": ["responsible_set", "num_resources", 10]}),
    ("ProbeInformation", {}, "030400000005", {"type": "uptime", "value": {"uptime": 5}}),
    ("ForwardingOption", {}, "070100020a0b", {"type": 7, "flags": 1, "unknown": "0a0b"}),
    ("ArrayRange", {}, "00000000ffffffff", {"first": 0, "last": -1}),
    ("ConfigUpdateAns", {}, "", {}),
    ("ConfigUpdateReq", {}, "020000000a" + "000007" + "000161" + "00023c62", {"type": "kind", "kinds": ["61", "3c62"]}),
    ("StoredDataValue", {"data_model": "SINGLE"}, "0100000003616263", {"single_value_entry": DATA}),
    (
        "StoredDataValue",
        {"data_model": "ARRAY"},
        "000000020100000003616263",
        {"array_entry": {"index": 2, "value": DATA}},
    ),
    (
        "StoredDataValue",
        {"data_model": "DICTIONARY"},
        "0001050100000003616263",
        {"dictionary_entry": {"key": "05", "value": DATA}},
    ),
    (
        "StoredDataSpecifier",
        {},
        "00000010" + "00" * 8 + "0002" + "0000",
        {"kind": 16, "generation": "0", "model_specifier": {"indices": []}},
    ),
    (
        "StoredDataSpecifier",
        {},
        "f0000009" + "00" * 8 + "0001" + "07",
        {"kind": 0xF0000009, "generation": "0", "model_specifier": {"unknown": "07"}},
    ),
    (
        "StoreKindData",
        {},
        "f0000009" + "00" * 8 + "00000002" + "0708",
        {"kind": 0xF0000009, "generation_counter": "0", "values": "0708"},
    ),
    ("FramedMessage", {}, "80000000010000021234", {"type": "data", "sequence": 1, "message": "1234"}),
    ("SignerIdentity", {}, "030000", {"identity_type": "none", "identity": {}}),
    ("GenericCertificate", {}, "00000130", {"type": "X.509", "certificate": "30"}),
    (
        "DisCoRegistration",
        {},
        "010008" + "0001aa" + "0003616263",
        {"type": "sip_focus_uri", "data": {"coordinate": "aa", "uri": "616263"}},
    ),
    ("DisCoRegistration", {}, "050004" + "0001aa" + "07", {"type": 5, "data": {"coordinate": "aa", "unknown": "07"}}),
    ("SipRegistration", {}, "010003" + "000161", {"type": "sip_registration_uri", "data": {"uri": "61"}}),
]

REFUSED: list[tuple[str, dict[str, Json], str, str]] = [
    ("IpAddressPort", {}, "0107c000020117c4", "IpAddressPort.length"),
    ("IpAddressPort", {}, "0105c000020117", "IpAddressPort.v4addr_port.port"),
    ("IpAddressPort", {}, "0106c000020117c400", "IpAddressPort"),
    ("IpAddressPort", {}, "0006c000020117c4", "IpAddressPort.type"),
    ("DataValue", {}, "0200000000", "DataValue.exists"),
    ("ProbeInformation", {}, "03050000000500", "ProbeInformation"),
    ("FramedMessage", {}, "0500000001", "FramedMessage"),
    ("ChordUpdate", {}, "0000000104", "ChordUpdate"),
    ("ChordUpdate", {}, "000000010200110000", "ChordUpdate.predecessors"),
    ("StoredDataValue", {}, "0100000003616263", "StoredDataValue"),
    ("StoredData", {}, "00000003010203", "StoredData.storage_time"),
    ("ProbeAns", {}, "0003030100", "ProbeAns.probe_info[0].value.uptime"),
]


def definitions() -> Definitions:
    """The definitions of all specifications."""
    return specified()


class Rows(SynchronousTestCase):
    """Values and bytes, each way."""

    def test_both_ways(self) -> None:
        """Each row is read as its value, and the value is written as its bytes."""
        for name, given_context, octets, value in ROWS:
            context = read_context(dict(given_context))
            self.assertEqual(Decoder(definitions(), context).whole(name, bytes.fromhex(octets)), value, name)
            self.assertEqual(Encoder(definitions(), context).whole(name, value).hex(), octets, name)

    def test_truncated(self) -> None:
        """Every truncation of a row is refused, and so is a byte after it."""
        for name, given_context, octets, _ in ROWS:
            context, whole = read_context(dict(given_context)), bytes.fromhex(octets)
            for end in range(len(whole)):
                self.assertRaises(LabRefusal, Decoder(definitions(), context).whole, name, whole[:end])
            self.assertRaises(LabRefusal, Decoder(definitions(), context).whole, name, whole + b"\0")

    def test_refused(self) -> None:
        """A refusal names the field."""
        for name, given_context, octets, where in REFUSED:
            context = read_context(dict(given_context))
            refusal = self.assertRaises(LabRefusal, Decoder(definitions(), context).whole, name, bytes.fromhex(octets))
            self.assertTrue(refusal.where.startswith(where), f"{name}: {refusal}")

    def test_nothing_fills_a_vector(self) -> None:
        """A vector of structs without bytes is refused, not read for ever."""
        made = Definitions(parse("struct { } E; struct { E all<0..255>; } S;").definitions)
        self.assertRaises(LabRefusal, Decoder(made, Context()).whole, "S", b"\x01\x00")

    def test_undefined(self) -> None:
        """A type that nothing defines is refused where it is met."""
        made = Definitions(parse("struct { Nowhere a; uint8 b[c]; } S;").definitions)
        refusal = self.assertRaises(LabRefusal, Decoder(made, Context()).whole, "S", b"\x01\x00")
        self.assertEqual((refusal.where, refusal.why), ("S.a", "Nowhere is nowhere defined"))


class Written(SynchronousTestCase):
    """Values that cannot be written."""

    def test_refused(self) -> None:
        """What does not fit its field is refused with the field's path."""
        rows: list[tuple[str, Json, str]] = [
            ("IPv4AddrPort", {"addr": 1 << 32, "port": 1}, "IPv4AddrPort.addr"),
            ("IPv4AddrPort", {"addr": 1}, "IPv4AddrPort.port"),
            ("IPv4AddrPort", {"addr": True, "port": 1}, "IPv4AddrPort.addr"),
            ("IPv4AddrPort", [], "IPv4AddrPort"),
            ("Destination", {"type": "node", "destination_data": {"node_id": "00"}}, "Destination.destination_data"),
            ("ProbeReq", {"requested_info": ["nonsense"]}, "ProbeReq.requested_info[0]"),
            ("ProbeReq", {"requested_info": [256]}, "ProbeReq.requested_info[0]"),
            ("ErrorResponse", {"error_code": 1, "error_info": "0"}, "ErrorResponse.error_info"),
            ("ErrorResponse", {"error_code": 1, "error_info": "00" * 65536}, "ErrorResponse.error_info"),
            ("ChordUpdate", {"uptime": 1, "type": 9}, "ChordUpdate"),
        ]
        for name, value, where in rows:
            refusal = self.assertRaises(LabRefusal, Encoder(definitions(), Context()).whole, name, value)
            self.assertTrue(refusal.where.startswith(where), str(refusal))


class Every(SynchronousTestCase):
    """Every struct that is defined."""

    @settings(deadline=None, derandomize=True, max_examples=4)
    @given(st.data())
    def test_round_trip(self, data: st.DataObject) -> None:
        """A value of any struct is read back from its bytes."""
        context = Context(data_model="DICTIONARY", node_id_length=17)
        for name, found in definitions().by_name.items():
            if isinstance(found, Struct) and definitions().stands_alone(name):
                value = data.draw(values(definitions(), name, context))
                octets = Encoder(definitions(), context).whole(name, value)
                self.assertEqual(Decoder(definitions(), context).whole(name, octets), value, name)

    @settings(deadline=None, derandomize=True, max_examples=20)
    @given(st.binary(max_size=80))
    def test_any_bytes(self, octets: bytes) -> None:
        """Any bytes give a value that is written as the same bytes, or a refusal."""
        context = Context(data_model="ARRAY")
        for name, found in definitions().by_name.items():
            if isinstance(found, Struct):
                try:
                    value = Decoder(definitions(), context).whole(name, octets)
                except LabRefusal:
                    continue
                again = json.loads(json.dumps(value))
                self.assertEqual(Encoder(definitions(), context).whole(name, again), octets, name)
