"""The proxy: requests forwarded to their targets, responses back, CANCEL and ACK after them (RFC 3261, section 16)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal, Unauthorized
from disco_ref.sip.actions import (
    AckReceived,
    Action,
    Heard,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendAck,
    SendResponse,
    SetTimer,
    TimerPassed,
)
from disco_ref.sip.digest.authenticator import NEVER_CHALLENGED, Authenticator
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.addressing.contact import CONTACT, Contact, Star
from disco_ref.sip.message import Request, Response
from disco_ref.sip.proxy.context import TIMER_C, TRANSACTION, Branch, Context
from disco_ref.sip.proxy.forwarding import forwarded
from disco_ref.sip.proxy.preprocessing import preprocessed
from disco_ref.sip.proxy.redirecting import redirection
from disco_ref.sip.proxy.responses import best, stripped
from disco_ref.sip.proxy.targets import MOST, Target, Users, add, in_groups, preference, reachable, targets
from disco_ref.sip.proxy.validation import TooBroad, breadth_of, mark_of, validate
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.registration.domains import Domains
from disco_ref.sip.respond import new_tag, refused, respond
from disco_ref.sip.transport.listening import Listening

ROOM = "proxy"
"""The first word of the owner of all that is begun here."""


class NotTheSender(Unauthorized):
    """Somebody claims to be another user of the domain (section 21.4.4)."""

    status = 403


class Proxy:
    """A transaction-stateful, record-routing proxy for the users of some domains."""

    def __init__(
        self,
        domains: Domains,
        users: Users,
        entropy: Entropy,
        *,
        listening: Sequence[Listening] = (),
        authenticator: Authenticator | None = None,
        recurses: bool = False,
        route: Sequence[str] = (),
        redirects: bool = False,
    ) -> None:
        """``authenticator``: who claims to be of the domains has to prove it; ``recurses``: the Contacts of a 3xx are tried.

        ``route``: Route values of the proxies that requests pass on their way from here (section 16.6, item 6).
        ``redirects``: nothing is forwarded; who asks is told where to go (section 8.3).
        """
        self.domains = domains
        self.listening = tuple(listening)
        self._users = users
        self._entropy = entropy
        self._key = entropy(16)
        self._authenticator = authenticator
        self._recurses = recurses
        self._route = tuple(route)
        self._redirects = redirects
        self._contexts: dict[str, Context] = {}
        self._by_transaction: dict[tuple[str, ...], Context] = {}
        self._count = 0
        self.octets = 0
        """What the requests under way weigh, copies included."""

    def __len__(self) -> int:
        """How many requests are under way."""
        return len(self._contexts)

    def reached_at(self, domains: Domains, listening: Sequence[Listening], guard: Authenticator | None) -> None:
        """What the proxy is responsible for from now on, where it listens, and who challenges its users."""
        self.domains = domains
        self.listening = tuple(listening)
        self._authenticator = guard

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What is to be done about a request, a response, a failure or a timer; stray responses are dropped."""
        match event:
            case RequestReceived():
                return self._request(event, now)
            case AckReceived(request, flow):
                return [] if self._redirects else self._ack(request, flow, now)
            case ResponseReceived():
                return self._response(event, now)
            case RequestFailed(owner, status):
                # = rfc3261:16.9/1
                # = rfc3261:16.6/51
                return self._lost(owner, status, now)
            case TimerPassed():
                return self._timer(event, now)
            case _:
                # = rfc6026:7.2/0
                # = rfc3261:16.7/1 exception: a response without a transaction is dropped (RFC 6026, section 8.9)
                # = rfc3261:16.9/2
                return []

    # --- requests ------------------------------------------------------------------------------------------------------

    def _request(self, event: RequestReceived, now: Instant) -> list[Action]:
        if event.request.method == "CANCEL" and event.cancels is not None:
            # = rfc3261:8.3/1
            return self._cancel(event, now)
        try:
            return self._redirect(event, now) if self._redirects else self._begin(event, now)
        except Refusal as refusal:
            response = refused(event.request, refusal, new_tag(self._entropy))
            return [] if response is None else [SendResponse(event.transaction, response)]

    def _redirect(self, event: RequestReceived, now: Instant) -> list[Action]:
        found = targets(event.request, self.domains, self._users, now)
        return [SendResponse(event.transaction, redirection(event.request, found, new_tag(self._entropy)))]

    def _prepared(self, request: Request, flow: Flow) -> tuple[Request, str]:
        """The request as the rest of the section sees it, and its mark; a Refusal where it goes no further."""
        arrived = preprocessed(request, self.domains, flow)
        mark = mark_of(arrived, self._key)
        validate(arrived, mark)
        return arrived, mark

    def _begin(self, event: RequestReceived, now: Instant) -> list[Action]:
        """A new request, CANCEL of an unknown one included: 16.10 has that forwarded."""
        request, mark = self._prepared(event.request, event.flow)
        self._authenticate(request, now)
        groups = in_groups(targets(request, self.domains, self._users, now))
        self._count += 1
        context = Context(str(self._count), event, request, mark, groups)
        if sum(map(len, groups)) > context.breadth:
            # = rfc5393:5.3.3/0
            raise TooBroad("more branches than it may have", where="Max-Breadth")
        self._contexts[context.identity] = context
        self._by_transaction[context.transaction] = context
        self.octets += context.weight
        return self._next_group(context, now)

    def _authenticate(self, request: Request, now: Instant) -> None:
        """Has a sender who claims to be a user of the domains prove it; what it proves it with is passed on (rfc3261:16.6/7)."""
        sender = self.domains.address_of_record(request.headers.from_.uri)
        within = request.headers.to.tag is not None
        # = rfc3261:22.1/9
        # = rfc3261:22.1/10
        if self._authenticator is None or sender is None or within or request.method in NEVER_CHALLENGED:
            return
        # = rfc3261:16.3/17
        user = self._authenticator.authenticate(request, now)
        if user != sender.rpartition("@")[0]:
            raise NotTheSender("another user's name", where="From")

    def _next_group(self, context: Context, now: Instant) -> list[Action]:
        """Forwards to the targets of the highest preference that have not been tried."""
        actions: list[Action] = []
        while context.waiting[0]:
            target = self._by_policy(context.waiting[0].pop(0))
            context.tried.append(target)
            try:
                copy = forwarded(context.request, target, self.listening, context.flow, context.share(self._recurses))
            except Refusal as refusal:
                # What is malformed in the way to one target is no reason to forget the others.
                failed = refused(context.received, refusal, new_tag(self._entropy))
                context.finals += [] if failed is None else [failed]
                continue
            actions += context.branch(target, copy.request, copy.located, now)
        context.waiting.pop(0)
        return actions or self._go_on(context, now)

    def _by_policy(self, target: Target) -> Target:
        """The target behind the proxies that everything has to pass: no connection leads past them."""
        return target._replace(path=(*self._route, *target.path), flow=None) if self._route else target

    def _cancel(self, event: RequestReceived, now: Instant) -> list[Action]:
        """A CANCEL that matches a transaction: answered here, and passed on as CANCELs of the proxy's own."""
        # = rfc3261:16.10/4
        answer = SendResponse(event.transaction, respond(event.request, 200, to_tag=new_tag(self._entropy)))
        context = self._by_transaction.get(event.cancels or ())
        if context is None or context.answered:
            return [answer]
        return [answer, *context.cancel(now)]

    def _ack(self, request: Request, flow: Flow, now: Instant) -> list[Action]:
        """An ACK to a 2xx: passed on to one target, without any transaction; never answered."""
        try:
            arrived, _ = self._prepared(request, flow)
            # = rfc3261:16.11/0
            target = self._by_policy(in_groups(targets(arrived, self.domains, self._users, now))[0][0])
            copy = forwarded(arrived, target, self.listening, flow, breadth_of(arrived))
        except Refusal:
            return []
        return [SendAck(copy.request, flow=target.flow, target=None if target.flow else copy.located)]

    # --- responses -----------------------------------------------------------------------------------------------------

    def _response(self, event: ResponseReceived, now: Instant) -> list[Action]:
        context, branch = self._found(event.owner)
        response = stripped(event.response)
        if context is None or branch is None or response is None:
            return []
        status = response.status_code
        if status < 200:
            return self._provisional(context, branch, response, now)
        if status < 300:
            return self._success(context, branch, response, now)
        return self._final(context, branch, response, now)

    def _found(self, owner: tuple[str, ...]) -> tuple[Context | None, Branch | None]:
        context = self._contexts.get(owner[1]) if len(owner) > 1 else None
        return context, None if context is None else context.branches.get(owner)

    def _provisional(self, context: Context, branch: Branch, response: Response, now: Instant) -> list[Action]:
        # = rfc3261:16.7/17
        if response.status_code == 100 or branch.done:
            return []
        actions: list[Action] = []
        if context.invite:
            # = rfc3261:16.7/4
            # = rfc3261:16.7/5b
            actions.append(SetTimer(branch.owner, "C", Instant(now + TIMER_C)))
        return actions if context.answered else [*actions, context.forward(response)]

    def _success(self, context: Context, branch: Branch, response: Response, now: Instant) -> list[Action]:
        """A 2xx goes on at once: the first of a request, and every one of an INVITE."""
        actions = context.end(branch)
        if not context.answered or context.invite:
            # = rfc3261:16.7/13
            # = rfc3261:16.7/15
            # = rfc3261:16.7/16
            actions.append(context.forward(response))
        return [*actions, *context.cancel(now), *self._go_on(context, now)]

    def _final(self, context: Context, branch: Branch, response: Response, now: Instant) -> list[Action]:
        if branch.done:
            return []
        actions = context.end(branch)
        if response.status_code >= 600:
            # = rfc3261:16.7/14a
            # = rfc3261:16.7/14b
            # = rfc3261:16.7/49
            actions += context.cancel(now)
        left = self._recursed(context, response) if response.status_code < 400 else response
        if left is not None:
            context.finals.append(left)
        return actions + self._go_on(context, now)

    def _recursed(self, context: Context, response: Response) -> Response | None:
        """Makes targets of the Contacts of a 3xx; what is left of it, None where nothing is."""
        # = rfc3261:16.5/9
        ours = context.request.request_uri in self.domains
        if not (self._recurses and ours) or context.closed or context.answered:
            return response
        # = rfc3261:16.7/7
        # = rfc3261:16.7/8
        # = rfc3261:16.7/9
        new: list[Target] = []
        kept: list[Contact | Star] = []
        waiting = sum(map(len, context.waiting))
        try:
            for contact in response.headers.all(CONTACT):
                room = len(new) < min(MOST - len(context.tried), context.breadth - waiting)
                uri = contact.parts()[1] if isinstance(contact, Contact) else None
                if isinstance(contact, Contact) and uri and room and reachable(uri, context.request.request_uri):
                    add(new, Target(uri, preference(contact)))
                else:
                    kept.append(contact)
        except BadRequest:
            return response
        seen = [*context.tried, *(target for group in context.waiting for target in group)]
        fresh = []
        for target in new:
            before = len(seen)
            add(seen, target)
            fresh += [target] if len(seen) > before else []
        context.waiting = in_groups(fresh) + context.waiting
        return None if not kept else response._replace(headers=response.headers.with_values(CONTACT, kept))

    def _lost(self, owner: tuple[str, ...], status: int, now: Instant) -> list[Action]:
        """A branch that brought no final response: as if it had brought one."""
        context, branch = self._found(owner)
        if context is None or branch is None:
            return []
        status = 487 if branch.cancelled else status
        return self._final(context, branch, respond(context.received, status, to_tag=new_tag(self._entropy)), now)

    def _go_on(self, context: Context, now: Instant) -> list[Action]:
        """What follows once a branch has ended: the next targets, the best response, or the end of the context."""
        if context.busy:
            return []
        if context.waiting and not context.closed:
            return self._next_group(context, now)
        if context.answered:
            # copies of the 2xx, and those of other branches that were on their way, are forwarded for a while
            if not context.invite:
                return self._forget(context)
            # = rfc3261:16.7/47
            return [SetTimer((ROOM, context.identity), "over", Instant(now + TRANSACTION))]
        # = rfc3261:16.7/19
        # = rfc3261:16.7/20
        # = rfc3261:16.7/45
        answer = context.forward(best(context.received, context.finals, new_tag(self._entropy)))
        return [answer, *self._forget(context)]

    def _forget(self, context: Context) -> list[Action]:
        if self._contexts.pop(context.identity, None) is not None:
            self.octets -= context.weight
        self._by_transaction.pop(context.transaction, None)
        return []

    # --- timers --------------------------------------------------------------------------------------------------------

    def _timer(self, event: TimerPassed, now: Instant) -> list[Action]:
        context, branch = self._found(event.owner)
        if context is None:
            return []
        if event.name == "over":
            return self._forget(context)
        if branch is None or branch.done:
            return []
        # = rfc3261:16.8/1
        # = rfc3261:16.8/2
        # = rfc3261:16.8/3 exception: timer B, the shorter one, has ended a branch on which nothing came, not even a 100
        if event.name == "C":
            return context.give_up(branch, now)
        return self._lost(branch.owner, 408, now)
