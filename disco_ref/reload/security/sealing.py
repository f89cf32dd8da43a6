"""Contents with the signature over them: all of a message behind its header, made once (RFC 6940, section 6.3.4).

The signature covers nothing of the header but overlay and transaction, so what is sealed can be sent again over another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.contents import Contents
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate, SecurityBlock
from disco_ref.reload.message.signature import Signature, SignatureAndHashAlgorithm, SignerIdentity
from disco_ref.reload.security.signing import Signer, signed_by

_LENGTH = 2
"""Octets that the length of a signature has."""

_REMEMBERED = 1 << 10
"""Beginnings of SecurityBlocks that are kept."""


def sealed(
    code: int,
    body: Body,
    transaction_id: int,
    signer: Signer,
    certificates: Iterable[bytes],
    context: Context,
) -> bytes:
    """MessageContents and SecurityBlock in octets; ``certificates`` in DER, each once however often it is named."""
    if context.overlay is None:
        raise TypeError("a message is sealed for one overlay")
    # = rfc6940:6.3/1
    # = rfc6940:6.3.4/10
    contents = encode(Contents(code, body, ()), context)
    head = context.overlay.to_bytes(4, "big") + transaction_id.to_bytes(8, "big")
    signature = signed_by(signer, head + contents, context)
    value = signature.signature_value
    before = _before_value(tuple(certificates), signature.algorithm, signature.identity)
    return b"".join((contents, before, len(value).to_bytes(_LENGTH, "big"), value))


@lru_cache(_REMEMBERED)
def _before_value(
    certificates: tuple[bytes, ...], algorithm: SignatureAndHashAlgorithm, identity: SignerIdentity
) -> bytes:
    """A SecurityBlock up to the value of its signature: most of what one node sends begins with the same."""
    # = rfc6940:6.3.4/1
    bucket = tuple(GenericCertificate(CertificateType.X_509, der) for der in dict.fromkeys(certificates))
    return encode(SecurityBlock(bucket, Signature(algorithm, identity, b"")))[:-_LENGTH]
