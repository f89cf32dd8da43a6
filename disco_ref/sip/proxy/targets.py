"""Where a request shall go: the target set (RFC 3261, section 16.5)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from disco_ref.clock import Instant
from disco_ref.errors import Unroutable
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.message import Request
from disco_ref.sip.registration.domains import Domains
from disco_ref.sip.registration.holdings import Locations
from disco_ref.sip.uri import SipUri, Uri, equivalent

MOST = 16
"""Targets of one request."""


class Users(Protocol):
    """Who there is in the domains, and where."""

    @property
    def locations(self) -> Locations:
        """Where users are registered."""

    def knows(self, name: str) -> bool:
        """Whether there is a user of this address-of-record in canonical form."""


class Target(NamedTuple):
    """One place that a request is forwarded to."""

    uri: Uri
    preference: int = 1000
    """Thousandths: the higher, the earlier (section 20.10, ``q``)."""
    path: tuple[str, ...] = ()
    """Route values for the way there (RFC 3327)."""
    flow: Flow | None = None
    """The connection over which the target registered."""


class NoSuchUser(Unroutable):
    """The Request-URI names nobody in a domain of this proxy (section 21.4.5)."""

    status = 404


class Unreachable(Unroutable):
    """There is such a user, who is registered nowhere (section 21.4.18)."""

    status = 480


def targets(request: Request, domains: Domains, users: Users, now: Instant) -> list[Target]:
    """The target set of a request; NoSuchUser or Unreachable where it is empty."""
    uri = request.request_uri
    # = rfc3261:16.5/1a
    # = rfc3261:16.5/1b
    # = rfc3261:16.5/2a
    # = rfc3261:16.5/2b
    if isinstance(uri, SipUri) and "maddr" in uri.parameters:
        return [Target(uri)]
    if uri not in domains:
        return [Target(uri)]
    name = domains.address_of_record(uri)
    if name is None or not users.knows(name):
        # = rfc3261:16.5/15
        raise NoSuchUser("there is no such user here", where="Request-URI")
    # = rfc3261:16.5/12 exception: who registers while somebody calls is called the next time
    # = rfc3261:16.5/13 exception: who registers while somebody calls is called the next time
    found: list[Target] = []
    for binding in users.locations.bindings(name, now):
        target = Target(binding.contact.uri, preference(binding.contact), binding.path, binding.flow)
        if reachable(target.uri, uri):
            add(found, target)
    if not found:
        # = rfc3261:16.5/16a
        # = rfc3261:16.5/16b
        raise Unreachable("registered nowhere", where="Request-URI")
    return found[:MOST]


def reachable(uri: Uri, asked: Uri) -> bool:
    """Whether a URI can be a target: a SIP URI, and a secure one where a secure one was asked for (section 26.2.2)."""
    # = rfc3261:16.7/10 exception: no request leaves with a URI of another scheme
    return isinstance(uri, SipUri) and (asked.scheme != "sips" or uri.scheme == "sips")


def add(found: list[Target], target: Target) -> None:
    """One more target, if it is none of them already."""
    # = rfc3261:16.5/8
    if not any(equivalent(each.uri, target.uri) for each in found):
        found.append(target)


def preference(contact: Contact) -> int:
    """``q`` in thousandths, the highest where there is none; the contact has been taken apart before."""
    q = contact.parameters.get("q")
    return 1000 if q is None else round(float(q) * 1000)


def in_groups(found: Sequence[Target]) -> list[list[Target]]:
    """The targets by preference, the highest first: those of a group are tried at once, the groups one after the other."""
    # = rfc3261:16.6/4
    # = rfc3261:16.6/5
    ordered = sorted(found, key=lambda each: -each.preference)
    return [[*group] for _, group in groupby(ordered, key=lambda each: each.preference)]
