"""The focus as an application of a user agent: what calls and subscriptions tell, and what is done about it (RFC 4353, RFC 4579)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.conference.focus.conferences import Conferences
from disco_ref.conference.focus.inviting import Inviting, Wanted
from disco_ref.conference.focus.joining import WAITING, Joining
from disco_ref.conference.focus.overload import Overload
from disco_ref.conference.focus.policy import Policy
from disco_ref.conference.focus.referring import Referring
from disco_ref.conference.focus.refusals import NoSuchConference, TooMany, owed
from disco_ref.conference.focus.roster import LINGERING, PROBING, Roster
from disco_ref.conference.focus.watching import Watching
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.media.relay import Relay
from disco_ref.sip.actions import Action, RequestFailed, ResponseReceived, TimerPassed
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.termination import Reason
from disco_ref.sip.events.told import SubscriberGone, SubscriptionRequested
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Request
from disco_ref.sip.referral.refer import Referrals
from disco_ref.sip.referral.reference import ReferRequested
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallFailed,
    CallId,
    CallOffered,
    CallProgressed,
    OfferReceived,
)
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import Uri

Authenticate = Callable[[Request, Instant], object]
"""Raises a Refusal for a request whose sender has not proved who it is, such as Authenticator.authenticate."""


class Rooms(NamedTuple):
    """What a focus stands on."""

    calls: Calls
    notifier: Notifier
    relay: Relay
    referrals: Referrals


class Focus:
    """All conferences of one focus."""

    def __init__(
        self,
        policy: Policy,
        rooms: Rooms,
        able: Capabilities,
        entropy: Entropy,
        authenticate: Authenticate | None = None,
    ) -> None:
        self.policy = policy
        self.able = able
        self.conferences = Conferences(policy, able, entropy)
        self._rooms = rooms
        self._authenticate = authenticate
        self._overload = Overload(policy.setting_up)
        self._entropy = entropy
        self._watching = Watching(self.conferences, rooms.notifier)
        self._roster = Roster(self.conferences, rooms.relay, self._watching.changed, self._watching.over)
        self._joining = Joining(self.conferences, self._roster, rooms.calls, able, entropy, self._overload)
        self._inviting = Inviting(self.conferences, self._roster, rooms.calls, able, entropy)
        self._referring = Referring(self.conferences, self._roster, self._inviting, rooms.calls, rooms.referrals)
        self._closing = False

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the focus can be reached."""
        self.conferences.listens(listening)
        identity = self.conferences.own_identity()
        self._rooms.calls.identity = identity
        self._rooms.notifier.identity = identity
        self._rooms.referrals.identity = identity

    # = rfc3261:21.5.4/0
    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether a new call is turned away before anything is done for it: seconds for Retry-After."""
        if request.method != "INVITE":
            return None
        shed = self._overload.sheds(request.headers.via, now)
        return self.policy.retry_after if self._closing or shed else None

    def heard(self, event: object, now: Instant) -> list[Action]:
        """What is to be done about an event of calls, subscriptions, or a timer of its own."""
        if isinstance(event, CallOffered):
            return self._offered(event, now)
        if isinstance(event, CallConfirmed):
            return self._joining.confirmed(event, now)
        if isinstance(event, CallEnded):
            return [*self._joining.ended(event, now), *self._referring.over(event.call, now)]
        if isinstance(event, OfferReceived):
            return self._joining.changing(event, now)
        if isinstance(event, SubscriptionRequested):
            return self._subscribed(event, now)
        if isinstance(event, SubscriberGone):
            self._watching.gone(event)
            return []
        if isinstance(event, CallProgressed):
            return self._inviting.progressed(event, now)
        if isinstance(event, CallAnswered):
            return self._inviting.answered(event, now)
        if isinstance(event, CallFailed):
            return [*self._inviting.failed(event, now), *self._referring.over(event.call, now)]
        if isinstance(event, ReferRequested):
            return self._referred(event, now)
        if isinstance(event, ResponseReceived):
            return self._joining.proved(CallId(event.owner[2]), event.response.status_code, now)
        if isinstance(event, RequestFailed):
            return self._joining.proved(CallId(event.owner[2]), event.status, now)
        return self._timer(event, now) if isinstance(event, TimerPassed) else []

    # = rfc4579:5.13/101
    def identity(self, uri: Uri) -> Identity:
        """Who answers at a URI, for OPTIONS: a conference, the factory, or one that a call would begin; else NoSuchConference."""
        name = self.conferences.name_in(uri)
        if name == self.policy.factory:
            # = rfc6665:4.4.4/2
            return self.conferences.own_identity(of_call=True)
        conference = self.conferences.get(name)
        if conference is not None:
            return self.conferences.identity(conference, uri)
        if not self.policy.ad_hoc:
            raise NoSuchConference("no such conference", where="Request-URI")
        return self.conferences.identity_of_name(name, uri)

    def session(self) -> bytes:
        """What the focus can do, as a session description."""
        return Negotiation(self.able, self._entropy).capabilities()

    def invite(self, name: str, target: Uri, now: Instant) -> list[Action]:
        """Calls somebody into a conference, which begins if need be; a Refusal where it cannot be."""
        conference = self.conferences.get(name)
        began: list[Action] = []
        if conference is None:
            conference = self.conferences.begin(name)
            began = self._roster.began(conference)
        return [*began, *self._inviting.invite(conference, Wanted(target), now)]

    def lock(self, name: str, locked: bool, now: Instant) -> list[Action]:
        """Locks a conference, or opens it again; NoSuchConference where there is none."""
        conference = self.conferences.named(name)
        conference.locked, conference.stale = locked, True
        return self._watching.changed(conference, now)

    def limit(self, name: str, capacity: int, now: Instant) -> list[Action]:
        """Lets no more than so many calls into a conference, those that are in stay; NoSuchConference where there is none."""
        conference = self.conferences.named(name)
        conference.capacity, conference.stale = capacity, True
        return self._watching.changed(conference, now)

    def decide(self, name: str, granted: bool, now: Instant) -> list[Action]:
        """Lets those watch a conference who wait for that, or tells them that they may not; NoSuchConference where there is none."""
        conference = self.conferences.named(name)
        return self._watching.grant(conference, now) if granted else self._watching.deny(conference, now)

    def close(self, now: Instant) -> list[Action]:
        """Ends all: BYE to every participant, a last NOTIFY to who watches; whatever is new is turned away from now on."""
        self._closing = True
        found: list[Action] = []
        for conference in list(self.conferences):
            found += self._watching.over(conference, now, Reason.noresource)
            for call in list(conference.legs):
                found += self._rooms.calls.hang_up(call, now)
        return found

    def _offered(self, event: CallOffered, now: Instant) -> list[Action]:
        try:
            self._check(event.request, now)
        except Refusal as refusal:
            status, reason, lines = owed(refusal)
            return self._rooms.calls.reject(event.call, status, now, reason=reason, lines=lines)
        return self._joining.offered(event, now)

    def _subscribed(self, event: SubscriptionRequested, now: Instant) -> list[Action]:
        try:
            self._check(event.request, now)
            return self._watching.requested(event, now)
        except Refusal as refusal:
            status, reason, lines = owed(refusal)
            return self._rooms.notifier.reject(event.id, status, reason, lines)

    def _referred(self, event: ReferRequested, now: Instant) -> list[Action]:
        try:
            self._check(event.request, now)
            return self._referring.requested(event, now)
        except Refusal as refusal:
            status, reason, lines = owed(refusal)
            return self._rooms.referrals.reject(event.id, status, reason, lines)

    def _check(self, request: Request, now: Instant) -> None:
        if self._closing:
            raise TooMany("the focus closes", retry_after=self.policy.retry_after)
        if self._authenticate is not None:
            self._authenticate(request, now)

    def _timer(self, event: TimerPassed, now: Instant) -> list[Action]:
        if event.name == PROBING:
            return self._joining.probed(CallId(event.owner[2]), now)
        if event.name == LINGERING:
            return self._roster.lingered(event.owner[2], event.owner[3], now)
        if event.name == WAITING:
            conference = self.conferences.get(event.owner[2])
            return [] if conference is None else self._roster.end_if_over(conference, now)
        return []
