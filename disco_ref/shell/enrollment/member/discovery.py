"""Finding the configuration server of an overlay: by SRV in the DNS, or by a URL (RFC 6940, section 11.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

from twisted.internet.defer import Deferred, TimeoutError
from twisted.names import client, dns
from twisted.names.error import DomainError, ResolverError

from disco_ref.entropy import Entropy
from disco_ref.shell.enrollment.member.agent import NotEnrolled, Place, place
from disco_ref.sip.location.ordering import in_turn
from disco_ref.sip.location.questions import SrvRecord

# = rfc6940:14.1/0
PATH = "/.well-known/reload-config"
SERVICE = "_reload-config._tcp"
_MOST = 4
"""Servers that are tried."""

Answers = tuple[Sequence[object], Sequence[object], Sequence[object]]
Lookup = Callable[[str], Deferred[Answers]]
"""Asks the DNS for the SRV records of a name."""


class _Srv(Protocol):
    priority: int
    weight: int
    port: int
    target: object


async def discover(overlay_name: str, url: str | None, lookup: Lookup | None, entropy: Entropy) -> list[Place]:
    """Where the configuration is, the best place first; NotEnrolled where the DNS does not say.

    Behind a URL the certificate must match the URL's host, otherwise the overlay name, whatever host the DNS names.
    """
    # = rfc6940:11.2/3
    if url is not None:
        return [place(url)]
    # = rfc6940:11.2/4
    # = rfc6940:11.2/6b
    records = await _services(f"{SERVICE}.{overlay_name}", lookup or dns_lookup)
    own = place(f"https://{overlay_name}{PATH}", overlay_name)
    turns = in_turn(records, entropy)[:_MOST]
    return [own._replace(host=each.target.rstrip("."), port=each.port) for each in turns if each.target.strip(".")]


def dns_lookup(name: str) -> Deferred[Answers]:
    """The resolver of the system."""
    return cast("Deferred[Answers]", client.lookupService(name, timeout=[1, 2, 4]))  # type: ignore[no-untyped-call]


async def _services(name: str, lookup: Lookup) -> list[SrvRecord]:
    try:
        answers, _, _ = await lookup(name)
    except (DomainError, ResolverError, TimeoutError, OSError) as failure:
        why = "the DNS knows no such name" if isinstance(failure, DomainError) else "the DNS does not answer"
        raise NotEnrolled(f"{name}: {why}; {_OTHERWISE}") from None
    found = [cast(_Srv, record.payload) for record in cast("Sequence[dns.RRHeader]", answers) if record.type == dns.SRV]
    if not found:
        raise NotEnrolled(f"{name}: the DNS names no configuration server; {_OTHERWISE}")
    return [SrvRecord(each.priority, each.weight, each.port, str(each.target)) for each in found]


_OTHERWISE = f"name its URL with --url https://HOST:PORT{PATH}"
