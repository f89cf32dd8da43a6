"""Where a response goes, and over what a request (RFC 3261, sections 18.1.1 and 18.2.2; RFC 3581, section 4)."""

from __future__ import annotations

from disco_ref.sip.flow import Address, Flow, Hop, Transport, numeric
from disco_ref.sip.header.identity.via import Via
from disco_ref.sip.header.parameters import Parameters


def reply_flow(via: Via, given: Parameters, flow: Flow) -> Flow:
    """The flow on which the response to a request goes that came on this flow, with this Via and its parameters on top.

    Streams answer where they were asked; datagrams at the source address, at the port that the Via names.  BadRequest where
    the port of the Via is none.
    """
    port = via.port
    # = rfc3261:18.2.2/2
    if flow.transport is not Transport.UDP:
        return flow
    # = rfc3581:4/4
    if "maddr" in given:
        maddr = numeric(given["maddr"] or "")
        if maddr:
            # = rfc3261:18.2.2/5
            # = rfc3261:18.2.2/5 silent: a maddr that is a name is passed over, for no name is asked before answering
            return flow._replace(remote=Address(maddr, _or_default(port, flow)))
    if "rport" in given:
        # = rfc3581:4/3
        return flow
    # = rfc3261:18.2.2/7
    port = _or_default(port, flow)
    return flow if port == flow.remote.port else flow._replace(remote=Address(flow.remote.host, port))


def way_back(via: Via, flow: Flow) -> Hop:
    """Where a response goes whose connection is gone; BadRequest where the port of the Via is none."""
    # = rfc3261:18.2.2/3
    host = numeric(via.received or "") or numeric(via.host) or flow.remote.host
    return Hop(flow.transport, Address(host, _or_default(via.port, flow)))


def _or_default(port: int | None, flow: Flow) -> int:
    return flow.transport.default_port if port is None else port


def by_stream(hop: Hop, octets: int, largest: int, supported: frozenset[Transport]) -> Hop | None:
    """The hop to try first instead of this one, for a request of so many octets; None where it may go as it is."""
    # = rfc3261:18.1.1/1
    if hop.transport is not Transport.UDP or octets <= largest or Transport.TCP not in supported:
        return None
    # = rfc3261:18.1.1/2
    return hop._replace(transport=Transport.TCP)
