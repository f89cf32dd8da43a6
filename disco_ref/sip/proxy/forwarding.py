"""The copy of a request that goes to a target (RFC 3261, section 16.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.sip.flow import Flow
from disco_ref.sip.header.addressing.route import RECORD_ROUTE, ROUTE, Route
from disco_ref.sip.header.plain.numbers import MAX_BREADTH, MAX_FORWARDS
from disco_ref.sip.location.target import as_secure
from disco_ref.sip.message import Request
from disco_ref.sip.proxy.record_route import UNRECORDED, record_routes
from disco_ref.sip.proxy.targets import Target
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, Uri

HOPS = 70
"""Max-Forwards of a request that came without."""


class Forwarded(NamedTuple):
    """A request as it leaves, but for Via."""

    request: Request
    located: Uri | None
    """What is located, where it is neither the first Route nor the Request-URI as they stand."""


def forwarded(request: Request, target: Target, listening: Sequence[Listening], flow: Flow, breadth: int) -> Forwarded:
    """The copy for one target; ``request`` is the preprocessed one, ``flow`` where it came from,
    ``breadth`` how many branches may come of it further on.

    Body and header fields that are not named here are as they came, in their order (rfc3261:16.6/6 to 10).
    """
    headers = request.headers
    # = rfc3261:16.6/13
    # = rfc3261:16.6/14a
    # = rfc3261:16.6/14b
    hops = headers.first(MAX_FORWARDS)
    headers = headers.with_values(MAX_FORWARDS, [HOPS if hops is None else hops - 1])
    # = rfc5393:5.3.3/0
    headers = headers.with_values(MAX_BREADTH, [breadth])
    if "content-length" not in headers:
        # = rfc3261:16.6/61
        headers = headers.with_lines([f"Content-Length: {len(request.body)}"])
    if target.path:
        # = rfc3327:5.3/0
        # = rfc3261:16.6/36
        # = rfc3261:16.6/37
        pushed = [route for text in target.path for route in ROUTE.read(text)]
        headers = headers.with_values(ROUTE, [*pushed, *headers.all(ROUTE)])
    # = rfc3261:16.6/11
    copy = request._replace(request_uri=_bare(target.uri), headers=headers)
    routed, located = _routed(copy)
    if request.method not in UNRECORDED:
        for value in reversed(record_routes(listening, flow, routed, located or _next(routed), target.flow)):
            # = rfc3261:16.6/15
            routed = routed._replace(headers=routed.headers.with_first(RECORD_ROUTE, value))
    return Forwarded(routed, located)


def _bare(uri: Uri) -> Uri:
    """A URI without what has no place in a Request-URI (section 19.1.1, table 1)."""
    if not isinstance(uri, SipUri):
        return uri
    # = rfc3261:16.6/12
    kept = [piece for piece in uri.parameter_text.split(";")[1:] if piece.partition("=")[0].lower() != "method"]
    return uri._replace(parameter_text="".join(f";{piece}" for piece in kept), header_text="")


def _next(request: Request) -> Uri:
    route = request.headers.first(ROUTE)
    return request.request_uri if route is None else route.uri


def _routed(copy: Request) -> tuple[Request, Uri | None]:
    """The copy as its next hop expects it, and what is to be located for it (items 6 and 7)."""
    routes = copy.headers.all(ROUTE)
    # = rfc3261:16.6/41
    if routes and not routes[0].loose:
        # = rfc3261:16.6/42
        # = rfc3261:16.6/43
        # = rfc3261:16.6/44
        last = Route.of(copy.request_uri)
        headers = copy.headers.with_values(ROUTE, [*routes[1:], last])
        strict = copy._replace(request_uri=routes[0].uri, headers=headers)
        # = rfc3261:16.6/48
        return strict, _secured(routes[0].uri, copy.request_uri)
    # = rfc3261:16.6/49
    located = routes[0].uri if routes else copy.request_uri
    secured = _secured(located, copy.request_uri)
    return copy, None if secured == located else secured


def _secured(located: Uri, asked: Uri) -> Uri:
    """The URI that is located: as a SIPS URI where the Request-URI is one."""
    # = rfc3261:16.6/50
    return as_secure(located) if asked.scheme == "sips" else located
