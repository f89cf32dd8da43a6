"""The Route of a request that arrives: strict routers are made up for, and the proxy takes itself off (RFC 3261, section 16.4)."""

from __future__ import annotations

from disco_ref.sip.flow import Flow, Transport
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.message import Request
from disco_ref.sip.registration.domains import Domains, port_of
from disco_ref.sip.uri import SipUri, Uri


def preprocessed(request: Request, domains: Domains, flow: Flow) -> Request:
    """The request as if it had come from a loose router, without the values that name this proxy."""
    return _own_routes_off(_maddr_off(_strict_undone(request, domains), domains, flow), domains)


def _strict_undone(request: Request, domains: Domains) -> Request:
    """A strict router has put this proxy into the Request-URI, and the Request-URI behind the Route."""
    uri = request.request_uri
    # = rfc3261:16.4/1
    # = rfc3261:16.4/2
    # = rfc3261:16.4/3
    if not (isinstance(uri, SipUri) and uri.user is None and "lr" in uri.parameters and domains.reached_by(uri)):
        return request
    routes = request.headers.all(ROUTE)
    if not routes:
        return request
    return request._replace(request_uri=routes[-1].uri, headers=request.headers.with_values(ROUTE, routes[:-1]))


def _maddr_off(request: Request, domains: Domains, flow: Flow) -> Request:
    """A Request-URI that asks for this proxy by ``maddr``, and has reached it as it says, is as good without."""
    uri = request.request_uri
    # = rfc3261:16.4/4
    # = rfc3261:16.4/5
    if not isinstance(uri, SipUri):
        return request
    maddr = uri.parameters.get("maddr")
    if not maddr or not domains.responsible_for_host(maddr):
        return request
    if port_of(uri) != flow.local.port or _transport(uri) is not flow.transport:
        return request
    kept = {name: value for name, value in uri.parameters.items() if name not in ("maddr", "transport")}
    text = "".join(f";{name}" if value is None else f";{name}={value}" for name, value in kept.items())
    return request._replace(request_uri=uri._replace(port_text=None, parameter_text=text))


def _transport(uri: SipUri) -> Transport:
    named = (uri.parameters.get("transport") or "").upper()
    default = Transport.TLS if uri.scheme == "sips" else Transport.UDP
    return next((each for each in Transport if each == named), default)


def _own_routes_off(request: Request, domains: Domains) -> Request:
    """Without the first Route values that name this proxy: two, where it recorded one for each side."""
    routes = request.headers.all(ROUTE)
    foreign = 0
    # = rfc3261:16.4/6
    # = rfc5658:3/0
    while foreign < len(routes) and _names_us(routes[foreign].uri, domains):
        foreign += 1
    return request if foreign == 0 else request._replace(headers=request.headers.with_values(ROUTE, routes[foreign:]))


def _names_us(uri: Uri, domains: Domains) -> bool:
    return isinstance(uri, SipUri) and uri.user is None and domains.reached_by(uri)
