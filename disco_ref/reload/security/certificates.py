"""Certificates: whom they name, and whether to believe them (RFC 6940, sections 11.3, 11.3.1 and 14.15)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from disco_ref.clock import Instant
from disco_ref.errors import Refusal, Unauthorized
from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.reload.ids import overlay_hash
from disco_ref.reload.message.destination import Destination, DestinationType, FullDestination
from disco_ref.reload.security.algorithms import digest

# = rfc6940:14.15/0
_URI = re.compile(r"reload://(?P<destination>[0-9a-fA-F]+)@(?P<overlay>[^/@]+)/?")
_LONGEST_CHAIN = 8
_REMEMBERED = 1 << 14
"""Certificates of which is kept what was read in them and who has issued them: both follow from their octets alone."""

_LAST_INSTANT = 1 << 37

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises for certificates that are none, some of it only when a part is asked for."""


class BadCertificate(Unauthorized):
    """Octets that are no certificate of the overlay (Error_Forbidden)."""

    error_code = 2


class Untrusted(Unauthorized):
    """A certificate that does not chain to a root of the overlay, or is out of its time (Error_Forbidden)."""

    error_code = 2


class Certificate(NamedTuple):
    """A certificate, and what it says about its holder."""

    der: bytes
    """The certificate in DER."""
    x509: x509.Certificate
    """The certificate, read."""
    node_ids: tuple[bytes, ...]
    """The Node-IDs of its holder in this overlay."""
    user_name: str | None
    """The user name of its holder."""

    @property
    def self_signed(self) -> bool:
        """Whether the holder issued it."""
        return _issued_by_itself(self.der)


def reload_uri(node_id: bytes, overlay_name: str, context: Context) -> str:
    """The URI by which a certificate names a Node-ID (section 14.15)."""
    # = rfc6940:11.3/18a
    destination = encode(FullDestination(DestinationType.node, node_id), context)
    return f"reload://{destination.hex()}@{overlay_name}/"


def read_certificate(der: bytes, context: Context) -> Certificate:
    """Read a certificate in DER; BadCertificate where it is none.

    URIs of other schemes and of other overlays name no Node-ID here; one of this overlay must hold exactly one
    Destination, a node.
    """
    return _read_certificate(der, context.node_id_length, context.overlay)


@lru_cache(_REMEMBERED)
def _read_certificate(der: bytes, node_id_length: int, overlay: int | None) -> Certificate:
    context = Context(node_id_length, overlay=overlay)
    try:
        found = x509.load_der_x509_certificate(der)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
        # = rfc6940:11.3/14
        users = names.get_values_for_type(x509.RFC822Name)
    except x509.ExtensionNotFound:
        return Certificate(der, found, (), None)
    except UNREADABLE as fault:
        raise BadCertificate(f"no readable certificate: {fault}", where="GenericCertificate.certificate") from None
    node_ids = tuple(node_id for uri in uris for node_id in _node_ids(uri, context))
    return Certificate(der, found, node_ids, users[0] if users else None)


def _node_ids(uri: str, context: Context) -> list[bytes]:
    matched = _URI.fullmatch(uri)
    if matched is None or (context.overlay is not None and overlay_hash(matched["overlay"]) != context.overlay):
        return []
    where = "GenericCertificate.certificate.subjectAltName"
    try:
        octets = bytes.fromhex(matched["destination"])
        destination, end = Destination.read(octets, 0, len(octets), context)
    except (ValueError, Refusal) as fault:
        raise BadCertificate(f"a RELOAD URI without Destination List: {fault}", where=where) from None
    # = rfc6940:11.3/18b
    if end != len(octets) or not isinstance(destination.destination_data, bytes):
        raise BadCertificate("a RELOAD URI with more than one Destination", where=where)
    if destination.type is not DestinationType.node:
        raise BadCertificate("a RELOAD URI that names no node", where=where)
    return [destination.destination_data]


def refuse_other_names(certificate: Certificate) -> None:
    """BadCertificate where an issued certificate names nobody, more than Node-IDs and one user, or has a subject."""
    _refuse_other_names(certificate.der)


@lru_cache(_REMEMBERED)
def _refuse_other_names(der: bytes) -> None:
    where = "GenericCertificate.certificate.subjectAltName"
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
        users = names.get_values_for_type(x509.RFC822Name)
        subject = list(certificate.subject)
    except (x509.ExtensionNotFound, *UNREADABLE) as fault:
        raise BadCertificate(f"it does not say whom it names: {fault}", where=where) from None
    of_nodes = sum(uri.lower().startswith("reload:") for uri in uris)
    # = rfc6940:11.3/22
    if len(users) > 1 or of_nodes + len(users) < len(list(names)):
        raise BadCertificate("it names more than Node-IDs and one user", where=where)
    # = rfc6940:11.3/23
    if subject:
        raise BadCertificate("its subject is not empty", where="GenericCertificate.certificate.subject")


def refuse_untrusted(
    certificate: Certificate, others: Sequence[bytes], roots: Sequence[bytes], now: Instant | None
) -> tuple[bytes, ...]:
    """Untrusted where the certificate is out of its time at ``now``, or no chain leads to one of ``roots``.

    ``others`` are certificates in DER that may stand between; those that do, in their order, are returned.  Without roots
    no chain is asked for, without ``now`` no validity.
    """
    if now is not None:
        _refuse_out_of_time(certificate.der, now)
    if not roots or _of_a_root(certificate.der, tuple(roots)):
        return ()
    between = [each for each in map(_loaded, others) if each is not None and _is_authority(each)]
    current = certificate.x509
    chain: list[bytes] = []
    for _ in range(_LONGEST_CHAIN):
        issuer = next((each for each in between if each != current and _issued(current, each)), None)
        if issuer is None:
            break
        current = issuer
        chain.append(current.public_bytes(serialization.Encoding.DER))
        if now is not None:
            _refuse_out_of_time(chain[-1], now)
        if _of_a_root(chain[-1], tuple(roots)):
            return tuple(chain)
    # = rfc6940:11.3/0
    # = rfc6940:13.3/3
    raise Untrusted("no chain to a root certificate of the overlay", where="GenericCertificate.certificate")


@lru_cache(_REMEMBERED)
def _plain(der: bytes, roots: tuple[bytes, ...]) -> bool:
    """Whether a certificate was issued by a root and to somebody else, and names nobody that it should not."""
    if not roots or _issued_by_itself(der) or not _of_a_root(der, roots):
        return False
    try:
        _refuse_other_names(der)
    except BadCertificate:
        return False
    return True


def refuse_plain(certificate: Certificate, roots: tuple[bytes, ...], now: Instant | None) -> bool:
    """Untrusted where a certificate right below a root is out of its time; whether it is such a one, and nothing is against it."""
    if not _plain(certificate.der, roots):
        return False
    if now is not None:
        _refuse_out_of_time(certificate.der, now)
    return True


@lru_cache(_REMEMBERED)
def _of_a_root(der: bytes, roots: tuple[bytes, ...]) -> bool:
    """Whether a certificate is a root, or was issued by one; whether it may have been at this time is another question."""
    found = _loaded(der)
    anchors = [each for each in map(_loaded, roots) if each is not None]
    # = rfc6940:11.3/27
    return found is not None and any(found == anchor or _issued(found, anchor) for anchor in anchors)


@lru_cache(_REMEMBERED)
def _issued_by_itself(der: bytes) -> bool:
    found = _loaded(der)
    return found is not None and _issued(found, found)


@lru_cache(_REMEMBERED)
def public_key(der: bytes) -> CertificatePublicKeyTypes:
    """The public key of a certificate; BadCertificate where it has none that can be read."""
    try:
        return x509.load_der_x509_certificate(der).public_key()
    except UNREADABLE as fault:
        raise BadCertificate(f"no readable key: {fault}", where="GenericCertificate.certificate") from None


def refuse_stolen_node_ids(certificate: Certificate, hash_algs: Sequence[int], context: Context) -> None:
    """Untrusted where a self-signed certificate names Node-IDs that follow from its key by none of these hashes."""
    count = len(certificate.node_ids)
    # = rfc6940:11.3.1/4
    for hash_alg in hash_algs:
        if set(certificate.node_ids) == set(self_signed_node_ids(certificate, hash_alg, count, context)):
            return
    where = "GenericCertificate.certificate.subjectAltName"
    raise Untrusted("a Node-ID that does not follow from the public key", where=where)


def self_signed_node_ids(certificate: Certificate, hash_alg: int, count: int, context: Context) -> tuple[bytes, ...]:
    """The Node-IDs that the holder of a self-signed certificate has: high-order bits of a digest of the public key."""
    key = certificate.x509.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return node_ids_of_key(key, hash_alg, count, context)


def node_ids_of_key(key: bytes, hash_alg: int, count: int, context: Context) -> tuple[bytes, ...]:
    """The Node-IDs that follow from a subjectPublicKeyInfo in DER (section 11.3.1)."""
    # = rfc6940:11.3.1/3
    prefixes = [b""] if count == 1 else [index.to_bytes(4, "big") for index in range(1, count + 1)]
    return tuple(digest(hash_alg, prefix + key)[: context.node_id_length] for prefix in prefixes)


def _loaded(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except UNREADABLE:
        return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        # = rfc6940:11.3/27
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _refuse_out_of_time(der: bytes, now: Instant) -> None:
    begins, ends = _validity(der)
    # = rfc6940:7.1/1
    if not begins <= now <= ends:
        at = datetime.datetime.fromtimestamp(max(0, min(now, _LAST_INSTANT)), datetime.UTC)
        raise Untrusted(f"not valid at {at:%Y-%m-%dT%H:%M:%SZ}", where="GenericCertificate.certificate")


@lru_cache(_REMEMBERED)
def _validity(der: bytes) -> tuple[float, float]:
    """From when to when a certificate that can be read is valid, in seconds since 1970."""
    certificate = x509.load_der_x509_certificate(der)
    return certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
