"""The configuration document of the harness' overlay, written and signed (RFC 6940, section 11.1).

It is written as text, so that a scenario can also write what is wrong; the grammar is tried in the tests.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from conformance.lab.context import Context
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.identity import Identity
from conformance.live.subject import End

BASE = "urn:ietf:params:xml:ns:p2p:config-base"
CHORD = "urn:ietf:params:xml:ns:p2p:config-chord"
SIZE = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A Kind that the overlay requires."""

    id: int
    model: str
    """``SINGLE``, ``ARRAY`` or ``DICTIONARY``."""
    access: str
    """``USER-MATCH`` and its like (section 7.3)."""
    max_count: int = 1
    max_size: int = 256
    node_multiple: int | None = None
    """``max-node-multiple``, of NODE-MULTIPLE only."""
    name: str = ""
    """The name of a registered Kind, by which the document calls it (section 11.1)."""
    registered_model: str = ""
    """The data model of its registration, where the document says another one (11.1/29b); empty: the document is right."""


SINGLE_USER = Kind(id=0xF0000010, model="SINGLE", access="USER-MATCH")
ARRAY_USER = Kind(id=0xF0000011, model="ARRAY", access="USER-MATCH", max_count=4)
DICTIONARY_USER_NODE = Kind(id=0xF0000012, model="DICTIONARY", access="USER-NODE-MATCH", max_count=4)
SINGLE_NODE = Kind(id=0xF0000013, model="SINGLE", access="NODE-MATCH")
SINGLE_MULTIPLE = Kind(id=0xF0000014, model="SINGLE", access="NODE-MULTIPLE", node_multiple=3)
UNKNOWN = 0xF00000FF
"""A Kind that nobody has configured."""
CERTIFICATE_BY_NODE = Kind(
    id=3, name="CERTIFICATE_BY_NODE", model="ARRAY", access="NODE-MATCH", max_count=2, max_size=4096
)
CERTIFICATE_BY_USER = Kind(
    id=16, name="CERTIFICATE_BY_USER", model="ARRAY", access="USER-MATCH", max_count=4, max_size=4096
)
SIP_REGISTRATION = Kind(
    id=1, name="SIP-REGISTRATION", model="DICTIONARY", access="USER-NODE-MATCH", max_count=8, max_size=1024
)
"""Registered Kinds (section 14.6, RFC 7904)."""
KINDS = (
    SINGLE_USER, ARRAY_USER, DICTIONARY_USER_NODE, SINGLE_NODE, SINGLE_MULTIPLE, CERTIFICATE_BY_NODE, CERTIFICATE_BY_USER,
    SIP_REGISTRATION,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the document says; ``changed`` makes another one of it."""

    name: str
    root: bytes
    signer: Identity
    sequence: int = 22
    expiration: str = "2090-01-01T00:00:00Z"
    bootstrap: Sequence[End] = ()
    kinds: tuple[Kind, ...] = KINDS
    link_protocols: tuple[str, ...] = ("TLS",)
    bad_nodes: Sequence[bytes] = ()
    kind_signers: Sequence[bytes] | None = None
    """Node-IDs; None: the signer's."""
    max_message_size: int = SIZE
    initial_ttl: int = 100
    clients: bool = True
    ice: bool = False
    """Whether links are made with ICE."""
    update: int = 600
    """``chord-update-interval`` in seconds."""
    ping: int = 3600
    reactive: bool = True
    extensions: Sequence[str] = ()
    """``mandatory-extension``: namespaces."""
    reliability: int = 3000
    """``overlay-reliability-timer`` in milliseconds."""
    self_signed: str = ""
    """The digest of ``self-signed-permitted``; empty: not permitted."""
    further: str = ""
    """More elements at the end of the configuration."""
    kind_signature: Mapping[int, bytes] = field(default_factory=dict)
    """Signatures of kind-blocks in the place of the right ones, by the Kind."""
    kind_by: Mapping[int, Identity] = field(default_factory=dict)
    """Who signs Kinds in the place of the signer."""

    @property
    def models(self) -> dict[int, str]:
        """The data model of each Kind."""
        return {one.id: one.registered_model or one.model for one in self.kinds}

    def changed(self, **changes: object) -> Document:
        """Another document of the same overlay, newer by one unless ``sequence`` is said."""
        following = 0 if self.sequence >= 65534 else self.sequence + 1
        return replace(self, **{"sequence": following, **changes})  # type: ignore[arg-type]

    @property
    def element(self) -> bytes:
        """The ``configuration`` element, whose octets are what is signed; ECDSA makes it another one each time."""
        return self._text().encode()

    def octets(self, by: Identity | None = None, *, signature: bytes | None = None) -> bytes:
        """The document, signed by its signer or another one; ``signature`` in its place, where that is to be wrong."""
        element = self.element  # the signatures inside are other ones each time that it is written
        sealed = signature if signature is not None else sealed_by(by or self.signer, element)
        signed = base64.b64encode(sealed).decode()
        head = '<?xml version="1.0" encoding="UTF-8"?>\n'
        head += f'<overlay xmlns="{BASE}" xmlns:chord="{CHORD}">\n'
        return head.encode() + element + f"\n<signature>{signed}</signature>\n</overlay>\n".encode()

    def kind_block(self, kind: Kind, by: Identity | None = None) -> bytes:
        """A ``kind-block``, as ``required-kinds`` and a ConfigUpdate have it."""
        element = _kind(kind).encode()
        sealed = self.kind_signature.get(kind.id, b"") or sealed_by(
            by or self.kind_by.get(kind.id, self.signer), element
        )
        return (
            b"<kind-block>"
            + element
            + b"<kind-signature>"
            + base64.b64encode(sealed)
            + b"</kind-signature></kind-block>"
        )

    def _text(self) -> str:
        signers = [self.signer.node_id] if self.kind_signers is None else self.kind_signers
        lines = [
            f'<configuration instance-name={quoteattr(self.name)} sequence="{self.sequence}" expiration="{self.expiration}">',
            "<topology-plugin>CHORD-RELOAD</topology-plugin>", "<node-id-length>16</node-id-length>",
            f"<root-cert>{base64.b64encode(self.root).decode()}</root-cert>",
        ]  # fmt: skip
        if self.self_signed:
            lines.append(f'<self-signed-permitted digest="{self.self_signed}">true</self-signed-permitted>')
        lines += [f"<bad-node>{node.hex()}</bad-node>" for node in self.bad_nodes]
        lines += [f'<bootstrap-node address="{host}" port="{port}"/>' for host, port in self.bootstrap]
        lines += [
            f"<clients-permitted>{str(self.clients).lower()}</clients-permitted>", f"<no-ice>{str(not self.ice).lower()}</no-ice>",
            f"<chord:chord-update-interval>{self.update}</chord:chord-update-interval>",
            f"<chord:chord-ping-interval>{self.ping}</chord:chord-ping-interval>",
            f"<chord:chord-reactive>{str(self.reactive).lower()}</chord:chord-reactive>",
            f"<max-message-size>{self.max_message_size}</max-message-size>",
            f"<initial-ttl>{self.initial_ttl}</initial-ttl>",
            f"<overlay-reliability-timer>{self.reliability}</overlay-reliability-timer>",
        ]  # fmt: skip
        lines += [f"<overlay-link-protocol>{one}</overlay-link-protocol>" for one in self.link_protocols]
        lines += [f"<kind-signer>{node.hex()}</kind-signer>" for node in signers]
        lines += [f"<configuration-signer>{self.signer.node_id.hex()}</configuration-signer>"]
        lines += [f"<mandatory-extension>{escape(one)}</mandatory-extension>" for one in self.extensions]
        lines += ["<required-kinds>", *(self.kind_block(one).decode() for one in self.kinds), "</required-kinds>"]
        lines += [self.further] if self.further else []
        return "\n".join([*lines, "</configuration>"])


def _kind(kind: Kind) -> str:
    inner = f"<data-model>{kind.model}</data-model><access-control>{kind.access}</access-control>"
    inner += f"<max-count>{kind.max_count}</max-count><max-size>{kind.max_size}</max-size>"
    if kind.node_multiple is not None:
        inner += f"<max-node-multiple>{kind.node_multiple}</max-node-multiple>"
    called = f"name={quoteattr(kind.name)}" if kind.name else f'id="{kind.id}"'
    return f"<kind {called}>{inner}</kind>"


def sealed_by(by: Identity, octets: bytes) -> bytes:
    """A SecurityBlock with the signer's certificate over octets of a document (section 11.1)."""
    digest = hashlib.sha256(by.certificate).hexdigest()
    identity: Json = {"identity_type": "cert_hash", "identity": {"hash_alg": "sha256", "certificate_hash": digest}}
    if isinstance(by.key, rsa.RSAPrivateKey):
        name, value = "rsa", by.key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    else:
        name, value = "ecdsa", by.key.sign(octets, ec.ECDSA(hashes.SHA256()))
    block: dict[str, Json] = {
        "certificates": [{"type": "X.509", "certificate": by.certificate.hex()}],
        "signature": {
            "algorithm": {"hash": "sha256", "signature": name}, "identity": identity, "signature_value": value.hex(),
        },
    }  # fmt: skip
    return Encoder(specified(), Context()).whole("SecurityBlock", block)
