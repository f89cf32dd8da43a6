"""What a node does with what it is given: judging a configuration and a certificate, and making one of its own (RFC 6940, sections 11.2 to 11.3.1)."""

from __future__ import annotations

import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Unexpected
from disco_ref.reload.enrollment.configuration import EXTENSIONS, Configuration
from disco_ref.reload.enrollment.document import SignedConfiguration, read
from disco_ref.reload.enrollment.issuing import Holder, Validity, issue_own
from disco_ref.reload.enrollment.request import PublicKey
from disco_ref.reload.enrollment.signing import (
    DIGESTS,
    context_of,
    verify_configuration,
    verify_kinds,
)
from disco_ref.reload.forwarding.configuring import newer
from disco_ref.reload.ids import overlay_hash
from disco_ref.reload.security.certificates import (
    BadCertificate,
    Certificate,
    Untrusted,
    node_ids_of_key,
    public_key,
    read_certificate,
    refuse_other_names,
    refuse_untrusted,
)
from disco_ref.reload.security.signing import PrivateKey


class NotThisOverlay(Unexpected):
    """A configuration that cannot be used: of another overlay, expired, or asking for more than is supported."""

    error_code = 2


def accept_configuration(
    octets: bytes, overlay_name: str, current: Configuration | None, now: Instant
) -> SignedConfiguration:
    """The configuration of this overlay out of a document, once it is certain that it may be used.

    ``current`` is the one that holds now: its signers judge the new one, which must not be older. A first one is
    judged by the signers that it names itself, which proves that it is whole; that it is right, HTTPS proves.
    """
    # = rfc6940:11.2/8
    wanted = overlay_hash(overlay_name)
    found = [each for each in read(octets) if overlay_hash(each.configuration.instance_name) == wanted]
    if not found:
        raise NotThisOverlay(f"no configuration of {overlay_name}", where="configuration/@instance-name")
    one = found[0]
    configuration = one.configuration
    ends = expiration_of(configuration)
    if ends is not None and ends <= now:
        raise NotThisOverlay(f"expired at {configuration.expiration}", where="configuration/@expiration")
    # = rfc6940:11.1/20
    missing = configuration.unsupported(EXTENSIONS)
    if missing:
        raise NotThisOverlay(f"needs an extension that is not supported: {missing[0]}", where="mandatory-extension")
    _verify(one, current, now)
    return one


def _verify(one: SignedConfiguration, current: Configuration | None, now: Instant) -> None:
    configuration = one.configuration
    if current is not None and one.configuration == current:
        return
    # = rfc6940:11.1/37
    # = rfc6940:11.1/38
    if current is not None and current.configuration_signer:
        if newer(current.sequence or 0, configuration.sequence or 0):
            raise NotThisOverlay("older than the one at hand", where="configuration/@sequence")
        verify_configuration(one, current, now)
    elif configuration.configuration_signer:
        verify_configuration(one, configuration, now)
    # = rfc6940:11.1/33
    verify_kinds(one, now)


def expiration_of(configuration: Configuration) -> Instant | None:
    """When a configuration expires; None where it does not."""
    if configuration.expiration is None:
        return None
    return Instant(datetime.datetime.fromisoformat(configuration.expiration.strip()).timestamp())


def accept_certificate(
    der: bytes, key: PublicKey, configuration: Configuration, user_name: str | None, now: Instant
) -> Certificate:
    """The certificate that an enrolment server returned, once it is certain that it is ours and the overlay's.

    BadCertificate or Untrusted where it is not; ``user_name`` is the one that was asked for, if any.
    """
    certificate = read_certificate(der, context_of(configuration))
    if _spki(public_key(der)) != _spki(key):
        raise BadCertificate("it certifies another key than ours", where="certificate.subjectPublicKeyInfo")
    if not certificate.node_ids or certificate.user_name is None:
        raise BadCertificate("it names no Node-ID of this overlay, or no user", where="certificate.subjectAltName")
    if user_name is not None and certificate.user_name != user_name:
        raise BadCertificate("it is for another user name than the one asked for", where="certificate.subjectAltName")
    refuse_other_names(certificate)
    if not configuration.root_cert:
        raise Untrusted("the configuration has no root-cert", where="configuration/root-cert")
    # = rfc6940:11.3/27
    refuse_untrusted(certificate, (), configuration.root_cert, now)
    # = rfc6940:11.1/19
    if set(certificate.node_ids) & set(configuration.bad_node):
        raise Untrusted("the configuration calls its Node-ID bad", where="configuration/bad-node")
    return certificate


def _spki(key: object) -> bytes:
    octets: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return octets


def self_signed(
    key: PrivateKey,
    configuration: Configuration,
    user_name: str | None,
    count: int,
    validity: Validity,
    entropy: Entropy,
) -> bytes:
    """A certificate in DER that a node issues to itself; NotThisOverlay where the overlay takes none such."""
    permitted = configuration.self_signed_permitted
    # = rfc6940:11.3.1/1
    # = rfc6940:11.1/12
    if permitted is None or not permitted.permitted or permitted.digest not in DIGESTS:
        raise NotThisOverlay("self-signed certificates are not permitted", where="self-signed-permitted")
    context = context_of(configuration)
    # = rfc6940:11.3.1/3
    node_ids = node_ids_of_key(_spki(key.public_key()), DIGESTS[permitted.digest], count, context)
    # = rfc6940:11.3.1/2
    holder = Holder(key.public_key(), node_ids, user_name)
    return issue_own(key, holder, validity, entropy, configuration.instance_name, context)


def random_moment(since: Instant, until: Instant, entropy: Entropy) -> Instant:
    """A moment between a half and nine tenths of the way, so that not everybody asks at once."""
    # = rfc6940:11.1/5
    part = int.from_bytes(entropy(4), "big") / (1 << 32)
    return Instant(since + max(0.0, until - since) * (0.5 + 0.4 * part))


def retry_after(failures: int) -> Duration:
    """How long to wait after so many failures in a row: a minute, doubled each time, six hours at most."""
    return Duration(min(60.0 * 2 ** min(failures - 1, 20), 21600.0))
