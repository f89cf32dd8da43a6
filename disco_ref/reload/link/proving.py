"""Who stands at the other end of a link: what its certificate has to prove (RFC 6940, sections 6.5.1.11, 6.5.1.13 and 6.6.1).

No host name plays a part: a certificate names Node-IDs, and the roots of the overlay answer for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.errors import Unauthorized
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.security.certificates import Certificate, Untrusted, read_certificate
from disco_ref.reload.security.signing import refuse_certificate


class OtherNode(Unauthorized):
    """The certificate is good, but not of the node that the link was to lead to (Error_Forbidden)."""

    error_code = 2


def proved(shown: Sequence[bytes], expected: bytes | None, overlay: Overlay, now: Instant) -> Certificate:
    """The certificate of the other side, believed; ``shown`` in DER, its own first.

    ``expected`` is the Node-ID that it must hold, None where nobody in particular is.  Refused, so that the link has to be
    closed: no certificate, one that cannot be read or names no Node-ID here, one that no root of the overlay answers for
    or that is out of its time (Untrusted), one of another node (OtherNode).
    """
    if not shown:
        # = rfc6940:6.5.1.13/3
        raise Untrusted("no certificate was shown")
    # = rfc6940:6.6.1/2
    certificate = read_certificate(shown[0], overlay.context)
    refuse_certificate(certificate, shown, overlay.trust(now), overlay.context)
    if not certificate.node_ids:
        raise Untrusted("the certificate names no Node-ID of this overlay")
    # = rfc6940:6.5.1.11/1a
    # = rfc6940:6.5.1.13/4
    if expected is not None and expected not in certificate.node_ids:
        raise OtherNode(f"the certificate is that of {certificate.node_ids[0].hex()}, not of {expected.hex()}")
    return certificate
