"""What all rooms of a node stand on: who it is, of which overlay, with whom it is connected (RFC 6940, section 1.2)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.reload.forwarding.connections import Connections
from disco_ref.reload.identity import Identity
from disco_ref.reload.link.establishing import Attempt
from disco_ref.reload.overlay import Overlay


class Member:
    """A node, as far as its rooms share it; only the overlay changes, when a newer configuration is taken."""

    __slots__ = ("_attempts", "addresses", "connections", "entropy", "identity", "most_places", "overlay", "since")

    def __init__(self, overlay: Overlay, identity: Identity, entropy: Entropy, now: Instant) -> None:
        self.overlay = overlay
        self.identity = identity
        self.entropy = entropy
        self.connections = Connections()
        self.addresses: frozenset[tuple[str, int]] = frozenset()
        """Where others reach it, as far as its shell has said: IP addresses and ports."""
        self.since = now
        """When it came up."""
        self._attempts = 0
        self.most_places = 0
        """Places that a Via List may have when it leaves; a longer one is replaced by an opaque ID (section 6.1.2).

        0: none ever is, and no state is kept for what is forwarded.
        """

    @property
    def node_id(self) -> bytes:
        """Its Node-ID."""
        return self.identity.node_id

    def is_self(self, node_id: bytes) -> bool:
        """Whether this is its Node-ID, or the wildcard (section 6.1.1)."""
        return node_id == self.identity.node_id or node_id == b"\xff" * len(node_id)

    def new_attempt(self) -> Attempt:
        """The number of a new attempt to have a link, whoever makes it."""
        self._attempts += 1
        return self._attempts

    def uptime(self, now: Instant) -> int:
        """Seconds since it came up, as Probe and Update carry them."""
        return max(0, min(int(now - self.since), 0xFFFFFFFF))
