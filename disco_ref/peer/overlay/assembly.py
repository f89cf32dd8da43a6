"""A node put together: CHORD-RELOAD, storage and the rest around one member (RFC 6940, section 1.2)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.peer.overlay.node import Node
from disco_ref.peer.overlay.rooms import assembled
from disco_ref.peer.overlay.walk import Step
from disco_ref.reload.forwarding.app_attaching import AppAttaching
from disco_ref.reload.forwarding.attaching import Attaching
from disco_ref.reload.forwarding.configuring import Configuring
from disco_ref.reload.forwarding.pinging import Pinging
from disco_ref.reload.identity import Identity
from disco_ref.reload.member import Member
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.storage.room import Storage
from disco_ref.reload.topology.chord.joining import Joined
from disco_ref.reload.topology.chord.ring import Chord
from disco_ref.reload.topology.probing import Probing
from disco_ref.usage.certifying import Certifying


class Peer(Node):
    """A node with CHORD-RELOAD; it becomes a peer when it is told to join."""

    def __init__(self, overlay: Overlay, identity: Identity, entropy: Entropy, now: Instant) -> None:
        member = Member(overlay, identity, entropy, now)
        self.chord = Chord(member)
        self.storage = Storage(member, self.chord)
        self.applications = AppAttaching(member)
        self.certificates = Certifying(member, self.chord)
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

    def _upon(self, event: object, now: Instant) -> Sequence[Step]:
        """Who has joined keeps a certificate in the overlay, where the overlay has the Kinds for it."""
        # = rfc6940:8/1
        # = rfc6940:11.3.1/6a
        return self.certificates.store_own(now) if isinstance(event, Joined) else ()
