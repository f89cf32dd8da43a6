"""Answers to requests: what every response copies, and how it is worded (RFC 3261, sections 8.2.6 and 21)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.sip.message import Request, Response
from disco_ref.sip.refusals import Owing

REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    199: "Early Dialog Terminated",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    429: "Provide Referrer Identity",
    469: "Bad Info Package",
    480: "Temporarily Unavailable",
    440: "Max-Breadth Exceeded",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    580: "Precondition Failure",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}
"""The usual reason phrases (section 21; the RFCs of the extensions)."""

_COPIED = frozenset({"via", "from", "to", "call-id", "cseq"})
_COPIED_WITH_ROUTE = _COPIED | {"record-route"}
_CHANGED: dict[str, str] = {}


def new_tag(entropy: Entropy) -> str:
    """A tag that nobody can guess: 64 random bits (section 19.3)."""
    # = rfc3261:19.3/1
    return entropy(8).hex()


def respond(
    request: Request,
    status: int,
    reason: str | None = None,
    lines: Sequence[str] = (),
    body: bytes = b"",
    to_tag: str | None = None,
    *,
    record_route: bool = False,
) -> Response:
    """The response to a request (section 8.2.6): Via, From, To, Call-ID and CSeq as in the request, then ``lines``.

    ``to_tag`` goes into a To that has none; every response but 100 needs one.  ``record_route`` copies the Record-Route fields
    as well, for a response that establishes a dialog (section 12.1.1).  Content-Length is added, Content-Type is the caller's.
    """
    headers = request.headers
    changed = _CHANGED
    # = rfc3261:8.2.6.2/5
    if to_tag and headers.to.tag is None:
        # = rfc3261:8.2.6.2/6a
        # = rfc3261:8.2.6.2/6b
        changed = {"to": f"To: {headers.to};tag={to_tag}"}
    # = rfc3261:8.2.6.2/1
    # = rfc3261:8.2.6.2/2
    # = rfc3261:8.2.6.2/3
    # = rfc3261:8.2.6.2/4a
    # = rfc3261:8.2.6.2/4b
    keys = _COPIED_WITH_ROUTE if record_route else _COPIED
    if status == 100 and "timestamp" in headers:
        # = rfc3261:8.2.6.1/3
        lines = [*lines, *(f"Timestamp: {text}" for text in headers.texts("timestamp"))]
    copied = headers.only(keys, changed, [*lines, f"Content-Length: {len(body)}"])
    return Response(status, REASONS.get(status, "") if reason is None else reason, copied, body)


def refused(request: Request, refusal: Refusal, to_tag: str) -> Response | None:
    """The response that a refusal owes, None where it owes none: to an ACK, or where its status is None."""
    # = rfc3261:17.1.1.3/0
    if refusal.status is None or request.method == "ACK":
        return None
    lines = [f"{name}: {value}" for name, value in refusal.headers] if isinstance(refusal, Owing) else []
    return respond(request, refusal.status, lines=lines, to_tag=to_tag)
