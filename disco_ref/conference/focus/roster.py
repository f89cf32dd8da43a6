"""What a change of the roster leads to: media, those who watch, the end of a conference (RFC 4353, section 4; from memory)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.conference.document import DisconnectionMethod
from disco_ref.conference.focus.conferences import Conferences
from disco_ref.conference.focus.state import Conference, Leg
from disco_ref.media.relay import Relay
from disco_ref.sip.actions import Action, Report, SetTimer, Tell
from disco_ref.sip.session.events import CallId


class ConferenceBegan(NamedTuple):
    """There is a conference of this name."""

    name: str
    uri: str


class ConferenceOver(NamedTuple):
    """The conference is no more."""

    name: str


class EndpointShown(NamedTuple):
    """A call began, or something of it has changed."""

    name: str
    """Of the conference."""
    call: str
    entity: str
    """The URI of the user."""
    display: str | None
    endpoint: str
    status: str
    """As in documents: ``dialing-in``, ``connected`` ..."""
    media: tuple[tuple[str, str], ...]
    """Media types and directions, as the endpoint has them."""


class EndpointGone(NamedTuple):
    """A call is over."""

    name: str
    call: str
    entity: str
    how: str
    """``departed``, ``booted``, ``failed`` or ``busy``."""
    why: str


class TurnedAway(NamedTuple):
    """Somebody may not join, or was not understood."""

    uri: str
    """What was called."""
    entity: str
    status: int
    why: str


LINGERING = "lingering"
"""The timer of a leg that is over and still shown."""

PROBING = "probing"
"""The timer of a leg that stands."""

Told = Callable[[Conference, Instant], list[Action]]
"""Tells those who watch a conference that it has changed, or that it is over."""


class Roster:
    """The places where calls come into conferences and go out of them."""

    def __init__(self, conferences: Conferences, relay: Relay, changed: Told, over: Told) -> None:
        self._conferences = conferences
        self._relay = relay
        self._changed = changed
        self._over = over

    def began(self, conference: Conference) -> list[Action]:
        """A conference is there."""
        return [Tell(Report(ConferenceBegan(conference.name, str(conference.uri))))]

    def media(self, conference: Conference, leg: Leg, now: Instant) -> None:
        """The streams of a leg are agreed: media goes both ways."""
        self._relay.join(conference.name, ("leg", leg.call), leg.negotiation.agreement, leg.signalled, now)

    def expected(self, leg: Leg, now: Instant) -> list[Action]:
        """A call stands: after a while it is asked whether it still does."""
        return [SetTimer(("app", PROBING, leg.call), PROBING, Instant(now + self._conferences.policy.probing))]

    def silent(self, leg: Leg, now: Instant) -> bool:
        """Whether no media has come from a leg for that while."""
        heard = self._relay.heard(("leg", leg.call))
        return heard is None or now - heard > self._conferences.policy.probing

    def changed(self, conference: Conference, leg: Leg, now: Instant) -> list[Action]:
        """Something of a leg is not as it was."""
        conference.changed(leg)
        media = tuple((one.media, str(one.direction.reversed)) for one in leg.negotiation.agreement)
        told = EndpointShown(conference.name, leg.call, leg.entity, leg.display, leg.endpoint, str(leg.status), media)
        return [Tell(Report(told)), *self._watched(conference, now)]

    def gone(self, call: CallId, how: DisconnectionMethod, why: str, now: Instant) -> list[Action]:
        """A call is over; nothing happens where it was none of a conference."""
        found = self._conferences.of(call)
        if found is None:
            return []
        conference, leg = found
        self._conferences.forget(call)
        self._relay.leave(conference.name, ("leg", call))
        conference.depart(leg, how, now, why)
        actions: list[Action] = [SetTimer(("app", PROBING, call), PROBING, None)]
        actions += [Tell(Report(EndpointGone(conference.name, call, leg.entity, str(how), why)))]
        if conference.watchers and not self.is_over(conference):
            at = Instant(now + self._conferences.policy.lingering)
            actions.append(SetTimer(("app", LINGERING, conference.name, call), LINGERING, at))
        else:
            conference.drop(leg)
        return [*actions, *self._watched(conference, now), *self.end_if_over(conference, now)]

    def lingered(self, name: str, call: str, now: Instant) -> list[Action]:
        """A leg that is over need not be shown any more."""
        conference = self._conferences.get(name)
        leg = None if conference is None else conference.departing.get(CallId(call))
        if conference is None or leg is None:
            return []
        conference.drop(leg)
        return self._watched(conference, now)

    def is_over(self, conference: Conference) -> bool:
        """Whether nobody is left in a conference that does not stay."""
        return conference.idle and not conference.reserved

    def end_if_over(self, conference: Conference, now: Instant) -> list[Action]:
        """The last one has left: an ad-hoc conference ends, and those who watch it are told."""
        if not self.is_over(conference):
            return []
        actions = self._over(conference, now)
        self._conferences.end(conference)
        for leg in list(conference.departing.values()):
            conference.drop(leg)
            actions.append(SetTimer(("app", LINGERING, conference.name, leg.call), LINGERING, None))
        return [*actions, Tell(Report(ConferenceOver(conference.name)))]

    def _watched(self, conference: Conference, now: Instant) -> list[Action]:
        return self._changed(conference, now) if conference.watchers else []
