"""Tests of signing and verifying, with keys and certificates made for the test."""

import datetime
import hashlib
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab import reload, signatures
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.signatures import Credential
from conformance.lab.test.test_reload import NODE, PING

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA: Key = rsa.generate_private_key(65537, 2048)
ROOT: Key = ec.generate_private_key(ec.SECP256R1())
ALICE: Key = ec.generate_private_key(ec.SECP256R1())
OTHER = "20" * 16
NOW = 1_700_000_000


def certificate(
    key: Key,
    issuer: Key,
    nodes: list[str],
    *,
    authority: bool = False,
    overlay: str = "o.example",
    more: Sequence[x509.GeneralName] = (),
    subject: bool = False,
) -> bytes:
    """A certificate of these Node-IDs, valid for a day around ``NOW``; with further names, or with a subject."""
    at = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    names: list[x509.GeneralName] = [x509.RFC822Name("alice@example.com"), *more]
    names += [x509.UniformResourceIdentifier(f"reload://0110{node}@{overlay}/") for node in nodes]
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TEST root")])
    own = named if authority or subject else x509.Name([])
    by = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TEST root")]) if issuer is ROOT else own
    made = x509.CertificateBuilder().subject_name(own).issuer_name(by).public_key(key.public_key()).serial_number(7)
    made = made.not_valid_before(at - datetime.timedelta(days=1)).not_valid_after(at + datetime.timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(authority, None), critical=True)
    made = made.add_extension(x509.SubjectAlternativeName(names), critical=not authority)
    return made.sign(issuer, hashes.SHA256()).public_bytes(Encoding.DER)


def credential(key: Key, der: bytes, identity: str = "cert_hash") -> Credential:
    """What signs with this key."""
    return Credential(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), der, identity)


TRUST = certificate(ROOT, ROOT, [], authority=True)
DER = certificate(ALICE, ROOT, [NODE])
SIGNER: Json = {"identity": "cert_hash", "user": "alice@example.com", "node_ids": [NODE]}
CONTEXT = Context(certificates=(DER,), trust=(TRUST,), now=NOW)
STORED = bytes.fromhex("0000001c" + "00" * 12 + "0000000301" + "00000000" + "0000" + "030000" + "0000")
"""An array entry, index 3, without a signature."""
VALUE = Context(certificates=(DER,), data_model="ARRAY", resource=b"\1\2", kind=3)


class Messages(SynchronousTestCase):
    """Signatures over messages."""

    def test_signers(self) -> None:
        """RSA and ECDSA, each identity, tell their signer."""
        two = certificate(ALICE, ROOT, [NODE, OTHER])
        rows: list[tuple[Key, bytes, str, list[Json]]] = [
            (ALICE, DER, "cert_hash", [NODE]),
            (RSA, certificate(RSA, ROOT, [NODE]), "cert_hash", [NODE]),
            (ALICE, two, "cert_hash_node_id", [NODE]),
        ]
        for key, der, identity, nodes in rows:
            context = Context(certificates=(der,), trust=(TRUST,), now=NOW)
            signed = signatures.sign_message(PING, credential(key, der, identity), context)
            signer: Json = {"identity": identity, "user": "alice@example.com", "node_ids": nodes}
            self.assertEqual(signatures.verify_message(signed, context), signer)

    def test_changed(self) -> None:
        """What is signed cannot be changed; what routing changes is not signed."""
        signed = signatures.sign_message(PING, credential(ALICE, DER), CONTEXT)
        self.assertEqual(signatures.verify_message(signed, CONTEXT), SIGNER)
        for place in (4, 20, 65, len(signed) - 1):
            changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
            self.assertRaises(LabRefusal, signatures.verify_message, changed, CONTEXT)
        less = signed[:11] + b"\x05" + signed[12:]
        self.assertEqual(signatures.verify_message(less, CONTEXT), SIGNER)

    def refused(self, der: bytes, context: Callable[[bytes], Context], key: Key = ALICE) -> LabRefusal:
        """A message under this certificate is refused."""
        signed = signatures.sign_message(PING, credential(key, der), context(der))
        refusal = self.assertRaises(LabRefusal, signatures.verify_message, signed, context(der))
        assert isinstance(refusal, LabRefusal)
        return refusal

    def test_certificates(self) -> None:
        """Certificates of no one, of another overlay, out of date, of a foreign root are refused."""

        def at(now: int, trust: bytes = TRUST, name: str | None = None) -> Callable[[bytes], Context]:
            return lambda der: Context(certificates=(der,), trust=(trust,), now=now, overlay_name=name)

        self.assertEqual(self.refused(certificate(ALICE, ROOT, []), at(NOW)).clause, "rfc6940:11.3/14")
        self.assertEqual(self.refused(DER, at(NOW + 200_000)).clause, "rfc6940:7.1/1")
        self.assertEqual(self.refused(DER, at(NOW - 200_000)).clause, "rfc6940:7.1/1")
        self.assertIn("no chain", self.refused(DER, at(NOW, certificate(ALICE, ALICE, [], authority=True))).why)
        self.assertEqual(self.refused(certificate(ALICE, ROOT, [NODE, OTHER]), at(NOW)).clause, "rfc6940:6.3.4/9")
        self.assertRaises(LabRefusal, signatures.verify_message, PING, CONTEXT)

    def test_names(self) -> None:
        """An enrolment server certifies Node-IDs and one user name, and no subject."""

        def anywhere(der: bytes) -> Context:
            return Context(certificates=(der,))

        for name in (
            x509.RFC822Name("bob@example.com"),
            x509.DNSName("alice.example.com"),
            x509.UniformResourceIdentifier("https://alice.example.com/"),
        ):
            self.assertEqual(
                self.refused(certificate(ALICE, ROOT, [NODE], more=[name]), anywhere).clause, "rfc6940:11.3/22"
            )
        self.assertEqual(
            self.refused(certificate(ALICE, ROOT, [NODE], subject=True), anywhere).clause, "rfc6940:11.3/23"
        )

    def test_self_signed(self) -> None:
        """A self-signed certificate has the Node-ID of its key, or is refused."""
        key = ALICE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        own = hashlib.sha256(key).hexdigest()[:32]
        der = certificate(ALICE, ALICE, [own])
        context = Context(certificates=(der,))
        signed = signatures.sign_message(PING, credential(ALICE, der), context)
        self.assertTrue(signatures.verify_message(signed, context))
        stolen = certificate(ALICE, ALICE, [NODE])
        self.assertEqual(self.refused(stolen, lambda one: Context(certificates=(one,))).clause, "rfc6940:11.3.1/4")


class Stored(SynchronousTestCase):
    """Signatures over stored values."""

    def test_signed(self) -> None:
        """A stored value belongs to its resource, Kind and time."""
        signed = signatures.sign_stored(STORED, credential(ALICE, DER), VALUE)
        self.assertEqual(signatures.verify_stored(signed, VALUE), SIGNER)
        for other in (
            Context(certificates=(DER,), data_model="ARRAY", resource=b"\1\3", kind=3),
            Context(certificates=(DER,), data_model="ARRAY", resource=b"\1\2", kind=16),
            Context(data_model="ARRAY", resource=b"\1\2", kind=3),
            Context(certificates=(DER,), data_model="ARRAY"),
        ):
            self.assertRaises(LabRefusal, signatures.verify_stored, signed, other)
        self.assertRaises(LabRefusal, signatures.verify_stored, signed[:4] + b"\1" + signed[5:], VALUE)

    def test_index_is_free(self) -> None:
        """The index of an array entry is not signed, because an append has another one when it is fetched."""
        signed = signatures.sign_stored(STORED, credential(ALICE, DER), VALUE)
        moved = signed[:16] + bytes.fromhex("00000009") + signed[20:]
        self.assertEqual(signatures.verify_stored(moved, VALUE), SIGNER)

    def test_synthetic(self) -> None:
        """A value made up for one that does not exist has no signer; one that exists must have one."""
        gap = STORED[:20] + b"\0" + STORED[21:]
        self.assertEqual(signatures.verify_stored(gap, VALUE), {"identity": "none", "user": None, "node_ids": []})
        self.assertRaises(LabRefusal, signatures.verify_stored, STORED, VALUE)

    def test_written_back(self) -> None:
        """A signed value is read as a struct and written as the same bytes."""
        signed = signatures.sign_stored(STORED, credential(ALICE, DER), VALUE)
        value = reload.decode_struct("StoredData", signed, VALUE)
        self.assertEqual(reload.encode_struct("StoredData", value, VALUE), signed)
