"""A node of an overlay in virtual time: the live node's own driving, with a clock and a network that are told (``node.*``)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from random import Random

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.client import Client, NotVisiting
from disco_ref.peer.overlay.effects import Note
from disco_ref.reload.topology.chord.joining import PAUSE
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.arrival import Arrival
from disco_ref.shell.nodes.overlay.clock import VirtualClock
from disco_ref.shell.nodes.overlay.settings import NodeSettings
from disco_ref.shell.nodes.overlay.user import OverlayUser
from disco_ref.shell.nodes.overlay.wire import Ends, VirtualWire
from disco_ref.shell.overlay.driving import OverlayDriving
from disco_ref.shell.overlay.local import LINKS


class OverlayNode:
    """One node, from its start on."""

    media = False

    def __init__(self, role: str, settings: NodeSettings, entropy: Random, now: Instant) -> None:
        self._clock = VirtualClock(now)
        self._wire = VirtualWire()
        kind = Client if role == "client" else Peer
        self._node = kind(settings.overlay, settings.identity, entropy.randbytes, now)
        self._node.member.most_places = int(settings.compress)
        self._user = OverlayUser(self._node)
        self._driving = OverlayDriving(
            self._clock.as_reactor(),
            self._node,
            settings.key,
            settings.listening,
            _log,
            delivered=self._told,
            network=self._wire,
        )
        self._driving.start()
        if isinstance(self._node, Client):
            self._visit()
        else:
            self._driving.perform(self._node.chord.begin(settings.first, now))

    def advance(self, now: Instant) -> None:
        """Everything that falls due until ``now`` happens, each thing at its time."""
        self._clock.advance(now)

    def arrived(self, arrival: Arrival) -> None:
        """Octets of a connection, its handshake, or its end."""
        if arrival.closed:
            self._wire.closed(arrival.number)
            return
        if arrival.transport not in LINKS:
            raise Unsupported("transport", arrival.transport, LINKS)
        ends = Ends(LINKS[arrival.transport], arrival.destination, arrival.source)
        self._wire.received(arrival.number, ends, arrival.octets, arrival.certificates)

    def act(self, what: str, params: Mapping[str, Json]) -> None:
        """The node's user does something."""
        if what == "leave":
            self._leave()
        else:
            self._driving.perform(self._user.act(what, params, self._clock.now))

    def _leave(self) -> None:
        if isinstance(self._node, Client):
            self._driving.stop()
        else:
            self._driving.leave(self._node.chord.leave(self._clock.now))

    def _told(self, event: object) -> None:
        """A client that could not be connected tries again, as a peer does by itself."""
        if isinstance(event, NotVisiting):
            self._clock.callLater(PAUSE, self._visit)

    def _visit(self) -> None:
        if isinstance(self._node, Client):
            self._driving.perform(self._node.chord.visit())

    def reply(self) -> dict[str, Json]:
        """What it has sent since it was asked last, and when it wants to be told the time."""
        # What was put off until at once is still of this command.
        self._clock.advance(self._clock.now)
        return {"sent": self._wire.take(), "wake": self._clock.next}


def _log(note: Note) -> None:
    """Faults are for whoever runs the adapter."""
    if note.level == "error":
        print(f"disco-ref: {note.text}", file=sys.stderr)
