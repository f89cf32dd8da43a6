"""Questions of location, asked of the domain name system by ``twisted.names`` (RFC 3263)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, cast

from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.names import client, dns

from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address, numeric
from disco_ref.sip.location.questions import (
    Answers,
    Host,
    HostRecord,
    Naptr,
    NaptrRecord,
    Question,
    Srv,
    SrvRecord,
)

TIMEOUTS = (1, 3)
"""Seconds after which a server is asked once more, and given up."""
SETTINGS = Path("/etc/resolv.conf")
HOSTS = Path("/etc/hosts")
MOST = 32
"""Records of one answer that are looked at."""


class Resolving(Protocol):
    """Whoever answers questions."""

    def ask(self, question: Question) -> Deferred[Answers]:
        """The answer; never a failure: what cannot be found out is an empty one."""


def system_servers(settings: Path = SETTINGS) -> list[Address]:
    """The name servers that the system is set to ask; one on this machine where it is set to none."""
    try:
        rows = [line.split() for line in settings.read_text("ascii", "replace").splitlines()]
    except OSError:
        rows = []
    named = [numeric(row[1]) for row in rows if len(row) > 1 and row[0] == "nameserver"]
    return [Address(each, 53) for each in named if each is not None] or [Address("127.0.0.1", 53)]


def known(name: str, hosts: Path = HOSTS) -> list[str]:
    """The addresses of a name in lower case that stand in the hosts file, IPv4 first; the loopback for ``localhost``, always."""
    try:
        rows = [line.partition("#")[0].lower().split() for line in hosts.read_text("ascii", "replace").splitlines()]
    except OSError:
        rows = []
    found = {address: None for row in rows if name in row[1:] and (address := numeric(row[0])) is not None}
    if not found and (name == "localhost" or name.endswith(".localhost")):
        found = {"127.0.0.1": None}
    return sorted(found, key=lambda each: ":" in each)


class _Names(Protocol):
    """What of a resolver of Twisted is used; none of it has types."""

    def lookupNamingAuthorityPointer(self, name: str, timeout: Sequence[float]) -> Deferred[object]:
        """NAPTR."""

    def lookupService(self, name: str, timeout: Sequence[float]) -> Deferred[object]:
        """SRV."""

    def lookupIPV6Address(self, name: str, timeout: Sequence[float]) -> Deferred[object]:
        """AAAA."""

    def lookupAddress(self, name: str, timeout: Sequence[float]) -> Deferred[object]:
        """A."""


_asked = cast(Callable[..., _Names], client.Resolver)


class Resolver:
    """Asks the hosts file and the servers of the system, or those that are named."""

    def __init__(
        self,
        reactor: Reactor,
        servers: Sequence[Address] = (),
        timeouts: Sequence[float] = TIMEOUTS,
        hosts: Path = HOSTS,
    ) -> None:
        self._hosts = hosts
        self._timeouts = tuple(timeouts)
        self._names = _asked(None, [tuple(each) for each in servers or system_servers()], self._timeouts, reactor)

    def ask(self, question: Question) -> Deferred[Answers]:
        """The records; none where there are none or nobody answers."""
        own = self._own(question)
        if own:
            # = rfc3263:4/0 silent: a name that the machine itself knows is that of a host, and nobody is asked for its services
            return succeed(cast("Answers", own if isinstance(question, Host) else ()))
        try:
            lookups = self._lookups(question)
        except ValueError:
            # A label that is empty or too long.
            return succeed(cast("Answers", ()))
        both = cast("Deferred[Sequence[_Lookup]]", DeferredList(lookups, consumeErrors=True))
        return both.addCallback(_answers)

    def _own(self, question: Question) -> tuple[HostRecord, ...]:
        """What the machine itself knows of the host that a question is about."""
        name = question.name.lower().rstrip(".")
        if isinstance(question, Srv):
            name = name.split(".", 2)[-1]
        return tuple(HostRecord(each) for each in known(name, self._hosts))

    def _lookups(self, question: Question) -> list[Deferred[object]]:
        name, timeouts, names = question.name, self._timeouts, self._names
        if isinstance(question, Naptr):
            return [names.lookupNamingAuthorityPointer(name, timeouts)]
        if isinstance(question, Srv):
            return [names.lookupService(name, timeouts)]
        # = rfc3263:4.2/0
        return [names.lookupIPV6Address(name, timeouts), names.lookupAddress(name, timeouts)]


_Lookup = tuple[bool, tuple[Sequence[dns.RRHeader], object, object]]


def _answers(found: Sequence[_Lookup]) -> Answers:
    """The records of all lookups that succeeded, as values; those of other types, such as CNAME, are left out."""
    headers = [each for succeeded, answer in found if succeeded for each in answer[0]]
    records = [typed for each in headers[:MOST] if (typed := _record(each.payload)) is not None]
    return cast("Answers", tuple(dict.fromkeys(records)))


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
