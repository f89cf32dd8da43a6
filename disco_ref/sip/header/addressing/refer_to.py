"""Refer-To: what the recipient of a REFER shall contact (RFC 3515, section 2.1)."""

from __future__ import annotations

from disco_ref.sip.header.addressing.name_addr import NameAddr, addresses, plain
from disco_ref.sip.header.field import Field


# Refer-To = ("Refer-To" / "r") HCOLON ( name-addr / addr-spec ) * (SEMI generic-param)
class ReferTo(NameAddr):
    """The target of a reference."""

    __slots__ = ()


# = rfc3515:2.1/0
# = rfc3515:2.4.2/4
REFER_TO = Field(
    "Refer-To",
    addresses("Refer-To", ReferTo, several=False),
    plain=plain(ReferTo),
    compact="r",
    repeats=False,
    needed=True,
)
