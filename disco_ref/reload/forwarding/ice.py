"""ICE candidates (RFC 6940, section 6.5.1.1)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Select, Vec16, enumeration, opaque16, opaque255, uint32
from disco_ref.reload.address import IpAddressPort


# = rfc6940:6.5.1.1/0
@enumeration(8, names={1: "DTLS-UDP-SR", 3: "DTLS-UDP-SR-NO-ICE", 4: "TLS-TCP-FH-NO-ICE"})
class OverlayLinkType(enum.IntEnum):
    """Link protocols (section 6.6)."""

    invalidOverlayLinkType = 0
    DTLS_UDP_SR = 1
    DTLS_UDP_SR_NO_ICE = 3
    TLS_TCP_FH_NO_ICE = 4


WITHOUT_ICE = frozenset({OverlayLinkType.DTLS_UDP_SR_NO_ICE, OverlayLinkType.TLS_TCP_FH_NO_ICE})
"""The link protocols that do without ICE."""


# = rfc6940:6.5.1.1/0
@enumeration(8)
class CandType(enum.IntEnum):
    """Types of candidates; 3 is reserved."""

    invalidCandType = 0
    host = 1
    srflx = 2
    relay = 4


# = rfc6940:6.5.1.1/0
@struct
class IceExtension(NamedTuple):
    """An extension attribute of a candidate."""

    name: opaque16
    """Its name."""
    value: opaque16
    """Its value."""


_RELATED = {"rel_addr_port": IpAddressPort}


# = rfc6940:6.5.1.1/0
@struct
class IceCandidate(NamedTuple):
    """A way to reach a node."""

    addr_port: IpAddressPort
    """The address."""
    overlay_link: OverlayLinkType | int
    """The link protocol spoken there; numbers that are not known stay, so that the others can be tried."""
    foundation: opaque255
    """The foundation, as in ICE."""
    priority: uint32
    """The priority, as in ICE."""
    type: CandType
    """The type of the candidate."""
    rel_addr_port: Annotated[
        IpAddressPort | None,
        Select("type", {CandType.host: None, CandType.srflx: _RELATED, CandType.relay: _RELATED}),
    ]
    """The related address of a reflexive or relayed candidate, None for a host's."""
    extensions: Vec16[IceExtension]
    """Extension attributes."""
