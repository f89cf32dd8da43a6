"""A subscription as its subscriber keeps it, and the SUBSCRIBE requests for it (RFC 6665, sections 3.1 and 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.sip.dialog.dialog import HOPS, Dialog, in_request_line
from disco_ref.sip.events.granted import readable
from disco_ref.sip.events.package import Package
from disco_ref.sip.events.subscriber_table import SUBSCRIBER, Act, Met
from disco_ref.sip.events.told import SubscriptionId
from disco_ref.sip.flow import Flow, Hop
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.header.addressing.parties import To
from disco_ref.sip.header.addressing.route import ROUTE, Route
from disco_ref.sip.header.block import Headers, row
from disco_ref.sip.header.events.event import EVENT, Event
from disco_ref.sip.header.plain.numbers import MIN_EXPIRES
from disco_ref.sip.message import Request, Response
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.session.call import Authorize
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.uri import Uri

ROOM = "subscribe"
"""First word of the owner of a subscriber's transactions and timers, and of its usages of dialogs."""


def outside(
    method: str,
    target: Uri,
    to: To | None,
    address: NameAddr,
    call_id: str,
    tag: str,
    number: int,
    route: Sequence[Route],
    lines: Sequence[str],
) -> Request:
    """A request outside of any dialog, complete but for Via (RFC 3261, section 8.1.1); ``to`` None: the target."""
    to = to or To(None, str(target))
    strict = bool(route) and not route[0].loose
    if strict:
        # = rfc3261:12.2.1.1/14
        # = rfc3261:12.2.1.1/15
        target, route = in_request_line(route[0].uri), [*route[1:], Route.of(target)]
    headers = [
        *(row(ROUTE, *route) if route else ()),
        HOPS,
        f"From: {address};tag={tag}",
        f"To: {to}",
        f"Call-ID: {call_id}",
        f"CSeq: {number} {method}",
        *lines,
        "Content-Length: 0",
    ]
    return Request(method, target, Headers(headers), strict=strict)


class Subscription(NamedTuple):
    """What to subscribe to."""

    target: Uri
    """The Request-URI: the resource."""
    package: Package
    expires: int | None = None
    """Seconds; None: the package's own duration; 0: the state is fetched once (section 4.4.3)."""
    to: To | None = None
    """To without tag; None: the target."""
    identity: Identity | None = None
    """None: that of the user agent."""
    accept: tuple[str, ...] = ()
    """Media types that are understood besides the package's own."""
    event_id: str | None = None
    """``id`` of Event: needed only where several share a dialog."""
    keep: bool = True
    """Whether it is refreshed, and asked for again where the way in which it ended allows it."""
    route: tuple[Route, ...] = ()
    lines: tuple[str, ...] = ()
    """Further header lines of each SUBSCRIBE."""
    flow: Flow | None = None
    hops: tuple[Hop, ...] = ()
    """Where the first SUBSCRIBE goes; empty: by location."""

    @property
    def seconds(self) -> int:
        """How long it is to last."""
        return self.package.default_expires if self.expires is None else self.expires

    @property
    def types(self) -> tuple[str, ...]:
        """The media types that are understood, in lower case."""
        return tuple(dict.fromkeys([self.package.media_type, *(each.lower() for each in self.accept)]))


class Wanted:
    """A subscription and the attempt at it that is under way."""

    __slots__ = (
        "asked",
        "attempts",
        "awaits",
        "begun",
        "call_id",
        "dialog",
        "event",
        "expires_at",
        "fork_of",
        "forks_until",
        "id",
        "identity",
        "ids",
        "leaving",
        "number",
        "refresh_due",
        "serial",
        "stood",
        "state",
        "tag",
        "target",
        "tried",
        "tries",
        "under_way",
        "what",
    )

    def __init__(self, id: SubscriptionId, what: Subscription, identity: Identity) -> None:
        self.id = id
        self.what = what
        self.identity = identity
        self.state = SUBSCRIBER.start
        # = rfc6665:4.5.2/6
        self.event = Event(what.package.name, f";id={what.event_id}" if what.event_id else "")
        self.ids: tuple[str | None, ...] = (what.event_id,)
        """The ``id`` that Event of a NOTIFY may have."""
        self.target = what.target
        self.call_id = ""
        self.tag = ""
        self.number = 0
        """CSeq of the last SUBSCRIBE outside of a dialog."""
        self.serial = 0
        """Tells the transactions of this subscription apart."""
        self.under_way = False
        """A SUBSCRIBE has not been answered yet."""
        self.asked = 0
        """Expires of the last SUBSCRIBE, seconds."""
        self.awaits = False
        """Timer N runs: a NOTIFY is awaited."""
        self.refresh_due = False
        """A SUBSCRIBE is to follow the one that is under way."""
        self.leaving = False
        self.dialog: Dialog | None = None
        self.expires_at: Instant | None = None
        self.begun = Instant(0)
        self.stood = False
        """A NOTIFY has said active or pending, of this attempt or an earlier one."""
        self.attempts = 0
        """Attempts in a row that led to nothing of use."""
        self.tried: set[str] = set()
        """Targets of this attempt."""
        self.tries = 0
        """SUBSCRIBEs in a row that were sent again with what the answer wanted."""
        self.forks_until = Instant(0)
        """Until then NOTIFYs of other branches make further subscriptions."""
        self.fork_of: SubscriptionId | None = None

    @property
    def usage(self) -> tuple[str, str]:
        """Of its dialog; and the owner of its timers."""
        return ROOM, self.id

    @property
    def owner(self) -> tuple[str, str, str]:
        """Of its last transaction."""
        return ROOM, self.id, str(self.serial)

    def move(self, met: Met) -> tuple[Act, ...]:
        """Takes an event in; what is to be done."""
        step = SUBSCRIBER.step(self.state, met)
        if step is None:
            return ()
        self.state = step.to
        return step.actions

    def renew(self, call_id: str, tag: str, now: Instant) -> None:
        """A new attempt, in a dialog that does not exist yet: Call-ID and tag of From are new (section 4.1.2.2)."""
        self.call_id, self.tag, self.number = call_id, tag, 0
        self.target = self.what.target
        self.tried = {str(self.target)}
        self.dialog = self.expires_at = None
        self.under_way = self.refresh_due = False
        self.tries = 0
        self.begun = now

    def request(self, expires: int) -> Request:
        """The next SUBSCRIBE, in the dialog if there is one."""
        self.serial += 1
        self.asked = expires
        if self.dialog is not None:
            return self.dialog.request("SUBSCRIBE", self._lines(expires, self.dialog.secure))
        self.number += 1
        what, lines = self.what, self._lines(expires, self.target.scheme == "sips")
        who, to = self.identity.address, what.to or To(None, str(what.target))
        # = rfc3261:8.1.3.4/11a
        # = rfc3261:8.1.3.4/13
        return outside("SUBSCRIBE", self.target, to, who, self.call_id, self.tag, self.number, what.route, lines)

    def again(self, response: Response, authorize: Authorize | None) -> Request | None:
        """The SUBSCRIBE once more, with what a response asks for; None where that is nothing that can be given."""
        status, headers = response.status_code, response.headers
        if status == 423:
            least = readable(headers, MIN_EXPIRES)
            if least is None or not least > self.asked > 0:
                return None
            self.what = self.what._replace(expires=least)
            return self.request(least)
        if status in (401, 407) and authorize is not None:
            # = rfc6665:4.4.3/2
            return authorize(response, self.request(self.asked))
        return self._redirected(response) if 300 <= status < 400 and self.dialog is None else None

    def _redirected(self, response: Response) -> Request | None:
        """The SUBSCRIBE to the first Contact that was not tried yet (RFC 3261, section 8.1.3.4)."""
        # = rfc3261:8.1.3.4/1
        for contact in response.headers.all(CONTACT):
            if not isinstance(contact, Contact):
                continue
            try:
                # = rfc3261:8.1.3.4/8
                target = in_request_line(contact.uri)
            except BadRequest:
                continue
            # = rfc3261:8.1.3.4/2
            # = rfc3261:8.1.3.4/3a exception: what was asked for by sips is not asked for otherwise
            secure = self.target.scheme != "sips" or target.scheme == "sips"
            if target.scheme in ("sip", "sips") and secure and str(target) not in self.tried:
                self.target = target
                self.tried.add(str(target))
                return self.request(self.asked)
        return None

    def fork(self, id: SubscriptionId, now: Instant) -> Wanted:
        """The subscription that another branch of the same SUBSCRIBE makes (section 4.4.1)."""
        branch = Wanted(id, self.what, self.identity)
        branch.call_id, branch.tag, branch.number = self.call_id, self.tag, self.number
        branch.event, branch.ids, branch.fork_of, branch.begun = self.event, self.ids, self.id, now
        branch.move(Met.subscribe)
        return branch

    def _lines(self, expires: int, secure: bool) -> Sequence[str]:
        # = rfc6665:3.1.1/1
        # = rfc6665:3.1.2/1
        # = rfc6665:3.1.3/1
        # = rfc6665:4.5.2/8
        # = rfc3515:2.4.6/3
        return [
            *row(EVENT, self.event),
            f"Expires: {expires}",
            # = rfc4575:3.4/103
            f"Accept: {', '.join(self.what.types)}",
            *self.identity.contact_lines(secure),
            *self.what.lines,
        ]
