"""An overlay for tests: a root certificate, members, a configuration."""

from __future__ import annotations

import datetime
import hashlib
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from disco_ref.notation.context import Context
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

NAME = "overlay.example.org"
SINGLE, ARRAY, DICTIONARY = 0xF0000001, 0xF0000002, 0xF0000003
BOOTSTRAP = "10.0.0.1"
_FROM = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(2036, 1, 1, tzinfo=datetime.UTC)
_ROOT_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "root")])


def _key(which: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(5000 + which, ec.SECP256R1())


def private_key(which: int) -> ec.EllipticCurvePrivateKey:
    """The private key of a member's certificate."""
    return _key(1 + which)


@cache
def root() -> bytes:
    """The root certificate of the overlay in DER."""
    key = _key(0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_ROOT_NAME)
        .issuer_name(_ROOT_NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(True, None), True)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@cache
def identity(which: int, issuer: int = 0, also: int | None = None) -> Identity:
    """A member: its user is ``user<which>@example.org``, its Node-ID follows from the number; ``issuer`` 0 is the root.

    With ``also`` the certificate holds the Node-ID of that number too.
    """
    context, key = Context(), private_key(which)
    node_ids = [node_id(each) for each in (which, also) if each is not None]
    names = x509.SubjectAlternativeName(
        [
            *(x509.UniformResourceIdentifier(reload_uri(each, NAME, context)) for each in node_ids),
            x509.RFC822Name(user(which)),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(_ROOT_NAME)
        .public_key(key.public_key())
        .serial_number(100 + which)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(names, True)
    )
    der = builder.sign(_key(issuer), hashes.SHA256()).public_bytes(Encoding.DER)
    return identity_of(key, read_certificate(der, overlay().context), node_id(which))


def user(which: int) -> str:
    """The user name of a member."""
    return f"user{which}@example.org"


def node_id(which: int) -> bytes:
    """The Node-ID of a member."""
    return hashlib.sha256(f"member {which}".encode()).digest()[:16]


@cache
def overlay() -> Overlay:
    """The overlay, with a Kind of each data model that its users may write at their own names."""
    return overlay_of(configuration())


def configuration(
    sequence: int = 1, configuration_signer: tuple[bytes, ...] = (), bad_node: tuple[bytes, ...] = ()
) -> Configuration:
    """Its configuration."""
    kinds = (
        Kind(id=SINGLE, max_count=1, max_size=500, data_model="SINGLE", access_control="USER-MATCH"),
        Kind(id=ARRAY, max_count=4, max_size=500, data_model="ARRAY", access_control="USER-MATCH"),
        Kind(id=DICTIONARY, max_count=4, max_size=500, data_model="DICTIONARY", access_control="USER-NODE-MATCH"),
    )
    unsigned = Signature(security_block=b"")
    return Configuration(
        instance_name=NAME,
        sequence=sequence,
        root_cert=(root(),),
        configuration_signer=configuration_signer,
        bad_node=bad_node,
        bootstrap_node=(BootstrapNode(address=BOOTSTRAP),),
        no_ice=True,
        max_message_size=65536,
        required_kinds=RequiredKinds(kind_block=tuple(KindBlock(kind=each, kind_signature=unsigned) for each in kinds)),
    )
