"""The harness' own overlay: its root, whom it certifies, its configuration document (RFC 6940, sections 11.1 and 11.3)."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from conformance.lab.context import Context
from conformance.lab.rules import overlay_of
from conformance.live.overlay.document import Document, Kind
from conformance.live.overlay.identity import Identity, Key

NAME = "overlay.example.org"
NODE_ID = 16
"""Bytes of a Node-ID (section 10.1)."""
DAY = 86400.0
GOOD, EXPIRED, EARLY, FOREIGN, OTHER_OVERLAY, NO_NODE, BARE = (
    "", "expired", "early", "foreign", "other-overlay", "no-node-id", "self-signed",
)  # fmt: skip
KINDS = {
    GOOD: "good",
    EXPIRED: "not valid any more",
    EARLY: "not valid yet",
    FOREIGN: "of an authority that nobody trusts",
    OTHER_OVERLAY: "for another overlay",
    NO_NODE: "without a Node-ID",
    BARE: "self-signed, where the overlay has a root",
}
"""What parties can show, as the evidence names it."""


@dataclass(slots=True)
class Authority:
    """A root, and who holds its key."""

    certificate: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)


def found(now: float, name: str) -> Authority:
    """A root of a key of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test root of {name}"[:64])])
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(_at(now - 60 * DAY)).not_valid_after(_at(now + 400 * DAY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    )  # fmt: skip
    return Authority(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER), key)


class Overlay:
    """Everything that makes the overlay of a run; ``now`` is seconds since 1970."""

    def __init__(self, now: float, name: str = NAME, root: Authority | None = None) -> None:
        self.name = name
        self.now = now
        self._root = root or found(now, name)
        self._foreign: Authority | None = None
        self.signer = self.certify("signer@" + name)
        """Who signs the configuration and the Kinds."""
        self.trusted: list[bytes] = []
        """Certificates that are good by themselves: self-signed ones, where the document permits them."""
        self.models: dict[int, str] = {}
        """Data models of Kinds that the document does not have, or not always: what is said of them can be written and read."""
        self.document = Document(name=name, root=self._root.certificate, signer=self.signer)

    @property
    def root(self) -> bytes:
        """The certificate of the root, DER."""
        return self._root.certificate

    @property
    def number(self) -> int:
        """The overlay as messages have it."""
        return overlay_of(self.name)

    @property
    def context(self) -> Context:
        """What the bytes of this overlay do not say."""
        return Context(
            overlay_name=self.name,
            kinds={**self.models, **self.document.models},
            trust=(self.root, *self.trusted),
            now=None,
        )

    def certify(
        self, user: str, node_ids: Sequence[bytes] = (), *, kind: str = GOOD, key: Key | None = None, count: int = 1
    ) -> Identity:
        """A certificate for a user with these Node-IDs, or with ``count`` chosen by chance; ``kind`` says what is wrong with it."""
        nodes = tuple(node_ids) or tuple(os.urandom(NODE_ID) for _ in range(count))
        key = key or ec.generate_private_key(ec.SECP256R1())
        der = self._issue(user, () if kind == NO_NODE else nodes, key, kind)
        return Identity(node_ids=nodes, user=user, key=key, certificate=der, kind=kind)

    def demand(self, kind: Kind) -> None:
        """Raises NotClaimed where the overlay cannot be told of a Kind; this one has whatever a scenario needs."""

    def _issue(self, user: str, nodes: Sequence[bytes], key: Key, kind: str) -> bytes:
        root, signing = self._issuer(kind, key)
        start, end = {EXPIRED: (-40, -1), EARLY: (1, 40)}.get(kind, (-20, 200))
        name = "elsewhere.example.net" if kind == OTHER_OVERLAY else self.name
        names: list[x509.GeneralName] = [
            x509.UniformResourceIdentifier(f"reload://01{len(node):02x}{node.hex()}@{name}/") for node in nodes
        ]
        names += [x509.RFC822Name(user)] if user else []
        issuer = x509.load_der_x509_certificate(root).subject if root else x509.Name([])
        builder = (
            x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_at(self.now + start * DAY)).not_valid_after(_at(self.now + end * DAY))
            .add_extension(x509.SubjectAlternativeName(names), True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        )  # fmt: skip
        return builder.sign(signing, hashes.SHA256()).public_bytes(Encoding.DER)

    def _issuer(self, kind: str, key: Key) -> tuple[bytes, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey]:
        if kind == BARE:
            return b"", key
        if kind == FOREIGN:
            self._foreign = self._foreign or found(self.now, "nobody")
            return self._foreign.certificate, self._foreign.key
        return self._root.certificate, self._root.key


def _at(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC)
