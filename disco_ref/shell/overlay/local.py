"""Peers of one overlay in one process, each with sockets of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple, Protocol

from twisted.internet.defer import Deferred, DeferredList

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.effects import Note
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.topology.chord.joining import Joined
from disco_ref.shell.overlay.driving import Listening, OverlayDriving
from disco_ref.shell.overlay.founding import Founded
from disco_ref.shell.overlay.wire.security import KeyLog
from disco_ref.shell.overlay.wire.sockets import Sockets
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address

LINKS = {"tls": OverlayLinkType.TLS_TCP_FH_NO_ICE, "dtls": OverlayLinkType.DTLS_UDP_SR_NO_ICE}
"""What does without ICE, as it is called on a command line."""
ALL_LINKS = {**LINKS, "ice": OverlayLinkType.DTLS_UDP_SR}
"""The same, and DTLS with ICE."""


def needs_asyncio(links: Iterable[OverlayLinkType]) -> bool:
    """Whether one of these link protocols needs a reactor on which asyncio runs too."""
    return OverlayLinkType.DTLS_UDP_SR in links


class Row(NamedTuple):
    """A peer, as the table of the ring shows it."""

    node_id: str
    user: str
    address: str
    predecessor: str
    successor: str
    share: float
    """The part of the ring that it is responsible for, 0 to 1."""
    fingers: int
    connections: int
    resources: int
    """Resource-IDs at which it holds something, its own and as replica."""


def row(peer: Peer, address: Address) -> Row:
    """What is to be shown of a peer."""
    tables = peer.chord.tables
    return Row(
        peer.member.node_id.hex(),
        peer.member.identity.user_name or "",
        str(address),
        tables.predecessor.hex(),
        tables.successor.hex(),
        peer.chord.share(),
        len(set(tables.fingers.entries.values())),
        len(peer.member.connections),
        len(peer.storage.holdings),
    )


class Shown(Protocol):
    """Who is told how the overlay grows."""

    def joined(self, number: int, of: int, shown: Row, seconds: float) -> None:
        """A peer has joined."""

    def note(self, note: Note) -> None:
        """A line for the log."""


class Shape(NamedTuple):
    """What the overlay is to be."""

    peers: int
    host: str
    """An IP address."""
    port: int
    """Of the first peer, the others have the next ones; 0: the operating system chooses."""
    link: OverlayLinkType


class LocalOverlay:
    """The peers, one joining after the other."""

    def __init__(
        self,
        reactor: Reactor,
        founded: Founded,
        shape: Shape,
        entropy: Entropy,
        show: Shown,
        keys: KeyLog | None = None,
    ) -> None:
        """``keys`` is told the secrets of all links."""
        self._reactor = reactor
        self._founded = founded
        self._shape = shape
        self._entropy = entropy
        self._show = show
        self._network = Sockets(reactor, (), keys)
        self._bootstrap: tuple[Address, ...] = ()
        self._began = 0.0
        self._whole: Callable[[], object] = lambda: None
        self.driven: list[OverlayDriving] = []
        self.peers: list[Peer] = []

    def start(self, whole: Callable[[], object]) -> None:
        """The first peer, and then the others; ``whole`` is called when all have joined.  Trouble where a socket is not to be had."""
        self._whole = whole
        self._next()

    def stop(self) -> Deferred[None]:
        """All at once: there is nobody left to hand anything on to."""
        return DeferredList([each.stop() for each in self.driven]).addCallback(lambda _: None)

    def rows(self) -> list[Row]:
        """The ring in its order, from the smallest Node-ID."""
        pairs = zip(self.peers, self.driven, strict=True)
        return sorted(row(peer, driving.links.ways[0].address) for peer, driving in pairs)

    def _next(self) -> None:
        number = len(self.peers)
        now = Instant(self._reactor.seconds())
        self._began = now
        name = f"user{number + 1}@{self._founded.overlay().name}"
        overlay = self._founded.overlay(*self._bootstrap)
        member = self._founded.member(name, now)
        peer = Peer(overlay, member.identity, self._entropy, now)
        port = self._shape.port + number if self._shape.port else 0
        where = Listening(self._shape.link, Address(self._shape.host, port))
        told = partial(self._told, number)
        driving = OverlayDriving(
            self._reactor, peer, member.key, [where], self._show.note, delivered=told, network=self._network
        )
        ways = driving.start()
        self.peers.append(peer)
        self.driven.append(driving)
        if not self._bootstrap:
            self._bootstrap = (ways[0].address,)
            peer.member.overlay = self._founded.overlay(*self._bootstrap)
        driving.perform(peer.chord.begin(number == 0, driving.now()))

    def _told(self, number: int, event: object) -> None:
        if not isinstance(event, Joined) or number != len(self.peers) - 1:
            return
        seconds = self._reactor.seconds() - self._began
        # Told while the peer is in the middle of something: what follows comes after it.
        self._reactor.callLater(0, self._joined, number, seconds)

    def _joined(self, number: int, seconds: float) -> None:
        peer, driving = self.peers[number], self.driven[number]
        self._show.joined(number + 1, self._shape.peers, row(peer, driving.links.ways[0].address), seconds)
        if number + 1 < self._shape.peers:
            self._next()
        else:
            self._whole()
