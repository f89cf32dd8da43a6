"""Signatures of configurations and Kinds (RFC 6940, section 11.1)."""

from __future__ import annotations

import dataclasses

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal, Unauthorized
from disco_ref.notation.codec import decode, encode
from disco_ref.reload.enrollment.configuration import Configuration, SelfSignedPermitted
from disco_ref.reload.enrollment.document import (
    SignedConfiguration,
    assemble,
    element_octets,
    read,
    sign_document,
    sign_kinds,
)
from disco_ref.reload.enrollment.signing import (
    NotPermitted,
    NotSigned,
    blob_signer,
    trust_of,
    verify_configuration,
    verify_configuration_by,
    verify_kinds,
)
from disco_ref.reload.enrollment.test.documents import (
    ALICE,
    ALICE_CERTIFICATE,
    BOB,
    BOB_CERTIFICATE,
    CONTEXT,
    CURRENT,
    EXAMPLE,
    MALLORY_CERTIFICATE,
    signer_of,
)
from disco_ref.reload.message.security_block import SecurityBlock
from disco_ref.reload.security.certificates import Untrusted
from disco_ref.reload.security.signing import BadSignature, signed_by

SIGN_AS_ALICE = blob_signer(signer_of(2, ALICE_CERTIFICATE), [ALICE_CERTIFICATE], CONTEXT)
SIGN_AS_BOB = blob_signer(signer_of(3, BOB_CERTIFICATE), [BOB_CERTIFICATE], CONTEXT)
SIGN_AS_MALLORY = blob_signer(signer_of(4, MALLORY_CERTIFICATE), [MALLORY_CERTIFICATE], CONTEXT)
NEW = sign_kinds(dataclasses.replace(CURRENT, sequence=2), SIGN_AS_BOB)
DOCUMENT = sign_document([NEW], SIGN_AS_ALICE)


def only(octets: bytes) -> SignedConfiguration:
    """The one configuration of a document."""
    (found,) = read(octets)
    return found


class ConfigurationSignatureTest(SynchronousTestCase):
    """The signature behind a configuration."""

    def test_sound(self) -> None:
        """A document signed by a configuration-signer of the current configuration is accepted."""
        # = rfc6940:11.1/37 test
        # = rfc6940:11.1/35b test
        self.assertEqual(verify_configuration(only(DOCUMENT), CURRENT).node_ids, (ALICE,))
        self.assertEqual(only(DOCUMENT).configuration, NEW)

    def test_changed(self) -> None:
        """One changed octet, be it white space, breaks the signature."""
        # = rfc6940:11.1/34 test
        for old, new in ((b'sequence="2"', b'sequence="3"'), (b"<node-id-length>", b"\n<node-id-length>")):
            changed = only(DOCUMENT.replace(old, new, 1))
            self.assertRaises(BadSignature, verify_configuration, changed, CURRENT)

    def test_moved(self) -> None:
        """White space outside the element does not matter."""
        moved = only(DOCUMENT.replace(b"<configuration", b"\n\n  <configuration", 1))
        self.assertEqual(verify_configuration(moved, CURRENT).node_ids, (ALICE,))

    def test_with_identity(self) -> None:
        """The other reading of the section, the signer's identity behind the blob, is accepted too."""
        octets = element_octets(NEW)
        block = decode(SecurityBlock, SIGN_AS_ALICE(octets), CONTEXT)
        other = block._replace(signature=signed_by(signer_of(2, ALICE_CERTIFICATE), octets, CONTEXT))
        found = only(assemble([(octets, [encode(other, CONTEXT)])]))
        self.assertEqual(verify_configuration(found, CURRENT).node_ids, (ALICE,))

    def test_not_signed(self) -> None:
        """A configuration without a signature is refused."""
        # = rfc6940:11.1/38 test
        self.assertRaises(NotSigned, verify_configuration, only(assemble([(element_octets(NEW), [])])), CURRENT)

    def test_another_signer(self) -> None:
        """A sound signature of a node that may not sign configurations is refused."""
        # = rfc6940:11.1/37 test
        self.assertRaises(NotPermitted, verify_configuration, only(sign_document([NEW], SIGN_AS_BOB)), CURRENT)

    def test_one_of_several(self) -> None:
        """It is enough that one of several signatures is of a signer."""
        octets = element_octets(NEW)
        several = only(assemble([(octets, [b"rubbish", SIGN_AS_BOB(octets), SIGN_AS_ALICE(octets)])]))
        self.assertEqual(verify_configuration(several, CURRENT).node_ids, (ALICE,))

    def test_bad_node(self) -> None:
        """A signer that is listed as bad-node is refused."""
        # = rfc6940:11.1/19 test
        current = dataclasses.replace(CURRENT, bad_node=(ALICE,))
        self.assertRaises(Untrusted, verify_configuration, only(DOCUMENT), current)

    def test_stolen_node_id(self) -> None:
        """A self-made certificate with the signer's Node-ID is refused, with roots, without, and where none is needed."""
        # = rfc6940:11.3.1/4 test
        stolen = only(sign_document([NEW], SIGN_AS_MALLORY))
        self.assertRaises(Untrusted, verify_configuration, stolen, CURRENT)
        rootless = dataclasses.replace(CURRENT, root_cert=())
        self.assertRaises(Unauthorized, verify_configuration, stolen, rootless)
        permitted = SelfSignedPermitted(digest="sha256", permitted=True)
        open_overlay = dataclasses.replace(rootless, self_signed_permitted=permitted)
        self.assertRaises(Untrusted, verify_configuration, stolen, open_overlay)
        issued = only(DOCUMENT)
        self.assertRaises(NotPermitted, verify_configuration, issued, open_overlay)

    def test_time(self) -> None:
        """A certificate out of its time is refused where the time is known."""
        # = rfc6940:7.1/1 test
        self.assertRaises(Untrusted, verify_configuration, only(DOCUMENT), CURRENT, Instant(4_000_000_000.0))
        verify_configuration(only(DOCUMENT), CURRENT, Instant(1_600_000_000.0))

    def test_known_signers(self) -> None:
        """Where signers are known by their certificates, another one is not believed, whatever comes along."""
        # = rfc6940:11.1/38 test
        known = trust_of(CURRENT, None)._replace(certificates=(ALICE_CERTIFICATE,))
        self.assertEqual(verify_configuration_by(only(DOCUMENT), known, CONTEXT).node_ids, (ALICE,))
        self.assertRaises(Refusal, verify_configuration_by, only(sign_document([NEW], SIGN_AS_BOB)), known, CONTEXT)
        changed = only(DOCUMENT.replace(b'sequence="2"', b'sequence="3"', 1))
        self.assertRaises(BadSignature, verify_configuration_by, changed, known, CONTEXT)

    def test_rubbish(self) -> None:
        """A signature element that holds no SecurityBlock is refused as malformed."""
        self.assertRaises(Malformed, verify_configuration, read(EXAMPLE)[0], CURRENT)

    def test_digest(self) -> None:
        """The digest for self-signed certificates is the one that the configuration names, where it permits them."""
        # = rfc6940:11.1/12 test
        one = Configuration(instance_name="x", self_signed_permitted=SelfSignedPermitted(digest="sha1", permitted=True))
        self.assertEqual(trust_of(one, None).self_signed_hash, 2)
        later = dataclasses.replace(one, self_signed_permitted=SelfSignedPermitted(digest="sha3", permitted=True))
        self.assertEqual(trust_of(later, None).self_signed_hash, None)
        self.assertEqual(trust_of(CURRENT, None).self_signed_hash, None)


class KindSignatureTest(SynchronousTestCase):
    """The signature beside a Kind."""

    def test_sound(self) -> None:
        """Kinds signed by a kind-signer are accepted."""
        # = rfc6940:11.1/33 test
        # = rfc6940:6.5.4.2/3 test
        self.assertEqual(len(verify_kinds(only(DOCUMENT))), 1)
        self.assertEqual(NEW.kind_signer, (BOB,))

    def test_changed(self) -> None:
        """A changed Kind is refused."""
        # = rfc6940:11.1/33 test
        changed = only(DOCUMENT.replace(b"<max-size>1000", b"<max-size>1001"))
        self.assertRaises(BadSignature, verify_kinds, changed)

    def test_another_signer(self) -> None:
        """A Kind signed by a node that may sign configurations but no Kinds is refused."""
        # = rfc6940:11.1/32 test
        # = rfc6940:6.5.4.2/3 test
        signed = sign_document([sign_kinds(CURRENT, SIGN_AS_ALICE)], SIGN_AS_ALICE)
        self.assertRaises(NotPermitted, verify_kinds, only(signed))

    def test_not_signed(self) -> None:
        """A Kind with an empty signature is refused."""
        # = rfc6940:11.1/33 test
        self.assertRaises(Refusal, verify_kinds, only(sign_document([CURRENT], SIGN_AS_ALICE)))
