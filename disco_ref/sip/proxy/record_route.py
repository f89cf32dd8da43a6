"""How a proxy stays on the path: Record-Route, one value for each side where they differ (RFC 3261, section 16.6, item 4; RFC 5658)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.errors import Refusal
from disco_ref.sip.flow import Flow, Transport
from disco_ref.sip.header.addressing.route import ROUTE, RecordRoute
from disco_ref.sip.message import Request
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, Uri

# = rfc3261:16.6/15
# = rfc3261:16.6/16
# = rfc3261:16.6/28
UNRECORDED = frozenset({"ACK", "CANCEL", "BYE", "PRACK", "INFO", "OPTIONS", "REGISTER", "MESSAGE", "PUBLISH"})
"""Methods that make no dialog and refresh none; every other one, known or not, may."""


def record_routes(
    listening: Sequence[Listening], flow: Flow, forwarded: Request, next_hop: Uri, onward: Flow | None
) -> list[RecordRoute]:
    """The values to put on top of those that are there: first for who comes next, then, if it is another, for who came before.

    ``flow`` is where the request came from, ``onward`` the connection that it leaves on, where that is known.  With one value on
    each side none needs to be rewritten in the response (rfc3261:16.7/36 and 37).
    """
    incoming = _of_flow(listening, flow)
    outgoing = _of_flow(listening, onward) if onward else _of_uri(listening, next_hop, flow)
    if incoming is None or outgoing is None:
        return []
    secure = _secure(forwarded)
    # = rfc3261:16.7/36 exception: both URIs are there from the start
    # = rfc3261:16.7/37 exception: both URIs are there from the start
    # = rfc3261:16.6/23
    # = rfc3261:16.6/25
    values = [_value(outgoing, secure)]
    if incoming != outgoing:
        # = rfc3261:16.6/20
        # = rfc3261:16.6/24
        values.append(_value(incoming, secure and flow.transport is Transport.TLS))
    return values


def _secure(forwarded: Request) -> bool:
    """Whether the Request-URI or the first Route asks for TLS all the way."""
    route = forwarded.headers.first(ROUTE)
    return forwarded.request_uri.scheme == "sips" or (route is not None and route.uri.scheme == "sips")


def _value(listening: Listening, secure: bool) -> RecordRoute:
    # = rfc3261:16.6/18
    # = rfc3261:16.6/19
    # = rfc3261:16.6/22
    host, _, port = listening.sent_by.rpartition(":")
    if secure and listening.transport is Transport.TLS:
        return RecordRoute.of(SipUri("sips", None, None, host, port, ";lr"))
    # = rfc3261:16.6/21 exception: the neighbour on this side is spoken to over this transport already
    named = "" if listening.transport is Transport.UDP else f";transport={listening.transport.lower()}"
    return RecordRoute.of(SipUri("sip", None, None, host, port, f"{named};lr"))


def _of_flow(listening: Sequence[Listening], flow: Flow) -> Listening | None:
    """Where a flow ends on this side."""
    same = [each for each in listening if each.transport is flow.transport and each.ipv6 == (":" in flow.local.host)]
    exact = [each for each in same if each.address == flow.local]
    return next(iter(exact or same), None)


def _of_uri(listening: Sequence[Listening], uri: Uri, flow: Flow) -> Listening | None:
    """From where a request leaves for a URI, as far as the URI tells before it is located."""
    if not isinstance(uri, SipUri):
        return None
    try:
        named = (uri.parameters.get("transport") or "").upper()
    except Refusal:
        return None
    transport = next((each for each in Transport if each == named), Transport.UDP)
    if uri.scheme == "sips":
        transport = Transport.TLS
    literal = uri.host.startswith("[") or uri.host.replace(".", "").isdecimal()
    ipv6 = uri.host.startswith("[") if literal else ":" in flow.local.host
    same = [each for each in listening if each.transport is transport and each.ipv6 == ipv6]
    kin = [each for each in listening if each.transport is transport]
    return next(iter(same or kin), None)
