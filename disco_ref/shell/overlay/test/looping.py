"""A reactor of a test's own on which asyncio runs too; that of trial is another one."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Callable
from typing import cast

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.effects import Note
from disco_ref.peer.overlay.test.members import configuration, identity, private_key
from disco_ref.reload.enrollment.configuration import BootstrapNode
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.overlay import Overlay, overlay_of
from disco_ref.shell.overlay.driving import Listening, OverlayDriving
from disco_ref.shell.overlay.wire.sockets import Sockets
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address

ICE = OverlayLinkType.DTLS_UDP_SR


def overlay_with_ice(*bootstrap: Address) -> Overlay:
    """The overlay of the tests, all of whose links are made by ICE."""
    nodes = tuple(BootstrapNode(address=each.host, port=each.port) for each in bootstrap)
    return overlay_of(dataclasses.replace(configuration(), no_ice=False, bootstrap_node=nodes))


class IceParty:
    """A peer, what drives it, and what it has told."""

    def __init__(self, reactor: Reactor, overlay: Overlay, which: int, hosts: tuple[str, ...]) -> None:
        self.told: list[object] = []
        self.notes: list[Note] = []
        self.peer = Peer(overlay, identity(which), os.urandom, Instant(reactor.seconds()))
        self.driving = OverlayDriving(
            reactor,
            self.peer,
            private_key(which),
            [Listening(ICE, Address(each, 0)) for each in hosts],
            self.notes.append,
            delivered=self.told.append,
            network=Sockets(reactor),
        )
        self.driving.start()

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self.driving.links.ways[0].address


class LoopTest(SynchronousTestCase):
    """What a test waits for runs on a loop of its own."""

    def setUp(self) -> None:
        """A loop that is not running."""
        self.loop = asyncio.new_event_loop()
        self.addCleanup(self.loop.close)
        self.reactor = cast(Reactor, AsyncioSelectorReactor(self.loop))
        self.addCleanup(self.closed)
        self.parties: list[IceParty] = []

    def closed(self) -> None:
        """Everybody goes."""
        ended: list[object] = []
        for each in self.parties:
            each.driving.stop().addCallback(ended.append)
        self.until(lambda: len(ended) == len(self.parties))

    def party(self, which: int, *bootstrap: Address, hosts: tuple[str, ...] = ("127.0.0.1",)) -> IceParty:
        """A peer that is up, and has not joined yet."""
        party = IceParty(self.reactor, overlay_with_ice(*bootstrap), which, hosts)
        self.parties.append(party)
        return party

    def join(self, party: IceParty, first: bool = False) -> None:
        """It begins the overlay, or joins it."""
        party.driving.perform(party.peer.chord.begin(first, party.driving.now()))
        self.until(lambda: party.peer.chord.joined)

    def until(self, true: Callable[[], object], seconds: float = 6.0) -> None:
        """Waits for something to be the case, and fails where it is not in time."""

        async def wait() -> None:
            while not true():
                await asyncio.sleep(0.01)

        try:
            self.loop.run_until_complete(asyncio.wait_for(wait(), seconds))
        except TimeoutError:
            self.fail("it did not come about in time")
