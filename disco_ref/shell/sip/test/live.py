"""Elements on real sockets of the loopback, and a peer that is played by hand."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import cast

from twisted.internet import reactor as installed
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from disco_ref.peer.effects import Note
from disco_ref.peer.element import Bounds, Element
from disco_ref.peer.test.parties import Answering, ask, send
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.resolver import Resolving
from disco_ref.shell.sip.test.memory import Unresolving
from disco_ref.shell.sip.tls import Credentials
from disco_ref.shell.sip.wire import Reactor, Wire
from disco_ref.sip.flow import Address, Hop, Transport
from disco_ref.sip.transport.listening import Listening, listening

UDP, TCP, TLS = Transport
reactor = cast(Reactor, installed)


class Told(Protocol):
    """A peer that is played by hand."""

    def __init__(self) -> None:
        self.octets = b""
        self.lost = False

    @property
    def wire(self) -> Wire:
        """The connection."""
        return cast(Wire, self.transport)

    def dataReceived(self, data: bytes) -> None:
        """Keeps it."""
        self.octets += data

    def connectionLost(self, reason: object = None) -> None:
        """Keeps it."""
        self.lost = True


class LiveTest(TestCase):
    """A peer of the test's own, started for each test."""

    timeout = 20

    def setUp(self) -> None:
        """Nothing runs yet."""
        self.notes: list[Note] = []
        self.told: list[object] = []

    def drive(
        self,
        core: Answering,
        *where: tuple[Transport, str],
        credentials: Credentials | None = None,
        bounds: Bounds | None = None,
        resolver: Resolving | None = None,
        dials: str = "",
    ) -> Driving:
        """An element on the loopback, at ports that the operating system chooses; ``dials``: who it is where nothing listens."""
        element = Element((), core, os.urandom, bounds=bounds or Bounds())
        places = [listening(transport, Address(host, 0)) for transport, host in where]
        if dials:
            places.append(listening(TLS, Address(where[0][1], 0), dials, dials=True))
        driving = Driving(
            reactor,
            element,
            places,
            resolver or Unresolving(),
            self.notes.append,
            credentials=credentials,
            delivered=self.told.append,
        )
        driving.start()
        self.addCleanup(driving.stop)
        return driving

    async def until(self, true: Callable[[], object]) -> None:
        """Waits until something is true, for five seconds at most."""
        for _ in range(500):
            if true():
                return
            await deferLater(installed, 0.01, lambda: None)
        self.fail("it has not come about")

    async def call(self, near: Driving, core: Answering, to: Listening, name: str = "", owner: str = "1") -> None:
        """Sends a request and waits for what comes of it."""
        before = len(core.events)
        hop = Hop(to.transport, to.address, name or to.address.host)
        near.perform([send(ask(tag=owner), owner, (hop,))])
        await self.until(lambda: len(core.events) > before)

    async def connect(self, to: Listening) -> Told:
        """A connection by hand."""
        peer = Told()
        factory = ClientFactory()
        factory.noisy = False
        factory.buildProtocol = lambda addr: peer  # type: ignore[method-assign]
        reactor.connectTCP(to.address.host, to.address.port, factory)
        await self.until(lambda: peer.connected)
        self.addCleanup(peer.wire.abortConnection)
        return peer


def ipv6() -> bool:
    """Whether this machine has a loopback over IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
