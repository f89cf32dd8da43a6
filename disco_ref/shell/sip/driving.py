"""One element on the wire: it is told what happens, and its effects are carried out (RFC 3261, section 18)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from socket import socket as Socket
from typing import assert_never

from twisted.internet.defer import Deferred, DeferredList, succeed

from disco_ref.clock import Instant
from disco_ref.peer.effects import Deliver, Effect, Handle, Locate, Note, Shut, Transmit
from disco_ref.peer.element import Element
from disco_ref.shell.notes import Log, Sparing
from disco_ref.shell.sip.connections import Connections
from disco_ref.shell.sip.datagram import Datagrams
from disco_ref.shell.sip.resolver import Resolving
from disco_ref.shell.sip.sockets import bound as bind
from disco_ref.shell.sip.tls import Credentials, SslContext, context
from disco_ref.shell.sip.trouble import Trouble, said
from disco_ref.shell.sip.wire import Call, Reactor
from disco_ref.sip.actions import Action
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.location.questions import Answers, Question
from disco_ref.sip.transport.listening import Listening

TRIES = 20
"""How often a port is looked for that is free for datagrams and for connections."""


class Driving:
    """Drives one element: sockets, connections, questions, and one timer that is armed anew."""

    def __init__(
        self,
        reactor: Reactor,
        element: Element,
        listening: Sequence[Listening],
        resolver: Resolving,
        log: Log,
        *,
        credentials: Credentials | None = None,
        delivered: Callable[[object], None] | None = None,
        most: int = 4_000,
    ) -> None:
        """A driving that has yet to start.

        ``listening`` is where to listen: a port of 0 is chosen by the operating system, the same for UDP and TCP of one host.
        ``delivered`` is told what the core tells.  ``most`` is how many connections there may be, ready or not.
        """
        self._reactor = reactor
        self.element = element
        self._wanted = tuple(listening)
        self._resolver = resolver
        self.log = Sparing(reactor, log)
        """For notes of who uses it, too: a flood of them is cut short."""
        self._credentials = credentials
        self._delivered = delivered
        self._most = most
        self._datagrams: dict[Address, Datagrams] = {}
        self._reserved: list[Socket] = []
        self._connections: Connections
        self._locals: dict[tuple[Transport, bool], Address] = {}
        self._timer: Call | None = None
        self._armed: float = 0.0
        self._running = False
        self.listening: tuple[Listening, ...] = ()
        """Where the element can be reached, with the ports as they are, once it has started."""

    def now(self) -> Instant:
        """The time, as the element is told it: that of the reactor."""
        return Instant(self._reactor.seconds())

    # --- beginning and end ---------------------------------------------------------------------------------------------

    def start(self) -> tuple[Listening, ...]:
        """Opens the sockets; Trouble, with nothing left open, where that cannot be."""
        server, client = self._contexts()
        self._running = True
        for _ in range(TRIES):
            self._connections = Connections(self._reactor, self, server=server, client=client, most=self._most)
            try:
                self.listening = self._listen()
                break
            except _Taken:
                self._close()
            except Trouble:
                self._running = False
                self._close()
                raise
        else:
            raise Trouble("no port is free both for UDP and for TCP")
        self._locals = {(each.transport, each.ipv6): each.address for each in reversed(self.listening)}
        self.element.listen(self.listening)
        self._arm()
        return self.listening

    def _contexts(self) -> tuple[SslContext, SslContext]:
        """The settings of TLS for who calls us, and for whom we call."""
        secure = [each for each in self._wanted if each.transport is Transport.TLS]
        if self._credentials is None and not secure:
            return None, None
        credentials = self._credentials or Credentials()
        listens = any(not each.dials for each in secure)
        return context(credentials, server=True) if listens else None, context(credentials, server=False)

    def _listen(self) -> tuple[Listening, ...]:
        bound: list[Listening] = []
        chosen: dict[str, int] = {}
        for each in self._wanted:
            host, port = each.address
            secure = each.transport is Transport.TLS
            # = rfc3261:18.2.1/3
            at = Address(host, port or (0 if secure else chosen.get(host, 0)))
            try:
                got = self._reserve(at) if each.dials else self._bind(each.transport, at)
            except OSError as failure:
                if not port and at.port:
                    raise _Taken from None
                raise Trouble(f"cannot listen on {each.transport} {at}: {said(failure)}") from None
            if not secure:
                chosen[host] = got.port
            name = each.sent_by.rpartition(":")[0]
            bound.append(each._replace(address=got, sent_by=f"{name}:{got.port}" if not port else each.sent_by))
        return tuple(bound)

    def _reserve(self, address: Address) -> Address:
        """A port at which nobody listens, us included: what is said of it is said of nobody else."""
        made = bind(address, stream=True, listens=False)
        self._reserved.append(made)
        return Address(address.host, made.getsockname()[1])

    def _bind(self, transport: Transport, address: Address) -> Address:
        if transport is not Transport.UDP:
            return self._connections.listen(transport, address)
        datagrams = Datagrams(self.received)
        datagrams.listen(self._reactor, address)
        self._datagrams[datagrams.address] = datagrams
        return datagrams.address

    def _close(self) -> list[object]:
        closing = [each.close() for each in self._datagrams.values()]
        self._datagrams = {}
        for each in self._reserved:
            each.close()
        self._reserved = []
        return [*closing, *self._connections.close()]

    def stop(self) -> Deferred[None]:
        """Closes everything; fires when the sockets are closed.  What the core wants sent before is performed before."""
        if not self._running:
            return succeed(None)
        self._running = False
        self.log.close()
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        closing = DeferredList([each for each in self._close() if isinstance(each, Deferred)])
        return closing.addCallback(lambda _: None)

    # --- what happens --------------------------------------------------------------------------------------------------

    def received(self, octets: bytes, flow: Flow) -> None:
        """A datagram, or a piece of a stream."""
        self._carry_out(self.element.receive(octets, flow, self.now()))

    def opened(self, handle: Handle, flow: Flow) -> None:
        """A connection is ready."""
        self._carry_out(self.element.opened(handle, flow, self.now()))

    def closed(self, flow: Flow, why: str) -> None:
        """A connection is gone."""
        self._carry_out(self.element.closed(flow, why, self.now()))

    def undelivered(self, handle: Handle, why: str, octets: bytes = b"") -> None:
        """Something could not be sent: told later, for the element may be in the middle of something."""
        self._reactor.callLater(0, self._undelivered, handle, why, octets)

    def _undelivered(self, handle: Handle, why: str, octets: bytes) -> None:
        self._carry_out(self.element.undelivered(handle, why, self.now(), octets))

    def perform(self, actions: Sequence[Action]) -> None:
        """Carries out actions of a user: see :meth:`disco_ref.peer.element.Element.perform`."""
        self._carry_out(self.element.perform(actions, self.now()))

    def _located(self, answers: Answers, question: Question) -> None:
        self._carry_out(self.element.located(question, answers, self.now()))

    def _expire(self) -> None:
        self._timer = None
        try:
            self._carry_out(self.element.expire(self.now()))
        finally:
            # A fault in one timer must not be the end of all others.
            self._arm()

    # --- what is to be done --------------------------------------------------------------------------------------------

    def _carry_out(self, effects: list[Effect]) -> None:
        if not self._running:
            return
        for effect in effects:
            if isinstance(effect, Transmit):
                self._transmit(effect)
            elif isinstance(effect, Deliver):
                if self._delivered is not None:
                    self._delivered(effect.event)
            elif isinstance(effect, Note):
                self.log(effect)
            elif isinstance(effect, Locate):
                self._resolver.ask(effect.question).addCallback(self._located, effect.question)
            elif isinstance(effect, Shut):
                self._connections.shut(effect.flow)
            else:
                assert_never(effect)
        self._arm()

    def _transmit(self, effect: Transmit) -> None:
        octets, flow, hop, handle = effect
        if flow is not None and flow.transport is Transport.UDP:
            socket = self._datagrams.get(flow.local)
            why = socket.send(octets, flow.remote) if socket is not None else f"nothing listens on {flow.local}"
            if why is not None and handle:
                self.undelivered(handle, why, octets)
            return
        local = self._locals.get((hop.transport, ":" in hop.address.host)) if hop is not None else None
        self._connections.send(octets, flow, hop, handle, local)

    def _arm(self) -> None:
        """Sees to it that the element is asked when something falls due; a timer that is early does no harm."""
        deadline = self.element.deadline
        if deadline is None:
            return
        timer = self._timer
        if timer is not None:
            if self._armed <= deadline:
                return
            timer.cancel()
        self._armed = deadline
        self._timer = self._reactor.callLater(max(0.0, deadline - self.now()), self._expire)


class _Taken(Exception):
    """The port that was chosen for datagrams is taken for connections."""
