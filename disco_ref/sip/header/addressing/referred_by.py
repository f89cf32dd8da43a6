"""Referred-By: on whose behalf a reference is followed (RFC 3892, section 3)."""

from __future__ import annotations

from disco_ref.sip.header.addressing.name_addr import NameAddr, addresses, plain
from disco_ref.sip.header.field import Field


# Referred-By       =  ("Referred-By" / "b") HCOLON referrer-uri *( SEMI (referredby-id-param / generic-param) )
# referrer-uri      =  ( name-addr / addr-spec )
# referredby-id-param  =  "cid" EQUAL sip-clean-msg-id
class ReferredBy(NameAddr):
    """The referrer, and with ``cid`` the body part that proves it."""

    __slots__ = ()


# = rfc3892:3/0
REFERRED_BY = Field(
    "Referred-By",
    addresses("Referred-By", ReferredBy, several=False),
    plain=plain(ReferredBy),
    compact="b",
    repeats=False,
)
