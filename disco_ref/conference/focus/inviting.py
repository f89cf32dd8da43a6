"""Calls by the focus: inviting somebody into a conference (RFC 4579, sections 5.2 and 5.5; from memory)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.conference.document import DisconnectionMethod, EndpointStatus, JoiningMethod
from disco_ref.conference.focus.conferences import Conferences
from disco_ref.conference.focus.refusals import Full, TooMany
from disco_ref.conference.focus.roster import Roster
from disco_ref.conference.focus.state import Conference, Leg
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.media.offer_answer.offer import Wish
from disco_ref.sip.actions import Action
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.message import Response
from disco_ref.sip.respond import REASONS
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallAnswered, CallFailed, CallId, CallProgressed
from disco_ref.sip.session.identity import Invitation
from disco_ref.sip.uri import SipUri, Uri

REDIRECTIONS = 5
"""How many Contacts of 3xx are called for one invitation (RFC 3261, section 8.1.3.4)."""

RINGING = 180
"""Seconds after which who does not answer is given up."""

Progress = Callable[[int, str, Instant], list[Action]]
"""Told the status and reason of every response that an invitation gets."""


def unheard(status: int, reason: str, now: Instant) -> list[Action]:
    """The progress of an invitation that nobody asked about."""
    return []


class _Invited:
    """One invitation under way."""

    __slots__ = ("early", "lines", "progress", "redirected", "target")

    def __init__(self, target: Uri, lines: Sequence[str], progress: Progress, redirected: int = 0) -> None:
        self.target = target
        self.lines = lines
        self.progress = progress
        self.redirected = redirected
        self.early: dict[DialogId, bytes] = {}
        """Answers in provisional responses, by their dialogs."""


class Wanted(NamedTuple):
    """Whom to call into a conference, and how."""

    target: Uri
    referred_by: str | None = None
    """The URI of who asked for it."""
    lines: tuple[str, ...] = ()
    """Further header lines of the INVITE: Referred-By, Replaces."""


class Inviting:
    """Calls participants into conferences."""

    def __init__(
        self, conferences: Conferences, roster: Roster, calls: Calls, able: Capabilities, entropy: Entropy
    ) -> None:
        self._conferences = conferences
        self._roster = roster
        self._calls = calls
        self._able = able
        self._entropy = entropy
        self._under_way: dict[CallId, _Invited] = {}

    # = rfc4579:5.2/101
    def invite(
        self, conference: Conference, wanted: Wanted, now: Instant, progress: Progress = unheard
    ) -> list[Action]:
        """Calls somebody; Full or TooMany where there is no room.  A lock does not keep out whom the focus invites."""
        if conference.full:
            raise Full("the conference is full")
        if self._conferences.calls >= self._conferences.policy.calls:
            raise TooMany("no further calls", retry_after=self._conferences.policy.retry_after)
        return self._call(conference, wanted, _Invited(wanted.target, wanted.lines, progress), now)

    def progressed(self, event: CallProgressed, now: Instant) -> list[Action]:
        """It rings."""
        found, invited = self._conferences.of(event.call), self._under_way.get(event.call)
        if found is None or invited is None:
            return []
        conference, leg = found
        if event.body and not event.offer and len(invited.early) < REDIRECTIONS:
            invited.early[event.dialog] = event.body
        actions = invited.progress(event.response.status_code, event.response.reason_phrase, now)
        if leg.status is EndpointStatus.dialing_out and event.response.status_code == 180:
            leg.stands(EndpointStatus.alerting)
            actions = [*actions, *self._roster.changed(conference, leg, now)]
        return actions

    def answered(self, event: CallAnswered, now: Instant) -> list[Action]:
        """It is answered: the participant is in, if the streams agree."""
        found, invited = self._conferences.of(event.call), self._under_way.pop(event.call, None)
        if found is None or invited is None:
            return []
        conference, leg = found
        actions = invited.progress(event.response.status_code, event.response.reason_phrase, now)
        try:
            leg.negotiation.answered(event.body or invited.early.get(event.dialog, b""))
        except Refusal:
            return [*actions, *self._calls.hang_up(event.call, now)]
        leg.confirmed(event.dialog)
        leg.settled(leg.negotiation.agreement)
        self._roster.media(conference, leg, now)
        return [*actions, *self._roster.expected(leg, now), *self._roster.changed(conference, leg, now)]

    def failed(self, event: CallFailed, now: Instant) -> list[Action]:
        """It came to nothing; a redirection is followed."""
        found, invited = self._conferences.of(event.call), self._under_way.pop(event.call, None)
        if found is None or invited is None:
            return []
        conference, leg = found
        further = _further(event.response) if event.status < 400 and not event.cancelled else None
        actions: list[Action] = []
        if further is not None and invited.redirected < REDIRECTIONS:
            # = rfc3261:8.1.3.4/0
            again = _Invited(further, invited.lines, invited.progress, invited.redirected + 1)
            actions += self._call(conference, Wanted(further, leg.referred_by, tuple(invited.lines)), again, now)
        else:
            actions += invited.progress(event.status, event.reason or REASONS.get(event.status, ""), now)
        busy = event.status in (486, 600)
        how = DisconnectionMethod.busy if busy else DisconnectionMethod.failed
        return [*actions, *self._roster.gone(event.call, how, f"{event.status} {event.reason}".strip(), now)]

    def _call(self, conference: Conference, wanted: Wanted, invited: _Invited, now: Instant) -> list[Action]:
        family = 6 if isinstance(wanted.target, SipUri) and wanted.target.host.startswith("[") else 4
        family = family if family in self._able.hosts else min(self._able.hosts)
        negotiation = Negotiation(self._able, self._entropy)
        streams = tuple(Wish(one.media) for one in self._able.abilities if family in one.ports)
        subject = () if conference.subject is None else (f"Subject: {conference.subject}",)
        invitation = Invitation(
            wanted.target,
            negotiation.offer(streams, family),
            identity=self._conferences.identity(conference),
            lines=(*subject, *wanted.lines),
            expires=RINGING,
        )
        call, actions = self._calls.invite(invitation, now)
        uri = str(wanted.target)
        signalled = wanted.target.host.strip("[]") if isinstance(wanted.target, SipUri) else ""
        entity = _entity(wanted.target)
        leg = Leg(call, entity, uri, None, JoiningMethod.dialed_out, negotiation, signalled, now, wanted.referred_by)
        self._under_way[call] = invited
        self._conferences.add(conference, leg)
        return [*actions, *self._roster.changed(conference, leg, now)]


def _entity(target: Uri) -> str:
    if isinstance(target, SipUri):
        return str(target._replace(password=None, parameter_text="", header_text=""))
    return str(target)


def _further(response: Response | None) -> Uri | None:
    """The first Contact of a redirection that can be called."""
    if response is None:
        return None
    for contact in response.headers.all(CONTACT):
        if isinstance(contact, Contact) and isinstance(contact.uri, SipUri):
            return contact.uri._replace(header_text="")
    return None
