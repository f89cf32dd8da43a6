"""The Via that a request leaves with, and whether a response is one of ours (RFC 3261, section 18.1; RFC 3581, section 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from disco_ref.sip.flow import Transport
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.message import Request
from disco_ref.sip.transport.listening import Listening

_MULTICAST = re.compile("22[4-9]\\.|23[0-9]\\.|[fF]{2}[0-9a-fA-F]{2}:").match
_TRANSPORTS = {each.value: each for each in Transport}


def stamped(request: Request, listening: Listening, branch: str, to: str = "") -> Request:
    """The request with a Via of its own on top: sent-by, branch and, over UDP, the question for ``rport``.

    ``to`` is the address that it goes to, which shows where it is one of many.
    """
    host, _, port = listening.sent_by.rpartition(":")
    # = rfc3261:18.1.1/6
    # = rfc3581:3/1
    # = rfc3581:3/2
    tail = f";branch={branch}" if listening.transport.reliable else f";branch={branch};rport"
    if to and _MULTICAST(to):
        # = rfc3261:18.1.1/5a
        # = rfc3261:18.1.1/5b
        tail += f";maddr=[{to}]" if ":" in to else f";maddr={to};ttl=1"
    via = Via("SIP", "2.0", listening.transport.value, host, port, tail)
    return request._replace(headers=request.headers.with_first(VIA, via))


def bare(request: Request) -> Request:
    """The request without its topmost Via: what is sent anew with another one (RFC 3263, section 4.3)."""
    return request._replace(headers=request.headers.without_top(VIA))


class Own:
    """The values of sent-by that an element writes."""

    __slots__ = ("_sent",)

    def __init__(self, listening: Sequence[Listening]) -> None:
        self._sent = {each.sent_by.lower() for each in listening}

    def sent(self, headers: Headers) -> bool:
        """Whether the topmost Via of a response is one of ours; BadRequest where its port is none."""
        via = headers.via
        port = via.port
        if port is None:
            # = rfc3261:18.1.2/0
            transport = _TRANSPORTS.get(via.transport.upper(), Transport.UDP)
            port = transport.default_port
        # = rfc3261:18.1.2/1
        return f"{via.host.lower()}:{port}" in self._sent
