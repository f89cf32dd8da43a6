"""From and To: who sends a request, and whom it is meant for (RFC 3261, sections 20.20 and 20.39)."""

from __future__ import annotations

from disco_ref.sip.header import parameters
from disco_ref.sip.header.addressing.name_addr import NameAddr, addresses, plain
from disco_ref.sip.header.field import Field
from disco_ref.sip.header.parameters import Known

_KNOWN: Known = {"tag": parameters.token}


class _Party(NameAddr):
    __slots__ = ()

    @property
    def tag(self) -> str | None:
        """The half of the dialog identifier that this side chose; None where there is none, as before RFC 3261 (section 12.1.1)."""
        # = rfc3261:12.1.1/14
        return self.parameter("tag")

    @classmethod
    def known(cls) -> Known:
        """``tag`` is a token."""
        return _KNOWN


# From        =  ( "From" / "f" ) HCOLON from-spec
# from-spec   =  ( name-addr / addr-spec ) *( SEMI from-param )
# from-param  =  tag-param / generic-param            tag-param   =  "tag" EQUAL token
# = rfc3261:20.20/0
class From(_Party):
    """The initiator of the request (section 20.20)."""

    __slots__ = ()


# To          =  ( "To" / "t" ) HCOLON ( name-addr / addr-spec ) *( SEMI to-param )
# = rfc3261:20.39/0
class To(_Party):
    """The logical recipient of the request (section 20.39)."""

    __slots__ = ()


FROM = Field("From", addresses("From", From, several=False), plain=plain(From), compact="f", repeats=False, needed=True)
TO = Field("To", addresses("To", To, several=False), plain=plain(To), compact="t", repeats=False, needed=True)
