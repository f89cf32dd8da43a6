"""REFER to a conference: whom to invite, whom to remove (RFC 4579, sections 5.5 and 5.11; from memory)."""

from __future__ import annotations

from functools import partial

from disco_ref.clock import Instant
from disco_ref.conference.document import EndpointStatus
from disco_ref.conference.focus.conferences import Conferences
from disco_ref.conference.focus.inviting import Inviting, Wanted
from disco_ref.conference.focus.refusals import NotAllowed
from disco_ref.conference.focus.roster import Roster
from disco_ref.conference.focus.state import Conference, Leg
from disco_ref.sip.actions import Action
from disco_ref.sip.referral.refer import Referrals
from disco_ref.sip.referral.reference import ReferId, ReferRequested
from disco_ref.sip.referral.replaces import replaces_in
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallId
from disco_ref.sip.uri import SipUri, Uri, equivalent, read_uri


class Referring:
    """Does what participants ask for by REFER, and tells them how it goes."""

    def __init__(
        self, conferences: Conferences, roster: Roster, inviting: Inviting, calls: Calls, referrals: Referrals
    ) -> None:
        self._conferences = conferences
        self._roster = roster
        self._inviting = inviting
        self._calls = calls
        self._referrals = referrals
        self._leaving: dict[CallId, list[ReferId]] = {}

    # = rfc4579:4.3/103
    def requested(self, event: ReferRequested, now: Instant) -> list[Action]:
        """Somebody asks; a Refusal where it cannot be done at all."""
        uri = event.request.request_uri
        conference = self._conferences.named(self._conferences.name_in(uri))
        if event.method == "BYE":
            return self._removed(conference, event, now)
        if event.method != "INVITE":
            # = rfc4579:5/0 silent: other methods in Refer-To have no meaning here
            raise NotAllowed(f"nobody is sent {event.method} here", where="Refer-To")
        return self._invited(conference, event, now)

    def over(self, call: CallId, now: Instant) -> list[Action]:
        """A call is over: who asked for it is told."""
        return [action for id in self._leaving.pop(call, ()) for action in self._referrals.progress(id, now, 200, "OK")]

    # = rfc4579:5.5/101
    # = rfc4579:5.5/102
    def _invited(self, conference: Conference, event: ReferRequested, now: Instant) -> list[Action]:
        uri = event.refer_to.uri
        if self._conferences.is_own(uri):
            raise NotAllowed("a conference is not invited into another one", where="Refer-To")
        referrer = event.referred_by.uri_text if event.referred_by else event.request.headers.from_.uri_text
        # = rfc3892:3/0
        lines = [f"Referred-By: <{referrer}>", *replaces_in(uri)]
        wanted = Wanted(_plain(uri), referrer, tuple(lines))
        told = partial(self._progress, event.id)
        # The INVITE is made first: where there is no room for it, the REFER is refused.
        actions = self._inviting.invite(conference, wanted, now, told)
        identity = self._conferences.identity(conference, event.request.request_uri, of_call=False)
        return [*self._referrals.accept(event.id, now, identity=identity), *actions]

    def _progress(self, id: ReferId, status: int, reason: str, now: Instant) -> list[Action]:
        return self._referrals.progress(id, now, status, reason)

    # = rfc4579:5.11/101
    def _removed(self, conference: Conference, event: ReferRequested, now: Instant) -> list[Action]:
        identity = self._conferences.identity(conference, event.request.request_uri, of_call=False)
        actions = self._referrals.accept(event.id, now, identity=identity)
        legs = _legs(conference, _plain(event.refer_to.uri))
        if not legs:
            return [*actions, *self._referrals.progress(event.id, now, 404)]
        # The last of them to go is the one that is told of.
        self._leaving.setdefault(legs[-1].call, []).append(event.id)
        for leg in legs:
            leg.stands(EndpointStatus.disconnecting)
            actions += self._roster.changed(conference, leg, now)
            actions += self._calls.hang_up(leg.call, now)
        return actions


def _legs(conference: Conference, uri: Uri) -> list[Leg]:
    """The calls of a user, or the one of an endpoint."""
    user = conference.users.get(str(uri))
    if user is not None:
        return [leg for leg in user.legs.values() if leg.gone is None]
    return [leg for leg in conference.legs.values() if _same(leg.entity, uri) or _same(leg.endpoint, uri)]


def _same(text: str, uri: Uri) -> bool:
    if text == str(uri):
        return True
    try:
        return equivalent(read_uri(text), uri)
    except BadRequest:
        # The later one of two calls of a device has a name that is no URI.
        return False


def _plain(uri: Uri) -> Uri:
    """Whom a Refer-To means, without the method and the header fields."""
    if not isinstance(uri, SipUri):
        return uri
    kept = [each for each in uri.parameter_text.split(";")[1:] if each.partition("=")[0].lower() != "method"]
    return uri._replace(parameter_text="".join(f";{each}" for each in kept), header_text="")
