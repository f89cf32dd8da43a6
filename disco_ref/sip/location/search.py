"""From a target to next hops (RFC 3263, sections 4.1 and 4.2): written as one goes through the section.

A search is a generator: it yields the questions whose answers it needs next, is sent the answers, and returns the hops in the
order of trying.  Nothing is asked twice; at most :data:`MOST` servers are looked at.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from disco_ref.entropy import Entropy
from disco_ref.sip.flow import Address, Hop, Transport
from disco_ref.sip.location.ordering import in_turn, services
from disco_ref.sip.location.questions import Answers, Host, HostRecord, Naptr, NaptrRecord, Question, Srv, SrvRecord
from disco_ref.sip.location.table import NOTHING, Table
from disco_ref.sip.location.target import Target

MOST = 8
"""Servers of a service, and hops, that are looked at."""

Answered = Mapping[Question, Answers]
Search = Generator[Sequence[Question], Answered, list[Hop]]

_SERVICE = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}
_PREFERENCE = (Transport.UDP, Transport.TCP, Transport.TLS)
"""The order in which transports are preferred where neither URI nor NAPTR records say more."""


def search(target: Target, supported: frozenset[Transport], entropy: Entropy, known: Table = NOTHING) -> Search:
    """The next hops of a target; none where there is no way."""
    wanted = [target.transport] if target.transport else [each for each in _PREFERENCE if each in supported]
    wanted = [each for each in wanted if each in supported]
    if not wanted:
        return []
    settled = settle(target, wanted[0], known)
    if settled is not None:
        return settled
    if target.port is not None:
        # = rfc3263:4.2/0
        return (yield from _hosts([(wanted[0], target.host, target.port)], target.host))
    # = rfc3263:4.1/0
    if target.transport is None:
        offered = yield from _offered(target, wanted, supported)
    else:
        offered = [(target.transport, f"{_SERVICE[target.transport]}.{target.host}")]
    servers = yield from _servers(offered, entropy)
    if servers is None:
        # = rfc3263:4.2/0
        servers = [(wanted[0], target.host, wanted[0].default_port)]
    return (yield from _hosts(servers, target.host))


def settle(target: Target, transport: Transport, known: Table = NOTHING) -> list[Hop] | None:
    """The hops of a target that needs no question: an address, or a name in the table of known ones."""
    if target.numeric:
        # = rfc3263:4.2/0
        port = transport.default_port if target.port is None else target.port
        return [Hop(transport, Address(target.host, port), target.host)]
    addresses = known.get(target.host)
    if addresses is None:
        return None
    return [
        Hop(transport, Address(each.host, target.port or each.port or transport.default_port), target.host)
        for each in addresses
    ]


_Offered = list[tuple[Transport, str]]
_Servers = list[tuple[Transport, str, int]]


def _offered(
    target: Target, wanted: Sequence[Transport], supported: frozenset[Transport]
) -> Generator[Sequence[Question], Answered, _Offered]:
    """Which services the domain has, the best first: by its NAPTR records, else every one that could be."""
    question = Naptr(target.host)
    answered = yield [question]
    records = [each for each in answered.get(question, ()) if isinstance(each, NaptrRecord)]
    offered = services(records, supported, target.secure)[:MOST]
    return offered or [(each, f"{_SERVICE[each]}.{target.host}") for each in wanted]


def _servers(offered: _Offered, entropy: Entropy) -> Generator[Sequence[Question], Answered, _Servers | None]:
    """The servers of the best service that has any; None where none has records, an empty list where none is offered."""
    questions = [Srv(name) for _, name in offered]
    answered = yield questions
    found = False
    for (transport, _), question in zip(offered, questions, strict=True):
        records = [each for each in answered.get(question, ()) if isinstance(each, SrvRecord)]
        found = found or bool(records)
        there = [each for each in in_turn(records[:32], entropy) if each.target not in (".", "")]
        if there:
            return [(transport, each.target.lower().rstrip("."), each.port) for each in there[:MOST]]
    return [] if found else None


def _hosts(servers: _Servers, name: str) -> Generator[Sequence[Question], Answered, list[Hop]]:
    """The addresses of the servers, in their order."""
    questions = list(dict.fromkeys(Host(host) for _, host, _ in servers))
    if not questions:
        return []
    answered = yield questions
    return [
        # What the certificate has to say is the domain that was asked for (RFC 5922, section 4, from memory).
        Hop(transport, Address(each.address, port), name)
        for transport, host, port in servers
        for each in answered.get(Host(host), ())
        if isinstance(each, HostRecord)
    ][:MOST]
