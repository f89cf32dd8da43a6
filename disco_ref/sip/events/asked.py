"""What a SUBSCRIBE asks for, held against the packages of this element (RFC 6665, sections 3.1 and 4.2.1.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.sip.events.package import Package, Packages
from disco_ref.sip.header.content.content_type import ACCEPT, MediaType
from disco_ref.sip.header.events.event import EVENT, Event
from disco_ref.sip.header.plain.numbers import EXPIRES
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import BadEvent, BadRequest, IntervalTooBrief, NotAcceptable

HOUR = 3600


class Asked(NamedTuple):
    """A SUBSCRIBE that can be granted."""

    package: Package
    event: Event
    expires: int
    """Seconds, not more than the package allows; 0 ends a subscription, or fetches the state."""


def same_event(one: Event, other: Event) -> bool:
    """Whether two Event fields name the same subscription: the type and the ``id``, nothing else (section 8.2.1)."""
    # = rfc6665:8.2.1/0
    return one.package.lower() == other.package.lower() and one.id == other.id


def asked(request: Request, packages: Packages) -> Asked:
    """What a SUBSCRIBE asks for.

    Refused are: a package that is not known (489), bodies that cannot be written (406), a time that is too short (423).
    """
    package, event = _package(request, packages)
    if not _acceptable(request, package):
        # = rfc6665:3.2.1/3
        # = rfc3261:20.1/0
        owed = (("Accept", package.media_type),)
        raise NotAcceptable(f"only {package.media_type} can be written", where="Accept", headers=owed)
    return Asked(package, event, _expires(request, package))


def _package(request: Request, packages: Packages) -> tuple[Package, Event]:
    event = request.headers.first(EVENT)
    package = packages.get(event.package.lower()) if event is not None else None
    if event is None or package is None:
        # = rfc6665:3.1.2/1
        # = rfc6665:4.2.1.1/2
        # = rfc6665:4.2.1.1/3
        # = rfc6665:4.2.3/2
        owed = (("Allow-Events", ", ".join(sorted(packages))),) if packages else ()
        raise BadEvent("no package that is known", where="Event", headers=owed)
    return package, event


def _acceptable(request: Request, package: Package) -> bool:
    if "accept" not in request.headers:
        # = rfc6665:3.1.3/2
        return True
    try:
        ranges = request.headers.all(ACCEPT)
    except BadRequest:
        # = rfc3261:8.2.2/2
        return True
    kind, _, subtype = package.media_type.partition("/")
    offered = MediaType(kind, subtype)
    return any(each.admits(offered) for each in ranges)


def _expires(request: Request, package: Package) -> int:
    found = request.headers.first(EXPIRES)
    # = rfc6665:3.1.1/2
    expires = package.default_expires if found is None else found
    least = min(package.least_expires, HOUR)
    # = rfc6665:4.2.1.1/5
    # = rfc6665:4.2.1.1/6
    # = rfc6665:4.2.1.4/2
    if 0 < expires < least:
        owed = (("Min-Expires", str(least)),)
        raise IntervalTooBrief(f"{expires} seconds are too short", where="Expires", headers=owed)
    return min(expires, package.most_expires)
