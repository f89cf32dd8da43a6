"""A subscriber: subscriptions of this element to what others know (RFC 6665, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from disco_ref.clock import Duration, Instant
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
from disco_ref.sip.dialog.dialog import Dialog, from_request
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.granted import readable, usable
from disco_ref.sip.events.notified import Halves, Notified, notified
from disco_ref.sip.events.subscriber_table import Met
from disco_ref.sip.events.subscriber_table import State as Stands
from disco_ref.sip.events.termination import ENDING_STATUSES, Reason, again_in
from disco_ref.sip.events.told import NotificationReceived, SubscriptionAnswered, SubscriptionEnded, SubscriptionId
from disco_ref.sip.events.wanted import ROOM, Subscription, Wanted
from disco_ref.sip.header.plain.numbers import EXPIRES
from disco_ref.sip.header.plain.retry_after import RETRY_AFTER
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import new_tag, refused, respond
from disco_ref.sip.session.call import Authorize
from disco_ref.sip.session.identity import Identity

TIMER_N = Duration(32.0)
"""64*T1: how long a NOTIFY is waited for (section 4.1.2.4)."""

MOST_TRIES = 5
"""SUBSCRIBEs in a row that are sent again because of what an answer says: credentials, a longer time, another target."""

MOST_ATTEMPTS = 10
"""Attempts in a row to have a subscription again that was lost."""

PASSING = frozenset({0, 408, 480, 481, 500, 502, 503, 504})
"""Of a subscription that stood before: what may pass, 0 where no response ended it."""

USEFUL = 60.0
"""Seconds after which a subscription that ends has been of use: the next attempt need not wait."""


class Subscriber:
    """Subscriptions of this element.

    :meth:`subscribe` and :meth:`unsubscribe` begin and end one; what comes of it is told as
    :class:`~disco_ref.sip.events.told.SubscriptionAnswered`, ``NotificationReceived`` and ``SubscriptionEnded``.  Refreshing, and
    asking again where the way it ended allows that, is done here, under the same id.
    """

    def __init__(
        self,
        dialogs: Dialogs,
        identity: Identity,
        entropy: Entropy,
        authorize: Authorize | None = None,
        *,
        timer_n: Duration = TIMER_N,
    ) -> None:
        self.identity = identity
        """From and Contact of subscriptions that name no other."""
        self._dialogs = dialogs
        self._entropy = entropy
        self._authorize = authorize
        self._timer_n = timer_n
        self._by_id: dict[SubscriptionId, Wanted] = {}
        self._halves = Halves()
        self._serial = 0

    def __len__(self) -> int:
        """How many subscriptions there are, those too that will be asked for again."""
        return len(self._by_id)

    def __contains__(self, id: SubscriptionId) -> bool:
        """Whether there is such a subscription."""
        return id in self._by_id

    def state(self, id: SubscriptionId) -> str:
        """Where a subscription stands: ``notify_wait``, ``pending``, ``active`` or ``terminated``."""
        wanted = self._by_id.get(id)
        return Stands.terminated if wanted is None else wanted.state

    # --- what whoever stands above wants -------------------------------------------------------------------------------

    def subscribe(self, what: Subscription, now: Instant) -> tuple[SubscriptionId, list[Action]]:
        """Asks for a subscription, or with ``expires`` 0 for the state at this moment (section 4.4.3)."""
        wanted = Wanted(self._new_id(), what, what.identity or self.identity)
        self._by_id[wanted.id] = wanted
        return wanted.id, self._begin(wanted, now)

    def refresh(self, id: SubscriptionId, now: Instant) -> list[Action]:
        """Asks for the full state again, and for as long as at first (section 4.1.2.2); later, if a SUBSCRIBE is under way."""
        wanted = self._by_id.get(id)
        if wanted is None or wanted.dialog is None or wanted.state is Stands.terminated:
            return []
        if wanted.under_way:
            # = rfc6665:4.6/3
            wanted.refresh_due = True
            return []
        return self._send(wanted, 0 if wanted.leaving else wanted.what.seconds, now)

    def unsubscribe(self, id: SubscriptionId, now: Instant) -> list[Action]:
        """Ends a subscription (section 4.1.2.3): it has ended when ``SubscriptionEnded`` says so, at the latest after Timer N."""
        wanted = self._by_id.get(id)
        if wanted is None or wanted.leaving:
            return []
        wanted.leaving = True
        if wanted.state is Stands.terminated:
            return self._forget(wanted, "not asked for again")
        # = rfc6665:4.1.2.4/3 silent: before the first NOTIFY there is no dialog to unsubscribe in; it is done when that comes
        return self.refresh(id, now)

    def expect(
        self, what: Subscription, call_id: str, tag: str, number: int, dialog: Dialog | None, now: Instant
    ) -> SubscriptionId:
        """A subscription that a REFER of ours makes (RFC 3515, section 2.4.4): ``number`` is its CSeq, ``tag`` ours.

        It is neither refreshed nor asked for again.  The timer that ends the waiting is set by :meth:`awaiting`.
        """
        wanted = Wanted(self._new_id(), what._replace(keep=False), what.identity or self.identity)
        wanted.call_id, wanted.tag, wanted.number, wanted.dialog = call_id, tag, number, dialog
        # = rfc3515:2.4.6/1
        # = rfc3515:2.4.6/2
        wanted.ids = (str(number), None)
        wanted.begun = now
        wanted.forks_until = Instant(now + self._timer_n)
        self._by_id[wanted.id] = wanted
        self._halves.add(wanted)
        wanted.move(Met.subscribe)
        if dialog is not None:
            self._dialogs.join(dialog, wanted.usage)
        return wanted.id

    def awaiting(self, id: SubscriptionId, now: Instant) -> list[Action]:
        """Timer N of a subscription that is expected."""
        wanted = self._by_id.get(id)
        return [] if wanted is None else self._await(wanted, now)

    def abandon(self, id: SubscriptionId) -> list[Action]:
        """Forgets an expected subscription that has not come to be: the REFER was refused."""
        wanted = self._by_id.get(id)
        return [] if wanted is None else self._forget(wanted, "the request was refused")

    # --- what was heard ------------------------------------------------------------------------------------------------

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """A NOTIFY, or what became of a SUBSCRIBE or a timer of this room; anything else does nothing."""
        if isinstance(event, RequestReceived):
            return self._notify(event, now) if event.request.method == "NOTIFY" else []
        if not isinstance(event, ResponseReceived | RequestFailed | TimerPassed) or event.owner[0] != ROOM:
            return []
        wanted = self._by_id.get(event.owner[1])
        if wanted is None:
            return []
        if isinstance(event, TimerPassed):
            return self._timer(wanted, event.name, now)
        if event.owner != wanted.owner or not wanted.under_way:
            return []
        if isinstance(event, RequestFailed):
            wanted.under_way = False
            return self._refused(wanted, event.status, None, event.why, now)
        return self._answered(wanted, event.response, now) if event.response.status_code >= 200 else []

    def _timer(self, wanted: Wanted, name: str, now: Instant) -> list[Action]:
        if name == "N":
            wanted.awaits = False
            acts = wanted.move(Met.timer_n)
            return self._end(wanted, now, 0, "", None, "no NOTIFY came") if acts else []
        if name == "expires":
            acts = wanted.move(Met.expires)
            return self._end(wanted, now, 0, Reason.timeout, None, "it was not refreshed in time") if acts else []
        if name == "again":
            wanted.move(Met.retry_after)
            return self._begin(wanted, now)
        return self.refresh(wanted.id, now)

    # --- NOTIFY --------------------------------------------------------------------------------------------------------

    def _notify(self, event: RequestReceived, now: Instant) -> list[Action]:
        """Section 4.1.3: matched, answered at once, then told."""
        try:
            told = notified(event.request)
            wanted, forks = self._halves.match(event.request, told.event, now)
            told.check_body(event.request, wanted.what.types)
            if forks:
                wanted = wanted.fork(self._new_id(), now)
            dialog = self._dialog_of(wanted, event.request)
        except Refusal as refusal:
            response = refused(event.request, refusal, new_tag(self._entropy))
            return [SendResponse(event.transaction, response)] if response else []
        if forks:
            self._by_id[wanted.id] = wanted
            self._halves.add(wanted)
        if wanted.what.package.name == "refer":
            wanted.event = told.event
        # = rfc6665:4.1.3/17
        # = rfc6665:4.1.3/19
        contact = wanted.identity.contact_lines(dialog.secure)
        answer = SendResponse(event.transaction, respond(event.request, 200, lines=contact))
        news = Tell(
            NotificationReceived(wanted.id, told.state, event.request, dialog.id, wanted.fork_of if forks else None)
        )
        return [answer, news, *self._told(wanted, told, dialog, now)]

    def _dialog_of(self, wanted: Wanted, request: Request) -> Dialog:
        """The dialog of a NOTIFY, its number taken in; a new one has the route set of the NOTIFY (section 4.4.1)."""
        if wanted.dialog is not None:
            wanted.dialog.receive(request)
            wanted.dialog.refresh(request)
            return wanted.dialog
        known = self._dialogs.find(request)
        if known is not None:
            known.receive(request)
            return known
        dialog = usable(from_request(request, wanted.tag))
        dialog.local_number = wanted.number
        return dialog

    def _told(self, wanted: Wanted, told: Notified, dialog: Dialog, now: Instant) -> list[Action]:
        """What the Subscription-State of a NOTIFY changes."""
        actions: list[Action] = []
        if wanted.awaits and (wanted.asked != 0 or told.met is Met.terminated):
            wanted.awaits = False
            actions.append(SetTimer(wanted.usage, "N", None))
        if told.met is Met.terminated:
            wanted.move(told.met)
            reason, retry_after = told.reason, told.retry_after
            return [*actions, *self._end(wanted, now, 0, reason, retry_after, "the notifier has ended it")]
        first, wanted.stood = wanted.dialog is None, True
        wanted.dialog = self._dialogs.join(dialog, wanted.usage)
        wanted.move(told.met)
        # = rfc6665:4.1.3/4
        # = rfc6665:4.1.3/5
        if told.expires is not None:
            actions += self._lasts(wanted, told.expires, now)
        elif wanted.expires_at is None:
            actions += self._lasts(wanted, wanted.asked or wanted.what.seconds, now)
        elif first:
            actions += self._lasts(wanted, max(0, int(wanted.expires_at - now)), now)
        if wanted.leaving and wanted.asked != 0:
            actions += self.refresh(wanted.id, now)
        return actions

    # --- SUBSCRIBE -----------------------------------------------------------------------------------------------------

    def _begin(self, wanted: Wanted, now: Instant) -> list[Action]:
        """A first SUBSCRIBE, outside of any dialog (section 4.1.2.1)."""
        wanted.renew(self._entropy(16).hex(), new_tag(self._entropy), now)
        self._halves.add(wanted)
        wanted.forks_until = Instant(now + self._timer_n)
        wanted.move(Met.subscribe)
        return self._send(wanted, wanted.what.seconds, now)

    def _send(self, wanted: Wanted, expires: int, now: Instant) -> list[Action]:
        return self._sent(wanted, wanted.request(expires), now)

    def _sent(self, wanted: Wanted, request: Request, now: Instant) -> list[Action]:
        wanted.under_way, wanted.refresh_due = True, False
        # = rfc6665:4.5.2/1 silent: only the subscriptions of REFER share a dialog, so no dialog is reused here
        dialog = wanted.dialog
        if dialog is not None:
            send = SendRequest(wanted.owner, request, target=request.request_uri if dialog.strict else None)
        else:
            hops = wanted.what.hops if wanted.target == wanted.what.target else ()
            send = SendRequest(wanted.owner, request, wanted.what.flow, hops)
        return [send, SetTimer(wanted.usage, "refresh", None), *self._await(wanted, now)]

    def _await(self, wanted: Wanted, now: Instant) -> list[Action]:
        # = rfc6665:4.1/0
        wanted.awaits = True
        return [SetTimer(wanted.usage, "N", Instant(now + self._timer_n))]

    def _answered(self, wanted: Wanted, response: Response, now: Instant) -> list[Action]:
        wanted.under_way = False
        status = response.status_code
        if status >= 300:
            again = wanted.again(response, self._authorize) if wanted.tries < MOST_TRIES else None
            if again is not None:
                wanted.tries += 1
                return self._sent(wanted, again, now)
            return self._refused(wanted, status, response, f"SUBSCRIBE was answered with {status}", now)
        wanted.tries = 0
        # = rfc6665:8.3/1a
        granted = readable(response.headers, EXPIRES)
        # = rfc6665:3.1.1/4b silent: a duration above what was asked for is taken as what was asked for
        expires = wanted.asked if granted is None else min(granted, wanted.asked)
        actions: list[Action] = [Tell(SubscriptionAnswered(wanted.id, expires))]
        if status == 204 and wanted.awaits:
            # = rfc6665:4.1.2.2/2
            wanted.awaits = False
            actions.append(SetTimer(wanted.usage, "N", None))
        if wanted.dialog is None:
            wanted.expires_at = Instant(now + expires)
            return actions
        wanted.dialog.refresh(response)
        if wanted.refresh_due or (wanted.leaving and wanted.asked != 0):
            return [*actions, *self.refresh(wanted.id, now)]
        return [*actions, *self._lasts(wanted, expires, now)] if wanted.asked else actions

    def _refused(self, wanted: Wanted, status: int, response: Response | None, why: str, now: Instant) -> list[Action]:
        """What a SUBSCRIBE that failed means (sections 4.1.2.1 and 4.1.2.2)."""
        told = readable(response.headers, RETRY_AFTER) if response is not None else None
        after = None if told is None else told.seconds
        if wanted.dialog is None or status in ENDING_STATUSES:
            if not wanted.move(Met.failure):
                return []
            # = rfc6665:4.1.2.2/1
            return self._end(wanted, now, status, "", after, why)
        if wanted.leaving:
            return []
        # = rfc6665:4.1/0 silent: what other failures mean passes; it is tried again while the subscription lasts
        left = (wanted.expires_at or now) - now
        retry = Instant(now + max(after or 0, min(30.0, left / 2), 1.0))
        actions: list[Action] = [SetTimer(wanted.usage, "refresh", retry)]
        if response is not None:
            wanted.awaits = False
            actions.append(SetTimer(wanted.usage, "N", None))
        return actions

    # --- lasting and ending --------------------------------------------------------------------------------------------

    def _lasts(self, wanted: Wanted, expires: int, now: Instant) -> list[Action]:
        wanted.expires_at = Instant(now + expires)
        timers: list[Action] = [SetTimer(wanted.usage, "expires", wanted.expires_at)]
        if wanted.what.keep and not wanted.leaving and wanted.asked != 0 and not wanted.under_way:
            timers.append(SetTimer(wanted.usage, "refresh", Instant(now + expires - min(expires / 2, 60.0))))
        return timers

    def _end(
        self, wanted: Wanted, now: Instant, status: int, reason: str, retry_after: int | None, why: str
    ) -> list[Action]:
        """The attempt is over: it is made again where the reason allows it, or the subscription is forgotten."""
        wanted.attempts = 0 if now - wanted.begun >= USEFUL else wanted.attempts + 1
        asks = self._asks_again(wanted, status, bool(reason) or retry_after is not None)
        wait = again_in(reason, retry_after, wanted.attempts - 1) if asks else None
        if wait is None:
            return self._forget(wanted, why, status, reason)
        self._release(wanted)
        again = Instant(now + wait)
        # = rfc6665:4.4.2/1
        timers = [*self._no_timers(wanted), SetTimer(wanted.usage, "again", again)]
        return [*timers, Tell(SubscriptionEnded(wanted.id, status, reason, again, why))]

    def _asks_again(self, wanted: Wanted, status: int, told: bool) -> bool:
        """Whether it may be asked for again; ``told``: the other side has said so, by a reason or a time."""
        if wanted.leaving or not wanted.what.keep or wanted.what.seconds == 0 or wanted.fork_of is not None:
            return False
        # What never stood is asked for again only where the other side says so; what stood, unless it is refused for good.
        return told or (wanted.stood and status in PASSING and wanted.attempts <= MOST_ATTEMPTS)

    def _forget(self, wanted: Wanted, why: str, status: int = 0, reason: str = "") -> list[Action]:
        self._release(wanted)
        del self._by_id[wanted.id]
        timers = [*self._no_timers(wanted), SetTimer(wanted.usage, "again", None)]
        return [*timers, Tell(SubscriptionEnded(wanted.id, status, reason, None, why))]

    def _release(self, wanted: Wanted) -> None:
        """Nothing belongs to this attempt any more."""
        self._halves.remove(wanted)
        if wanted.dialog is not None:
            self._dialogs.leave(wanted.dialog, wanted.usage)
        wanted.dialog, wanted.under_way = None, False

    def _no_timers(self, wanted: Wanted) -> Iterator[Action]:
        yield from (SetTimer(wanted.usage, name, None) for name in ("N", "expires", "refresh"))

    def _new_id(self) -> SubscriptionId:
        self._serial += 1
        return str(self._serial)
