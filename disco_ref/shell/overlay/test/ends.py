"""Links without a node: an end that records what it is told."""

from __future__ import annotations

import os

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.effects import Note
from disco_ref.peer.overlay.node import Up
from disco_ref.peer.overlay.test.members import overlay, private_key
from disco_ref.reload.actions import Link
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.identity import Identity
from disco_ref.reload.link.establishing import Attempt
from disco_ref.reload.link.proving import proved
from disco_ref.reload.member import Member
from disco_ref.reload.security.certificates import Certificate
from disco_ref.shell.overlay.test.peers import overlay_at, reactor
from disco_ref.shell.overlay.wire.candidates import Way
from disco_ref.shell.overlay.wire.links import Links
from disco_ref.shell.overlay.wire.sockets import Sockets
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address


class Recorder:
    """One end, with a socket of its own."""

    def __init__(self, protocol: OverlayLinkType, who: Identity, key: int, reactor: Reactor = reactor) -> None:
        self.ups: list[Up] = []
        self.octets = b""
        self.downs: list[str] = []
        self.failures: list[str] = []
        self.refusals: list[str] = []
        self.notes: list[Note] = []
        self.skew = 0.0
        """Seconds by which its clock goes wrong."""
        self.reactor = reactor
        self.links = Links(reactor, self)
        member = Member(overlay_at(), who, os.urandom, Instant(reactor.seconds()))
        self.opener = Sockets(reactor).opener(protocol, self.links, member, private_key(key))
        self.opener.listen(Address("127.0.0.1", 0))
        self.links.speak(self.opener)

    @property
    def way(self) -> Way:
        """Where it listens."""
        return self.links.ways[0]

    def judge(self, shown: tuple[bytes, ...], expected: bytes | None) -> Certificate:
        """As a node does."""
        try:
            return proved(shown, expected, overlay(), Instant(self.reactor.seconds() + self.skew))
        except Refusal as refusal:
            self.refusals.append(str(refusal))
            raise

    def up(self, up: Up) -> None:
        """Kept."""
        self.ups.append(up)

    def received(self, link: Link, octets: bytes) -> None:
        """Kept."""
        self.octets += octets

    def down(self, link: Link, why: str) -> None:
        """Kept."""
        self.downs.append(why)

    def unreachable(self, attempt: Attempt, why: str) -> None:
        """Kept."""
        self.failures.append(why)

    def note(self, note: Note) -> None:
        """Kept."""
        self.notes.append(note)
