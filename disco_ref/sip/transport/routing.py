"""Where a response goes, and over what a request (RFC 3261, sections 18.1.1 and 18.2.2; RFC 3581, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.sip.flow import Address, Flow, Hop, Transport, numeric
from disco_ref.sip.header.identity.via import Via


def reply_flow(via: Via, flow: Flow) -> Flow:
    """The flow on which the response to a request goes, whose topmost Via this is and which came on this flow.

    Streams answer where they were asked; datagrams at the source address, at the port that the Via names.  BadRequest where
    the port of the Via is none.
    """
    # = rfc3261:18.2.2/2
    if flow.transport is not Transport.UDP:
        return flow
    # = rfc3581:4/4
    given = via.parameters
    maddr = numeric(given.get("maddr") or "")
    if maddr:
        # = rfc3261:18.2.2/5
        # = rfc3261:18.2.2/5 silent: a maddr that is a name is passed over, for no name is asked before answering
        return flow._replace(remote=Address(maddr, _port(via, flow)))
    if "rport" in given:
        # = rfc3581:4/3
        return flow
    # = rfc3261:18.2.2/7
    port = _port(via, flow)
    return flow if port == flow.remote.port else flow._replace(remote=Address(flow.remote.host, port))


def way_back(via: Via, flow: Flow) -> Hop:
    """Where a response goes whose connection is gone; BadRequest where the port of the Via is none."""
    # = rfc3261:18.2.2/3
    host = numeric(via.received or "") or numeric(via.host) or flow.remote.host
    return Hop(flow.transport, Address(host, _port(via, flow)))


def _port(via: Via, flow: Flow) -> int:
    port = via.port
    return flow.transport.default_port if port is None else port


class Try(NamedTuple):
    """One attempt to send a request."""

    hop: Hop
    instead: bool = False
    """Whether the transport was chosen for the size of the request: where no connection can be made, UDP is next."""


def tries(hops: Sequence[Hop], octets: int, largest: int, supported: frozenset[Transport]) -> list[Try]:
    """In which order a request of so many octets is tried, Via included."""
    # = rfc3261:18.1.1/1
    if octets <= largest or Transport.TCP not in supported:
        return [Try(hop) for hop in hops]
    order: list[Try] = []
    for hop in hops:
        if hop.transport is Transport.UDP:
            # = rfc3261:18.1.1/2
            # = rfc3261:18.1.1/4
            order.append(Try(hop._replace(transport=Transport.TCP), instead=True))
        order.append(Try(hop))
    return order
