"""Who watches one conference: a core that subscribes, puts the documents together, and tells the roster (RFC 4575; RFC 4579, 5.11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.conference.document import MEDIA_TYPE, ConferenceInfo
from disco_ref.conference.package import CONFERENCE, Follower
from disco_ref.entropy import Entropy
from disco_ref.errors import Malformed, Refusal
from disco_ref.sip.acceptance import Understood, refuse
from disco_ref.sip.actions import Action, Heard, RequestReceived, SendResponse, Tell
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.told import NotificationReceived, SubscriptionAnswered, SubscriptionEnded, SubscriptionId
from disco_ref.sip.events.wanted import Subscription
from disco_ref.sip.flow import Flow, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.message import Request
from disco_ref.sip.respond import new_tag, refused, respond
from disco_ref.sip.session.call import Authorize
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, Uri

METHODS = ("NOTIFY", "OPTIONS")


class Granted(NamedTuple):
    """The other side takes the subscription on."""

    expires: int
    """Seconds."""


class Waiting(NamedTuple):
    """Somebody has yet to allow it."""


class RosterChanged(NamedTuple):
    """The state of the conference is another than before."""

    document: ConferenceInfo | None
    """The whole of it; None where the conference is no more."""
    version: int | None
    """Of the document that said so."""


class Missed(NamedTuple):
    """A document was missed, or could not be read: the full state has been asked for."""

    why: str


class WatchEnded(NamedTuple):
    """The subscription is over."""

    status: int
    """Of the response that ended it, 408 and 503 where none came; 0 where a NOTIFY or the time did."""
    reason: str
    """That the other side gave, such as ``noresource``; empty for none."""
    why: str
    again: Instant | None
    """When it is asked for anew; None: it is not."""


class Watcher:
    """One subscription to the package ``conference``."""

    def __init__(self, address: Uri, entropy: Entropy, authorize: Authorize | None = None) -> None:
        """``address`` is who watches: From, and the user part of the Contact."""
        self._entropy = entropy
        user = address.user if isinstance(address, SipUri) and address.user else "watcher"
        identity = Identity.of(str(address), methods=METHODS)
        self._identity = replace(identity, contact=Contact(None, f"sip:{user}@invalid"))
        self._subscriber = Subscriber(Dialogs(), self._identity, entropy, authorize)
        self._follower = Follower()
        self._id: SubscriptionId = ""
        self._transport = Transport.UDP
        self._understood = Understood(methods=frozenset(METHODS), media_types=frozenset({MEDIA_TYPE}))

    def listens(self, listening: Sequence[Listening]) -> None:
        """The Contact says where this end is reached, by the transport of the target where that is spoken."""
        spoken = [each for each in listening if each.transport is self._transport]
        self._subscriber.identity = self._identity.at(spoken or listening)

    def speaks(self, transport: Transport) -> None:
        """The transport that the Contact is to name; said before the element listens."""
        self._transport = transport

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Nothing is turned away."""
        return None

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Octets held no message; the answer that is owed has gone out already."""
        return []

    # --- what its user wants -------------------------------------------------------------------------------------------

    def watch(
        self, target: Uri, now: Instant, *, expires: int | None = None, route: tuple[Route, ...] = ()
    ) -> list[Action]:
        """Subscribes; ``expires`` in seconds, 0 to look once."""
        what = Subscription(target, CONFERENCE, expires, route=route)
        self._id, actions = self._subscriber.subscribe(what, now)
        return self._settled(actions, now)

    def leave(self, now: Instant) -> list[Action]:
        """Ends the subscription; :class:`WatchEnded` says when it has ended."""
        return self._settled(self._subscriber.unsubscribe(self._id, now), now)

    # --- what was heard ------------------------------------------------------------------------------------------------

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """A NOTIFY, an OPTIONS, or what became of a SUBSCRIBE or a timer."""
        if isinstance(event, RequestReceived):
            request = event.request
            if request.method == "CANCEL":
                # = rfc6665:4.6/1
                # = rfc6665:4.6/2
                status = 200 if event.cancels is not None else 481
                answer = respond(request, status, to_tag=new_tag(self._entropy))
                return [SendResponse(event.transaction, answer)]
            try:
                refuse(request, self._understood)
            except Refusal as refusal:
                owed = refused(request, refusal, new_tag(self._entropy))
                return [SendResponse(event.transaction, owed)] if owed is not None else []
            if request.method == "OPTIONS":
                lines = [*self._subscriber.identity.contact_lines(False), f"Accept: {MEDIA_TYPE}"]
                answer = respond(request, 200, lines=lines, to_tag=new_tag(self._entropy))
                return [SendResponse(event.transaction, answer)]
        return self._settled(self._subscriber.heard(event, now), now)

    def _settled(self, actions: Sequence[Action], now: Instant) -> list[Action]:
        """What the subscriber tells, in terms of the roster."""
        settled: list[Action] = []
        for action in actions:
            if isinstance(action, Tell):
                settled += self._told(action.event, now)
            else:
                settled.append(action)
        return settled

    def _told(self, event: object, now: Instant) -> list[Action]:
        if isinstance(event, SubscriptionAnswered):
            return [Tell(Granted(event.expires))]
        if isinstance(event, SubscriptionEnded):
            self._follower.restart()
            return [Tell(WatchEnded(event.status, event.reason, event.why, event.again))]
        if isinstance(event, NotificationReceived):
            return self._notified(event, now)
        return []

    def _notified(self, event: NotificationReceived, now: Instant) -> list[Action]:
        pending: list[Action] = [Tell(Waiting())] if event.state.state.lower() == "pending" else []
        if not event.request.body:
            return pending
        try:
            followed = self._follower.receive(event.request.body)
        except Malformed as refusal:
            # = rfc4575:4.6/0 silent: a document that cannot be read is put aside; the next refresh brings the full state
            return [*pending, Tell(Missed(str(refusal)))]
        if followed.changed:
            return [*pending, Tell(RosterChanged(followed.document, self._follower.version))]
        if followed.gap:
            # = rfc4575:4.6/102
            missed = Tell(Missed("a version was left out"))
            return [*pending, missed, *self._settled(self._subscriber.refresh(event.id, now), now)]
        return pending
