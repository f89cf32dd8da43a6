"""Certificates (RFC 6940, sections 11.3, 11.3.1 and 14.15)."""

from __future__ import annotations

import datetime
import random
import warnings

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.notation.context import Context
from disco_ref.reload.message.signature import HashAlgorithm
from disco_ref.reload.security.certificates import (
    BadCertificate,
    Untrusted,
    read_certificate,
    refuse_other_names,
    refuse_stolen_node_ids,
    refuse_untrusted,
    reload_uri,
    self_signed_node_ids,
)
from disco_ref.reload.security.test.keys import ALICE, BOB, NOON, OVERLAY, certificate, ecdsa_key, rsa_key
from disco_ref.reload.storage.kinds import overlay_context

CONTEXT = overlay_context(OVERLAY)
NOW = Instant(NOON.timestamp())
ROOT = certificate(ecdsa_key(1), CONTEXT, node_ids=(), user=None, name="root", authority=True)
BETWEEN = certificate(
    ecdsa_key(2), CONTEXT, node_ids=(), user=None, name="between", authority=True, issuer=("root", ecdsa_key(1))
)
NO_AUTHORITY = certificate(ecdsa_key(2), CONTEXT, node_ids=(), user=None, name="between", issuer=("root", ecdsa_key(1)))
ENROLLED = certificate(ecdsa_key(), CONTEXT, name="alice", issuer=("between", ecdsa_key(2)))


class ReadingTests(SynchronousTestCase):
    """What a certificate says."""

    def test_names(self) -> None:
        """Node-IDs come from RELOAD URIs, the user name from the rfc822Name."""
        # = rfc6940:11.3/14 test
        read = read_certificate(certificate(rsa_key(), CONTEXT, node_ids=(ALICE, BOB)), CONTEXT)
        self.assertEqual((read.node_ids, read.user_name), ((ALICE, BOB), "alice@example.com"))

    def test_uri(self) -> None:
        """The URI holds one full destination of type node in hex."""
        # = rfc6940:11.3/18a test
        # = rfc6940:14.15/0 test
        self.assertEqual(reload_uri(ALICE, OVERLAY, CONTEXT), f"reload://0110{ALICE.hex()}@{OVERLAY}/")

    def test_nothing_said(self) -> None:
        """A certificate without names has no Node-ID and no user name; URIs of other schemes say nothing."""
        for uris in ((), ("https://example.com/",)):
            read = read_certificate(certificate(ecdsa_key(), CONTEXT, node_ids=(), user=None, uris=uris), CONTEXT)
            self.assertEqual((read.node_ids, read.user_name), ((), None))

    def test_other_overlay(self) -> None:
        """A Node-ID in another overlay is none in this one."""
        # = rfc6940:14.15/0 test
        der = certificate(ecdsa_key(), CONTEXT, overlay="other.example")
        self.assertEqual(read_certificate(der, CONTEXT).node_ids, ())
        self.assertEqual(read_certificate(der, CONTEXT._replace(overlay=None)).node_ids, (ALICE,))

    def test_refused(self) -> None:
        """Octets that are no certificate, and RELOAD URIs without exactly one node, are refused."""
        # = rfc6940:11.3/18b test
        destination = "0110" + ALICE.hex()
        with self.assertRaises(BadCertificate):
            read_certificate(b"\x30\x00", CONTEXT)
        for hexadecimal in (destination * 2, "02020141", "0110", "0", "8001"):
            der = certificate(ecdsa_key(), CONTEXT, node_ids=(), uris=(f"reload://{hexadecimal}@{OVERLAY}/",))
            with self.assertRaises(BadCertificate):
                read_certificate(der, CONTEXT)

    def test_names_that_cannot_be_read(self) -> None:
        """A certificate of another issuer whose subject is spoilt, or that names nobody, is refused."""
        # = rfc6940:11.3/23 test
        issuer = ("root", ecdsa_key(1))
        der = certificate(ecdsa_key(), CONTEXT, name="subject", issuer=issuer)
        at = der.rindex(b"subject")
        not_text, bits = der[:at] + b"\xff\xfe" + der[at + 2 :], der[: at - 2] + b"\x03" + der[at - 1 :]
        nobody = certificate(ecdsa_key(), CONTEXT, node_ids=(), user=None, issuer=issuer)
        for spoilt in (not_text, bits, nobody):
            with self.assertRaises(BadCertificate):
                refuse_other_names(read_certificate(spoilt, CONTEXT))

    def test_octets_changed(self) -> None:
        """A certificate with wrong octets is read or refused, and never trusted where it was changed."""
        places = random.Random(7)
        original = read_certificate(ENROLLED, CONTEXT).x509
        for _ in range(400):
            octets = bytearray(ENROLLED)
            octets[places.randrange(len(octets))] ^= 1 << places.randrange(8)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    read = read_certificate(bytes(octets), CONTEXT)
                    refuse_untrusted(read, [BETWEEN, bytes(octets)], [ROOT], NOW)
            except Refusal:
                continue
            self.assertEqual(read.x509.tbs_certificate_bytes, original.tbs_certificate_bytes)

    def test_node_id_length(self) -> None:
        """A Node-ID of another length than the overlay's is refused."""
        with self.assertRaises(BadCertificate):
            read_certificate(certificate(ecdsa_key(), CONTEXT), CONTEXT._replace(node_id_length=20))


class TrustTests(SynchronousTestCase):
    """Chains, times, self-signed certificates."""

    def setUp(self) -> None:
        """Read the certificate that an enrolment server issued."""
        self.enrolled = read_certificate(ENROLLED, CONTEXT)

    def test_chain(self) -> None:
        """A chain over an authority to a root is trusted, as is a root itself."""
        # = rfc6940:11.3/27 test
        refuse_untrusted(self.enrolled, [BETWEEN], [ROOT], NOW)
        refuse_untrusted(read_certificate(BETWEEN, CONTEXT), [], [ROOT], NOW)
        refuse_untrusted(read_certificate(ROOT, CONTEXT), [], [ROOT], NOW)

    def test_nothing_asked(self) -> None:
        """Without roots and without a time nothing is asked."""
        refuse_untrusted(self.enrolled, [], [], None)

    def test_no_chain(self) -> None:
        """A missing link, a link that is no authority, and a foreign root are refused."""
        # = rfc6940:11.3/0 test
        # = rfc6940:11.3/27 test
        foreign = certificate(ecdsa_key(3), CONTEXT, node_ids=(), user=None, name="root", authority=True)
        for others, roots in [([], [ROOT]), ([NO_AUTHORITY], [ROOT]), ([BETWEEN], [foreign]), ([b"junk"], [b"junk"])]:
            with self.assertRaises(Untrusted) as caught:
                refuse_untrusted(self.enrolled, others, roots, NOW)
            self.assertEqual(caught.exception.error_code, 2)

    def test_out_of_time(self) -> None:
        """Before and after its time, however far, a certificate is refused."""
        # = rfc6940:7.1/1 test
        for now in (0.0, -1e12, NOW - 4e7, NOW + 4e7, 1e18):
            with self.assertRaises(Untrusted):
                refuse_untrusted(self.enrolled, [BETWEEN], [ROOT], Instant(now))

    def test_authority_out_of_time(self) -> None:
        """An authority between that has expired ends the chain, though the certificate below it has not."""
        # = rfc6940:7.1/1 test
        issuer, hour = ("root", ecdsa_key(1)), datetime.timedelta(hours=1)
        between = certificate(
            ecdsa_key(2), CONTEXT, node_ids=(), user=None, name="between", authority=True, issuer=issuer, lasting=hour
        )
        refuse_untrusted(self.enrolled, [between], [ROOT], NOW)
        with self.assertRaises(Untrusted):
            refuse_untrusted(self.enrolled, [between], [ROOT], Instant(NOW + 7200))

    def test_self_signed(self) -> None:
        """The Node-IDs of a self-signed certificate follow from its key, alone or numbered."""
        # = rfc6940:11.3.1/3 test
        # = rfc6940:11.3.1/4 test
        # = rfc6940:11.1/12 test
        key = ecdsa_key()
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digest = hashes.Hash(hashes.SHA256())
        digest.update(spki)
        alone = digest.finalize()[:16]
        own = read_certificate(certificate(key, CONTEXT, node_ids=(alone,)), CONTEXT)
        self.assertTrue(own.self_signed)
        self.assertFalse(self.enrolled.self_signed)
        refuse_stolen_node_ids(own, [HashAlgorithm.sha256], CONTEXT)
        with self.assertRaises(Untrusted):
            refuse_stolen_node_ids(own, [HashAlgorithm.sha1], CONTEXT)
        several = self_signed_node_ids(own, HashAlgorithm.sha1, 2, CONTEXT)
        two = read_certificate(certificate(key, CONTEXT, node_ids=several), CONTEXT)
        refuse_stolen_node_ids(two, [HashAlgorithm.sha1], CONTEXT)
        self.assertNotIn(alone, several)

    def test_longer_node_ids(self) -> None:
        """The high-order bits are as many as a Node-ID has."""
        # = rfc6940:11.3.1/3 test
        context = Context(node_id_length=20)
        own = read_certificate(certificate(ecdsa_key(), context, node_ids=(bytes(20),)), context)
        self.assertEqual(len(self_signed_node_ids(own, HashAlgorithm.sha1, 1, context)[0]), 20)
