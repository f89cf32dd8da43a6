"""Node-IDs, user names and trust of RELOAD certificates (RFC 6940, sections 11.3 and 14.15)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature

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
    nodes = [_node_ids(uri, context, where) for uri in names.get_values_for_type(x509.UniformResourceIdentifier)]
    users = names.get_values_for_type(x509.RFC822Name)
    return Certificate(der, found, tuple(node for group in nodes for node in group), users[0] if users else None)


def _node_ids(uri: str, context: Context, where: str) -> list[bytes]:
    """The Node-IDs in the Destination List of a RELOAD URI; none where it is another kind of URI."""
    matched = _URI.match(uri)
    if matched is None:
        return []
    octets = bytes.fromhex(matched["destinations"])
    span = Span(octets, 0, len(octets))
    decoder = Decoder(specified(), context)
    nodes = []
    while span.left:
        destination = decoder.leading("Destination", span, f"{where}.subjectAltName")
        node = rules.member(destination["destination_data"], "node_id")
        if isinstance(node, str):
            nodes.append(bytes.fromhex(node))
    return nodes


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
        if any(current == root or _issued(current, root) for root in roots):
            return
        issuer = next((one for one in between if one and one != current and _issued(current, one)), None)
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
