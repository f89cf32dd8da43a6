"""The registrar (RFC 3261, section 10.3): who may bind what, one change after the other, each answered once it is stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal, Unauthorized, Unroutable
from disco_ref.sip.acceptance import Understood, refuse
from disco_ref.sip.actions import Action, RequestReceived, SendResponse, SetTimer, Tell, TimerPassed
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.header.addressing.contact import CONTACT
from disco_ref.sip.header.addressing.route import PATH
from disco_ref.sip.header.block import row
from disco_ref.sip.message import Request, Response
from disco_ref.sip.registration.bindings import Binding, Policy, listed, updated
from disco_ref.sip.registration.domains import Domains
from disco_ref.sip.registration.holdings import Holdings
from disco_ref.sip.respond import new_tag, refused, respond

OWNER = ("registrar",)
"""Whose timer it is by which bindings expire."""

MOST_WAITING = 16
"""REGISTER requests for one address-of-record that wait while another is stored; beyond, 500."""

# = rfc3261:10.3/9
_UNDERSTOOD = Understood(
    methods=frozenset({"REGISTER"}), extensions=frozenset({"path"}), media_types=frozenset({"*/*"})
)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Store(NamedTuple):
    """Told: make these the stored bindings of an address-of-record, then call :meth:`Registrar.stored` or :meth:`~Registrar.lost`."""

    ticket: int
    name: str
    bindings: tuple[Binding, ...]
    """All of them; none: the address-of-record is forgotten."""


class BindingsChanged(NamedTuple):
    """Told: an address-of-record has other bindings than before."""

    name: str
    bindings: tuple[Binding, ...]


class Forbidden(Unauthorized):
    """The user is known and may not do this (section 21.4.4)."""

    status = 403


class NotFound(Unroutable):
    """There is no such user in the domain (section 21.4.5)."""

    status = 404


class NotStored(Refusal):
    """The change could not be stored, or not now (section 10.3, step 7)."""

    status = 500


class _Pending(NamedTuple):
    """A change that is being stored."""

    event: RequestReceived
    name: str
    bindings: tuple[Binding, ...]


class Registrar:
    """The registrar of some domains."""

    def __init__(
        self,
        domains: Domains,
        entropy: Entropy,
        *,
        accounts: Accounts | None = None,
        authenticator: Authenticator | None = None,
        policy: Policy | None = None,
        stores: bool = True,
    ) -> None:
        """With ``accounts`` only their users have addresses-of-record, without them everybody does.

        ``stores``: every change is told as :class:`Store` and answered when it is stored; else it holds at once.
        """
        self.domains = domains
        self.locations = Holdings()
        """What a proxy of the same domains looks up."""
        self._entropy = entropy
        self._accounts = accounts
        self._authenticator = authenticator
        self._policy = policy or Policy()
        self._stores = stores
        self._tickets = 0
        self._pending: dict[int, _Pending] = {}
        self._waiting: dict[str, deque[RequestReceived]] = {}
        """REGISTER requests behind one that is being stored, by address-of-record."""

    def reached_at(self, domains: Domains, authenticator: Authenticator | None) -> None:
        """What the registrar is responsible for from now on, and who holds credentials against its realm."""
        self.domains = domains
        self._authenticator = authenticator

    def restored(self, stored: Iterable[tuple[str, Sequence[Binding]]]) -> list[Action]:
        """Bindings that were stored before the element began."""
        for name, bindings in stored:
            self.locations.replace(name, bindings)
        return [self._timer()]

    def heard(self, event: RequestReceived | TimerPassed, now: Instant) -> list[Action]:
        """A REGISTER for one of the domains, or the timer of expiry."""
        if isinstance(event, TimerPassed):
            return self._expire(now)
        try:
            return self._register(event, now)
        except Refusal as refusal:
            return self._refuse(event, refusal)

    def knows(self, name: str) -> bool:
        """Whether there is such a user: one with an account, or without accounts one that is registered."""
        if self._accounts is None:
            return name in self.locations
        return name.rpartition("@")[0] in self._accounts

    def stored(self, ticket: int, now: Instant) -> list[Action]:
        """A change is stored: it holds, and is answered."""
        pending = self._pending.pop(ticket, None)
        if pending is None:
            return []
        event, name, bindings = pending
        # = rfc3261:10.3/30
        self.locations.replace(name, bindings)
        actions = [self._answer(event, bindings, now), Tell(BindingsChanged(name, bindings)), self._timer()]
        return actions + self._go_on(name, now)

    def lost(self, ticket: int, why: str, now: Instant) -> list[Action]:
        """A change could not be stored: nothing of it holds."""
        pending = self._pending.pop(ticket, None)
        if pending is None:
            return []
        # = rfc3261:10.3/31a
        # = rfc3261:10.3/31b
        return self._refuse(pending.event, NotStored(why)) + self._go_on(pending.name, now)

    def _register(self, event: RequestReceived, now: Instant) -> list[Action]:
        request = event.request
        # = rfc3261:10.3/3
        refuse(request, _UNDERSTOOD)
        name = self._permitted(request, now)
        if name in self._waiting:
            # = rfc3261:10.3/5
            if len(self._waiting[name]) >= MOST_WAITING:
                raise NotStored("too many registrations at once")
            self._waiting[name].append(event)
            return []
        return self._carry_out(event, name, now)

    def _permitted(self, request: Request, now: Instant) -> str:
        """The address-of-record in canonical form, once it is sure that the sender may change it (steps 3 to 5)."""
        # = rfc3261:10.3/10
        user = None if self._authenticator is None else self._authenticator.authenticate(request, now)
        name = self.domains.address_of_record(request.headers.to.uri)
        if name is None:
            # = rfc3261:10.3/14
            raise NotFound("not an address-of-record of this domain", where="To")
        # = rfc3261:10.3/11
        # = rfc3261:10.3/12
        if user is not None and name.rpartition("@")[0] != user:
            # = rfc3261:10.3/13
            raise Forbidden("another user's address-of-record", where="To")
        if self._accounts is not None and not self.knows(name):
            raise NotFound("no such user", where="To")
        return name

    def _carry_out(self, event: RequestReceived, name: str, now: Instant) -> list[Action]:
        before = self.locations.bindings(name, now)
        if "contact" not in event.request.headers:
            # = rfc3261:10.2/5
            return [self._answer(event, before, now)]
        after = updated(before, event.request, event.flow, now, self._policy)
        if after and not before and len(self.locations) >= self._policy.names:
            raise NotStored("no room for another address-of-record")
        # = rfc3261:10.3/6
        self._tickets += 1
        self._pending[self._tickets] = _Pending(event, name, after)
        self._waiting.setdefault(name, deque())
        if self._stores:
            return [Tell(Store(self._tickets, name, after))]
        return self.stored(self._tickets, now)

    def _go_on(self, name: str, now: Instant) -> list[Action]:
        """Carries out what has waited behind a change, up to the next that has to be stored."""
        waiting = self._waiting.pop(name, None) or deque[RequestReceived]()
        actions: list[Action] = []
        while waiting:
            event = waiting.popleft()
            try:
                actions += self._carry_out(event, name, now)
            except Refusal as refusal:
                actions += self._refuse(event, refusal)
            if name in self._waiting:
                self._waiting[name].extend(waiting)
                break
        return actions

    def _expire(self, now: Instant) -> list[Action]:
        actions: list[Action] = []
        for name, left in self.locations.expire(now):
            actions.append(Tell(BindingsChanged(name, left)))
        return [*actions, self._timer()]

    def _timer(self) -> Action:
        return SetTimer(OWNER, "expiry", self.locations.next)

    def _answer(self, event: RequestReceived, bindings: tuple[Binding, ...], now: Instant) -> Action:
        """Step 8: what holds now."""
        contacts = listed(bindings, now)
        # = rfc3261:10.3/4
        # = rfc3261:10.3/34
        lines = [*(row(CONTACT, *contacts) if contacts else ()), f"Date: {date(now)}"]
        # = rfc3327:5.3/0
        path = event.request.headers.all(PATH)
        lines += row(PATH, *path) if path else []
        return SendResponse(event.transaction, self._respond(event.request, 200, lines))

    def _respond(self, request: Request, status: int, lines: list[str]) -> Response:
        return respond(request, status, lines=lines, to_tag=new_tag(self._entropy))

    def _refuse(self, event: RequestReceived, refusal: Refusal) -> list[Action]:
        # = rfc3261:10.3/1
        response = refused(event.request, refusal, new_tag(self._entropy))
        return [] if response is None else [SendResponse(event.transaction, response)]


def date(now: Instant) -> str:
    """A time as Date has it (section 20.17)."""
    moment = datetime.fromtimestamp(int(now), UTC)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} GMT"
