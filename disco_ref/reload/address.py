"""Network addresses (RFC 6940, section 6.3.1.1)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Counted, Select, Unknown, enumeration, uint16, uint32, uint128


# = rfc6940:6.3.1.1/0
@enumeration(8)
class AddressType(enum.IntEnum):
    """The kind of a network address."""

    invalidAddressType = 0
    ipv4_address = 1
    ipv6_address = 2


# = rfc6940:6.3.1.1/0
@struct
class IPv4AddrPort(NamedTuple):
    """An IPv4 address and a port."""

    addr: uint32
    """The address as a number."""
    port: uint16
    """The port."""


# = rfc6940:6.3.1.1/0
@struct
class IPv6AddrPort(NamedTuple):
    """An IPv6 address and a port."""

    addr: uint128
    """The address as a number."""
    port: uint16
    """The port."""


# = rfc6940:6.3.1.1/0
@struct
class IpAddressPort(NamedTuple):
    """A network address of either kind, or of a kind not known yet, which can be skipped."""

    type: AddressType | int
    """The kind of the address."""
    address: Annotated[
        IPv4AddrPort | IPv6AddrPort | Unknown,
        Counted(8),
        Select(
            "type",
            {
                AddressType.ipv4_address: {"v4addr_port": IPv4AddrPort},
                AddressType.ipv6_address: {"v6addr_port": IPv6AddrPort},
            },
            extensible=True,
        ),
    ]
    """The address itself."""
