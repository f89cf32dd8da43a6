"""What is issued, and what a member believes of it."""

from __future__ import annotations

import dataclasses

from cryptography import x509
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Refusal
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.reload.enrollment.credentials import (
    NotThisOverlay,
    accept_certificate,
    accept_configuration,
    expiration_of,
    random_moment,
    retry_after,
    self_signed,
)
from disco_ref.reload.enrollment.foundation import raised
from disco_ref.reload.enrollment.issuing import Holder, issue, lasting, new_node_ids
from disco_ref.reload.enrollment.signing import context_of, trust_of
from disco_ref.reload.enrollment.test.overlays import DAY, NOW, authority, configuration, context, document, entropy
from disco_ref.reload.security.certificates import BadCertificate, Untrusted, read_certificate, refuse_stolen_node_ids
from disco_ref.reload.security.test.keys import ALICE, BOB, OVERLAY, ecdsa_key

USER = "alice@overlay.example"


def issued(which: int = 50, user: str = USER, node_ids: tuple[bytes, ...] = (ALICE,)) -> bytes:
    """A certificate for the first key."""
    holder = Holder(ecdsa_key(1).public_key(), node_ids, user)
    return issue(authority(which), holder, lasting(NOW, DAY), entropy(), OVERLAY, context())


class IssuingTest(SynchronousTestCase):
    """Certificates as section 11.3 wants them."""

    def test_names(self) -> None:
        """The subject is empty, the alternative name critical; it holds the Node-IDs and the user name, and no more."""
        # = rfc6940:11.3/14 test
        # = rfc6940:11.3/18a test
        # = rfc6940:11.3/22 test
        # = rfc6940:11.3/23 test
        found = x509.load_der_x509_certificate(issued(node_ids=(ALICE, BOB)))
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        self.assertTrue(names.critical)
        self.assertEqual(list(found.subject), [])
        uris = [f"reload://0110{each.hex()}@{OVERLAY}/" for each in (ALICE, BOB)]
        kinds = [x509.UniformResourceIdentifier, x509.UniformResourceIdentifier, x509.RFC822Name]
        self.assertEqual([type(each) for each in names.value], kinds)
        self.assertEqual([each.value for each in names.value], [*uris, USER])

    def test_strict_verifiers(self) -> None:
        """What strict verifiers of RFC 5280 look for is there: the root names its key, and the certificate the root's."""
        root = authority().certificate
        found = x509.load_der_x509_certificate(issued())
        of_root = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        issuer = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        self.assertEqual(issuer, of_root)
        limits = [each.extensions.get_extension_for_class(x509.BasicConstraints).value for each in (root, found)]
        self.assertEqual([(each.ca, each.path_length) for each in limits], [(True, 0), (False, None)])

    def test_never_beyond_the_root(self) -> None:
        """No certificate holds longer than the root does."""
        holder = Holder(ecdsa_key(1).public_key(), (ALICE,), USER)
        der = issue(authority(), holder, lasting(NOW, Duration(9000 * DAY)), entropy(), OVERLAY, context())
        ends = x509.load_der_x509_certificate(der).not_valid_after_utc
        self.assertEqual(ends, authority().certificate.not_valid_after_utc)

    def test_new_node_ids(self) -> None:
        """Node-IDs come out of entropy; reserved ones, bad ones and those drawn twice are drawn again."""
        # = rfc6940:11.3/15 test
        drawn = iter([bytes(16), b"\xff" * 16, ALICE, BOB, BOB, b"c" * 16])
        self.assertEqual(new_node_ids(2, 16, {ALICE}, lambda size: next(drawn)), (BOB, b"c" * 16))


class CertificateTest(SynchronousTestCase):
    """Judging what the enrolment server returned."""

    def refused(
        self, der: bytes, configured: Configuration | None = None, user: str = USER, at: Instant = NOW
    ) -> Refusal:
        """Why a certificate is not believed."""
        key = ecdsa_key(1).public_key()
        try:
            accept_certificate(der, key, configured or configuration(), user, at)
        except Refusal as refusal:
            return refusal
        raise self.failureException("it was believed")

    def test_good(self) -> None:
        """A certificate of the root's for our key is read."""
        found = accept_certificate(issued(), ecdsa_key(1).public_key(), configuration(), USER, NOW)
        self.assertEqual((found.node_ids, found.user_name), ((ALICE,), USER))

    def test_another_root(self) -> None:
        """A certificate that another root of the same name issued is not believed."""
        # = rfc6940:11.3/27 test
        self.assertIsInstance(self.refused(issued(52)), Untrusted)

    def test_without_roots(self) -> None:
        """Without a root in the configuration nothing that is issued can be believed."""
        # = rfc6940:11.3/27 test
        self.assertEqual(
            self.refused(issued(), dataclasses.replace(configuration(), root_cert=())).where[-9:], "root-cert"
        )

    def test_bad_node(self) -> None:
        """A Node-ID that the configuration calls bad is of no use."""
        # = rfc6940:11.1/19 test
        self.assertIn("bad", self.refused(issued(), dataclasses.replace(configuration(), bad_node=(ALICE,))).why)

    def test_not_ours(self) -> None:
        """Another key, another name, no Node-ID, or a certificate that has ended: all are refused."""
        self.assertIn("another user name", self.refused(issued(), user="eve@overlay.example").why)
        self.assertIn("no Node-ID", self.refused(issued(node_ids=())).why)
        self.assertIsInstance(self.refused(issued(), at=Instant(NOW + 2 * DAY)), Untrusted)
        with self.assertRaises(BadCertificate) as caught:
            accept_certificate(issued(), ecdsa_key(2).public_key(), configuration(), USER, NOW)
        self.assertIn("another key", str(caught.exception))


class ConfigurationTest(SynchronousTestCase):
    """Judging configurations."""

    def test_first(self) -> None:
        """A first configuration is taken where its own signer signed all of it."""
        taken = accept_configuration(document(configuration()), OVERLAY, None, NOW).configuration
        self.assertEqual((taken.sequence, len(taken.kind_blocks)), (1, 3))

    def test_changed_on_the_way(self) -> None:
        """One that was changed is refused."""
        # = rfc6940:11.1/38 test
        octets = document(configuration()).replace(b'sequence="1"', b'sequence="9"')
        self.assertRaises(Refusal, accept_configuration, octets, OVERLAY, None, NOW)

    def test_another_overlay(self) -> None:
        """One of another overlay is discarded."""
        # = rfc6940:11.2/8 test
        octets = document(configuration())
        self.assertRaises(NotThisOverlay, accept_configuration, octets, "other.example", None, NOW)
        self.assertRaises(Refusal, accept_configuration, b"<overlay/>", OVERLAY, None, NOW)

    def test_expired_or_beyond_us(self) -> None:
        """One that has expired, or that needs what is not supported, is not used."""
        # = rfc6940:11.1/20 test
        late = Instant(NOW + 31 * DAY)
        self.assertRaises(NotThisOverlay, accept_configuration, document(configuration()), OVERLAY, None, late)
        beyond = document(dataclasses.replace(configuration(), mandatory_extension=("urn:x",)))
        self.assertRaises(NotThisOverlay, accept_configuration, beyond, OVERLAY, None, NOW)

    def test_followed(self) -> None:
        """A newer one by the same signer follows; the same again is no change; an older one does not."""
        # = rfc6940:11.1/37 test
        old = configuration()
        new = raised(old, NOW, Duration(40 * DAY))
        current = accept_configuration(document(old), OVERLAY, None, NOW).configuration
        newer = accept_configuration(document(new), OVERLAY, current, NOW).configuration
        self.assertEqual((newer.sequence, expiration_of(newer)), (2, NOW + 40 * DAY))
        self.assertEqual(accept_configuration(document(new), OVERLAY, newer, NOW).configuration, newer)
        self.assertRaises(NotThisOverlay, accept_configuration, document(old), OVERLAY, newer, NOW)

    def test_usurped(self) -> None:
        """A newer one that names its own signer is refused: the signers of the one at hand decide."""
        # = rfc6940:11.1/37 test
        new = dataclasses.replace(configuration(), sequence=2, configuration_signer=(BOB,), kind_signer=(BOB,))
        octets = document(new, 53, BOB)
        accept_configuration(octets, OVERLAY, None, NOW)
        self.assertRaises(Refusal, accept_configuration, octets, OVERLAY, configuration(), NOW)

    def test_sequence_goes_round(self) -> None:
        """After 65534 comes 0, which is newer."""
        last = dataclasses.replace(configuration(), sequence=65534)
        new = raised(last, NOW, DAY)
        self.assertEqual(new.sequence, 0)
        self.assertEqual(accept_configuration(document(new), OVERLAY, last, NOW).configuration.sequence, 0)


class SelfSignedTest(SynchronousTestCase):
    """Certificates of one's own making."""

    def test_node_ids_follow_from_the_key(self) -> None:
        """With both digests, and for one or several Node-IDs, verifiers find the Node-IDs that they expect."""
        # = rfc6940:11.3.1/3 test
        # = rfc6940:11.1/12 test
        for digest in ("sha1", "sha256"):
            for count in (1, 3):
                configured = configuration(digest)
                der = self_signed(ecdsa_key(1), configured, USER, count, lasting(NOW, DAY), entropy())
                found = read_certificate(der, context_of(configured))
                self.assertEqual((len(found.node_ids), found.user_name, found.self_signed), (count, USER, True))
                hash_alg = trust_of(configured, NOW).self_signed_hash
                assert hash_alg is not None
                refuse_stolen_node_ids(found, (hash_alg,), context_of(configured))

    def test_not_permitted(self) -> None:
        """Where they are not permitted, or with an unknown digest, none is made."""
        # = rfc6940:11.3.1/1 test
        for configured in (configuration(), configuration("md5")):
            arguments = (ecdsa_key(1), configured, None, 1, lasting(NOW, DAY), entropy())
            self.assertRaises(NotThisOverlay, self_signed, *arguments)


class TimeTest(SynchronousTestCase):
    """When to ask again."""

    def test_random_moment(self) -> None:
        """The moment lies between a half and nine tenths, wherever entropy puts it, and never before now."""
        # = rfc6940:11.1/5 test
        low, high = (random_moment(NOW, Instant(NOW + 100), each) for each in (bytes, lambda size: b"\xff" * size))
        self.assertEqual(low - NOW, 50)
        self.assertAlmostEqual(high - NOW, 90, places=3)
        self.assertEqual(random_moment(NOW, Instant(NOW - 5), entropy()), NOW)

    def test_retries(self) -> None:
        """Failures in a row make the pauses longer, up to a bound."""
        self.assertEqual([retry_after(each) for each in (1, 2, 3, 99)], [60, 120, 240, 21600])
