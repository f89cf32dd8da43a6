"""Questions of location, asked of the domain name system by ``twisted.names`` (RFC 3263)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.names import cache, client, dns, hosts, resolve

from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address
from disco_ref.sip.location.questions import Answers, HostRecord, Naptr, NaptrRecord, Question, Srv, SrvRecord

TIMEOUTS = (1, 3)
"""Seconds after which a server is asked once more, and given up."""
LONGEST_NAME = 253
"""Characters of a name that can be asked."""
MOST = 32
"""Records of one answer that are looked at."""


class Resolving(Protocol):
    """Whoever answers questions."""

    def ask(self, question: Question) -> Deferred[Answers]:
        """The answer; never a failure: what cannot be found out is an empty one."""


class Unresolving:
    """Answers that nothing is known: for elements that have all addresses in a table."""

    def ask(self, question: Question) -> Deferred[Answers]:
        """Nothing."""
        return succeed(cast("Answers", ()))


class _Names(Protocol):
    """What of a resolver of Twisted is used; none of it has types."""

    def lookupNamingAuthorityPointer(self, name: str, timeout: Sequence[int]) -> Deferred[object]:
        """NAPTR."""

    def lookupService(self, name: str, timeout: Sequence[int]) -> Deferred[object]:
        """SRV."""

    def lookupIPV6Address(self, name: str, timeout: Sequence[int]) -> Deferred[object]:
        """AAAA."""

    def lookupAddress(self, name: str, timeout: Sequence[int]) -> Deferred[object]:
        """A."""


_Make = Callable[..., _Names]
_asked, _known = cast(_Make, client.Resolver), cast(_Make, hosts.Resolver)
_kept, _chained = cast(_Make, cache.CacheResolver), cast(_Make, resolve.ResolverChain)


class Resolver:
    """Asks the hosts file and the servers of the system, or those that are named."""

    def __init__(self, reactor: Reactor, servers: Sequence[Address] = (), timeouts: Sequence[int] = TIMEOUTS) -> None:
        self._timeouts = tuple(timeouts)
        settings = None if servers else "/etc/resolv.conf"
        asked = _asked(settings, [tuple(each) for each in servers] or None, self._timeouts, reactor)
        self._chain = _chained([_known(), _kept(reactor=reactor), asked])

    def ask(self, question: Question) -> Deferred[Answers]:
        """The records; none where there are none or nobody answers."""
        name, timeouts, chain = question.name, self._timeouts, self._chain
        if len(name) > LONGEST_NAME:
            return succeed(cast("Answers", ()))
        if isinstance(question, Naptr):
            lookups = [chain.lookupNamingAuthorityPointer(name, timeouts)]
        elif isinstance(question, Srv):
            lookups = [chain.lookupService(name, timeouts)]
        else:
            # = rfc3263:4.2/0
            lookups = [chain.lookupIPV6Address(name, timeouts), chain.lookupAddress(name, timeouts)]
        both = cast("Deferred[Sequence[_Lookup]]", DeferredList(lookups, consumeErrors=True))
        return both.addCallback(_answers)


_Lookup = tuple[bool, tuple[Sequence[dns.RRHeader], object, object]]


def _answers(found: Sequence[_Lookup]) -> Answers:
    """The records of all lookups that succeeded, as values; those of other types, such as CNAME, are left out."""
    headers = [each for succeeded, answer in found if succeeded for each in answer[0]]
    records = [typed for each in headers[:MOST] if (typed := _record(each.payload)) is not None]
    return cast("Answers", tuple(records))


def _record(payload: object) -> NaptrRecord | SrvRecord | HostRecord | None:
    if isinstance(payload, dns.Record_A):
        return HostRecord(str(ipaddress.IPv4Address(payload.address)))
    if isinstance(payload, dns.Record_AAAA):
        return HostRecord(str(ipaddress.IPv6Address(payload.address)))
    if isinstance(payload, dns.Record_SRV):
        return SrvRecord(payload.priority, payload.weight, payload.port, _text(payload.target.name))
    if isinstance(payload, dns.Record_NAPTR):
        flags, service = _text(payload.flags.string), _text(payload.service.string)
        return NaptrRecord(payload.order, payload.preference, flags, service, _text(payload.replacement.name))
    return None


def _text(octets: bytes) -> str:
    return octets.decode("ascii", "replace")
