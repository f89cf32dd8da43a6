"""Who a party is in an overlay: a key, a certificate, the Node-IDs and the user that it names (RFC 6940, section 11.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance.lab.signatures import Credential

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A key and the certificate that was made for it."""

    node_ids: tuple[bytes, ...]
    user: str
    key: Key = field(repr=False)
    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...] = ()
    """The certificates between this one and the root, DER."""
    kind: str = ""
    """What is wrong with it, as ``authority.KINDS`` has it; empty where nothing is."""

    @property
    def node_id(self) -> bytes:
        """The first of its Node-IDs."""
        return self.node_ids[0]

    @property
    def shown(self) -> tuple[bytes, ...]:
        """What it shows in a handshake, its own certificate first."""
        return (self.certificate, *self.chain)

    @property
    def private(self) -> bytes:
        """The key as PKCS #8 in DER."""
        form, encryption = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.DER, form, encryption)

    def credential(self, form: str = "") -> Credential:
        """What signs; with several Node-IDs an identity says which (section 6.3.4), unless ``form`` says otherwise."""
        named = form or ("cert_hash_node_id" if len(self.node_ids) > 1 else "cert_hash")
        return Credential(self.private, self.certificate, named)
