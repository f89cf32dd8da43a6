"""A node that is no peer: it sends everything through a bootstrap node, and is responsible for nothing (RFC 6940, section 3.2.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal, Unroutable
from disco_ref.peer.overlay.node import Node
from disco_ref.peer.overlay.rooms import assembled
from disco_ref.reload.actions import About, Action, Ask, FindBootstrap, Incoming, Tell
from disco_ref.reload.forwarding.app_attaching import AppAttaching
from disco_ref.reload.forwarding.attaching import Attaching
from disco_ref.reload.forwarding.configuring import Configuring
from disco_ref.reload.forwarding.pinging import Pinging
from disco_ref.reload.identity import Identity
from disco_ref.reload.member import Member
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.room import Quiet
from disco_ref.reload.storage.room import Storage
from disco_ref.reload.topology.chord.ring import Chord
from disco_ref.reload.topology.probing import Probing

_VISIT = ("visit",)


class Visiting(NamedTuple):
    """The client is connected, and can ask."""

    through: bytes
    """The Node-ID of the peer that everything goes through."""


class NotVisiting(NamedTuple):
    """The client could not be connected."""

    why: Refusal


class Answered(NamedTuple):
    """An answer to a question."""

    about: About
    answer: Incoming


class Unanswered(NamedTuple):
    """There is none, or it is an error."""

    about: About
    why: Refusal


class ClientChord(Chord):
    """CHORD-RELOAD as a client uses it: names are hashed as everybody does, and all goes through one peer."""

    through: bytes | None = None
    """Its Node-ID, once it is connected."""

    def visit(self) -> list[Action]:
        """Connect to a bootstrap node; Visiting or NotVisiting is told."""
        return [FindBootstrap(self, _VISIT)]

    def next_hop(self, place: bytes) -> bytes | None:
        """The peer that everything goes through."""
        return self.through

    def lost(self, node_id: bytes, now: Instant) -> list[Action]:
        """The way is gone: whoever runs the client has to look for another one."""
        if node_id != self.through:
            return super().lost(node_id, now)
        self.through = None
        gone = NotVisiting(Unroutable("the peer is gone that everything goes through"))
        return [*super().lost(node_id, now), Tell(gone)]

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """The bootstrap node is reached."""
        if about != _VISIT:
            return super().connected(about, node_id, now)
        self.through = node_id
        return [Tell(Visiting(node_id))]

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """It is not."""
        return [Tell(NotVisiting(why))] if about == _VISIT else super().failed(about, why, now)


class Questions(Quiet):
    """Requests of whoever runs the node, whose answers are told as they are."""

    def ask(self, about: About, to: Destination, code: MessageCode, body: Body) -> list[Action]:
        """Ask; Answered or Unanswered is told."""
        return [Ask(self, about, (to,), code, body)]

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Nobody asks it anything."""
        raise RuntimeError("no request is for whoever runs the node")

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """An answer."""
        return [Tell(Answered(about, answer))]

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """None."""
        return [Tell(Unanswered(about, why))]


class Client(Node):
    """A node that asks, and joins nothing."""

    def __init__(self, overlay: Overlay, identity: Identity, entropy: Entropy, now: Instant) -> None:
        member = Member(overlay, identity, entropy, now)
        self.chord = ClientChord(member)
        self.questions = Questions()
        storage = Storage(member, self.chord)
        rooms = assembled(
            self.chord,
            storage,
            Attaching(member, self.chord),
            AppAttaching(member),
            Configuring(member),
            Pinging(member),
            Probing(member, self.chord, lambda: len(storage.holdings)),
        )
        super().__init__(member, rooms)
