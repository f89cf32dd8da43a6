"""An overlay and its members, made up out of a number: a root certificate, identities, a configuration."""

from __future__ import annotations

import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from disco_ref.reload.enrollment.configuration import (
    BootstrapNode,
    Configuration,
    Kind,
    KindBlock,
    RequiredKinds,
    Signature,
)
from disco_ref.reload.identity import Identity, identity_of
from disco_ref.reload.overlay import Overlay, overlay_of
from disco_ref.reload.security.certificates import read_certificate, reload_uri

NAME = "simulated.example.org"
KIND = 0xF0000001
"""A Kind whose single value the user of the name may write."""

FIRST_ADDRESS = 0x0A000001
"""10.0.0.1, the bootstrap node."""

_FROM = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(2036, 1, 1, tzinfo=datetime.UTC)
_ROOT_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "root of a simulation")])


class Membership:
    """Who is who in the overlay of one seed; its keys are worth nothing outside."""

    def __init__(self, seed: int, reactive: bool, update_interval: int, ping_interval: int) -> None:
        self._seed = seed
        self._root = self._key("root")
        kind = Kind(id=KIND, max_count=1, max_size=500, data_model="SINGLE", access_control="USER-MATCH")
        configuration = Configuration(
            instance_name=NAME,
            sequence=1,
            root_cert=(self._root_certificate(),),
            bootstrap_node=(BootstrapNode(address="10.0.0.1"),),
            no_ice=True,
            max_message_size=65536,
            chord_reactive=reactive,
            chord_update_interval=update_interval,
            chord_ping_interval=ping_interval,
            required_kinds=RequiredKinds(
                kind_block=(KindBlock(kind=kind, kind_signature=Signature(security_block=b"")),)
            ),
        )
        self.overlay: Overlay = overlay_of(configuration)

    def user(self, which: int) -> str:
        """The user name of a member."""
        return f"user{which}@example.org"

    def identity(self, which: int) -> Identity:
        """A member."""
        context, key = self.overlay.context, self._key(f"member {which}")
        node_id = hashlib.sha256(f"{self._seed} node {which}".encode()).digest()[:16]
        names = [
            x509.UniformResourceIdentifier(reload_uri(node_id, NAME, context)),
            x509.RFC822Name(self.user(which)),
        ]
        builder = self._builder(100 + which).subject_name(x509.Name([])).public_key(key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName(names), True)
        signed = builder.sign(self._root, hashes.SHA256(), ecdsa_deterministic=True)
        return identity_of(key, read_certificate(signed.public_bytes(Encoding.DER), context))

    def _root_certificate(self) -> bytes:
        builder = self._builder(1).subject_name(_ROOT_NAME).public_key(self._root.public_key())
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
        signed = builder.sign(self._root, hashes.SHA256(), ecdsa_deterministic=True)
        return signed.public_bytes(Encoding.DER)

    def _builder(self, serial: int) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().issuer_name(_ROOT_NAME).serial_number(serial)
        return builder.not_valid_before(_FROM).not_valid_after(_UNTIL)

    def _key(self, whose: str) -> ec.EllipticCurvePrivateKey:
        number = int.from_bytes(hashlib.sha256(f"{self._seed} key {whose}".encode()).digest()[:31], "big") + 1
        return ec.derive_private_key(number, ec.SECP256R1())
