"""Route, Record-Route and Path: the proxies a request shall pass, and those that asked to stay in the way.

RFC 3261, sections 20.34 and 20.30; RFC 3327, section 4.
"""

from __future__ import annotations

from disco_ref.sip.header.addressing.name_addr import NameAddr, addresses, plain
from disco_ref.sip.header.field import Field
from disco_ref.sip.uri import SipUri


class _Hop(NameAddr):
    __slots__ = ()

    @property
    def loose(self) -> bool:
        """Whether the element is a loose router: its URI has ``lr`` (section 19.1.1)."""
        uri = self.uri
        # = rfc3261:19.1.1/0
        return isinstance(uri, SipUri) and "lr" in uri.parameters


# Route         =  "Route" HCOLON route-param *(COMMA route-param)
# route-param   =  name-addr *( SEMI rr-param )
class Route(_Hop):
    """A proxy that the request shall visit (section 20.34)."""

    __slots__ = ()


# Record-Route  =  "Record-Route" HCOLON rec-route *(COMMA rec-route)
# rec-route     =  name-addr *( SEMI rr-param )
class RecordRoute(_Hop):
    """A proxy that later requests of the dialog shall visit (section 20.30)."""

    __slots__ = ()


# Path        =  "Path" HCOLON path-value *( COMMA path-value )
# path-value  =  name-addr *( SEMI rr-param )
class Path(_Hop):
    """A proxy between the user agent and its registrar (RFC 3327, section 4)."""

    __slots__ = ()


# = rfc3261:20.34/0
ROUTE = Field("Route", addresses("Route", Route, bare=False), plain=plain(Route), needed=True)
# = rfc3261:20.30/0
RECORD_ROUTE = Field(
    "Record-Route", addresses("Record-Route", RecordRoute, bare=False), plain=plain(RecordRoute), needed=True
)
# = rfc3327:4/0
PATH = Field("Path", addresses("Path", Path, bare=False), plain=plain(Path), needed=True)
