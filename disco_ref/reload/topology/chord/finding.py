"""Fingers: attached to on joining, searched for afterwards (RFC 6940, sections 10.5, 10.7.2 and 10.7.4.2)."""

from __future__ import annotations

from disco_ref.entropy import Entropy
from disco_ref.reload.actions import Action, Ask, Connect, Room
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.ids import CHORD_RESOURCE_ID_LENGTH
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.chord.tables import Tables


class Fingers:
    """How the Finger Table is filled."""

    __slots__ = ("_entropy", "_room", "_tables")

    def __init__(self, tables: Tables, entropy: Entropy, room: Room) -> None:
        self._tables = tables
        self._entropy = entropy
        self._room = room

    def attach(self, found: bytes | None) -> list[Action]:
        """Attach to the peer at the begin of the next entry; ``found`` is the peer that the entry before has led to.

        The entries are taken from the nearest on.  One that begins before a peer that is known to be the next on the ring
        leads to that very peer, so it is left out: what is sent is one Attach for each peer to be found.  A predecessor lies in
        the range of the first entry, but at its far end; it does not stand in for the peer that is to be found there.
        """
        tables = self._tables
        circle, own = tables.circle, tables.circle.place(tables.own)
        last = found or (tables.neighbors.successors[-1] if tables.neighbors.successors else tables.own)
        known = circle.distance(own, circle.place(last))
        for number in range(tables.fingers.size, 0, -1):
            held = tables.fingers.entries.get(number)
            if (held is not None and held not in tables.neighbors) or (1 << circle.bits - number) <= known:
                continue
            place = tables.fingers.begins(number)[:CHORD_RESOURCE_ID_LENGTH]
            if tables.responsible(place):
                return []
            # = rfc6940:10.5/19
            return [Connect(self._room, ("finger", number), (resource_place(place),))]
        return []

    def search(self) -> list[Action]:
        """Ping a place at random for one entry without a peer: each is chosen with probability one half, the farthest first."""
        self._tables.grow()
        for number in self._tables.fingers.invalid():
            # = rfc6940:10.7.4.2/2
            if self._entropy(1)[0] & 1:
                return self.ping(number)
        return []

    def ping(self, number: int) -> list[Action]:
        """Ask who is responsible for a place in the range of an entry."""
        place = self._tables.fingers.anywhere(number, self._entropy)[:CHORD_RESOURCE_ID_LENGTH]
        if self._tables.responsible(place):
            return []
        # = rfc6940:10.7.4.2/1
        # = rfc6940:10.7.4.2/3
        to = (resource_place(place),)
        return [Ask(self._room, ("finger ping", number), to, MessageCode.ping_req, PingReq(b""))]

    def pinged(self, node_id: bytes) -> list[Action]:
        """A peer has answered: attach to it, if it fills an entry (section 10.6: routed as usual)."""
        number = self._tables.fingers.number(node_id)
        if number is None or number in self._tables.fingers.entries:
            return []
        return [Connect(self._room, ("finger", number), (node_place(node_id),))]
