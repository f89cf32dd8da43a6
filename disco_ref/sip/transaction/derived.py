"""Messages that the transactions make themselves: ACK to a non-2xx, CANCEL, 100 (RFC 3261, sections 17.1.1.3, 9.1 and 8.2.6)."""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.header.block import Headers, row
from disco_ref.sip.header.identity.cseq import CSEQ, CSeq
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.timestamp import TIMESTAMP
from disco_ref.sip.message import Request, Response
from disco_ref.sip.refusals import BadRequest

_HOPS = "Max-Forwards: 70"
_EMPTY = "Content-Length: 0"
_NAMES = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}


def ack(invite: Request, response: Response) -> Request:
    """The ACK to a final response other than 2xx (section 17.1.1.3)."""
    # = rfc3261:17.1.1.3/3
    # = rfc3261:17.1.1.3/8
    return _derived(invite, "ACK", copied("to", response.headers))


def cancel(invite: Request, lines: Iterable[str] = ()) -> Request:
    """The CANCEL of a request (section 9.1), with further header lines such as Reason."""
    # = rfc3261:9.1/2
    # = rfc3261:9.1/6
    return _derived(invite, "CANCEL", copied("to", invite.headers), lines)


def _derived(request: Request, method: str, to: list[str], more: Iterable[str] = ()) -> Request:
    """A request that goes the way of another one and belongs to it."""
    headers = request.headers
    # = rfc3261:17.1.1.3/4a
    # = rfc3261:17.1.1.3/4b
    # = rfc3261:9.1/3
    lines = row(VIA, headers.via)
    lines.append(_HOPS)
    # = rfc3261:17.1.1.3/6
    # = rfc3261:9.1/5
    lines += row(ROUTE, *headers.all(ROUTE)) if "route" in headers else ()
    # = rfc3261:17.1.1.3/2
    lines += [*copied("from", headers), *to, *copied("call-id", headers)]
    # = rfc3261:17.1.1.3/5a
    # = rfc3261:17.1.1.3/5b
    # = rfc3261:9.1/4
    lines += row(CSEQ, CSeq(headers.cseq.number, method))
    return Request(method, request.request_uri, Headers([*lines, *more, _EMPTY]))


def trying(request: Request, waited: float) -> Response:
    """The 100 that keeps the client from sending again (section 8.2.6); ``waited`` are seconds since the request came."""
    # = rfc3261:8.2.6.2/1
    # = rfc3261:8.2.6.2/2
    # = rfc3261:8.2.6.2/3
    # = rfc3261:8.2.6.2/4a
    # = rfc3261:8.2.6.2/4b
    # = rfc3261:17.2.1/2a
    # = rfc3261:17.2.1/2b
    headers = request.headers
    lines = [line for key in _NAMES for line in copied(key, headers)]
    return Response(100, "Trying", Headers([*lines, *_timestamp(headers, waited), _EMPTY]))


def _timestamp(headers: Headers, waited: float) -> list[str]:
    """The client's time stamp, with how long the answer took."""
    # = rfc3261:8.2.6.1/3
    try:
        stamp = headers.first(TIMESTAMP)
    except BadRequest:
        return []
    # = rfc3261:8.2.6.1/4
    # = rfc3261:8.2.6.1/5
    return [] if stamp is None else row(TIMESTAMP, stamp._replace(delay=f"{max(waited, 0):.3f}"))


def copied(key: str, headers: Headers) -> list[str]:
    """The rows of a field that every message has, as they were received."""
    return [f"{_NAMES[key]}: {text}" for text in headers.texts(key)]


def restored(octets: bytes) -> Response:
    """A response from the octets that it was sent in: what a transaction keeps of it."""
    head, _, body = octets.partition(b"\r\n\r\n")
    start, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    version, status, *reason = start.split(" ", 2)
    return Response(int(status), "".join(reason), Headers(lines), body, version)
