"""Tests of the third part of a message (RFC 6940, section 6.3.4)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.codec import decode, encode
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate


class CertificateTests(SynchronousTestCase):
    """Certificates on the wire."""

    def test_types(self) -> None:
        """Before a certificate stands its type, with the numbers that TLS has for them."""
        # = rfc6940:6.3.4/0 test
        for kind, digits in ((CertificateType.X_509, "00 0003 646572"), (CertificateType.OpenPGP, "01 0003 646572")):
            certificate = GenericCertificate(kind, b"der")
            self.assertEqual(encode(certificate), bytes.fromhex(digits))
            self.assertEqual(decode(GenericCertificate, bytes.fromhex(digits)), certificate)
