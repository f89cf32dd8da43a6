"""One subscription as its notifier keeps it: where it stands, what its subscriber is owed, and the NOTIFY that says so
(RFC 6665, section 4.2.2).
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, SendRequest, SetTimer
from disco_ref.sip.dialog.dialog import Dialog
from disco_ref.sip.events.notifier_table import NOTIFIER, Act, Given, State
from disco_ref.sip.events.package import NEUTRAL, Body, Package
from disco_ref.sip.events.package import State as Told
from disco_ref.sip.events.termination import Reason
from disco_ref.sip.events.told import SubscriptionId
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.block import Headers, row
from disco_ref.sip.header.events.event import EVENT, Event
from disco_ref.sip.header.field import Field
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.uri import SipUri

T = TypeVar("T")

ROOM = "notify"
"""First word of the owner of a notifier's transactions and timers, and of its usages of dialogs."""


def neighbour(request: Request, flow: Flow) -> Flow | None:
    """The connection that a request came on, where it leads to its sender and to no proxy: what requests back prefer.

    A datagram's way back is that of the dialog (RFC 3261, section 12.2.1.1).
    """
    return flow if flow.transport.reliable and len(request.headers.all(VIA)) == 1 else None


def usable(dialog: Dialog) -> Dialog:
    """The dialog, if requests can be sent in it; BadRequest where its target is no SIP URI, or one is malformed inside."""
    if not isinstance(dialog.target, SipUri):
        # = rfc3261:8.1.1.8/1
        raise BadRequest("no SIP URI", where="Contact")
    uris = [dialog.target, *(hop.uri for hop in dialog.route_set)]
    for uri in uris:
        if isinstance(uri, SipUri):
            _ = uri.parameters, uri.port
    return dialog


def readable(headers: Headers, field: Field[T]) -> T | None:
    """The first value of a field of a response; where it is malformed it counts as absent (RFC 3261, section 8.2.2)."""
    try:
        return headers.first(field)
    except BadRequest:
        return None


class Ending(NamedTuple):
    """What the last NOTIFY says."""

    reason: str
    retry_after: int | None = None
    at_once: bool = True
    """Otherwise it waits for the package's interval."""


class Granted:
    """A subscription.  One NOTIFY is under way at a time; what changes meanwhile goes out as one with the next."""

    __slots__ = (
        "at_once",
        "changed",
        "dialog",
        "ending",
        "event",
        "expires_at",
        "flow",
        "id",
        "identity",
        "last_said",
        "not_before",
        "package",
        "state",
        "told",
        "under_way",
        "whole",
    )

    def __init__(self, id: SubscriptionId, package: Package, event: Event, dialog: Dialog, identity: Identity) -> None:
        self.id = id
        self.package = package
        # = rfc6665:3.2.1/2
        # = rfc6665:4.5.2/7
        self.event = event
        """As in the SUBSCRIBE, with its ``id``."""
        self.dialog = dialog
        self.identity = identity
        self.flow: Flow | None = None
        self.state = NOTIFIER.start
        self.told: Told = NEUTRAL
        self.expires_at = Instant(0)
        self.not_before = Instant(0)
        """What no SUBSCRIBE triggers waits until then."""
        self.under_way = False
        """A NOTIFY has not been answered yet."""
        self.at_once = False
        """A NOTIFY is owed that does not wait for the interval."""
        self.changed = False
        """A NOTIFY is owed if there is something to tell."""
        self.whole = True
        """The next body is the full state."""
        self.ending: Ending | None = None
        self.last_said = False
        """The NOTIFY that is under way says terminated."""

    @property
    def owner(self) -> tuple[str, str]:
        """Of its transactions and timers, and its usage of the dialog."""
        return ROOM, self.id

    def move(self, given: Given, ending: Ending | None = None) -> bool:
        """Takes an event in; whether the subscription is to be removed at once.

        ``ending`` is what the last NOTIFY shall say, for events that end the subscription by one.
        """
        step = NOTIFIER.step(self.state, given)
        if step is None:
            return False
        if ending is not None and self.state is State.pending:
            self.told = NEUTRAL
        self.state = step.to
        for act in step.actions:
            if act is Act.notify:
                self.at_once = self.whole = True
            elif act is Act.say_terminated:
                self.ending = ending or Ending(Reason.timeout)
        return Act.remove in step.actions

    def next(self, now: Instant) -> list[Action]:
        """The next NOTIFY, where one is owed, none is under way and it need not wait."""
        ending = self.ending
        if self.under_way or not (self.at_once or self.changed or ending is not None):
            return []
        waits = not self.at_once and not (ending is not None and ending.at_once)
        if waits and now < self.not_before:
            return [SetTimer(self.owner, "interval", self.not_before)]
        body = self._body(now)
        self.changed = False
        if body is None and ending is None:
            return []
        self.at_once, self.under_way, self.last_said = False, True, ending is not None
        self.not_before = Instant(now + self.package.interval)
        found = body or NEUTRAL
        request = self.dialog.request("NOTIFY", self._lines(found, now), found.octets)
        return [SendRequest(self.owner, request, self.flow, target=request.request_uri if self.dialog.strict else None)]

    def _body(self, now: Instant) -> Body | None:
        if self.ending is not None and not (self.at_once or self.changed):
            # = rfc6665:4.2/0 silent: the last NOTIFY says the state only where a SUBSCRIBE asked for it or it has changed
            return None
        if self.state is State.pending:
            # = rfc6665:4.2.1.2/2
            return NEUTRAL
        whole, self.whole = self.whole, False
        return self.told if isinstance(self.told, Body) else self.told.body(whole, now)

    def _lines(self, body: Body, now: Instant) -> list[str]:
        # = rfc6665:3.2.1/1
        # = rfc6665:8.2.1/2
        # = rfc6665:8.2.1/3a
        # = rfc6665:8.2.3/1
        lines = [*row(EVENT, self.event), f"Subscription-State: {self._standing(now)}"]
        lines += [*self.identity.contact_lines(self.dialog.secure), *body.lines]
        if body.media_type:
            # = rfc6665:3.2.1/3
            lines.append(f"Content-Type: {body.media_type}")
        return lines

    def _standing(self, now: Instant) -> str:
        """Subscription-State (sections 4.2.2 and 8.2.3)."""
        # = rfc6665:4.1.3/3
        # = rfc6665:4.2.2/5
        ending = self.ending
        if ending is None:
            # = rfc6665:4.2.2/6
            # = rfc6665:4.2.2/7b
            return f"{self.state};expires={max(0, int(round(self.expires_at - now, 3)))}"
        # = rfc6665:4.2.2/8
        # = rfc6665:4.2.2/9
        # = rfc6665:4.1.3/7a
        after = "" if ending.retry_after is None else f";retry-after={ending.retry_after}"
        return f"terminated;reason={ending.reason}{after}"
