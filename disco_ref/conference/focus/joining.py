"""Calls to a conference: joining, changing, leaving (RFC 4579, sections 5.1, 5.4 and 5.12; from memory)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.conference.document import DisconnectionMethod, JoiningMethod
from disco_ref.conference.focus.conferences import Conferences
from disco_ref.conference.focus.overload import Overload
from disco_ref.conference.focus.policy import FactoryAnswer
from disco_ref.conference.focus.refusals import Full, Locked, NoSuchConference, TooMany, owed
from disco_ref.conference.focus.roster import PROBING, Roster, TurnedAway
from disco_ref.conference.focus.state import Conference, Leg
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.media.offer_answer.offer import Wish
from disco_ref.sip.actions import Action, Report, SetTimer, Tell
from disco_ref.sip.dialog.dialog import contact_of
from disco_ref.sip.header.addressing.parties import From
from disco_ref.sip.session.call import NotNow
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallConfirmed, CallEnded, CallId, CallOffered, OfferReceived, Why
from disco_ref.sip.uri import SipUri

WAITING = "waiting"
"""The timer of a conference whose URI was given out and where nobody has called yet."""

_HOW = {
    Why.REMOTE: DisconnectionMethod.departed,
    Why.CANCELLED: DisconnectionMethod.departed,
    Why.HUNG_UP: DisconnectionMethod.booted,
    Why.REPLACED: DisconnectionMethod.departed,
}
"""How an endpoint has gone, by how its call has ended; every other way is a failure."""


class Joining:
    """Answers calls, and looks after them while they stand."""

    def __init__(
        self,
        conferences: Conferences,
        roster: Roster,
        calls: Calls,
        able: Capabilities,
        entropy: Entropy,
        overload: Overload,
    ) -> None:
        self._conferences = conferences
        self._roster = roster
        self._calls = calls
        self._able = able
        self._entropy = entropy
        self._overload = overload
        self._policy = conferences.policy

    def offered(self, event: CallOffered, now: Instant) -> list[Action]:
        """Somebody calls: is joined, redirected or turned away."""
        try:
            return self._admitted(event, now)
        except Refusal as refusal:
            status, reason, lines = owed(refusal)
            request = event.request
            told = TurnedAway(str(request.request_uri), request.headers.from_.uri_text, status, str(refusal))
            return [*self._calls.reject(event.call, status, now, reason=reason, lines=lines), Tell(Report(told))]

    def confirmed(self, event: CallConfirmed, now: Instant) -> list[Action]:
        """The ACK has come: the participant is in; with the answer, where the focus made the offer."""
        self._overload.done(event.call)
        found = self._conferences.of(event.call)
        if found is None:
            return []
        conference, leg = found
        if event.answer:
            try:
                leg.negotiation.answered(event.answer)
            except Refusal:
                return self._calls.hang_up(event.call, now)
            self._roster.media(conference, leg, now)
        elif leg.connected:
            # The ACK to a later INVITE, whose streams are known already.
            return []
        leg.settled(leg.negotiation.agreement)
        return [*self._roster.expected(leg, now), *self._roster.changed(conference, leg, now)]

    def probed(self, call: CallId, now: Instant) -> list[Action]:
        """A call has stood for a while: who is not heard is asked whether it is still there.

        A telephone that loses its power says no BYE; without this its call would stand for ever.
        """
        found = self._conferences.of(call)
        if found is None:
            return []
        again = self._roster.expected(found[1], now)
        if not self._roster.silent(found[1], now):
            return again
        try:
            return self._calls.request(call, ("app", PROBING, call), "OPTIONS")
        except NotNow:
            return again

    def proved(self, call: CallId, status: int, now: Instant) -> list[Action]:
        """What came of the question: no answer, or no such call there, ends it here (RFC 3261, section 12.2.1.2)."""
        found = self._conferences.of(call)
        if found is None or status < 200:
            return []
        # = rfc3261:12.2.1.2/2
        if status in (408, 481):
            return self._calls.hang_up(call, now, why=Why.LOST)
        return self._roster.expected(found[1], now)

    def changing(self, event: OfferReceived, now: Instant) -> list[Action]:
        """A participant wants other streams, or holds: answered, or refused and all stays as it was."""
        found = self._conferences.of(event.call)
        if found is None:
            return self._calls.refuse(event.call, now, 488)
        conference, leg = found
        try:
            if not event.body:
                return self._calls.answer(event.call, self._own_offer(leg), now)
            answer = leg.negotiation.answer(event.body)
        except Refusal as refusal:
            status, _, lines = owed(refusal)
            return self._calls.refuse(event.call, now, status, lines=lines)
        actions = self._calls.answer(event.call, answer, now)
        self._roster.media(conference, leg, now)
        if leg.connected:
            leg.settled(leg.negotiation.agreement)
        return [*actions, *self._roster.changed(conference, leg, now)]

    def ended(self, event: CallEnded, now: Instant) -> list[Action]:
        """A call is over, however."""
        self._overload.done(event.call)
        how = _HOW.get(event.why, DisconnectionMethod.failed)
        return self._roster.gone(event.call, how, str(event.why), now)

    def _admitted(self, event: CallOffered, now: Instant) -> list[Action]:
        name = self._conferences.name_in(event.request.request_uri)
        if self._conferences.calls >= self._policy.calls:
            raise TooMany("no further calls", retry_after=self._policy.retry_after)
        if name == self._policy.factory:
            return self._created(event, now)
        conference = self._conferences.get(name)
        if conference is None:
            if not self._policy.ad_hoc:
                raise NoSuchConference("no such conference", where="Request-URI")
            return self._joined(self._conferences.begin(name), event, now)
        self._may_join(conference, event.replaces)
        return self._joined(conference, event, now)

    # = rfc4579:5.1/101
    def _may_join(self, conference: Conference, replaced: CallId | None) -> None:
        if replaced is not None and replaced in conference.legs:
            # Another device of one who is in: nobody joins.
            return
        if conference.locked:
            raise Locked("the conference is locked")
        if conference.full:
            raise Full("the conference is full")

    # = rfc4579:5.4/101
    def _created(self, event: CallOffered, now: Instant) -> list[Action]:
        conference = self._conferences.begin(self._conferences.fresh_name())
        if self._policy.factory_answer is FactoryAnswer.direct:
            return self._joined(conference, event, now)
        contact = self._conferences.identity(conference, event.request.request_uri, event.flow).contact
        conference.awaited = True
        # = rfc3261:21.3.3/0
        lines = (f"Contact: {contact}", f"Expires: {self._policy.waiting}")
        waits = SetTimer(("app", WAITING, conference.name), WAITING, Instant(now + self._policy.waiting))
        return [*self._calls.reject(event.call, 302, now, lines=lines), waits, *self._roster.began(conference)]

    def _joined(self, conference: Conference, event: CallOffered, now: Instant) -> list[Action]:
        began = conference.idle and not conference.reserved and not conference.awaited
        try:
            leg = self._leg(conference, event, now)
            body = leg.negotiation.answer(event.offer) if event.offer else b""
        except Refusal:
            if began and not conference.watchers:
                self._conferences.end(conference)
            raise
        self._conferences.add(conference, leg)
        return self._accepted(conference, leg, body, event, began, now)

    def _accepted(
        self, conference: Conference, leg: Leg, body: bytes, event: CallOffered, began: bool, now: Instant
    ) -> list[Action]:
        identity = self._conferences.identity(conference, event.request.request_uri, event.flow)
        subject = () if conference.subject is None else (f"Subject: {conference.subject}",)
        actions = self._calls.accept(event.call, body or self._own_offer(leg), now, identity=identity, lines=subject)
        self._overload.began(event.call, now)
        dialog = self._calls.dialog(event.call)
        leg.confirmed(None if dialog is None else dialog.id)
        if began:
            actions += self._roster.began(conference)
        if body:
            self._roster.media(conference, leg, now)
        return [*actions, *self._roster.changed(conference, leg, now)]

    def _leg(self, conference: Conference, event: CallOffered, now: Instant) -> Leg:
        headers = event.request.headers
        contact = contact_of(event.request)
        entity = entity_of(headers.from_, conference)
        endpoint = entity if contact is None else str(contact)
        negotiation = Negotiation(self._able, self._entropy)
        return Leg(
            event.call,
            entity,
            endpoint,
            headers.from_.display_name,
            JoiningMethod.dialed_in,
            negotiation,
            event.flow.remote.host,
            now,
        )

    def _own_offer(self, leg: Leg) -> bytes:
        """The offer of the focus, where an INVITE had none: the streams that stand, else all that the focus can do."""
        family = 6 if ":" in leg.signalled else 4
        family = family if family in self._able.hosts else min(self._able.hosts)
        local = leg.negotiation.local
        if local is None:
            able = tuple(Wish(one.media) for one in self._able.abilities if family in one.ports)
            return leg.negotiation.offer(able, family)
        wishes = tuple(Wish(one.media) if one.port else None for one in local.media)
        return leg.negotiation.offer(wishes, family)


# = rfc4575:5.5/101
def entity_of(address: From, conference: Conference) -> str:
    """The URI by which a caller is shown: without parameters; who is anonymous gets a name within the conference."""
    uri = address.uri
    if not isinstance(uri, SipUri):
        return str(uri)
    if uri.host.lower() == "anonymous.invalid" or uri.user is None:
        return f"sip:anonymous{conference.serial}@anonymous.invalid"
    return str(uri._replace(password=None, parameter_text="", header_text=""))
