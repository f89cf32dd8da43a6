"""Responses on their way back: the best of several, and what is gathered from the others (RFC 3261, section 16.7, items 3 to 8)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import respond

_RESUBMITTED = (401, 407, 415, 420, 484)
"""Responses that tell the client how to ask again."""

_LAST = (408, 487)
"""Responses that say least of a user."""


def stripped(response: Response) -> Response | None:
    """The response without the proxy's Via; None where it was meant for the proxy itself."""
    # = rfc3261:16.7/6
    # = rfc3261:16.7/43
    if len(response.headers.all(VIA)) < 2:
        return None
    return response._replace(headers=response.headers.without_top(VIA))


def best(request: Request, finals: Sequence[Response], to_tag: str) -> Response:
    """The one final response that is sent on when all are in; 408 where there is none, 500 instead of 503.

    ``request`` is the one that was received, ``to_tag`` for what the proxy says itself.
    """
    # = rfc3261:16.7/21
    # = rfc3261:16.7/22
    # = rfc3261:16.7/23
    # = rfc3261:16.7/24
    # = rfc3261:16.7/26
    # = rfc3261:16.7/27
    # = rfc3261:16.7/28
    # = rfc3261:16.7/34
    if not finals:
        return respond(request, 408, to_tag=to_tag)
    chosen = min(finals, key=_rank)
    if chosen.status_code == 503:
        return respond(request, 500, to_tag=to_tag)
    if chosen.status_code in (401, 407):
        return _with_challenges(chosen, finals)
    return chosen


def _rank(response: Response) -> tuple[int, int]:
    """The lower, the better: a 6xx before all, then the lowest class, and within it what helps to ask again."""
    status = response.status_code
    if status >= 600:
        return 0, 0
    if status in _RESUBMITTED:
        return status // 100, 0
    return status // 100, 2 if status in _LAST or status == 503 else 1


def _with_challenges(chosen: Response, finals: Sequence[Response]) -> Response:
    """The response with the challenges of all the others."""
    # = rfc3261:22.3/14
    # = rfc3261:22.3/4
    lines = [
        f"{name}: {text}"
        for other in finals
        if other is not chosen and other.status_code in (401, 407)
        for name in ("WWW-Authenticate", "Proxy-Authenticate")
        for text in other.headers.texts(name.lower())
    ]
    return chosen._replace(headers=chosen.headers.with_lines(lines)) if lines else chosen
