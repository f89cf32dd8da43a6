"""Signatures and who made them (RFC 6940, section 6.3.4)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple, TypeAlias

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Counted, Select, Unknown, enumeration, opaque8, opaque16


@enumeration(8)
class HashAlgorithm(enum.IntEnum):
    """Hashes, by the numbers of TLS (RFC 5246, section 7.4.1.4.1)."""

    none = 0
    md5 = 1
    sha1 = 2
    sha224 = 3
    sha256 = 4
    sha384 = 5
    sha512 = 6


@enumeration(8)
class SignatureAlgorithm(enum.IntEnum):
    """Signatures, by the numbers of TLS (RFC 5246, section 7.4.1.4.1)."""

    anonymous = 0
    rsa = 1
    dsa = 2
    ecdsa = 3


# = rfc6940:6.3.4/0
@struct
class SignatureAndHashAlgorithm(NamedTuple):
    """The algorithms of a signature (RFC 5246, section 7.4.1.4.1)."""

    hash: HashAlgorithm | int
    """The hash."""
    signature: SignatureAlgorithm | int
    """The signature."""


# = rfc6940:6.3.4/0
@enumeration(8)
class SignerIdentityType(enum.IntEnum):
    """How a signature names its signer."""

    invalidSignerIdentityType = 0
    cert_hash = 1
    cert_hash_node_id = 2
    none = 3


class CertHash(NamedTuple):
    """The signer has this certificate, with a single Node-ID."""

    hash_alg: HashAlgorithm | int
    """The hash that was used."""
    certificate_hash: opaque8
    """The hash of the certificate in DER."""


class CertHashNodeId(NamedTuple):
    """The signer has this certificate and speaks as one of its Node-IDs."""

    hash_alg: HashAlgorithm | int
    """The hash that was used."""
    certificate_node_id_hash: opaque8
    """The hash of the Node-ID followed by the certificate in DER."""


# = rfc6940:6.3.4/0
SignerIdentityValue: TypeAlias = Annotated[
    CertHash | CertHashNodeId | Unknown | None,
    Select(
        "identity_type",
        {
            SignerIdentityType.cert_hash: CertHash,
            SignerIdentityType.cert_hash_node_id: CertHashNodeId,
            SignerIdentityType.none: None,
        },
        extensible=True,
        name="SignerIdentityValue",
    ),
]
"""What names the signer; None where nobody signed."""


# = rfc6940:6.3.4/0
@struct
class SignerIdentity(NamedTuple):
    """Who signed."""

    identity_type: SignerIdentityType | int
    """The way of naming."""
    identity: Annotated[SignerIdentityValue, Counted(16, "SignerIdentity.length")]
    """The name."""


# = rfc6940:6.3.4/0
# = rfc6940:6.3.4/5
@struct
class Signature(NamedTuple):
    """A signature together with its algorithms and its signer."""

    algorithm: SignatureAndHashAlgorithm
    """The algorithms; {0, 0} for a value synthesised in place of one that does not exist (section 7.4.2.2)."""
    identity: SignerIdentity
    """The signer."""
    signature_value: opaque16
    """The signature itself."""


# = rfc6940:7.4.2.2/0
NOT_SIGNED = Signature(
    SignatureAndHashAlgorithm(HashAlgorithm.none, SignatureAlgorithm.anonymous),
    SignerIdentity(SignerIdentityType.none, None),
    b"",
)
"""The empty signature of a synthesised value (section 7.4.2.2)."""
