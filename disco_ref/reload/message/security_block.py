"""The third part of a message: certificates and the signature (RFC 6940, section 6.3.4)."""

from __future__ import annotations

import enum
from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Vec16, enumeration, opaque16
from disco_ref.reload.message.signature import Signature


# = rfc6940:6.3.4/0
@enumeration(8, names={0: "X.509"})
class CertificateType(enum.IntEnum):
    """Certificate types of TLS (RFC 6091); RELOAD uses X.509 only."""

    X_509 = 0
    OpenPGP = 1


# = rfc6940:6.3.4/0
@struct
class GenericCertificate(NamedTuple):
    """A certificate."""

    type: CertificateType | int
    """Its type."""
    certificate: opaque16
    """The certificate; for X.509 in DER."""


# = rfc6940:6.3.4/0
@struct
class SecurityBlock(NamedTuple):
    """All certificates that a reader of the message needs, and the signature of its originator."""

    certificates: Vec16[GenericCertificate]
    """The certificates, those of the signers of values inside among them."""
    signature: Signature
    """The signature over the message contents and parts of the header."""
