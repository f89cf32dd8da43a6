"""Node-IDs, user names and trust of RELOAD certificates (RFC 6940, sections 11.3 and 14.15)."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from conformance.lab import rules
from conformance.lab.context import Context
from conformance.lab.presentation.decoding import Decoder, Span
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.refusal import LabRefusal

_URI = re.compile(r"reload://(?P<destinations>(?:[0-9a-fA-F]{2})+)@(?P<overlay>[^/]+)/?$")
_CHAIN = 8
"""The longest chain that is followed."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate: its DER form, the Node-IDs and the user name it attests."""

    der: bytes
    x509: x509.Certificate
    node_ids: tuple[bytes, ...]
    user: str | None


def read_certificate(der: bytes, context: Context, where: str = "certificate") -> Certificate:
    """A certificate from its DER form; LabRefusal where it is none, or names no Node-ID as it must."""
    try:
        found = x509.load_der_x509_certificate(der)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Certificate(der, found, (), None)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise LabRefusal(where, None, f"no readable X.509 certificate: {error}") from None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    users = names.get_values_for_type(x509.RFC822Name)
    nodes = tuple(_node_id(uri, context, where) for uri in uris if uri.lower().startswith("reload:"))
    return Certificate(der, found, nodes, users[0] if users else None)


def _node_id(uri: str, context: Context, where: str) -> bytes:
    """The Node-ID in a RELOAD URI: its Destination List has one entry, and that is a Node-ID."""
    matched = _URI.match(uri)
    # = rfc6940:11.3/18a
    if matched is None:
        raise LabRefusal(where, None, f"{uri[:80]!r} is no RELOAD URI", rules.FORBIDDEN, "rfc6940:11.3/18a")
    if context.overlay_name is not None and matched["overlay"].lower() != context.overlay_name.lower():
        raise LabRefusal(where, None, f"is for the overlay {matched['overlay'][:80]}", rules.FORBIDDEN)
    octets = bytes.fromhex(matched["destinations"])
    span = Span(octets, 0, len(octets))
    destination = Decoder(specified(), context).leading("Destination", span, f"{where}.subjectAltName")
    node = rules.member(destination["destination_data"], "node_id")
    # = rfc6940:11.3/18b
    if not isinstance(node, str) or span.left:
        why = "its Destination List is not a single Node-ID"
        raise LabRefusal(where, None, why, rules.FORBIDDEN, "rfc6940:11.3/18b")
    return bytes.fromhex(node)


def check_signer(certificate: Certificate) -> None:
    """A certificate names a Node-ID; a self-signed one only such as its key gives (sections 11.3, 11.3.1)."""
    # = rfc6940:11.3/14
    if not certificate.node_ids:
        raise LabRefusal("certificate", None, "names no Node-ID", rules.FORBIDDEN, "rfc6940:11.3/14")
    if not _issued(certificate.x509, certificate.x509):
        check_names(certificate.x509)
        return
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    key = certificate.x509.public_key().public_bytes(encoding, form)
    several = len(certificate.node_ids) > 1
    for index, node in enumerate(certificate.node_ids, 1):
        keyed = (index.to_bytes(4) if several else b"") + key
        digests = (hashlib.new(name, keyed, usedforsecurity=False).digest() for name in ("sha1", "sha256"))
        # = rfc6940:11.3.1/3
        # = rfc6940:11.3.1/4
        if not any(digest.startswith(node) for digest in digests):
            why = "self-signed, and its Node-ID is not that of its key"
            raise LabRefusal("certificate", None, why, rules.FORBIDDEN, "rfc6940:11.3.1/4")


def check_names(certificate: x509.Certificate) -> None:
    """What an enrolment server certifies: Node-IDs and one user name in the SubjectAltName, nothing as the subject."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    users = names.get_values_for_type(x509.RFC822Name)
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    nodes = [uri for uri in uris if uri.lower().startswith("reload:")]
    # = rfc6940:11.3/22
    if len(users) > 1 or len(nodes) + len(users) < len(list(names)):
        raise LabRefusal("certificate", None, "names more than Node-IDs and a user", rules.FORBIDDEN, "rfc6940:11.3/22")
    # = rfc6940:11.3/23
    if len(list(certificate.subject)) > 0:
        raise LabRefusal("certificate", None, "its subject is not empty", rules.FORBIDDEN, "rfc6940:11.3/23")


def check_trust(certificate: Certificate, bucket: Sequence[bytes], context: Context) -> None:
    """The validity at ``now``, and a chain to one of ``trust``, where the context asks for them (section 11.3)."""
    if context.now is not None:
        _check_validity(certificate.x509, context.now)
    if not context.trust:
        return
    roots = [x509.load_der_x509_certificate(one) for one in context.trust]
    between = [_loaded(one) for one in (*bucket, *context.certificates)]
    current = certificate.x509
    for _ in range(_CHAIN):
        if any(current == root or _certifies(root, current) for root in roots):
            return
        issuer = next((one for one in between if one and one != current and _certifies(one, current)), None)
        if issuer is None:
            break
        if context.now is not None:
            _check_validity(issuer, context.now)
        current = issuer
    raise LabRefusal("certificate", None, "no chain to a root certificate of the overlay", rules.FORBIDDEN)


def _loaded(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None


def _certifies(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether an authority issued a certificate: one that says it is one (BasicConstraints)."""
    # = rfc6940:11.3/27
    try:
        authority = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return authority and _issued(certificate, issuer)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _check_validity(certificate: x509.Certificate, now: int) -> None:
    # = rfc6940:7.1/1
    at = datetime.datetime.fromtimestamp(min(now, 1 << 36), datetime.UTC)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise LabRefusal("certificate", None, f"not valid at {now}", rules.FORBIDDEN, "rfc6940:7.1/1")
