"""The answer of a redirect server: where somebody is, for the client to go there itself (RFC 3261, section 8.3)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.sip.message import Request, Response
from disco_ref.sip.proxy.targets import NoSuchUser, Target
from disco_ref.sip.respond import respond
from disco_ref.sip.uri import equivalent


def redirection(request: Request, found: Sequence[Target], tag: str) -> Response:
    """302 with the targets of a request, the best first; NoSuchUser where that would be whom the request asked for.

    Nothing else of the request is looked at: not its method, nor what it requires.
    """
    # = rfc3261:8.3/5
    # = rfc3261:8.3/2a
    # = rfc3261:8.3/2c
    others = [each for each in found if not equivalent(each.uri, request.request_uri)]
    if not others:
        raise NoSuchUser("there is no such user here", where="Request-URI")
    ordered = sorted(others, key=lambda each: -each.preference)
    lines = [f"Contact: <{each.uri}>;q={each.preference / 1000:g}" for each in ordered]
    return respond(request, 302, lines=lines, to_tag=tag)
