"""Whether a request may be proxied at all, and whether it has been here before (RFC 3261, section 16.3)."""

from __future__ import annotations

from hashlib import sha256

from disco_ref.errors import Unroutable
from disco_ref.sip.acceptance import Understood, refuse
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.numbers import MAX_BREADTH
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import BadRequest

# = rfc3261:16.3/1
# = rfc3261:16.3/7
UNDERSTOOD = Understood(forwards=True)
"""The proxy passes every method on, and knows no extension that it could be required to know."""

BREADTH = 60
"""Branches of one request at all proxies together, where its sender allows as many (RFC 5393, section 5.3.3, from memory)."""

_COUNTED = ("route", "proxy-require", "proxy-authorization")


class LoopDetected(Unroutable):
    """The request has been here before, and nothing about it has changed (section 21.4.20)."""

    status = 482


class TooBroad(Unroutable):
    """The request would come to more branches than it may, here and further on (RFC 5393, section 5.3.3, from memory)."""

    status = 440


def breadth_of(request: Request) -> int:
    """How many branches may come of a request; one that says nothing, or nonsense, gets what is usual."""
    try:
        said = request.headers.first(MAX_BREADTH)
    except BadRequest:
        said = None
    # = rfc5393:5.3.3/0
    return BREADTH if said is None else min(said, BREADTH)


def mark_of(request: Request, key: bytes) -> str:
    """What tells a loop from a spiral: a digest of all that the way of a request depends on (section 16.6, item 8).

    ``key`` is the element's own, so that a mark is never taken for another proxy's.  The method does not count, and neither does
    the topmost Via: it is another one whenever the request comes back (RFC 5393, section 4.2, from memory).
    """
    headers = request.headers
    # = rfc3261:16.6/57 exception: the topmost Via is left out (RFC 5393)
    # = rfc3261:16.6/58
    # = rfc3261:16.6/59
    parts = [headers.to.tag, headers.from_.tag, headers.call_id, str(headers.cseq.number), str(request.request_uri)]
    for name in _COUNTED:
        parts += [name, *headers.texts(name)]
    text = "\n".join(part or "" for part in parts)
    # = rfc3261:16.6/55
    return f".{sha256(key + text.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def validate(request: Request, mark: str) -> None:
    """Raises what the sender of a request is owed that is not to be forwarded: 400, 416, 420, 482 or 483.

    Merged requests are no fault at a proxy (rfc3261:16.3/3).
    """
    # = rfc3261:16.3/2
    # = rfc3261:16.3/8
    # = rfc3261:16.3/9
    # = rfc3261:16.3/11
    # = rfc3261:16.3/15
    # = rfc3261:16.3/16
    refuse(request, UNDERSTOOD)
    # = rfc3261:16.3/12
    # = rfc3261:16.3/13
    for via in request.headers.all(VIA):
        if (via.branch or "").endswith(mark):
            # = rfc3261:16.3/14
            raise LoopDetected("the request has been here before", where="Via")
