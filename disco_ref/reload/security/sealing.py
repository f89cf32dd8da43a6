"""Contents with the signature over them: all of a message behind its header, made once (RFC 6940, section 6.3.4).

The signature covers nothing of the header but overlay and transaction, so what is sealed can be sent again over another way.
"""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.contents import Contents
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate, SecurityBlock
from disco_ref.reload.security.signing import Signer, signed_by


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
    # = rfc6940:6.3.4/1
    bucket = tuple(GenericCertificate(CertificateType.X_509, der) for der in dict.fromkeys(certificates))
    return contents + encode(SecurityBlock(bucket, signature), context)
