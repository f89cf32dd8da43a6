"""What is to be located: the URI a request goes to, and what it says about the way (RFC 3261, section 8.1.2; RFC 3263, 4)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.errors import Unroutable
from disco_ref.sip.flow import Transport, numeric
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.message import Request
from disco_ref.sip.uri import SipUri, Uri

_NAMED = {each.value.lower(): each for each in Transport}


class Target(NamedTuple):
    """The server that is looked for."""

    host: str
    """A name in lower case, or an address in canonical form without brackets."""
    port: int | None
    """Where the URI names one."""
    transport: Transport | None
    """Where the URI names one."""
    secure: bool
    """Whether nothing but TLS will do (RFC 3261, section 26.2.2)."""

    @property
    def numeric(self) -> bool:
        """Whether the host is an address."""
        return numeric(self.host) is not None


def next_uri(request: Request) -> Uri:
    """The URI that decides where a request goes: the first Route, else the Request-URI.

    Where the first Route is a strict router's, section 12.2.1.1 has put the router itself into the Request-URI.
    """
    # = rfc3261:8.1.2/0
    # = rfc3261:8.1.2/2
    route = None if request.strict else request.headers.first(ROUTE)
    # = rfc3261:12.2.1.1/0
    uri = route.uri if route is not None and route.loose else request.request_uri
    return as_secure(uri) if request.request_uri.scheme == "sips" else uri


def as_secure(uri: Uri) -> Uri:
    """The SIPS URI to a SIP URI: what is located for a request whose Request-URI is one (section 26.2.2)."""
    # = rfc3261:8.1.2/3
    # = rfc3261:8.1.2/5
    if not isinstance(uri, SipUri) or uri.scheme == "sips":
        return uri
    kept = [piece for piece in uri.parameter_text.split(";")[1:] if not piece.lower().startswith("transport=")]
    return uri._replace(scheme_text="sips", parameter_text="".join(f";{piece}" for piece in kept))


def target_of(uri: Uri) -> Target:
    """What a URI says of the server to be found; Unroutable where it names none that could be reached."""
    if not isinstance(uri, SipUri):
        # = rfc3261:8.1.2/0 silent: a request to another scheme needs a Route that leads to somebody who knows it
        raise Unroutable(f"no server is found by the scheme {uri.scheme[:40]}", where="Request-URI")
    given = uri.parameters
    # = rfc3263:4/0
    host = given.get("maddr") or uri.host
    named = (given.get("transport") or "").lower()
    transport = _NAMED.get(named)
    if named and transport is None:
        raise Unroutable(f"the transport {named[:40]} is not supported", where="Request-URI")
    secure = uri.scheme == "sips"
    if secure:
        # = rfc3263:4.1/0
        # = rfc3261:26.2.2/0
        transport = Transport.TLS
    return Target(numeric(host) or host.lower().rstrip("."), uri.port, transport, secure)
