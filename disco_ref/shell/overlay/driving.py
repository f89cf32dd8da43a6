"""One node of an overlay on the wire: it is told what happens, and its effects are carried out (RFC 6940, section 1.2)."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple, Protocol, assert_never

from twisted.internet.defer import Deferred, DeferredList, succeed

from disco_ref.clock import Instant
from disco_ref.peer.overlay.effects import Close, Deliver, Effect, Note, Send, Write
from disco_ref.peer.overlay.node import Node, Up
from disco_ref.reload.actions import Action, Change, Link
from disco_ref.reload.forwarding.configuring import CannotFollow
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.link.establishing import (
    Abandon,
    Attempt,
    Establish,
    Gather,
    LinkParameters,
    Reach,
)
from disco_ref.reload.link.proving import OtherNode, proved
from disco_ref.reload.security.certificates import Certificate
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.reload.topology.chord.joining import Left
from disco_ref.shell.overlay.wire.candidates import Way, parameters_of, ways_of
from disco_ref.shell.overlay.wire.links import Links
from disco_ref.shell.overlay.wire.sockets import (
    ApplicationOpener,
    Listener,
    Network,
    Rendezvous,
    Sockets,
)
from disco_ref.shell.sip.trouble import Trouble, said
from disco_ref.shell.sip.wire import Call, Reactor
from disco_ref.sip.flow import Address

HANDING_ON = 20.0
"""Seconds that a peer has for handing on what it holds and saying goodbye."""
CLOSING = 1.0
"""Seconds for links to close in good order."""

Log = Callable[[Note], None]


class Keeping(Protocol):
    """Where what a node holds outlives it."""

    def write(self, changes: tuple[Change, ...]) -> None:
        """Takes changes, all or none; an exception where it cannot."""


class Listening(NamedTuple):
    """A socket of a node."""

    protocol: OverlayLinkType
    address: Address
    """Port 0 is chosen by the operating system."""
    advertised: str = ""
    """The address at which others find it, where it is another; an IP address."""


class OverlayDriving:
    """Drives one node: links, what it keeps, and one timer that is armed anew."""

    def __init__(
        self,
        reactor: Reactor,
        node: Node,
        key: PrivateKey,
        listening: Iterable[Listening],
        log: Log,
        *,
        delivered: Callable[[object], None] | None = None,
        keeping: Keeping | None = None,
        network: Network | None = None,
    ) -> None:
        """A driving that has yet to start; ``key`` is that of the node's certificate.

        ``delivered`` is told what the node tells; without ``keeping`` what the node holds ends with it; links are made by
        ``network``, without it by sockets.
        """
        self._reactor = reactor
        self.node = node
        self._key = key
        self._wanted = tuple(listening)
        self._log = log
        self._delivered = delivered
        self._keeping = keeping
        self.links = Links(reactor, self)
        self._effects: deque[Effect] = deque()
        self._busy = False
        self._network = network or Sockets(reactor)
        self._applications: ApplicationOpener
        self._rendezvous: Rendezvous | None = None
        self._running = False
        self._leaving: list[Deferred[None]] = []
        """Who waits until it has left; none where it does not leave."""
        self._limit: Call | None = None
        self._timer: Call | None = None
        self._armed = 0.0

    def now(self) -> Instant:
        """The time, as the node is told it."""
        return Instant(self._reactor.seconds())

    # --- beginning and end

    def start(self) -> list[Way]:
        """Opens the sockets, and returns where the node can be reached; Trouble, with nothing left open, where that cannot be."""
        openers = self._openers()
        self._running = True
        for each in self._wanted:
            try:
                openers[each.protocol].listen(each.address, each.advertised)
            except OSError as failure:
                self.links.stop()
                self._running = False
                raise Trouble(f"cannot listen on {each.address}: {said(failure)}") from None
        ways = self.links.ways
        self.node.member.addresses = frozenset((each.address.host, each.address.port) for each in ways)
        self._arm()
        return ways

    def _openers(self) -> dict[OverlayLinkType, Listener]:
        """What makes links: over the link protocols that this node listens for, the preferred one first."""
        member = self.node.member
        made: dict[OverlayLinkType, Listener] = {}
        for each in dict.fromkeys(each.protocol for each in self._wanted):
            made[each] = self._network.opener(each, self.links, member, self._key)
            self.links.speak(made[each])
        self._rendezvous = next((each for each in made.values() if isinstance(each, Rendezvous)), None)
        self._applications = self._network.for_applications(self.links, member, self._key)
        self.links.speak_for_applications(self._applications)
        return made

    def perform(self, actions: Iterable[Action]) -> None:
        """Do what whoever runs the node wants done."""
        self._happened(self.node.perform(actions, self.now()))

    def leave(self, goodbye: Iterable[Action]) -> Deferred[None]:
        """Hand on what is held, say goodbye, and close everything, once; fires when the sockets are closed."""
        if not self._running:
            return succeed(None)
        left: Deferred[None] = Deferred()
        self._leaving.append(left)
        if len(self._leaving) == 1:
            self._limit = self._reactor.callLater(HANDING_ON, self._gone)
            self.perform(goodbye)
        return left

    def _gone(self) -> None:
        """Everybody has been told, or it takes too long; what was sent last leaves before the links are closed."""
        leaving, self._leaving = self._leaving, []
        if leaving:
            if self._limit is not None and self._limit.active():
                self._limit.cancel()
            gone = self.stop()
            for each in leaving:
                gone.addCallback(_passed_on, each)

    def stop(self) -> Deferred[None]:
        """Close everything at once, as a crash would; fires when the sockets are closed."""
        if not self._running:
            return succeed(None)
        self._running = False
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        closing = [each for each in self.links.stop() if isinstance(each, Deferred)]
        late = self._reactor.callLater(CLOSING, self.links.quench)

        def over(_: object) -> None:
            if late.active():
                late.cancel()

        return DeferredList(closing).addCallback(over)

    # --- what happens, told by the links

    def judge(self, shown: tuple[bytes, ...], expected: bytes | None) -> Certificate:
        """The certificate of the other side; Refusal where it does not hold."""
        certificate = proved(shown, expected, self.node.member.overlay, self.now())
        if certificate.node_ids == (self.node.member.node_id,):
            raise OtherNode("it is this node itself, or one that has its certificate")
        return certificate

    def up(self, up: Up) -> None:
        """A link is up; the socket of its attempt, if it has one, is of no more use."""
        self._applications.forget(up.attempt)
        self._happened(self.node.up(up, self.now()))

    def received(self, link: Link, octets: bytes) -> None:
        """A link has brought octets; what they lead to must not be the end of more than this link."""
        try:
            effects = self.node.received(link, octets, self.now())
        except Exception as fault:
            why = f"a fault of this node in what the link has brought: {_where(fault)}"
            self._log(Note("error", why))
            effects = [Close(link, "a fault of this node"), *self.node.down(link, why, self.now())]
        self._happened(effects)

    def down(self, link: Link, why: str) -> None:
        """A link is gone."""
        self._happened(self.node.down(link, why, self.now()))

    def unreachable(self, attempt: Attempt, why: str) -> None:
        """Nothing has come of an attempt."""
        self._happened(self.node.unreachable(attempt, why, self.now()))

    def note(self, note: Note) -> None:
        """A line for the log."""
        self._log(note)

    # --- what is to be done

    def _happened(self, effects: Iterable[Effect]) -> None:
        """Carries effects out, each after those that were there before it."""
        self._effects.extend(effects)
        if self._busy:
            return
        self._busy = True
        try:
            while self._effects and self._running:
                self._carry_out(self._effects.popleft())
        finally:
            self._busy = False
            self._arm()

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Send(link, octets):
                self.links.send(link, octets)
            case Close(link, why):
                self._log(Note("info", "a link is closed", (("why", why),)))
                self.links.close(link)
            case Gather(attempt, application) if self._rendezvous is not None:
                self._rendezvous.gather(attempt, application, partial(self._gathered, attempt))
            case Gather(attempt, application):
                ways = self.links.ways if application is None else self._own_way(attempt)
                self._effects.extend(self.node.gathered(attempt, parameters_of(ways), self.now()))
            case Establish() if self._rendezvous is not None:
                self._rendezvous.meet(effect)
            case Establish():
                self._establish(effect)
            case Reach(attempt, address, port):
                at = Address(address, port)
                self.links.establish(attempt, None, [Way(each, at) for each in self.links.spoken])
            case Abandon(attempt):
                self._applications.forget(attempt)
                self.links.abandon(attempt)
                if self._rendezvous is not None:
                    self._rendezvous.forget(attempt)
            case Write(token, changes):
                self._write(token, changes)
            case Deliver(event):
                if self._delivered is not None:
                    self._delivered(event)
                if isinstance(event, CannotFollow):
                    # the node says goodbye by itself; it goes also where nobody answers
                    self._reactor.callLater(0, self.leave, ())
                if isinstance(event, Left):
                    self._reactor.callLater(0, self._gone)
            case Note():
                self._log(effect)
            case _ as never:
                assert_never(never)

    def _gathered(self, attempt: Attempt, parameters: LinkParameters) -> None:
        self._happened(self.node.gathered(attempt, parameters, self.now()))

    def _establish(self, wanted: Establish) -> None:
        attempt, active, node_id, remote, application, _ = wanted
        if application is not None and active:
            self._applications.forget(attempt)
            self.links.establish(attempt, node_id, ways_of(remote, (self._applications.protocol,)), True)
        elif active:
            self.links.establish(attempt, node_id, ways_of(remote, self.links.spoken))
        elif application is None:
            self.links.wait(attempt, node_id)

    def _own_way(self, attempt: Attempt) -> list[Way]:
        """A socket for the link of an application, beside those at which this node listens; none where none is to be had."""
        # = rfc6940:6.5.2/0
        first = self._wanted[0]
        try:
            at = self._applications.listen_for(attempt, first.address.host)
        except OSError as failure:
            self._log(Note("error", f"no socket for an application: {said(failure)}"))
            return []
        return [Way(self._applications.protocol, Address(first.advertised or at.host, at.port))]

    def _write(self, token: int, changes: tuple[Change, ...]) -> None:
        if self._keeping is not None:
            try:
                self._keeping.write(changes)
            except Exception as failure:
                # What was not kept is not acknowledged: who stores it asks again, or elsewhere.
                self._log(Note("error", f"what was stored is not kept: {failure}"))
                return
        self._effects.extend(self.node.written(token, self.now()))

    def _expire(self) -> None:
        self._timer = None
        try:
            self._happened(self.node.expire(self.now()))
        finally:
            # A fault in one timer must not be the end of all others.
            self._arm()

    def _arm(self) -> None:
        """Sees to it that the node is asked when something falls due; a timer that is early does no harm."""
        deadline = self.node.deadline
        if deadline is None or not self._running:
            return
        if self._timer is not None:
            if self._armed <= deadline:
                return
            self._timer.cancel()
        self._armed = deadline
        self._timer = self._reactor.callLater(max(0.0, deadline - self.now()), self._expire)


def _passed_on(result: None, waiting: Deferred[None]) -> None:
    """Somebody who waits is told."""
    waiting.callback(result)


def _where(fault: Exception) -> str:
    """What kind of fault, and where in the code; what it says may hold octets of others, so it is cut short."""
    at = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {at.name} ({at.filename.rpartition('/')[2]}:{at.lineno}): {str(fault)[:200]}"
