"""Who a node is: its Node-ID, its certificate, its key behind a signer (RFC 6940, section 11.3)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.reload.security.certificates import Certificate
from disco_ref.reload.security.signing import PrivateKey, Signer, signer_with_key

MOST_NAMED = 4
"""Node-IDs that are named where one of them is to be chosen."""


class Identity(NamedTuple):
    """What a node says and signs with."""

    node_id: bytes
    """The Node-ID it uses, one of its certificate's."""
    certificate: Certificate
    """Its certificate."""
    signer: Signer
    """Signs in the name of this Node-ID."""
    chain: tuple[bytes, ...] = ()
    """Certificates in DER between its own and a root of the overlay, none of them a root."""

    @property
    def user_name(self) -> str | None:
        """The user the certificate is issued to."""
        return self.certificate.user_name

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """All that others need to verify what it signs, in DER (section 6.3.4)."""
        return (self.certificate.der, *self.chain)


def identity_of(
    key: PrivateKey, certificate: Certificate, node_id: bytes | None = None, chain: tuple[bytes, ...] = ()
) -> Identity:
    """The identity of a certificate; ValueError where it does not hold the Node-ID, or several and none was chosen."""
    several = len(certificate.node_ids) > 1
    chosen = node_id or (certificate.node_ids[0] if len(certificate.node_ids) == 1 else None)
    if chosen is None or chosen not in certificate.node_ids:
        known = ", ".join(each.hex() for each in certificate.node_ids[:MOST_NAMED]) or "none of this overlay"
        raise ValueError(f"choose one of the Node-IDs of the certificate: {known}")
    # = rfc6940:6.3.4/8
    # = rfc6940:6.3.4/9
    signer = signer_with_key(key, certificate, chosen if several else None)
    return Identity(chosen, certificate, signer, chain)
