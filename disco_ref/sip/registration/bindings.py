"""Bindings of an address-of-record to contacts, and how a REGISTER changes them (RFC 3261, section 10.3, steps 6 to 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Unauthorized, Unexpected
from disco_ref.sip.flow import Flow
from disco_ref.sip.grammar import seconds
from disco_ref.sip.header import parameters
from disco_ref.sip.header.addressing.contact import CONTACT, Contact, Star
from disco_ref.sip.header.addressing.route import PATH
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import BadRequest, IntervalTooBrief
from disco_ref.sip.uri import equivalent

MALFORMED = 3600
"""Seconds that a malformed expiration stands for (section 10.2)."""

_HOUR = 3600


class Binding(NamedTuple):
    """One address at which a user can be reached."""

    contact: Contact
    """With its parameters, but for ``expires``."""
    call_id: str
    number: int
    """The CSeq number of the REGISTER that made or refreshed it."""
    until: Instant
    path: tuple[str, ...] = ()
    """The Path values to pass on the way there (RFC 3327), as they are written."""
    flow: Flow | None = None
    """The connection that the REGISTER came over; None for datagrams, and where it is no longer known."""

    def expires(self, now: Instant) -> int:
        """Seconds that are left."""
        return max(0, ceil(self.until - now))


class OutOfOrder(Unexpected):
    """A REGISTER that was overtaken by a later one: nothing of it is done (section 10.3, step 7)."""

    status = 500


class TooManyBindings(Unauthorized):
    """The address-of-record has as many contacts as it may have."""

    status = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long and how many; times in seconds."""

    # = rfc3261:10.3/23
    default: int = 3600
    shortest: int = 60
    """Shorter wishes get 423."""
    # = rfc3261:10.3/24
    longest: int = 7200
    """Longer wishes are cut to it."""
    bindings: int = 10
    """Contacts of one address-of-record."""
    names: int = 100_000
    """Addresses-of-record altogether; beyond, REGISTER gets 503."""


def updated(
    bindings: Sequence[Binding], request: Request, flow: Flow, now: Instant, policy: Policy
) -> tuple[Binding, ...]:
    """All bindings as they are after a REGISTER; a Refusal where it cannot be done as a whole.

    ``bindings`` are those of the address-of-record before it.  BadRequest for a star that is not alone or has another Expires
    than 0, OutOfOrder, IntervalTooBrief, TooManyBindings.
    """
    contacts = request.headers.all(CONTACT)
    if Star.ALL in contacts:
        _check_star(request, contacts)
        # = rfc3261:10.3/18
        # = rfc3261:10.3/19
        for binding in bindings:
            _check_order(binding, request)
        return ()
    # = rfc3261:10.3/7
    # = rfc3261:10.3/30
    changed = [*bindings]
    for contact in contacts:
        if isinstance(contact, Contact):
            _change(changed, bindings, contact, request, flow, now, policy)
    if len(changed) > max(policy.bindings, len(bindings)):
        # = rfc3261:10.3/0 silent: how many bindings there may be
        raise TooManyBindings(f"more than {policy.bindings} contacts", where="Contact")
    return tuple(changed)


def _check_star(request: Request, contacts: Sequence[Contact | Star]) -> None:
    """Step 6: all bindings at once, and nothing besides."""
    expires = request.headers.texts("expires")
    # = rfc3261:10.3/17
    # = rfc3261:10.2.2/2
    if len(contacts) > 1 or [seconds(text) for text in expires] != [0]:
        raise BadRequest("a star stands alone, with an Expires of 0", where="Contact")


def _check_order(binding: Binding, request: Request) -> None:
    headers = request.headers
    # = rfc3261:10.3/20
    # = rfc3261:10.3/28
    # = rfc3261:10.3/29
    if binding.call_id == headers.call_id and headers.cseq.number <= binding.number:
        raise OutOfOrder("a later REGISTER was carried out before", where="CSeq")


def _change(
    changed: list[Binding],
    before: Sequence[Binding],
    contact: Contact,
    request: Request,
    flow: Flow,
    now: Instant,
    policy: Policy,
) -> None:
    """Step 7 for one contact."""
    lasting = _lasting(contact, request, policy)
    # what is bound is compared and called later, when nobody could be told that it is malformed
    _, uri, *_ = contact.parts()
    # = rfc3261:10.3/0
    place = next((n for n, each in enumerate(changed) if equivalent(each.contact.uri, uri)), None)
    if place is not None and changed[place] in before:
        # = rfc3261:10.3/27
        _check_order(changed[place], request)
    if lasting == 0:
        if place is not None:
            del changed[place]
        return
    headers = request.headers
    kept = contact._replace(parameter_text=parameters.removed(contact.parameter_text, "expires"))
    # = rfc3327:5.3/0
    path = tuple(str(each) for each in headers.all(PATH))
    held = flow if flow.transport.reliable else None
    binding = Binding(kept, headers.call_id, headers.cseq.number, Instant(now + lasting), path, held)
    if place is None:
        changed.append(binding)
    else:
        changed[place] = binding


def _lasting(contact: Contact, request: Request, policy: Policy) -> int:
    """The expiration that the registrar chooses for a contact, seconds."""
    wanted = policy.default
    expires = request.headers.texts("expires")
    # = rfc3261:10.3/21
    if parameters.present(contact.parameter_text, "expires"):
        wanted = MALFORMED if contact.expires is None else contact.expires
    elif expires:
        # = rfc3261:10.3/22
        # = rfc3261:10.2/14
        given = seconds(expires[0])
        wanted = MALFORMED if given is None else given
    # = rfc3261:10.3/25
    if 0 < wanted < min(_HOUR, policy.shortest):
        # = rfc3261:10.3/26
        raise IntervalTooBrief(
            f"{wanted} seconds are too few", where="Contact", headers=(("Min-Expires", str(policy.shortest)),)
        )
    return min(wanted, policy.longest)


def listed(bindings: Sequence[Binding], now: Instant) -> list[Contact]:
    """The Contact values of the answer, each with what is left of its time."""
    # = rfc3261:10.3/32
    # = rfc3261:10.3/33
    return [each.contact.with_parameter("expires", str(each.expires(now))) for each in bindings]
