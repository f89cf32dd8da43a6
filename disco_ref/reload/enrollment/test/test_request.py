"""Certificate signing requests and user names: what is taken, and which token the rest gets."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.enrollment.naming import refuse_illegal_account, refuse_illegal_name, refuse_other_domain
from disco_ref.reload.enrollment.request import LARGEST, make_request, read_request, wanted_node_ids
from disco_ref.reload.enrollment.tokens import BadCsr, NodeIdsNotAvailable, UsernameNotAvailable, meaning
from disco_ref.reload.security.test.keys import ecdsa_key, rsa_key

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def request(names: Sequence[x509.GeneralName], key: Key | None = None, subject: str = "") -> bytes:
    """A request for these names."""
    key = key or ecdsa_key(1)
    common = [x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)] if subject else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(common))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.DER)


class RequestTest(SynchronousTestCase):
    """Reading and judging PKCS #10."""

    def test_made_and_read(self) -> None:
        """A request with and without a name says what it was made with, for both kinds of keys."""
        # = rfc6940:11.3/10 test
        for key in (ecdsa_key(1), rsa_key()):
            for name in (None, "tea@overlay.example"):
                found = read_request(make_request(key, name))
                self.assertEqual((found.key, found.user_name), (key.public_key(), name))

    def test_subject_is_ignored(self) -> None:
        """The subject says nothing about the user name."""
        self.assertIsNone(read_request(request([], subject="mallory")).user_name)

    def test_wrong_signature(self) -> None:
        """A request that another key signed, or that was changed, is refused."""
        octets = bytearray(make_request(ecdsa_key(1), "tea@overlay.example"))
        octets[octets.index(b"tea@")] = ord("s")
        refused = self.assertRaises(BadCsr, read_request, bytes(octets))
        self.assertEqual((refused.where, refused.token), ("csr.signature", "bad_CSR"))

    def test_other_names(self) -> None:
        """Names that are no user name cannot be asked for, Node-IDs least of all."""
        # = rfc6940:11.3/22 test
        # = rfc6940:11.3/16 test
        uri = x509.UniformResourceIdentifier("reload://110000@overlay.example/")
        for wrong in ([uri], [x509.DNSName("overlay.example")], [x509.RFC822Name("a@b"), x509.RFC822Name("c@d")]):
            self.assertEqual(self.assertRaises(BadCsr, read_request, request(wrong)).where, "csr.subjectAltName")

    def test_weak_and_other_keys(self) -> None:
        """Keys with which RELOAD cannot sign, or that are too short, are refused."""
        weak = rsa.generate_private_key(65537, 1024)
        for key in (weak, ed25519.Ed25519PrivateKey.generate(), ec.derive_private_key(99, ec.SECP256K1())):
            refused = self.assertRaises(BadCsr, read_request, request([], key))
            self.assertEqual(refused.where, "csr.subjectPublicKeyInfo")

    def test_too_long(self) -> None:
        """More octets than a request needs are not even looked at."""
        self.assertIn("more than", self.assertRaises(BadCsr, read_request, bytes(LARGEST + 1)).why)

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(place=st.integers(0, 400), octet=st.integers(0, 255), cut=st.integers(0, 400))
    def test_nonsense(self, place: int, octet: int, cut: int) -> None:
        """A request that was damaged is read, or refused with bad_CSR, and never anything else."""
        octets = bytearray(make_request(ecdsa_key(1), "tea@overlay.example"))
        octets[place % len(octets)] = octet
        try:
            read_request(bytes(octets[: cut or None]))
        except BadCsr as refused:
            self.assertEqual(refused.error_code, 2)

    def test_node_ids(self) -> None:
        """One Node-ID where nothing is said, and no more than are given."""
        # = rfc6940:11.3/9 test
        self.assertEqual([wanted_node_ids(None, 3), wanted_node_ids("3", 3)], [1, 3])
        for wrong in ("0", "4", "-1", "1.0", "", "x", "٣", "9" * 5000):
            refused = self.assertRaises(NodeIdsNotAvailable, wanted_node_ids, wrong, 3)
            self.assertEqual(refused.token, "Node-IDs_not_available")


class NameTest(SynchronousTestCase):
    """Legal user names and account names."""

    def test_legal(self) -> None:
        """Dot-atoms before the @ and DNS names behind it are legal."""
        for name in ("alice@overlay.example", "a.b+c@x", "tea-4711@3com.example", "x" * 64 + "@a.b"):
            refuse_illegal_name(name)

    def test_illegal(self) -> None:
        """Everything that could be taken for something else is not."""
        # = rfc6940:11.3/20 test
        wrong = (
            "alice",
            "a@",
            "@b",
            "a@b@c",
            "a\0@b",
            "a b@c",
            "a@b\n",
            ".a@b",
            "a..b@c",
            "é@b",
            '"a"@b',
            "a@[1.2.3.4]",
        )
        for name in (*wrong, "x" * 65 + "@a.b", "a@" + "b" * 64, "a@-b", "a@" + "b." * 130 + "c", "а@b"):
            refused = self.assertRaises(UsernameNotAvailable, refuse_illegal_name, name)
            self.assertEqual(refused.token, "username_not_available")

    def test_domains(self) -> None:
        """A name belongs to its domain, in whatever case."""
        refuse_other_domain("a@Overlay.Example", ("other", "overlay.example"))
        self.assertRaises(UsernameNotAvailable, refuse_other_domain, "a@x.overlay.example", ("overlay.example",))

    def test_accounts(self) -> None:
        """An account name is visible and not endless; it need not be ASCII."""
        refuse_illegal_account("Zoë")
        for wrong in ("", " a", "a\n", "a\0b", "é" * 128):
            self.assertRaises(ValueError, refuse_illegal_account, wrong)

    def test_unknown_token(self) -> None:
        """A token that nobody knows is a failure without a known reason."""
        # = rfc6940:11.3/26 test
        self.assertIn("no reason that is known", meaning("<html>"))
        self.assertIn("password", meaning("failed_authentication"))
