"""What a new overlay begins with, and how its configuration is raised to the next (RFC 6940, section 11.1)."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

from disco_ref.clock import Duration, Instant
from disco_ref.reload.enrollment.configuration import Configuration, Kind, KindBlock, RequiredKinds, Signature
from disco_ref.reload.enrollment.document import Signer, sign_document, sign_kinds

# = rfc6940:6.3.2.1/0
SEQUENCES = 65535
"""Sequence numbers are counted modulo this."""

_UNSIGNED = Signature(security_block=b"")

CERTIFICATE_KINDS = (
    Kind(name="CERTIFICATE_BY_NODE", max_count=4, max_size=4096, data_model="ARRAY", access_control="NODE-MATCH"),
    Kind(name="CERTIFICATE_BY_USER", max_count=16, max_size=4096, data_model="ARRAY", access_control="USER-MATCH"),
)
"""Where members keep their certificates (section 8)."""

SIP_KIND = Kind(
    name="SIP-REGISTRATION", max_count=16, max_size=1024, data_model="DICTIONARY", access_control="USER-NODE-MATCH"
)
"""Where users of SIP can be reached (RFC 7904)."""


def with_kinds(configuration: Configuration, kinds: Sequence[Kind]) -> Configuration:
    """A configuration that demands these Kinds, not signed yet."""
    blocks = tuple(KindBlock(kind=each, kind_signature=_UNSIGNED) for each in kinds)
    return dataclasses.replace(configuration, required_kinds=RequiredKinds(kind_block=blocks))


def signed_document(configuration: Configuration, sign: Signer) -> bytes:
    """The document of a configuration: its Kinds signed first, then all of it."""
    return sign_document([sign_kinds(configuration, sign)], sign)


def raised(configuration: Configuration, now: Instant, period: Duration) -> Configuration:
    """The configuration that follows: the next sequence number, and valid for a period from now."""
    # = rfc6940:11.1/6
    until = datetime.datetime.fromtimestamp(int(now + period), datetime.UTC)
    sequence = 1 if configuration.sequence is None else (configuration.sequence + 1) % SEQUENCES
    return dataclasses.replace(configuration, sequence=sequence, expiration=f"{until:%Y-%m-%dT%H:%M:%SZ}")
