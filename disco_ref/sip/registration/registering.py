"""Who registers (RFC 3261, section 10.2): a binding made, refreshed before it expires, and removed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.sip.actions import (
    Action,
    Heard,
    Owner,
    RequestFailed,
    ResponseReceived,
    SendRequest,
    SetTimer,
    Tell,
    TimerPassed,
)
from disco_ref.sip.dialog.dialog import in_request_line
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.header.addressing.contact import CONTACT, Contact, Star
from disco_ref.sip.header.addressing.parties import FROM, TO, From, To
from disco_ref.sip.header.addressing.route import ROUTE, Route
from disco_ref.sip.header.block import Headers, row
from disco_ref.sip.header.identity.cseq import CSEQ, CSeq
from disco_ref.sip.header.plain.numbers import EXPIRES, MIN_EXPIRES
from disco_ref.sip.header.plain.retry_after import RETRY_AFTER
from disco_ref.sip.message import Request, Response
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.respond import new_tag
from disco_ref.sip.uri import SipUri, Uri, equivalent, sip_uri

ROOM = "register"
"""The first word of the owner of all that is begun here."""

FIRST_WAIT, LONGEST_WAIT = 30.0, 1800.0
"""Seconds before a registration that failed is tried again; doubled with each failure in a row."""

TRANSACTION = 32.0
"""Seconds that a request may take to fail (64*T1): so much earlier a binding is refreshed."""

_PASSING = frozenset({408, 480, 500, 502, 503, 504})
"""Failures that may be over in a while."""


class Wish(NamedTuple):
    """What shall be registered where."""

    address_of_record: SipUri
    contact: Contact
    registrar: SipUri | None = None
    """The Request-URI; None: the domain of the address-of-record."""
    expires: int = 3600
    """Seconds that are asked for."""
    routes: Sequence[Route] = ()
    """Proxies on the way."""
    lines: Sequence[str] = ()
    """Further header lines, such as User-Agent."""


class Registered(NamedTuple):
    """Told: the binding holds."""

    identity: str
    until: Instant
    contacts: tuple[Contact, ...]
    """All bindings of the address-of-record, as the registrar lists them."""


class Unregistered(NamedTuple):
    """Told: the binding was removed, as asked."""

    identity: str


class RegistrationFailed(NamedTuple):
    """Told: the registrar does not make the binding, or cannot be reached."""

    identity: str
    status: int
    why: str
    again: Instant | None
    """When it is tried again; None: not by itself."""


class Phase(StrEnum):
    """Where a registration stands."""

    IDLE = "idle"
    REGISTERING = "registering"
    REGISTERED = "registered"
    REMOVING = "removing"
    WAITING = "waiting"
    FAILED = "failed"


class Registration:
    """One binding of one address-of-record, kept alive."""

    def __init__(self, identity: str, wish: Wish, keyring: Keyring, entropy: Entropy) -> None:
        """``identity`` tells the registrations of a node apart."""
        self.identity = identity
        self.phase = Phase.IDLE
        self._wish = wish
        self._keyring = keyring
        self._entropy = entropy
        # = rfc3261:10.2/8
        # = rfc3261:10.2.4/3
        self._call_id = f"{entropy(16).hex()}"
        self._number = 0
        self._under_way: Owner | None = None
        self._expires = wish.expires
        self._failures = 0
        self._leaving = False
        """Whether the binding is to be removed once the request under way has been answered."""

    def register(self, now: Instant) -> list[Action]:
        """Make the binding, and keep it."""
        self._leaving = False
        # = rfc3261:10.2/11
        return [] if self._under_way else self._send(Phase.REGISTERING, self._expires)

    def unregister(self, now: Instant) -> list[Action]:
        """Remove the binding; another user agent's are left alone."""
        self._leaving = True
        # = rfc3261:10.2/11
        # = rfc3261:10.2.4/1
        return [] if self._under_way else self._send(Phase.REMOVING, 0)

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What has come of a request, or the time to refresh or to try again; events of others concern nobody here."""
        if isinstance(event, TimerPassed):
            idle = self._under_way is None and not self._leaving and event.owner == (ROOM, self.identity)
            return self._send(Phase.REGISTERING, self._expires) if idle else []
        if not isinstance(event, ResponseReceived | RequestFailed) or event.owner != self._under_way:
            return []
        if isinstance(event, RequestFailed):
            self._under_way = None
            return self._next(self._failed(event.status, event.why, None, now), now)
        if event.response.status_code < 200:
            return []
        self._under_way = None
        return self._next(self._answered(event, now), now)

    def _next(self, actions: list[Action], now: Instant) -> list[Action]:
        """What follows, and the removal where it was asked for meanwhile."""
        if self._leaving and self._under_way is None and self.phase not in (Phase.IDLE, Phase.REMOVING):
            return actions + self._send(Phase.REMOVING, 0)
        return actions

    def _answered(self, event: ResponseReceived, now: Instant) -> list[Action]:
        response = event.response
        if response.status_code in (401, 407):
            again = self._keyring.answer(event.request, response)
            if again is not None:
                self._number = again.headers.cseq.number
                return self._start(again)
        if response.status_code == 423 and (longer := _number(response, "min-expires")) > self._expires:
            # = rfc3261:10.2.8/1
            self._expires = longer
            return self._send(Phase.REGISTERING, longer)
        if 200 <= response.status_code < 300:
            return self._done(response, now)
        return self._failed(response.status_code, response.reason_phrase, response, now)

    def _done(self, response: Response, now: Instant) -> list[Action]:
        self._failures = 0
        if self.phase is Phase.REMOVING:
            self.phase = Phase.IDLE
            return [self._timer(None), Tell(Unregistered(self.identity))]
        contacts = _contacts(response)
        mine = next((each for each in contacts if equivalent(each.uri, self._wish.contact.uri)), None)
        granted = None if mine is None else mine.expires
        # = rfc3261:10.2.4/0 silent: a registrar that lists no expiration has granted what Expires says, or what was asked for
        lasting = granted if granted is not None else _number(response, "expires") or self._expires
        self.phase = Phase.REGISTERED
        early = min(TRANSACTION, lasting / 2)
        return [
            self._timer(Instant(now + max(1.0, lasting - early))),
            Tell(Registered(self.identity, Instant(now + lasting), contacts)),
        ]

    def _failed(self, status: int, why: str, response: Response | None, now: Instant) -> list[Action]:
        if self.phase is Phase.REMOVING:
            self.phase = Phase.IDLE
            return [self._timer(None), Tell(RegistrationFailed(self.identity, status, why, None))]
        again: Instant | None = None
        if status in _PASSING:
            # = rfc3261:10.2.7/1
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._failures, 10))
            wait *= 0.5 + self._entropy(1)[0] / 510
            asked = _number(response, "retry-after") if response else 0
            again = Instant(now + max(wait, min(asked, 86400)))
            self._failures += 1
        self.phase = Phase.FAILED if again is None else Phase.WAITING
        return [self._timer(again), Tell(RegistrationFailed(self.identity, status, why, again))]

    def _send(self, phase: Phase, expires: int) -> list[Action]:
        self.phase = phase
        # = rfc3261:10.2/9
        self._number += 1
        return self._start(self._keyring.prepare(self._request(expires)))

    def _start(self, request: Request) -> list[Action]:
        self._under_way = (ROOM, self.identity, str(request.headers.cseq.number))
        return [SendRequest(self._under_way, request)]

    def _request(self, expires: int) -> Request:
        wish = self._wish
        uri = wish.address_of_record
        # = rfc3261:10.2.6/1
        # = rfc3261:10.2/6
        target = wish.registrar or sip_uri(uri.host, port=uri.port, scheme=uri.scheme)
        route = tuple(wish.routes)
        first: Uri = target
        strict = bool(route) and not route[0].loose
        if strict:
            # = rfc3261:12.2.1.1/14
            # = rfc3261:12.2.1.1/15
            first, route = in_request_line(route[0].uri), (*route[1:], Route.of(target))
        # = rfc3261:10.2/4
        # = rfc3261:10.2/7
        lines = [
            *(row(ROUTE, *route) if route else ()),
            "Max-Forwards: 70",
            *row(FROM, From.of(uri, tail={"tag": new_tag(self._entropy)})),
            *row(TO, To.of(uri)),
            f"Call-ID: {self._call_id}",
            *row(CSEQ, CSeq(self._number, "REGISTER")),
            *row(CONTACT, wish.contact),
            # = rfc3261:10.2.1.1/1
            *row(EXPIRES, expires),
            *wish.lines,
            "Content-Length: 0",
        ]
        return Request("REGISTER", first, Headers(lines), strict=strict)

    def _timer(self, at: Instant | None) -> Action:
        return SetTimer((ROOM, self.identity), "refresh", at)


def _contacts(response: Response) -> tuple[Contact, ...]:
    try:
        return tuple(each for each in response.headers.all(CONTACT) if not isinstance(each, Star))
    except BadRequest:
        return ()


_NUMBERS = {"expires": EXPIRES, "min-expires": MIN_EXPIRES}


def _number(response: Response, key: str) -> int:
    """A number of seconds, 0 where there is none or it is malformed."""
    try:
        if key == "retry-after":
            after = response.headers.first(RETRY_AFTER)
            return 0 if after is None else after.seconds
        return response.headers.first(_NUMBERS[key]) or 0
    except BadRequest:
        return 0
