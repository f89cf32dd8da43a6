"""Reply-To: where the user would rather be called back (RFC 3261, section 20.31)."""

from __future__ import annotations

from disco_ref.sip.header.addressing.name_addr import NameAddr, addresses, plain
from disco_ref.sip.header.field import Field


# Reply-To      =  "Reply-To" HCOLON rplyto-spec
# rplyto-spec   =  ( name-addr / addr-spec ) *( SEMI rplyto-param )
class ReplyTo(NameAddr):
    """An address that may differ from the one in From."""

    __slots__ = ()


# = rfc3261:20.31/0
REPLY_TO = Field("Reply-To", addresses("Reply-To", ReplyTo, several=False), plain=plain(ReplyTo), repeats=False)
