"""Certificates: what they prove, and what is said where they are no good."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.sip.test.certificates import Authority
from disco_ref.shell.sip.tls import Credentials, context, identities
from disco_ref.shell.sip.trouble import Trouble


class IdentitiesTest(SynchronousTestCase):
    """What a certificate proves."""

    def test_names(self) -> None:
        """SIP URIs go before names of the DNS, these before the common name; addresses count too."""
        # = rfc5922:7.1/0 test
        authority = Authority(Path(self.mktemp()))
        for names, proved in (
            (("sip:B.example", "other.example"), ("b.example",)),
            (("sip:user@b.example", "B.example"), ("b.example",)),
            (("b.example", "127.0.0.1", "::1"), ("b.example", "127.0.0.1", "::1")),
            ((), ("c.example",)),
        ):
            path = authority.certificate("mine.pem", *names, common="C.example")
            self.assertEqual(identities(x509.load_pem_x509_certificate(path.read_bytes())), proved)


class CredentialsTest(SynchronousTestCase):
    """Files that are no good."""

    def setUp(self) -> None:
        """Two certificates."""
        self.authority = Authority(Path(self.mktemp()))
        self.mine = self.authority.certificate("mine.pem", "b.example")
        self.other = self.authority.certificate("other.pem", "b.example")

    def trouble(self, **files: Path | None) -> str:
        """What is said of these files."""
        return str(self.assertRaises(Trouble, context, Credentials(**files), server=True))  # type: ignore[arg-type]

    def test_good(self) -> None:
        """A certificate with its key is taken, with and without authorities."""
        for authorities in (None, self.authority.file):
            context(Credentials(certificate=self.mine, authorities=authorities, mutual=True), server=True)
        context(Credentials(), server=False)

    def test_said(self) -> None:
        """The text names the file and says what to do."""
        folder = self.authority.folder
        empty = folder / "empty.pem"
        empty.write_text("nothing")
        self.assertIn("--certificate", self.trouble())
        self.assertIn(
            f"cannot read certificate {folder / 'none.pem'}: No such file",
            self.trouble(certificate=folder / "none.pem"),
        )
        self.assertIn(f"{empty} holds no certificate in PEM", self.trouble(certificate=empty))
        self.assertIn(f"{empty} holds no private key in PEM", self.trouble(certificate=self.mine, key=empty))
        self.assertIn("does not belong to the certificate", self.trouble(certificate=self.mine, key=self.other))
        self.assertIn("cannot read private key", self.trouble(certificate=self.mine, key=folder / "none.key"))
        self.assertIn("certificates of authorities", self.trouble(certificate=self.mine, authorities=empty))
        locked = folder / "locked.pem"
        locked.write_bytes(_LOCKED)
        self.assertIn("locked by a password", self.trouble(certificate=self.mine, key=locked))


def _lock() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))


_LOCKED = _lock()
