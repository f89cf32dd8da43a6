"""What the prose demands of storage requests beyond their layouts (RFC 6940, sections 7.2 to 7.4)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import DataModel
from disco_ref.notation.cursor import BadValue, Surplus
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.message.signature import (
    NOT_SIGNED,
    CertHash,
    HashAlgorithm,
    Signature,
    SignatureAlgorithm,
    SignatureAndHashAlgorithm,
    SignerIdentity,
    SignerIdentityType,
)
from disco_ref.reload.storage.data_models import ArrayEntry, DataValue, DictionaryEntry, MetaData
from disco_ref.reload.storage.fetch import ArrayRange, BadRange, FetchReq, Indices, Keys, StoredDataSpecifier
from disco_ref.reload.storage.find import FindReq
from disco_ref.reload.storage.kinds import UnknownKinds, overlay_context
from disco_ref.reload.storage.stat import StoredMetaData
from disco_ref.reload.storage.store import NotSigned, RepeatedKind, StoreKindData, StoreReq
from disco_ref.reload.storage.stored_data import StoredData

CONTEXT = overlay_context()
SIGNED = Signature(
    SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa),
    SignerIdentity(SignerIdentityType.cert_hash, CertHash(HashAlgorithm.sha256, b"h")),
    b"s",
)
VALUE = DataValue(True, b"abc")
Entry = DataValue | ArrayEntry | DictionaryEntry

STORE = StoreReq(b"\x12\x34", 0, (StoreKindData(2, 99, (StoredData(5, 86400, VALUE, SIGNED),)),))
"""The store of the single value in the figure of section 7.4.1.1, with a signature of one octet."""


class StoreTests(SynchronousTestCase):
    """Store requests."""

    def refused(self, request: StoreReq) -> Refusal:
        """The refusal of a request."""
        with self.assertRaises(Refusal) as caught:
            decode(StoreReq, encode(request, CONTEXT), CONTEXT)
        refusal: Refusal = caught.exception
        return refusal

    def test_row(self) -> None:
        """A request is written as its layout says, every length counting what follows it."""
        # = rfc6940:7/0 test
        # = rfc6940:7.4.1.1/0 test
        octets = encode(STORE, CONTEXT)
        body = bytes.fromhex("0000000000000005 00015180 01 00000003 616263 04 03 01 0003 04 01 68 0001 73")
        value = len(body).to_bytes(4, "big") + body
        kind = bytes.fromhex("00000002 0000000000000063") + len(value).to_bytes(4, "big") + value
        self.assertEqual(octets.hex(), (bytes.fromhex("02 1234 00") + len(kind).to_bytes(4, "big") + kind).hex())
        self.assertEqual(decode(StoreReq, octets, CONTEXT), STORE)

    def test_models(self) -> None:
        """The Kind decides which data model the values have."""
        # = rfc6940:7.2/0 test
        # = rfc6940:7.2.1/0 test
        # = rfc6940:7.2.2/0 test
        # = rfc6940:7.2.3/0 test
        entries: list[tuple[int, Entry]] = [(1, DictionaryEntry(b"k", VALUE)), (2, VALUE), (3, ArrayEntry(7, VALUE))]
        for kind, entry in entries:
            request = STORE._replace(kind_data=(StoreKindData(kind, 0, (StoredData(5, 6, entry, SIGNED),)),))
            self.assertEqual(decode(StoreReq, encode(request, CONTEXT), CONTEXT), request)

    def test_private_kind(self) -> None:
        """The values of a Kind that nobody has explained stay octets, and those of a configured one do not."""
        # = rfc6940:14.6/0 test
        value = StoredData(5, 6, DictionaryEntry(b"k", VALUE), SIGNED)
        request = STORE._replace(kind_data=(StoreKindData(0xF0000001, 0, (value,)),))
        octets = encode(request, CONTEXT)
        kept = decode(StoreReq, octets, CONTEXT).kind_data[0].values
        self.assertIsInstance(kept, Unknown)
        self.assertEqual(encode(decode(StoreReq, octets, CONTEXT), CONTEXT), octets)
        configured = overlay_context(kinds={0xF0000001: DataModel.dictionary})
        self.assertEqual(decode(StoreReq, octets, configured), request)

    def test_repeated_kind(self) -> None:
        """A Kind must not be stored twice in one request."""
        # = rfc6940:7.4.1.1/1 test
        refusal = self.refused(STORE._replace(kind_data=STORE.kind_data * 2))
        self.assertIsInstance(refusal, RepeatedKind)
        self.assertEqual(refusal.error_code, 20)

    def test_replica_generation(self) -> None:
        """A replica must say which generation it is."""
        # = rfc6940:7.4.1.1/15 test
        kind = STORE.kind_data[0]._replace(generation_counter=0)
        self.assertIsInstance(self.refused(STORE._replace(replica_number=1, kind_data=(kind,))), BadValue)

    def test_unsigned(self) -> None:
        """A value without signer, or without algorithms, must not be stored."""
        # = rfc6940:7.4.1.1/16 test
        # = rfc6940:13.5.1/1 test
        for signature in (
            NOT_SIGNED,
            SIGNED._replace(algorithm=NOT_SIGNED.algorithm),
            SIGNED._replace(identity=NOT_SIGNED.identity),
        ):
            value = StoredData(5, 6, VALUE, signature)
            refusal = self.refused(STORE._replace(kind_data=(StoreKindData(2, 0, (value,)),)))
            self.assertIsInstance(refusal, NotSigned)
            self.assertEqual(refusal.error_code, 2)

    def test_nonexistent_with_octets(self) -> None:
        """A value that does not exist has no octets."""
        # = rfc6940:7.4.1.3/0 test
        decode(DataValue, bytes.fromhex("00 00000000"))
        with self.assertRaises(BadValue):
            decode(DataValue, bytes.fromhex("00 00000001 61"))


class FetchTests(SynchronousTestCase):
    """What is fetched."""

    def specifier(self, kind: int, choice: Indices | Keys | Unknown | None) -> StoredDataSpecifier:
        """A specifier, read from what is written."""
        request = FetchReq(b"r", (StoredDataSpecifier(kind, 0, choice),))
        read = decode(FetchReq, encode(request, CONTEXT), CONTEXT)
        self.assertEqual(read, request)
        return read.specifiers[0]

    def test_models(self) -> None:
        """Each data model has its own choice: nothing, ranges, keys; the choice of an unknown Kind stays octets."""
        # = rfc6940:7.4.2.1/0 test
        # = rfc6940:7.4.2.1/3a test
        self.specifier(2, None)
        self.specifier(3, Indices((ArrayRange(0, 3), ArrayRange(5, -1))))
        self.specifier(1, Keys((b"k", b"")))
        self.specifier(77, Unknown(77, b"abc"))

    def test_ranges(self) -> None:
        """Ranges end where they begin or later, 0xffffffff being the last, and have nothing in common."""
        # = rfc6940:7.4.2.1/2 test
        # = rfc6940:7.4.2.1/3b test
        for ranges in (((3, 2),), ((-1, 0),), ((0, 3), (3, 4)), ((5, -1), (0, 7))):
            choice = Indices(tuple(ArrayRange(*each) for each in ranges))
            with self.assertRaises(BadRange):
                self.specifier(3, choice)

    def test_single_value_takes_no_choice(self) -> None:
        """A specifier of a single value must be empty."""
        # = rfc6940:7.4.2.1/0 test
        octets = bytes.fromhex("00000002 0000000000000000 0001 00")
        with self.assertRaises(Surplus):
            decode(StoredDataSpecifier, octets, CONTEXT)


class OtherTests(SynchronousTestCase):
    """Find, Stat, unknown Kinds."""

    def test_find(self) -> None:
        """A Kind must not be asked for twice."""
        # = rfc6940:7.4.4.1/1 test
        # = rfc6940:7.4.4.1/2 test
        # = rfc6940:7.4.4.1/0 test
        request = FindReq(b"r", (1, 2))
        self.assertEqual(decode(FindReq, encode(request), CONTEXT), request)
        with self.assertRaises(RepeatedKind):
            decode(FindReq, encode(FindReq(b"r", (1, 2, 1))), CONTEXT)

    def test_stored_meta_data(self) -> None:
        """Whatever the first field of StoredMetaData counts, the struct is read."""
        # = rfc6940:7.4.3.2/0 test
        context = CONTEXT._replace(data_model=DataModel.single_value)
        for value_length in (3, 20):
            value = StoredMetaData(value_length, 5, 6, MetaData(True, 3, HashAlgorithm.sha256, b"h"))
            self.assertEqual(decode(StoredMetaData, encode(value, context), context), value)

    def test_unknown_kinds(self) -> None:
        """The text of Error_Unknown_Kind lists the Kinds."""
        # = rfc6940:7.4.1.2/0 test
        self.assertEqual(encode(UnknownKinds((1, 2))).hex(), "080000000100000002")
