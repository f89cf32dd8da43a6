"""Signatures of messages and of stored values (RFC 6940, sections 6.3.4 and 7.1)."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal, Unauthorized
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.message.envelope import Message, decode_message, encode_message
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate
from disco_ref.reload.message.signature import (
    NOT_SIGNED,
    CertHash,
    Signature,
    SignatureAndHashAlgorithm,
    SignerIdentity,
    SignerIdentityType,
)
from disco_ref.reload.message.test.samples import message
from disco_ref.reload.security.algorithms import BadSignature, UnknownAlgorithm, digest, refuse_signature
from disco_ref.reload.security.certificates import BadCertificate, Untrusted, read_certificate, self_signed_node_ids
from disco_ref.reload.security.message_signature import (
    OtherSender,
    refuse_other_sender,
    sign_message,
    verify_message,
)
from disco_ref.reload.security.signing import (
    NOBODY,
    PrivateKey,
    Signer,
    Trust,
    UnknownSigner,
    identity_length,
    signer_with_key,
    verify,
)
from disco_ref.reload.security.test.keys import ALICE, BOB, NOON, OVERLAY, certificate, ecdsa_key, rsa_key
from disco_ref.reload.security.value_signature import BadSynthesis, sign_value, verify_value
from disco_ref.reload.storage.data_models import APPEND, ArrayEntry, DataValue, DictionaryEntry
from disco_ref.reload.storage.kinds import overlay_context
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.join import JoinReq
from disco_ref.reload.topology.leave import LeaveReq

CONTEXT = overlay_context(OVERLAY)
ISSUER = ("root", ecdsa_key(1))
ROOT = certificate(ecdsa_key(1), CONTEXT, node_ids=(), user=None, name="root", authority=True)
TRUST = Trust((ROOT,), Instant(NOON.timestamp()))


def enrolled(key: PrivateKey, *node_ids: bytes) -> bytes:
    """A certificate from the root, in DER."""
    return certificate(key, CONTEXT, node_ids=node_ids or (ALICE,), issuer=ISSUER)


def signer(key: PrivateKey, der: bytes, node_id: bytes | None = None) -> Signer:
    """The signer with a key and a certificate."""
    return signer_with_key(key, read_certificate(der, CONTEXT), node_id)


def signed(unsigned: Message, der: bytes, by: Signer) -> Message:
    """A message with one certificate, signed, as it is received."""
    block = unsigned.security_block._replace(certificates=(GenericCertificate(CertificateType.X_509, der),))
    return sign_message(unsigned._replace(security_block=block), by, CONTEXT)


class MessageTests(SynchronousTestCase):
    """Signatures of messages."""

    def test_keys_and_identities(self) -> None:
        """Messages signed by RSA and ECDSA keys, named by certificate or by Node-ID, are verified."""
        # = rfc6940:6.3.4/7 test
        # = rfc6940:6.3.4/8 test
        # = rfc6940:6.3.4/9 test
        # = rfc6940:13.3/5 test
        for key in (ecdsa_key(), rsa_key()):
            one, two = enrolled(key), enrolled(key, ALICE, BOB)
            by_certificate = verify_message(signed(message(23, PingReq(b"")), one, signer(key, one)), TRUST, CONTEXT)
            self.assertEqual(by_certificate.identity_type, SignerIdentityType.cert_hash)
            self.assertEqual(by_certificate.node_ids, (ALICE,))
            by_node = verify_message(signed(message(23, PingReq(b"")), two, signer(key, two, BOB)), TRUST, CONTEXT)
            self.assertEqual(by_node.identity_type, SignerIdentityType.cert_hash_node_id)
            self.assertEqual(by_node.node_ids, (BOB,))

    def test_input(self) -> None:
        """The signature is over overlay, transaction_id, MessageContents and SignerIdentity, as received."""
        # = rfc6940:6.3.4/0 test
        # = rfc6940:6.3.4/5 test
        der = enrolled(ecdsa_key())
        received = signed(message(23, PingReq(b"pad")), der, signer(ecdsa_key(), der))
        identity = digest(4, der)
        octets = (
            received.forwarding_header.overlay.to_bytes(4, "big")
            + bytes.fromhex("0102030405060708")
            + bytes.fromhex("0017 00000005 0003 706164 00000000")
            + bytes.fromhex("01 0022 04 20")
            + identity
        )
        ecdsa_key().public_key().verify(
            received.security_block.signature.signature_value, octets, ec.ECDSA(hashes.SHA256())
        )

    def test_reproducible(self) -> None:
        """The same message signed twice has the same signature."""
        der = enrolled(ecdsa_key())
        twice = [signed(message(23, PingReq(b"")), der, signer(ecdsa_key(), der)).received for _ in range(2)]
        self.assertEqual(twice[0], twice[1])

    def test_what_may_change_on_the_way(self) -> None:
        """Lists, ttl and options change on the way; contents, overlay and transaction do not."""
        # = rfc6940:6.3.4/11 test
        # = rfc6940:6.3.4/12a test
        # = rfc6940:6.3.4/12b test
        der = enrolled(ecdsa_key())
        received = signed(message(23, PingReq(b"pad")), der, signer(ecdsa_key(), der))
        header = received.forwarding_header
        kept = header._replace(ttl=3, via_list=header.destination_list, max_response_length=7)
        verify_message(self.sent_on(received._replace(forwarding_header=kept)), TRUST, CONTEXT)
        changed = [
            received._replace(forwarding_header=header._replace(transaction_id=9)),
            received._replace(message_contents=received.message_contents._replace(message_body=PingReq(b"other"))),
        ]
        for each in changed:
            with self.assertRaises(BadSignature) as caught:
                verify_message(self.sent_on(each), TRUST, CONTEXT)
            self.assertIsNone(caught.exception.error_code)

    def sent_on(self, changed: Message) -> Message:
        """What is received of a message that somebody has changed."""
        return decode_message(encode_message(changed, CONTEXT), CONTEXT)

    def test_any_octet_changed(self) -> None:
        """With any octet of contents or security block changed, the message is refused."""
        # = rfc6940:6.3.4/12b test
        # = rfc6940:6.1.1/3a test
        der = enrolled(ecdsa_key())
        octets = signed(message(23, PingReq(b"pad")), der, signer(ecdsa_key(), der)).received
        for place in range(56, len(octets), 7):
            changed = octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]
            with self.assertRaises(Refusal):
                verify_message(decode_message(changed, CONTEXT), TRUST, CONTEXT)

    def test_not_signed(self) -> None:
        """A message that nobody signed, or somebody named in an unknown way, is refused."""
        # = rfc6940:6.3.4/10 test
        # = rfc6940:6.3/1 test
        # = rfc6940:13.2/2 test
        der = enrolled(ecdsa_key())
        unnamed = signer(ecdsa_key(), der)._replace(identity=SignerIdentity(9, Unknown(9, b"x")))
        for by in (NOBODY, unnamed):
            with self.assertRaises(UnknownSigner):
                verify_message(signed(message(23, PingReq(b"")), der, by), TRUST, CONTEXT)

    def test_no_certificate(self) -> None:
        """Without the signer's certificate nobody can verify; it may come from elsewhere."""
        # = rfc6940:6.3.4/3 test
        # = rfc6940:6.3.4/2 test
        der, other = enrolled(ecdsa_key()), enrolled(ecdsa_key(5), BOB)
        received = signed(message(23, PingReq(b"")), other, signer(ecdsa_key(), der))
        with self.assertRaises(UnknownSigner):
            verify_message(received, TRUST, CONTEXT)
        self.assertEqual(verify_message(received, TRUST._replace(certificates=(der,)), CONTEXT).node_ids, (ALICE,))

    def test_ambiguous_signer(self) -> None:
        """A certificate with several Node-IDs, or with none, cannot be named as a whole."""
        # = rfc6940:6.3.4/9 test
        # = rfc6940:11.3/14 test
        for node_ids in ((ALICE, BOB), ()):
            der = certificate(ecdsa_key(), CONTEXT, node_ids=node_ids, issuer=ISSUER)
            with self.assertRaises(Unauthorized):
                verify_message(signed(message(23, PingReq(b"")), der, signer(ecdsa_key(), der)), TRUST, CONTEXT)

    def test_bucket_with_rubbish(self) -> None:
        """A certificate that cannot be read does not hide the one behind it, unless it is the signer's."""
        der = enrolled(ecdsa_key(), ALICE, BOB)
        received = signed(message(23, PingReq(b"")), b"rubbish", signer(ecdsa_key(), der, BOB))
        trust = TRUST._replace(certificates=(b"more", enrolled(rsa_key()), der))
        self.assertEqual(verify_message(received, trust, CONTEXT).node_ids, (BOB,))
        identity = SignerIdentity(SignerIdentityType.cert_hash, CertHash(4, digest(4, b"rubbish")))
        named = signer(ecdsa_key(), der)._replace(identity=identity)
        with self.assertRaises(Unauthorized):
            verify_message(signed(message(23, PingReq(b"")), b"rubbish", named), trust, CONTEXT)

    def test_foreign_certificate(self) -> None:
        """A certificate without chain to the root is refused, self-signed ones without a stolen Node-ID excepted."""
        # = rfc6940:11.3.1/4 test
        # = rfc6940:13.3/3 test
        own = certificate(ecdsa_key(), CONTEXT, node_ids=(ALICE,))
        received = signed(message(23, PingReq(b"")), own, signer(ecdsa_key(), own))
        permissive = TRUST._replace(self_signed_hash=2)
        for trust in (TRUST, permissive, Trust()):
            with self.assertRaises(Untrusted):
                verify_message(received, trust, CONTEXT)
        node_id = self_signed_node_ids(read_certificate(own, CONTEXT), 2, 1, CONTEXT)[0]
        honest = certificate(ecdsa_key(), CONTEXT, node_ids=(node_id,))
        received = signed(message(23, PingReq(b"")), honest, signer(ecdsa_key(), honest))
        self.assertEqual(verify_message(received, permissive, CONTEXT).node_ids, (node_id,))
        with self.assertRaises(Untrusted):
            verify_message(received, TRUST, CONTEXT)

    def test_bad_node(self) -> None:
        """A certificate with a Node-ID that the overlay has listed as bad is not valid."""
        # = rfc6940:11.1/19 test
        der = enrolled(ecdsa_key(), ALICE, BOB)
        received = signed(message(23, PingReq(b"")), der, signer(ecdsa_key(), der, ALICE))
        verify_message(received, TRUST._replace(bad_nodes=frozenset([b"x" * 16])), CONTEXT)
        with self.assertRaisesRegex(Untrusted, "bad-node"):
            verify_message(received, TRUST._replace(bad_nodes=frozenset([BOB])), CONTEXT)

    def test_other_names(self) -> None:
        """An issued certificate names Node-IDs and one user, and its subject is empty."""
        # = rfc6940:11.3/22 test
        # = rfc6940:11.3/23 test
        for der in (
            certificate(ecdsa_key(), CONTEXT, issuer=ISSUER, name="alice"),
            certificate(ecdsa_key(), CONTEXT, issuer=ISSUER, uris=("https://example.com/",)),
        ):
            with self.assertRaises(BadCertificate):
                verify_message(signed(message(23, PingReq(b"")), der, signer(ecdsa_key(), der)), TRUST, CONTEXT)
        for der in (enrolled(ecdsa_key()), certificate(ecdsa_key(), CONTEXT, issuer=ISSUER, user=None)):
            verify_message(signed(message(23, PingReq(b"")), der, signer(ecdsa_key(), der)), TRUST, CONTEXT)

    def test_sender_speaks_of_itself(self) -> None:
        """JoinReq and LeaveReq must name the Node-ID that signed."""
        # = rfc6940:6.4.2.1/2a test
        # = rfc6940:6.4.2.1/2b test
        # = rfc6940:6.4.2.2/3a test
        # = rfc6940:6.4.2.2/3b test
        der = enrolled(ecdsa_key())
        for code, body in ((15, JoinReq), (17, LeaveReq)):
            for node_id in (ALICE, BOB):
                received = signed(message(code, body(node_id, b"")), der, signer(ecdsa_key(), der))
                by = verify_message(received, TRUST, CONTEXT)
                if node_id == ALICE:
                    refuse_other_sender(received, by)
                    continue
                with self.assertRaises(OtherSender) as caught:
                    refuse_other_sender(received, by)
                self.assertEqual(caught.exception.error_code, 2)

    def test_only_received(self) -> None:
        """A message that was not received cannot be verified: that is an error of the program."""
        with self.assertRaises(TypeError):
            verify_message(message(23, PingReq(b"")), TRUST, CONTEXT)


class AlgorithmTests(SynchronousTestCase):
    """Algorithms by number."""

    def test_unknown(self) -> None:
        """Algorithms that are not offered, or not for the key, are refused."""
        public = ecdsa_key().public_key()
        for numbers in ((0, 0), (4, 1), (4, 2), (1, 3), (99, 3), (4, 99)):
            with self.assertRaises(UnknownAlgorithm):
                refuse_signature(public, SignatureAndHashAlgorithm(*numbers), b"", b"")
        with self.assertRaises(UnknownAlgorithm):
            digest(1, b"")

    def test_identity_length(self) -> None:
        """The octets of an identity are counted as they are written."""
        for identity in (
            NOT_SIGNED.identity,
            SignerIdentity(SignerIdentityType.cert_hash, CertHash(4, b"abc")),
            SignerIdentity(7, Unknown(7, b"abcd")),
        ):
            self.assertEqual(identity_length(identity), len(encode(identity)))

    def test_unknown_hash_of_identity(self) -> None:
        """An identity by a hash that is not computed names nobody."""
        identity = SignerIdentity(SignerIdentityType.cert_hash, CertHash(1, b"x"))
        signature = Signature(SignatureAndHashAlgorithm(4, 3), identity, b"")
        with self.assertRaises(UnknownAlgorithm):
            verify(signature, b"", [enrolled(ecdsa_key())], TRUST, CONTEXT)


class ValueTests(SynchronousTestCase):
    """Signatures of stored values."""

    def setUp(self) -> None:
        """Make a signer."""
        self.der = enrolled(ecdsa_key())
        self.signer = signer(ecdsa_key(), self.der)

    def received(self, stored: StoredData, kind: int) -> StoredData:
        """The value as another peer reads it."""
        context = CONTEXT._replace(data_model=CONTEXT.models[kind])
        return decode(StoredData, encode(stored, context), context)

    def store(self, value: DataValue | ArrayEntry | DictionaryEntry, kind: int) -> StoredData:
        """A signed value as another peer reads it."""
        stored = StoredData(1000, 60, value, NOT_SIGNED)
        return self.received(sign_value(stored, b"resource", kind, self.signer, CONTEXT), kind)

    def verify(self, stored: StoredData, resource: bytes, kind: int) -> tuple[bytes, ...]:
        """The Node-IDs that may have signed."""
        return verify_value(stored, resource, kind, [self.der], TRUST, CONTEXT).node_ids

    def test_models(self) -> None:
        """Values of every data model are verified at their Resource-ID and Kind, and nowhere else."""
        # = rfc6940:6.3.4/4 test
        # = rfc6940:7.1/0 test
        # = rfc6940:7.4.2.2/4 test
        # = rfc6940:13.5.1/1 test
        value = DataValue(True, b"v")
        entries: list[tuple[DataValue | ArrayEntry | DictionaryEntry, int]] = [
            (value, 2),
            (ArrayEntry(3, value), 3),
            (DictionaryEntry(b"k", value), 1),
        ]
        for entry, kind in entries:
            stored = self.store(entry, kind)
            self.assertEqual(self.verify(stored, b"resource", kind), (ALICE,))
            for resource, other in [(b"elsewhere", kind), (b"resource", kind + 1)]:
                with self.assertRaises(BadSignature) as caught:
                    self.verify(stored, resource, other)
                self.assertEqual(caught.exception.error_code, 2)

    def test_input(self) -> None:
        """The signature is over Resource-ID, Kind, storage_time, StoredDataValue and SignerIdentity."""
        # = rfc6940:7.1/0 test
        stored = self.store(DictionaryEntry(b"k", DataValue(True, b"v")), 1)
        octets = (
            b"\x08resource"
            + bytes.fromhex("00000001 00000000000003e8 0001 6b 01 00000001 76 01 0022 04 20")
            + digest(4, self.der)
        )
        ecdsa_key().public_key().verify(stored.signature.signature_value, octets, ec.ECDSA(hashes.SHA256()))

    def test_index_is_not_signed(self) -> None:
        """The index of an array entry counts as zero, because an appended value gets another one."""
        # = rfc6940:7.4.2.2/0 test
        stored = self.store(ArrayEntry(APPEND, DataValue(True, b"v")), 3)
        moved = self.received(stored._replace(value=ArrayEntry(5, DataValue(True, b"v"))), 3)
        self.assertEqual(self.verify(moved, b"resource", 3), (ALICE,))

    def test_lifetime_is_not_signed(self) -> None:
        """The lifetime shrinks when a value moves; the storage time and the value stay."""
        stored = self.store(DataValue(True, b"v"), 2)
        self.verify(self.received(stored._replace(lifetime=7), 2), b"resource", 2)
        for changed in (stored._replace(storage_time=1), stored._replace(value=DataValue(True, b"w"))):
            with self.assertRaises(BadSignature):
                self.verify(self.received(changed, 2), b"resource", 2)

    def test_synthesised(self) -> None:
        """A value that does not exist may be unsigned; one that exists may not."""
        # = rfc6940:7.4.2.2/0 test
        nothing = sign_value(StoredData(0, 0, DataValue(False, b""), NOT_SIGNED), b"resource", 2, NOBODY, CONTEXT)
        found = verify_value(self.received(nothing, 2), b"resource", 2, (), TRUST, CONTEXT)
        self.assertEqual((found.identity_type, found.certificate), (SignerIdentityType.none, None))
        exists = nothing._replace(value=DataValue(True, b"v"))
        entry = nothing._replace(value=ArrayEntry(1, DataValue(True, b"v")))
        partly = nothing._replace(signature=NOT_SIGNED._replace(signature_value=b"x"))
        for stored, kind in ((exists, 2), (entry, 3), (partly, 2)):
            with self.assertRaises(BadSynthesis):
                verify_value(self.received(stored, kind), b"resource", kind, (), TRUST, CONTEXT)

    def test_only_received(self) -> None:
        """A value that was not received cannot be verified: that is an error of the program."""
        with self.assertRaises(TypeError):
            self.verify(StoredData(0, 0, DataValue(True, b""), NOT_SIGNED), b"", 2)
