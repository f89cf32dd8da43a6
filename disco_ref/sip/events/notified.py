"""What a NOTIFY says, and which subscription it belongs to (RFC 6665, sections 4.1.3, 4.4.1 and 8.2)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.sip.dialog.dialog import NoDialog
from disco_ref.sip.events.subscriber_table import Met, State
from disco_ref.sip.events.wanted import Wanted
from disco_ref.sip.grammar import seconds
from disco_ref.sip.header import parameters
from disco_ref.sip.header.content.content_type import CONTENT_TYPE
from disco_ref.sip.header.events.event import EVENT, SUBSCRIPTION_STATE, Event, SubscriptionState
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import UnsupportedMediaType


class Notified(NamedTuple):
    """A NOTIFY whose fields are well-formed."""

    event: Event
    state: SubscriptionState
    met: Met
    """What it means for the subscription."""
    expires: int | None
    """Seconds that are left; None where it does not say, or has ended."""
    reason: str
    """In lower case; empty where none is given."""
    retry_after: int | None
    """Seconds."""

    def check_body(self, request: Request, types: Collection[str]) -> None:
        """Refuses a body of a type that was not offered in Accept (415)."""
        if not request.body:
            return
        media_type = request.headers.one(CONTENT_TYPE)
        if media_type.name not in types:
            # = rfc3261:8.2.3/2
            owed = (("Accept", ", ".join(types)),)
            raise UnsupportedMediaType(f"{media_type.name[:80]} was not asked for", where="Content-Type", headers=owed)


def notified(request: Request) -> Notified:
    """What a NOTIFY says; BadRequest where Event or Subscription-State is missing or malformed."""
    # = rfc6665:3.2.1/1
    # = rfc6665:4.1.3/3
    event, state = request.headers.one(EVENT), request.headers.one(SUBSCRIPTION_STATE)
    _ = event.parameters, state.parameters
    word = state.state.lower()
    if word == "terminated":
        # = rfc6665:4.1.3/6
        # = rfc6665:4.1.3/7b
        after = seconds(parameters.value(state.parameter_text, "retry-after"))
        return Notified(event, state, Met.terminated, None, (state.reason or "").lower(), after)
    # = rfc6665:8.2.3/0 silent: a state that is not known is taken as active, since it is not terminated
    met = Met.pending if word == "pending" else Met.active
    return Notified(event, state, met, state.expires, "", None)


MOST_FORKS = 16
"""Subscriptions that one forked SUBSCRIBE may make."""


class Halves:
    """Subscriptions by the half of their dialog that every NOTIFY has, whoever sends it: Call-ID and our tag."""

    __slots__ = ("_by_half",)

    def __init__(self) -> None:
        self._by_half: dict[tuple[str, str], list[Wanted]] = {}

    def add(self, wanted: Wanted) -> None:
        """From now on NOTIFYs may belong to it."""
        self._by_half.setdefault((wanted.call_id, wanted.tag), []).append(wanted)

    def remove(self, wanted: Wanted) -> None:
        """From now on none belongs to it."""
        half = wanted.call_id, wanted.tag
        rest = [each for each in self._by_half.get(half, ()) if each is not wanted]
        if rest:
            self._by_half[half] = rest
        else:
            self._by_half.pop(half, None)

    def match(self, request: Request, event: Event, now: Instant) -> tuple[Wanted, bool]:
        """The subscription that a NOTIFY belongs to, and whether as a further branch of it; NoDialog (481) where there is none."""
        # = rfc6665:4.4.1/0
        headers = request.headers
        half = self._by_half.get((headers.call_id, headers.to.tag or ""), ())
        package, remote = event.package.lower(), headers.from_.tag or ""
        # = rfc6665:8.2.1/0
        fit = [each for each in half if each.what.package.name == package and event.id in each.ids]
        fit.sort(key=lambda each: each.ids.index(event.id))
        for each in fit:
            if each.dialog is not None and each.dialog.id.remote_tag == remote:
                return each, False
        for each in fit:
            # = rfc6665:4.1.2.4/3
            # = rfc6665:4.1.4/1
            if each.dialog is None and each.state is State.notify_wait:
                return each, False
        for each in fit:
            # = rfc6665:4.1.2.4/1
            # = rfc4575:3.8/101
            if each.what.package.forks and now < each.forks_until and each.fork_of is None and len(half) < MOST_FORKS:
                return each, True
        # = rfc6665:4.1.3/1
        raise NoDialog("no subscription that it belongs to", where="Event")
