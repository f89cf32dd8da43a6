"""Peers with sockets of their own on the loopback."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from functools import partial
from typing import cast

from twisted.internet import reactor as installed
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.effects import Note
from disco_ref.peer.overlay.test.members import configuration, identity, private_key
from disco_ref.reload.enrollment.configuration import BootstrapNode
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.identity import Identity
from disco_ref.reload.overlay import Overlay, overlay_of
from disco_ref.shell.overlay.driving import Listening, OverlayDriving
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address

reactor = cast(Reactor, installed)
TLS, DTLS = OverlayLinkType.TLS_TCP_FH_NO_ICE, OverlayLinkType.DTLS_UDP_SR_NO_ICE


def overlay_at(*bootstrap: Address) -> Overlay:
    """The overlay of the tests, whose bootstrap nodes are these."""
    nodes = tuple(BootstrapNode(address=each.host, port=each.port) for each in bootstrap)
    return overlay_of(dataclasses.replace(configuration(), bootstrap_node=nodes))


class Party:
    """A peer, what drives it, and what it has told."""

    def __init__(self, overlay: Overlay, who: Identity, key: int, listening: tuple[Listening, ...]) -> None:
        self.told: list[object] = []
        self.notes: list[Note] = []
        self.peer = Peer(overlay, who, os.urandom, Instant(reactor.seconds()))
        self.driving = OverlayDriving(
            reactor, self.peer, private_key(key), listening, self.notes.append, delivered=self.told.append
        )
        self.driving.start()

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self.driving.links.ways[0].address


def _joined(peer: Peer) -> bool:
    return peer.chord.joined


class LiveTest(TestCase):
    """Peers of the test's own, closed at its end."""

    timeout = 15
    protocols: tuple[OverlayLinkType, ...] = (TLS,)
    host = "127.0.0.1"

    def setUp(self) -> None:
        """Nobody is there yet."""
        self.parties: list[Party] = []

    async def tearDown(self) -> None:  # type: ignore[override]
        """Everybody goes."""
        for each in self.parties:
            await each.driving.stop()

    def party(self, which: int, *bootstrap: Address, who: Identity | None = None) -> Party:
        """A peer that is up, and has not joined yet."""
        listening = tuple(Listening(each, Address(self.host, 0)) for each in self.protocols)
        party = Party(overlay_at(*bootstrap), who or identity(which), which, listening)
        self.parties.append(party)
        return party

    async def ring(self, count: int) -> None:
        """So many peers join one after the other."""
        first = self.party(0)
        first.driving.perform(first.peer.chord.begin(True, first.driving.now()))
        for which in range(1, count):
            party = self.party(which, first.address)
            party.driving.perform(party.peer.chord.begin(False, party.driving.now()))
            await self.until(partial(_joined, party.peer))

    async def until(self, true: Callable[[], object], seconds: float = 6.0) -> None:
        """Waits for something to be the case, and fails where it is not in time."""
        ends = reactor.seconds() + seconds
        while not true():
            if reactor.seconds() > ends:
                self.fail("it did not come about in time")
            await deferLater(reactor, 0.01, lambda: None)  # type: ignore[arg-type]
