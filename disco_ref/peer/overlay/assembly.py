"""A node put together: CHORD-RELOAD, storage and the rest around one member (RFC 6940, section 1.2)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.peer.overlay.node import Node
from disco_ref.peer.overlay.rooms import assembled
from disco_ref.reload.forwarding.app_attaching import AppAttaching
from disco_ref.reload.forwarding.attaching import Attaching
from disco_ref.reload.forwarding.configuring import Configuring
from disco_ref.reload.forwarding.pinging import Pinging
from disco_ref.reload.identity import Identity
from disco_ref.reload.member import Member
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.storage.room import Storage
from disco_ref.reload.topology.chord.ring import Chord
from disco_ref.reload.topology.probing import Probing


class Peer(Node):
    """A node with CHORD-RELOAD; it becomes a peer when it is told to join."""

    def __init__(self, overlay: Overlay, identity: Identity, entropy: Entropy, now: Instant) -> None:
        member = Member(overlay, identity, entropy, now)
        self.chord = Chord(member)
        self.storage = Storage(member, self.chord)
        self.applications = AppAttaching(member)
        rooms = assembled(
            self.chord,
            self.storage,
            Attaching(member, self.chord),
            self.applications,
            Configuring(member),
            Pinging(member),
            Probing(member, self.chord, lambda: len(self.storage.holdings)),
        )
        super().__init__(member, rooms)
