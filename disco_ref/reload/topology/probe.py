"""Probe: what a node is responsible for (RFC 6940, section 6.4.2.5)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple, TypeAlias

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Counted, Select, Unknown, Vec8, Vec16, enumeration, uint32


# = rfc6940:6.4.2.5.1/0
@enumeration(8)
class ProbeInformationType(enum.IntEnum):
    """A piece of status."""

    invalidProbeInformationType = 0
    responsible_set = 1
    num_resources = 2
    uptime = 3


# = rfc6940:6.4.2.5.1/0
@struct
class ProbeReq(NamedTuple):
    """A question for pieces of status (section 6.4.2.5.1)."""

    requested_info: Vec8[ProbeInformationType | int]
    """The pieces that are asked for."""


# = rfc6940:6.4.2.5.2/0
ProbeInformationData: TypeAlias = Annotated[
    int | Unknown,
    Select(
        "type",
        {
            ProbeInformationType.responsible_set: {"responsible_ppb": uint32},
            ProbeInformationType.num_resources: {"num_resources": uint32},
            ProbeInformationType.uptime: {"uptime": uint32},
        },
        extensible=True,
        name="ProbeInformationData",
    ),
]
"""Parts per billion of the overlay; a number of resources; seconds."""


# = rfc6940:6.4.2.5.2/0
@struct
class ProbeInformation(NamedTuple):
    """One piece of status (section 6.4.2.5.2)."""

    type: ProbeInformationType | int
    """Which one."""
    value: Annotated[ProbeInformationData, Counted(8)]
    """Its value."""


# = rfc6940:6.4.2.5.2/0
@struct
class ProbeAns(NamedTuple):
    """The pieces that were asked for and are known."""

    probe_info: Vec16[ProbeInformation]
    """In the order in which they were asked for."""
