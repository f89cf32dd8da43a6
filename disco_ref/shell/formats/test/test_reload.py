"""The formats and commands of RELOAD as the adapter offers them (conformance/SUBJECT.md)."""

from __future__ import annotations

import math

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed, Refusal, Unauthorized
from disco_ref.notation.codec import encode
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.link.fragmentation import split
from disco_ref.reload.message.envelope import encode_message
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.message.test.samples import CONTEXT, message
from disco_ref.reload.security.test.keys import ALICE, NOON, certificate, ecdsa_key
from disco_ref.reload.storage.data_models import DataValue
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.reload import COMMANDS, FORMATS
from disco_ref.shell.formats.reload_structs import STRUCTS
from disco_ref.shell.formats.unsupported import Unsupported

STRUCT, MESSAGE, FRAMED = (FORMATS[f"reload.{each}"] for each in ("struct", "message", "framed"))
PING = encode_message(message(23, PingReq(bytes(1000))), CONTEXT)
ROOT_KEY = ecdsa_key(1)
ROOT = certificate(ROOT_KEY, CONTEXT, node_ids=(), user=None, name="root", authority=True)
ENROLLED = certificate(ecdsa_key(), CONTEXT, issuer=("root", ROOT_KEY))
OTHER_KEY = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
KEY = ecdsa_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def text(value: Json, *path: str) -> str:
    """A text inside a JSON value."""
    for name in path:
        assert isinstance(value, dict)
        value = value[name]
    assert isinstance(value, str)
    return value


class StructTests(SynchronousTestCase):
    """reload.struct."""

    def test_destination(self) -> None:
        """A Destination stands bare; its short form says so with a member of our own."""
        octets = bytes.fromhex("8001")
        value = STRUCT.decode("Destination", octets, {})
        self.assertEqual(value, {"type": "opaque_id_type", "destination_data": {"opaque_id": "8001"}, "short": True})
        self.assertEqual(STRUCT.encode and STRUCT.encode("Destination", value, {}), octets)
        self.assertEqual(STRUCT.reencode("Destination", octets, {}), octets)

    def test_data_model(self) -> None:
        """The data model of a struct that stands alone comes from the context, by name or by Kind."""
        octets = bytes.fromhex("00000007 01 00000001 61")
        value = {"array_entry": {"index": 7, "value": {"exists": True, "value": "61"}}}
        for context in ({"data_model": "ARRAY"}, {"kind": 3}):
            self.assertEqual(STRUCT.decode("StoredDataValue", octets, context), value)
        with self.assertRaises(Refusal) as caught:
            STRUCT.decode("StoredDataValue", octets, {})
        self.assertEqual(caught.exception.error_code, 12)

    def test_names(self) -> None:
        """Every struct that stands alone has its name; another name is unsupported, not refused."""
        self.assertEqual(len(STRUCTS), 64)
        for name in ("StoreRequest", "DisCoRegistrationData", None):
            with self.assertRaises(Unsupported):
                STRUCT.decode(name, b"", {})

    def test_what_cannot_be_read_is_not_written(self) -> None:
        """A value that a reader would refuse is refused when it is to be written."""
        assert STRUCT.encode is not None
        with self.assertRaises(Malformed):
            STRUCT.encode("FindReq", {"resource": "00", "kinds": [1, 1]}, {})
        unknown: Json = {"type": "sip_focus_uri", "data": {"coordinate": "ab", "unknown": "0102"}}
        with self.assertRaises(Malformed) as caught:
            STRUCT.encode("DisCoRegistration", unknown, {})
        self.assertEqual(caught.exception.where, "DisCoRegistration.data.uri")

    def test_context_refused(self) -> None:
        """A context that is not as the contract says is refused by the name of its member."""
        # = rfc6940:6.3.1.1/0 test
        for context, where in [
            ({"node_id_length": 15}, "context.node_id_length"),
            ({"node_id_length": "16"}, "context.node_id_length"),
            ({"kinds": []}, ""),
            ({"kinds": [1]}, "context.kinds"),
            ({"kinds": {"x": "ARRAY"}}, "context.kinds"),
            ({"kinds": {"99999999999": "ARRAY"}}, "context.kinds"),
            ({"kinds": {"9": "LIST"}}, "context.kinds.9"),
            ({"overlay_name": 7}, "context.overlay_name"),
            ({"overlay_name": "\ud800"}, "context.overlay_name"),
            ({"data_model": "LIST"}, "context.data_model"),
        ]:
            if not where:
                STRUCT.decode("PingReq", b"\0\0", context)  # type: ignore[arg-type]
                continue
            with self.assertRaises(Malformed) as caught:
                STRUCT.decode("PingReq", b"\0\0", context)  # type: ignore[arg-type]
            self.assertEqual(caught.exception.where, where)


class MessageTests(SynchronousTestCase):
    """reload.message and its commands."""

    def test_round_trip(self) -> None:
        """A message goes to JSON and back, with or without its length."""
        assert MESSAGE.encode is not None
        value = MESSAGE.decode(None, PING, {})
        assert isinstance(value, dict)
        header = value["forwarding_header"]
        assert isinstance(header, dict)
        self.assertEqual(MESSAGE.encode(None, value, {}), PING)
        shorter: Json = {name: each for name, each in header.items() if name != "length"}
        self.assertEqual(MESSAGE.encode(None, {**value, "forwarding_header": shorter}, {}), PING)
        self.assertEqual(MESSAGE.reencode(None, PING, {}), PING)
        with self.assertRaises(Malformed):
            MESSAGE.encode(None, [], {})
        contents = value["message_contents"]
        assert isinstance(contents, dict)
        with self.assertRaises(Malformed):
            MESSAGE.encode(None, {**value, "message_contents": {**contents, "message_body": "0000"}}, {})

    def test_reassemble(self) -> None:
        """Fragments come as an array of hex strings."""
        # = rfc6940:6.7/0 test
        parts: list[Json] = [part.hex() for part in reversed(split(PING, 500, CONTEXT))]
        self.assertGreater(len(parts), 2)
        self.assertEqual(text(COMMANDS["reassemble"]({"parts": parts}), "bytes"), PING.hex())
        for wrong in (None, ["0"], [7]):
            with self.assertRaises(Malformed):
                COMMANDS["reassemble"]({"parts": wrong})  # type: ignore[dict-item]
        self.assertEqual(
            text(COMMANDS["reassemble"]({"format": "reload.message", "parts": parts}), "bytes"), PING.hex()
        )
        with self.assertRaises(Unsupported):
            COMMANDS["reassemble"]({"format": "sip.message", "parts": parts})

    def test_sign_and_verify(self) -> None:
        """What is signed is verified and names its signer, in both ways of naming."""
        unsigned = message(23, PingReq(b""))
        bucket = (GenericCertificate(CertificateType.X_509, ENROLLED),)
        block = unsigned.security_block._replace(certificates=bucket)
        octets = encode_message(unsigned._replace(security_block=block), CONTEXT).hex()
        context: Json = {"trust": [ROOT.hex()], "now": NOON.timestamp(), "overlay_name": "overlay.example"}
        for identity in ("cert_hash", "cert_hash_node_id"):
            params: dict[str, Json] = {
                "format": "reload.message", "bytes": octets, "key": KEY.hex(), "certificate": ENROLLED.hex(),
                "identity": identity, "context": context,
            }  # fmt: skip
            signed = text(COMMANDS["sign"](params), "bytes")
            found = COMMANDS["verify"]({"format": "reload.message", "bytes": signed, "context": context})
            signer: Json = {"identity": identity, "user": "alice@example.com", "node_ids": [ALICE.hex()]}
            self.assertEqual(found, {"signer": signer})
        with self.assertRaises(Unauthorized):
            COMMANDS["verify"]({"format": "reload.message", "bytes": octets, "context": context})

    def test_stored_data(self) -> None:
        """A stored value is signed and verified for its Resource-ID and Kind; nobody may sign what is not there."""
        # = rfc6940:7.1/0 test
        context: dict[str, Json] = {"resource": "01", "kind": 2, "certificates": [ENROLLED.hex()]}
        for exists, identity in ((True, "cert_hash"), (False, "none")):
            stored = StoredData(1, 2, DataValue(exists, b"v" if exists else b""), NOT_SIGNED)
            params: dict[str, Json] = {
                "format": "reload.stored-data", "bytes": encode(stored).hex(), "key": KEY.hex(),
                "certificate": ENROLLED.hex(), "identity": identity, "context": context,
            }  # fmt: skip
            signed = text(COMMANDS["sign"](params), "bytes")
            found = COMMANDS["verify"]({"format": "reload.stored-data", "bytes": signed, "context": context})
            self.assertEqual(text(found, "signer", "identity"), identity)
        for missing in ({"kind": None}, {"resource": None}, {"resource": "00" * 256}, {"kind": -1}):
            with self.assertRaises(Malformed):
                COMMANDS["verify"]({"format": "reload.stored-data", "bytes": signed, "context": {**context, **missing}})

    def test_misuse(self) -> None:
        """Formats and identities that are not there are unsupported; keys and members that are none are refused."""
        good: dict[str, Json] = {
            "format": "reload.message", "bytes": PING.hex(), "key": KEY.hex(), "certificate": ENROLLED.hex(),
            "identity": "cert_hash",
        }  # fmt: skip
        COMMANDS["sign"](good)
        without = certificate(ecdsa_key(), CONTEXT, node_ids=())
        for change, family in [
            ({"format": "reload.framed"}, Unsupported),
            ({"identity": "name"}, Unsupported),
            ({"key": "00"}, Malformed),
            ({"key": OTHER_KEY.hex()}, Malformed),
            ({"certificate": "00"}, Unauthorized),
            ({"identity": None}, Malformed),
            ({"bytes": "0"}, Malformed),
            ({"context": 7}, Malformed),
            ({"context": {"trust": 7}}, None),
            ({"identity": "cert_hash_node_id", "certificate": without.hex()}, Malformed),
        ]:
            if family is None:
                COMMANDS["sign"]({**good, **change})  # type: ignore[dict-item]
                continue
            with self.assertRaises(family):
                COMMANDS["sign"]({**good, **change})  # type: ignore[dict-item]
        for context in ({"trust": 7}, {"now": "noon"}, {"now": 10**400}, {"now": float("nan")}, {"now": -math.inf}):
            with self.assertRaises(Malformed):
                COMMANDS["verify"]({**good, "context": context})  # type: ignore[dict-item]
        with self.assertRaises(Unsupported):
            COMMANDS["verify"]({**good, "format": "reload.struct"})


class FramedTests(SynchronousTestCase):
    """reload.framed."""

    def test_round_trip(self) -> None:
        """Whole frames and the rest go to JSON and back."""
        assert FRAMED.encode is not None
        octets = bytes.fromhex("80 00000001 000001 61 81 00000001 00000000 80 00")
        value: Json = {
            "frames": [
                {"type": "data", "sequence": 1, "message": "61"},
                {"type": "ack", "ack_sequence": 1, "received": 0},
            ],
            "rest": "8000",
        }
        self.assertEqual(FRAMED.decode(None, octets, {}), value)
        self.assertEqual(FRAMED.encode(None, value, {}), octets)
        self.assertEqual(FRAMED.reencode(None, octets, {}), octets)
        with self.assertRaises(Malformed):
            FRAMED.encode(None, {"frames": 7}, {})
        for rest in ("ff", "810000000000000000", "80000000010000012a"):
            with self.assertRaises(Malformed):
                FRAMED.encode(None, {"frames": [], "rest": rest}, {})
