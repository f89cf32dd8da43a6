"""A notifier: subscriptions of others to what this element knows (RFC 6665, section 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.sip.actions import (
    Action,
    Heard,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendResponse,
    SetTimer,
    Tell,
    TimerPassed,
)
from disco_ref.sip.dialog.dialog import Dialog, from_request
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.asked import Asked, asked, same_event
from disco_ref.sip.events.granted import ROOM, Ending, Granted, neighbour, readable, usable
from disco_ref.sip.events.notifier_table import Given
from disco_ref.sip.events.notifier_table import State as Stands
from disco_ref.sip.events.package import NEUTRAL, Package, Packages, State
from disco_ref.sip.events.termination import ENDING_STATUSES, Reason
from disco_ref.sip.events.told import SubscriberGone, SubscriptionId, SubscriptionRefreshed, SubscriptionRequested
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.events.event import Event
from disco_ref.sip.header.plain.retry_after import RETRY_AFTER
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import new_tag, refused, respond
from disco_ref.sip.session.identity import Identity

DECISION = 8.0
"""Seconds within which a SUBSCRIBE must be accepted or rejected; then it gets 500, long before its sender gives up."""

MOST = 20_000
"""Subscriptions at once; beyond, SUBSCRIBE gets 503."""


class Notifier:
    """Subscriptions at this element.

    A SUBSCRIBE that would make one is told as :class:`SubscriptionRequested`; the answer to it is one of :meth:`accept`,
    :meth:`pending`, :meth:`reject`, at once.  After that a state that changed is said by :meth:`notify`, and one that is gone
    by :meth:`terminate`; refreshing, expiry, and NOTIFYs that fail are looked after here.  Of each subscription one NOTIFY is
    under way at a time: what changes meanwhile goes out as one with the next.

    Operations on a subscription that is not there, or is ending, do nothing.
    """

    def __init__(self, dialogs: Dialogs, packages: Packages, identity: Identity, entropy: Entropy) -> None:
        self.packages = packages
        # = rfc6665:4.5.1/1a exception: nothing here is behind a registrar that hands out GRUUs
        # = rfc6665:4.5.1/1b exception: the Contact is that of the resource, which leads to this notifier alone
        self.identity = identity
        """Whose Contact stands in answers and NOTIFYs, where none is named for a subscription."""
        self._dialogs = dialogs
        self._entropy = entropy
        self._asked: dict[SubscriptionId, tuple[RequestReceived, Asked]] = {}
        self._granted: dict[SubscriptionId, Granted] = {}
        self._serial = 0

    def __len__(self) -> int:
        """How many subscriptions there are, those that are ending among them."""
        return len(self._granted)

    def __contains__(self, id: SubscriptionId) -> bool:
        """Whether there is such a subscription."""
        return id in self._granted

    def state(self, id: SubscriptionId) -> str:
        """Where a subscription stands: ``pending``, ``active`` or ``terminated``."""
        granted = self._granted.get(id)
        return Stands.terminated if granted is None else granted.state

    def lines(self) -> list[str]:
        """Allow-Events, for requests and responses that set up dialogs and for answers to OPTIONS (section 4.4.4)."""
        # = rfc6665:4.4.4/1
        # = rfc6665:4.4.4/2
        return [f"Allow-Events: {', '.join(sorted(self.packages))}"] if self.packages else []

    # --- what whoever stands above decides -----------------------------------------------------------------------------

    def accept(
        self,
        id: SubscriptionId,
        now: Instant,
        state: State,
        *,
        expires: int | None = None,
        identity: Identity | None = None,
        lines: Sequence[str] = (),
    ) -> list[Action]:
        """Takes a subscription on: 200 and, at once, a NOTIFY with the state (section 4.2.1.2).

        ``expires`` shortens it, seconds; ``lines`` go into the 200.  Does nothing where nobody has asked for it.
        """
        return self._take(id, now, Given.permission, state, expires, identity, lines)

    def pending(
        self,
        id: SubscriptionId,
        now: Instant,
        *,
        expires: int | None = None,
        identity: Identity | None = None,
        lines: Sequence[str] = (),
    ) -> list[Action]:
        """The same where somebody has yet to allow it (section 4.2.1.3): the NOTIFY says pending and no state."""
        return self._take(id, now, Given.policy_needed, NEUTRAL, expires, identity, lines)

    def reject(
        self, id: SubscriptionId, status: int = 403, reason: str | None = None, lines: Sequence[str] = ()
    ) -> list[Action]:
        """Refuses a subscription that was asked for (section 4.2.1.3: 403 or 603 where it is not allowed)."""
        found = self._asked.pop(id, None)
        if found is None:
            return []
        # = rfc6665:4.2.1.1/4
        # = rfc6665:4.2.1.3/1
        response = self._respond(found[0].request, status, reason, lines)
        return [SetTimer((ROOM, id), "decision", None), SendResponse(found[0].transaction, response)]

    def grant(self, id: SubscriptionId, now: Instant, state: State) -> list[Action]:
        """Allows a subscription that is pending; its subscriber is told the state."""
        granted = self._granted.get(id)
        if granted is None or granted.state is not Stands.pending:
            return []
        granted.told = state
        granted.move(Given.permission)
        return granted.next(now)

    def notify(self, id: SubscriptionId, now: Instant, state: State | None = None) -> list[Action]:
        """The state has changed: a NOTIFY goes out as soon as none is under way and the package's interval has passed.

        ``state`` takes the place of what was given before; a :class:`~disco_ref.sip.events.package.Source` need not be given
        again.  While a subscription is pending, its subscriber is told nothing.
        """
        granted = self._granted.get(id)
        if granted is None or granted.state is not Stands.active:
            return []
        if state is not None:
            granted.told = state
        # = rfc6665:4.2.2/2
        granted.changed = True
        return granted.next(now)

    def notify_all(self, ids: Iterable[SubscriptionId], now: Instant) -> list[Action]:
        """:meth:`notify` for several subscriptions to one state."""
        return [action for id in ids for action in self.notify(id, now)]

    def terminate(
        self,
        id: SubscriptionId,
        now: Instant,
        reason: str = Reason.noresource,
        *,
        retry_after: int | None = None,
        state: State | None = None,
        at_once: bool = True,
    ) -> list[Action]:
        """Ends a subscription by a NOTIFY with this reason, and a last state where one is given (section 4.2.2).

        ``retry_after`` in seconds.  Not ``at_once``: when the package's interval has passed since the last NOTIFY.
        """
        granted = self._granted.get(id)
        if granted is None or granted.ending is not None:
            return []
        if state is not None:
            granted.told, granted.changed = state, True
        return self._end(granted, Given.terminated, Ending(reason, retry_after, at_once), now)

    def implicit(
        self,
        dialog: Dialog,
        package: Package,
        event: Event,
        now: Instant,
        state: State,
        *,
        expires: int,
        identity: Identity | None = None,
        flow: Flow | None = None,
    ) -> tuple[SubscriptionId, list[Action]]:
        """A subscription that no SUBSCRIBE asked for, as REFER makes it (RFC 3515, section 2.4.4); its NOTIFY goes out at once."""
        # = rfc6665:4.2.1/1 exception: the one that REFER makes
        # = rfc3515:2.4.4/1
        granted = Granted(self._new_id(), package, event, dialog, identity or self.identity)
        return granted.id, self._begin(granted, Given.permission, flow, state, expires, now)

    # --- what was heard ------------------------------------------------------------------------------------------------

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """A SUBSCRIBE, or what became of a NOTIFY or a timer of this room; anything else does nothing."""
        if isinstance(event, RequestReceived):
            return self._asked_for(event, now) if event.request.method == "SUBSCRIBE" else []
        if isinstance(event, ResponseReceived | RequestFailed | TimerPassed) and event.owner[0] == ROOM:
            return self._owned(event, event.owner[1], now)
        return []

    def _owned(self, event: ResponseReceived | RequestFailed | TimerPassed, id: str, now: Instant) -> list[Action]:
        granted = self._granted.get(id)
        if granted is None:
            return self.reject(id, 500) if isinstance(event, TimerPassed) else []
        if isinstance(event, ResponseReceived):
            return self._answered(granted, event.response, now)
        if isinstance(event, RequestFailed):
            # = rfc6665:4.2.2/3
            return self._failed(granted, event.why)
        if event.name == "expires":
            # = rfc6665:4.2.1.4/3
            # = rfc6665:4.2.1.4/4
            return self._end(granted, Given.expires, Ending(Reason.timeout), now)
        return granted.next(now)

    def _asked_for(self, event: RequestReceived, now: Instant) -> list[Action]:
        request = event.request
        try:
            wanted = asked(request, self.packages)
            if request.headers.to.tag is not None:
                response = self._within(event, wanted, now)
            elif not wanted.package.by_subscribe:
                # = rfc3515:2.4.4/6
                response = self._respond(request, 403)
            elif len(self._granted) + len(self._asked) >= MOST:
                response = self._respond(request, 503, lines=["Retry-After: 30"])
            else:
                return self._initial(event, wanted, now)
        except Refusal as refusal:
            # = rfc6665:4.2.1.1/1
            owed = refused(request, refusal, new_tag(self._entropy))
            return [SendResponse(event.transaction, owed)] if owed else []
        if isinstance(response, list):
            return response
        return [SendResponse(event.transaction, response)]

    def _initial(self, event: RequestReceived, wanted: Asked, now: Instant) -> list[Action]:
        usable(from_request(event.request, "-"))
        id = self._new_id()
        self._asked[id] = event, wanted
        told = SubscriptionRequested(id, wanted.package.name, wanted.event, wanted.expires, event.request, event.flow)
        return [SetTimer((ROOM, id), "decision", Instant(now + DECISION)), Tell(told)]

    def _within(self, event: RequestReceived, wanted: Asked, now: Instant) -> Response | list[Action]:
        """A SUBSCRIBE inside of a dialog: a refresh, or another subscription, which is refused."""
        dialog = self._dialogs.receive(event.request)
        mine = [self._granted[usage[1]] for usage in dialog.usages if usage[0] == ROOM and usage[1] in self._granted]
        granted = next((each for each in mine if same_event(each.event, wanted.event)), None)
        if granted is None:
            # = rfc3515:2.4.4/6
            # = rfc6665:4.5.2/4 exception: a dialog is not shared, but by the subscriptions that REFER makes
            # = rfc6665:4.5.2/5
            return self._respond(event.request, 403, "Dialog Sharing Is Not Supported")
        if granted.ending is not None:
            return self._respond(event.request, 481)
        dialog.refresh(event.request)
        granted.flow = neighbour(event.request, event.flow)
        # = rfc6665:3.1.1/3
        # = rfc6665:4.2.1.4/1a
        # = rfc6665:4.2.1.4/1b
        lines = [f"Expires: {wanted.expires}", *granted.identity.contact_lines(dialog.secure)]
        response = self._respond(event.request, 200, lines=lines)
        told = Tell(SubscriptionRefreshed(granted.id, wanted.expires))
        return [SendResponse(event.transaction, response), told, *self._lasts(granted, wanted.expires, now)]

    # --- inside --------------------------------------------------------------------------------------------------------

    def _new_id(self) -> SubscriptionId:
        self._serial += 1
        return str(self._serial)

    def _respond(self, request: Request, status: int, why: str | None = None, lines: Sequence[str] = ()) -> Response:
        return respond(request, status, why, lines, to_tag=new_tag(self._entropy))

    def _take(
        self,
        id: SubscriptionId,
        now: Instant,
        given: Given,
        state: State,
        expires: int | None,
        identity: Identity | None,
        lines: Sequence[str],
    ) -> list[Action]:
        found = self._asked.pop(id, None)
        if found is None:
            return []
        event, wanted = found
        tag = new_tag(self._entropy)
        dialog = from_request(event.request, tag)
        granted = Granted(id, wanted.package, wanted.event, dialog, identity or self.identity)
        # = rfc6665:4.2.1.1/7a
        # = rfc6665:4.2.1.1/7b
        # = rfc6665:3.1.1/4a
        # = rfc6665:3.1.1/4b
        lasts = wanted.expires if expires is None else min(expires, wanted.expires)
        # = rfc6665:3.1.1/3
        # = rfc6665:8.3/1b
        # = rfc6665:8.3/2
        fields = [f"Expires: {lasts}", *granted.identity.contact_lines(dialog.secure), *self.lines(), *lines]
        response = respond(event.request, 200, None, fields, to_tag=tag, record_route=True)
        answered: list[Action] = [SetTimer((ROOM, id), "decision", None), SendResponse(event.transaction, response)]
        return [*answered, *self._begin(granted, given, neighbour(event.request, event.flow), state, lasts, now)]

    def _begin(
        self, granted: Granted, given: Given, flow: Flow | None, state: State, expires: int, now: Instant
    ) -> list[Action]:
        granted.flow, granted.told = flow, state
        self._granted[granted.id] = granted
        granted.dialog = self._dialogs.join(granted.dialog, granted.owner)
        granted.move(Given.subscribe)
        granted.move(given)
        return self._lasts(granted, expires, now)

    def _lasts(self, granted: Granted, expires: int, now: Instant) -> list[Action]:
        """A SUBSCRIBE was answered: the subscription lasts so long from now on, and a NOTIFY is owed at once."""
        # = rfc6665:4.2.1.2/1
        # = rfc6665:4.2.2/1
        granted.at_once = granted.whole = True
        granted.expires_at = Instant(now + expires)
        if expires == 0:
            # = rfc6665:4.2/0
            return self._end(granted, Given.expires, Ending(Reason.timeout), now)
        return [SetTimer(granted.owner, "expires", granted.expires_at), *granted.next(now)]

    def _end(self, granted: Granted, given: Given, ending: Ending, now: Instant) -> list[Action]:
        if granted.ending is not None:
            return []
        granted.move(given, ending)
        return [SetTimer(granted.owner, "expires", None), *granted.next(now)]

    def _answered(self, granted: Granted, response: Response, now: Instant) -> list[Action]:
        """What a response to a NOTIFY means (section 4.2.2)."""
        status = response.status_code
        if status < 200:
            return []
        if status in ENDING_STATUSES or status == 408:
            # = rfc6665:4.2.2/3
            # = rfc6665:4.2.2/4
            return self._failed(granted, f"a NOTIFY was answered with {status}")
        granted.under_way = False
        if granted.last_said and granted.ending is not None:
            return self._gone(granted, granted.ending.reason, "terminated")
        if status < 300:
            granted.dialog.refresh(response)
        else:
            # = rfc6665:4.2.2/0 silent: what was not taken is told in full with the next, at the latest when its sender says
            granted.whole = True
            after = readable(response.headers, RETRY_AFTER)
            if after is not None:
                granted.changed = True
                granted.not_before = Instant(max(granted.not_before, now + after.seconds))
        return granted.next(now)

    def _failed(self, granted: Granted, why: str) -> list[Action]:
        if granted.ending is not None:
            return self._gone(granted, granted.ending.reason, why)
        granted.move(Given.failure)
        return self._gone(granted, "", why)

    def _gone(self, granted: Granted, reason: str, why: str) -> list[Action]:
        del self._granted[granted.id]
        self._dialogs.leave(granted.dialog, granted.owner)
        timers = [SetTimer(granted.owner, name, None) for name in ("expires", "interval")]
        return [*timers, Tell(SubscriberGone(granted.id, reason, why))]
