"""REFER at both ends: asked to contact somebody, and asking it (RFC 3515; Referred-By of RFC 3892, from memory).

The subscription that every accepted REFER makes is one of :class:`~disco_ref.sip.events.notifier.Notifier` at who is asked, and
of :class:`~disco_ref.sip.events.subscriber.Subscriber` at who asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.sip.actions import (
    Action,
    Heard,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendRequest,
    SendResponse,
    SetTimer,
    Tell,
    TimerPassed,
)
from disco_ref.sip.dialog.dialog import Dialog, NoDialog, from_request
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.granted import neighbour, usable
from disco_ref.sip.events.notifier import DECISION, MOST, Notifier
from disco_ref.sip.events.subscriber import MOST_TRIES, Subscriber
from disco_ref.sip.events.subscriber_table import State as Stands
from disco_ref.sip.events.termination import Reason
from disco_ref.sip.events.told import NotificationReceived, SubscriptionEnded, SubscriptionId
from disco_ref.sip.events.wanted import Subscription, outside
from disco_ref.sip.header.addressing.refer_to import REFER_TO, ReferTo
from disco_ref.sip.header.addressing.referred_by import REFERRED_BY, ReferredBy
from disco_ref.sip.header.block import row
from disco_ref.sip.header.events.event import Event
from disco_ref.sip.message import Request, Response
from disco_ref.sip.referral.reference import (
    REFER,
    ReferAnswered,
    Reference,
    ReferEnded,
    ReferId,
    ReferProgressed,
    ReferRequested,
    sipfrag,
    status_of,
)
from disco_ref.sip.refusals import UnsupportedURIScheme
from disco_ref.sip.respond import new_tag, refused, respond
from disco_ref.sip.session.call import Authorize
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.uri import SipUri, Uri

ROOM = "refer"
"""First word of the owner of transactions and timers here."""


class _Asked(NamedTuple):
    """A REFER that nobody has decided about."""

    event: RequestReceived
    dialog: Dialog | None


class _Sent:
    """A REFER of ours that is not over."""

    __slots__ = ("owner", "reference", "subscription", "tries")

    def __init__(self, reference: Reference, owner: tuple[str, str]) -> None:
        self.reference = reference
        self.owner = owner
        self.subscription: SubscriptionId = ""
        self.tries = 0


class Referrals:
    """All REFERs of this element.

    As a room it answers REFER and, with the subscriber it is given, NOTIFY: of the latter's events those about REFERs are told
    as :class:`ReferProgressed` and :class:`ReferEnded`.  Owners begin with ``refer`` or ``subscribe``.
    """

    def __init__(
        self,
        dialogs: Dialogs,
        notifier: Notifier,
        subscriber: Subscriber,
        identity: Identity,
        entropy: Entropy,
        authorize: Authorize | None = None,
        *,
        schemes: frozenset[str] = frozenset({"sip", "sips"}),
    ) -> None:
        """``schemes`` are those of Refer-To that can be contacted; others get 416."""
        self.identity = identity
        self._dialogs = dialogs
        self._notifier = notifier
        self._subscriber = subscriber
        self._entropy = entropy
        self._authorize = authorize
        self._schemes = schemes
        self._asked: dict[ReferId, _Asked] = {}
        self._accepted: dict[ReferId, SubscriptionId] = {}
        self._sent: dict[ReferId, _Sent] = {}
        self._of_subscription: dict[SubscriptionId, ReferId] = {}
        self._serial = 0

    def __len__(self) -> int:
        """How many REFERs are not over, of both sides."""
        return len(self._asked) + len(self._accepted) + len(self._sent)

    # --- asked ---------------------------------------------------------------------------------------------------------

    def accept(
        self,
        id: ReferId,
        now: Instant,
        *,
        identity: Identity | None = None,
        expires: int = REFER.default_expires,
        lines: Sequence[str] = (),
    ) -> list[Action]:
        """Takes a REFER on: 202, and a NOTIFY that says 100 Trying (section 2.4.4).

        :meth:`progress` is owed as the request fares, until a final status.  ``expires`` in seconds.
        """
        asked = self._asked.pop(id, None)
        if asked is None:
            return []
        request, tag = asked.event.request, new_tag(self._entropy)
        dialog = asked.dialog or from_request(request, tag)
        # = rfc3515:2.4.6/1
        # = rfc3515:2.4.6/2 silent: in a dialog that was there before even the first says its number, so none is ambiguous
        event = Event("refer", f";id={request.headers.cseq.number}" if asked.dialog is not None else "")
        who = identity or self.identity
        # = rfc3515:2.4.2/7
        fields = [*who.contact_lines(dialog.secure), *lines]
        response = respond(request, 202, None, fields, to_tag=tag, record_route=asked.dialog is None)
        # = rfc3515:2.4.2/8
        subscription, actions = self._notifier.implicit(
            dialog,
            REFER,
            event,
            now,
            sipfrag(100),
            expires=expires,
            identity=identity or self.identity,
            flow=neighbour(request, asked.event.flow),
        )
        self._accepted[id] = subscription
        done: list[Action] = [SetTimer((ROOM, id), "decision", None), SendResponse(asked.event.transaction, response)]
        return [*done, *actions]

    def reject(
        self, id: ReferId, status: int = 603, reason: str | None = None, lines: Sequence[str] = ()
    ) -> list[Action]:
        """Refuses a REFER (section 2.4.2)."""
        # = rfc3515:2.4.2/3
        # = rfc3515:2.4.2/5
        asked = self._asked.pop(id, None)
        if asked is None:
            return []
        response = respond(asked.event.request, status, reason, lines, to_tag=new_tag(self._entropy))
        return [SetTimer((ROOM, id), "decision", None), SendResponse(asked.event.transaction, response)]

    def progress(
        self, id: ReferId, now: Instant, status: int, reason: str = "", lines: Sequence[str] = ()
    ) -> list[Action]:
        """Tells who asked how the request fares; a final status ends the subscription (section 2.4.7).

        Whether anybody still listens makes no difference to the request itself (section 2.4.4).
        """
        subscription = self._accepted.get(id)
        if subscription is None:
            return []
        body = sipfrag(status, reason, lines)
        if status < 200:
            return self._notifier.notify(subscription, now, body)
        del self._accepted[id]
        # = rfc3515:2.4.7/1
        return self._notifier.terminate(subscription, now, Reason.noresource, state=body, at_once=False)

    def _refer_received(self, event: RequestReceived, now: Instant) -> list[Action]:
        request = event.request
        try:
            target = _refer_to(request, self._schemes)
            dialog = self._dialogs.receive(request) if request.headers.to.tag is not None else None
            # = rfc3515:2/2b
            if dialog is None:
                usable(from_request(request, "-"))
            else:
                dialog.refresh(request)
            uri = target.uri
            method = uri.parameters.get("method") if isinstance(uri, SipUri) else None
            referrer = request.headers.first(REFERRED_BY)
        except Refusal as refusal:
            response = refused(request, refusal, new_tag(self._entropy))
            return [SendResponse(event.transaction, response)] if response is not None else []
        if len(self._asked) + len(self._accepted) >= MOST:
            busy = respond(request, 503, None, ["Retry-After: 30"], to_tag=new_tag(self._entropy))
            return [SendResponse(event.transaction, busy)]
        id = self._new_id()
        self._asked[id] = _Asked(event, dialog)
        told = ReferRequested(id, target, method or "INVITE", referrer, request, dialog.id if dialog else None)
        # = rfc3515:2.4.2/1
        return [SetTimer((ROOM, id), "decision", Instant(now + DECISION)), Tell(told)]

    # --- asking --------------------------------------------------------------------------------------------------------

    def refer(self, reference: Reference, now: Instant) -> tuple[ReferId, list[Action]]:
        """Asks the other side of a dialog, or a target outside of any, to contact somebody; NoDialog where there is none.

        Where the other side's Contact is a GRUU, the REFER goes there outside of the dialog and names it (RFC 6665, 4.5.2).
        """
        dialog = self._dialogs.get(reference.dialog) if reference.dialog is not None else None
        if dialog is None and (reference.dialog is not None or reference.target is None):
            raise NoDialog("no dialog to send it in", where="REFER")
        if dialog is not None and _is_gruu(dialog.target):
            reference, dialog = _beside(reference, dialog), None
        id = self._new_id()
        sent = self._sent[id] = _Sent(reference, (ROOM, id))
        lines = self._lines(reference, dialog)
        if dialog is not None:
            # = rfc3515:2/3
            request = dialog.request("REFER", lines)
        else:
            target = reference.target or reference.refer_to
            who = (reference.identity or self.identity).address
            call_id, tag = self._entropy(16).hex(), new_tag(self._entropy)
            request = outside("REFER", target, reference.to, who, call_id, tag, 1, reference.route, lines)
        return id, self._send(id, sent, request, dialog, now)

    def refresh(self, id: ReferId, now: Instant) -> list[Action]:
        """Asks to be told for longer how the request fares (section 2.4.6); nothing before the first NOTIFY, or after the last."""
        sent = self._sent.get(id)
        if sent is None or self._subscriber.state(sent.subscription) not in (Stands.pending, Stands.active):
            # = rfc3515:2.4.6/3 silent: before the NOTIFY it is not known whether the subscription has an id
            return []
        return self._subscriber.refresh(sent.subscription, now)

    def _lines(self, reference: Reference, dialog: Dialog | None) -> list[str]:
        who = reference.identity or self.identity
        secure = dialog.secure if dialog is not None else bool(reference.target and reference.target.scheme == "sips")
        # = rfc3515:2.4.1/1
        # = rfc3515:2/2b
        return [
            *row(REFER_TO, ReferTo(None, str(reference.refer_to))),
            *row(REFERRED_BY, ReferredBy(None, who.address.uri_text)),
            *who.contact_lines(secure),
            *reference.lines,
        ]

    def _send(self, id: ReferId, sent: _Sent, request: Request, dialog: Dialog | None, now: Instant) -> list[Action]:
        # = rfc3515:2.4.4/4
        headers = request.headers
        what = Subscription(request.request_uri, REFER, identity=sent.reference.identity)
        sent.subscription = self._subscriber.expect(
            what, headers.call_id, headers.from_.tag or "", headers.cseq.number, dialog, now
        )
        self._of_subscription[sent.subscription] = id
        waiting = self._subscriber.awaiting(sent.subscription, now)
        target = request.request_uri if dialog is not None and dialog.strict else None
        return [SendRequest(sent.owner, request, target=target), *waiting]

    # --- what was heard ------------------------------------------------------------------------------------------------

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """A REFER or NOTIFY, or what became of a request or timer of this room or the subscriber's."""
        if isinstance(event, RequestReceived) and event.request.method == "REFER":
            return self._refer_received(event, now)
        if isinstance(event, ResponseReceived | RequestFailed | TimerPassed) and event.owner[0] == ROOM:
            return self._owned(event, event.owner[1], now)
        return [self._translated(action) for action in self._subscriber.heard(event, now)]

    def _owned(self, event: ResponseReceived | RequestFailed | TimerPassed, id: ReferId, now: Instant) -> list[Action]:
        if isinstance(event, TimerPassed):
            return self.reject(id, 500)
        sent = self._sent.get(id)
        if sent is None:
            return []
        if isinstance(event, RequestFailed):
            return self._unsent(id, sent, event.status, None)
        response = event.response
        if response.status_code < 200:
            return []
        if response.status_code < 300:
            return [Tell(ReferAnswered(id, response.status_code, response))]
        again = self._again(sent, response, event.request)
        if again is None:
            return self._unsent(id, sent, response.status_code, response)
        forgotten = self._silently_abandoned(sent)
        request, dialog = again
        return [*forgotten, *self._send(id, sent, request, dialog, now)]

    def _again(self, sent: _Sent, response: Response, request: Request) -> tuple[Request, Dialog | None] | None:
        """The REFER with credentials, where they are asked for and at hand."""
        if response.status_code not in (401, 407) or self._authorize is None or sent.tries >= MOST_TRIES:
            return None
        sent.tries += 1
        dialog = self._dialogs.get(sent.reference.dialog) if sent.reference.dialog is not None else None
        lines = self._lines(sent.reference, dialog)
        if dialog is not None:
            plain = dialog.request("REFER", lines)
        else:
            headers, who = request.headers, (sent.reference.identity or self.identity).address
            tag, number = headers.from_.tag or "", headers.cseq.number + 1
            target, route = request.request_uri, sent.reference.route
            plain = outside("REFER", target, sent.reference.to, who, headers.call_id, tag, number, route, lines)
        authorized = self._authorize(response, plain)
        return None if authorized is None else (authorized, dialog)

    def _unsent(self, id: ReferId, sent: _Sent, status: int, response: Response | None) -> list[Action]:
        """Nobody has taken the REFER on: there is no subscription."""
        del self._sent[id]
        return [*self._silently_abandoned(sent), Tell(ReferAnswered(id, status, response))]

    def _silently_abandoned(self, sent: _Sent) -> list[Action]:
        self._of_subscription.pop(sent.subscription, None)
        actions = self._subscriber.abandon(sent.subscription)
        return [each for each in actions if not isinstance(each, Tell)]

    def _translated(self, action: Action) -> Action:
        """What the subscriber tells of a subscription that a REFER made, in terms of the REFER."""
        event = action.event if isinstance(action, Tell) else None
        if isinstance(event, NotificationReceived):
            id = self._of_subscription.get(event.forked_from or event.id)
            if id is None:
                return action
            self._of_subscription[event.id] = id
            status, reason = status_of(event.request.body)
            over = event.state.state.lower() == "terminated"
            return Tell(ReferProgressed(id, status, reason, over, event.request))
        if isinstance(event, SubscriptionEnded):
            id = self._of_subscription.pop(event.id, None)
            if id is None:
                return action
            if id not in self._of_subscription.values():
                self._sent.pop(id, None)
            return Tell(ReferEnded(id, event.why))
        return action

    def _new_id(self) -> ReferId:
        self._serial += 1
        return str(self._serial)


def _is_gruu(target: Uri) -> bool:
    return isinstance(target, SipUri) and any(
        piece.partition("=")[0].lower() == "gr" for piece in target.parameter_text.split(";")
    )


def _beside(reference: Reference, dialog: Dialog) -> Reference:
    """The REFER outside of the dialog, which it names by Target-Dialog (RFC 4538, from memory)."""
    # = rfc6665:4.5.2/1
    call_id, local, remote = dialog.id
    named = f"Target-Dialog: {call_id};local-tag={local};remote-tag={remote}"
    return reference._replace(dialog=None, target=dialog.target, lines=(*reference.lines, named))


def _refer_to(request: Request, schemes: frozenset[str]) -> ReferTo:
    """The one Refer-To; 400 where there is none or more than one, 416 where its URI cannot be contacted."""
    # = rfc3515:2.4.2/4
    target = request.headers.one(REFER_TO)
    uri = target.uri
    if uri.scheme not in schemes:
        # = rfc3515:2.4.2/6
        raise UnsupportedURIScheme(f"the scheme {uri.scheme[:40]} cannot be contacted", where="Refer-To")
    return target
