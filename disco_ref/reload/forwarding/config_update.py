"""ConfigUpdate: spreading a new configuration (RFC 6940, section 6.5.4)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple, TypeAlias

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import (
    Counted,
    Opaque,
    Select,
    Typedef,
    Unknown,
    Vec24,
    enumeration,
    opaque24,
)


# = rfc6940:6.5.4.1/0
@enumeration(8)
class ConfigUpdateType(enum.IntEnum):
    """What is updated."""

    invalidConfigUpdateType = 0
    config = 1
    kind = 2


# = rfc6940:6.5.4.1/0
KindDescription: TypeAlias = Annotated[bytes, Opaque(16), Typedef("KindDescription")]
"""A signed ``kind-block`` in XML, UTF-8."""


# = rfc6940:6.5.4.1/0
@struct
class ConfigUpdateReq(NamedTuple):
    """New configuration (section 6.5.4.1)."""

    type: ConfigUpdateType | int
    """What is updated."""
    update: Annotated[
        bytes | tuple[bytes, ...] | Unknown,
        Counted(32),
        Select(
            "type",
            {
                ConfigUpdateType.config: {"config_data": opaque24},
                ConfigUpdateType.kind: {"kinds": Vec24[KindDescription]},
            },
            extensible=True,
        ),
    ]
    """The configuration document as octets, or the descriptions of Kinds."""


# = rfc6940:6.5.4.2/0
@struct
class ConfigUpdateAns(NamedTuple):
    """The empty answer (section 6.5.4.2)."""
