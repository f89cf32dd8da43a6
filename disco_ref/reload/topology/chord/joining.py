"""Becoming a peer: the table of :mod:`~disco_ref.reload.topology.chord.join_table`, performed (RFC 6940, section 10.5)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Refusal, Unroutable
from disco_ref.reload.actions import Action, Ask, Connect, FindBootstrap, Replicate, Room, SetTimer, Tell
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.ids import CHORD_RESOURCE_ID_LENGTH
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.chord.finding import Fingers
from disco_ref.reload.topology.chord.join_table import JOIN
from disco_ref.reload.topology.chord.leaving import leave_requests
from disco_ref.reload.topology.chord.stabilizing import Stabilizing
from disco_ref.reload.topology.chord.tables import Tables
from disco_ref.reload.topology.chord.updating import Updating
from disco_ref.reload.topology.join import JoinReq

PATIENCE = Duration(60.0)
"""Seconds that joining may take until it is begun anew; our choice."""

PAUSE = Duration(5.0)
"""Seconds between two tries to join, on average; our choice."""

HANDING_ON = Duration(20.0)
"""Seconds that a peer which leaves has for handing on what it holds; our choice."""


AGAIN = Duration(1.0)
"""Seconds until what could not be handed on is handed on again; our choice."""


class Joined(NamedTuple):
    """The node is a peer."""

    predecessor: bytes
    successor: bytes


class Left(NamedTuple):
    """The node is no peer any more: what it held is handed on, and every peer it was connected to has been told."""


class JoinFailed(NamedTuple):
    """The node could not become a peer, and will try again."""

    why: str


class Joining:
    """Where a node stands on its way into the overlay."""

    __slots__ = (
        "_connecting",
        "_fingers",
        "_first",
        "_given",
        "_member",
        "_nobody",
        "_room",
        "_stabilizing",
        "_tables",
        "_updating",
        "_leaves",
        "_parting",
        "_patient",
        "admitting",
        "bootstrap",
        "found",
        "state",
    )

    def __init__(
        self, member: Member, tables: Tables, updating: Updating, fingers: Fingers, stabilizing: Stabilizing, room: Room
    ) -> None:
        self._member = member
        self._tables = tables
        self._updating = updating
        self._fingers = fingers
        self._stabilizing = stabilizing
        self._room = room
        self.state = JOIN.start
        self.bootstrap: bytes | None = None
        """The node that everything goes through until the Admitting Peer is known."""
        self.admitting: bytes | None = None
        """The Admitting Peer."""
        self.found: bytes | None = None
        """The peer that a Ping has found, for a node that has lost the overlay."""
        self._connecting: set[bytes] = set()
        self._leaves = 0
        self._given: tuple[bytes, bytes] | None = None
        """Behind whom, and to whom, a peer that leaves has handed on what it holds."""
        self._parting = False
        """Whether it is still to tell that it has left."""
        self._patient = False
        """Whether there is time left for handing on."""
        self._first = False
        """Whether somebody has said that this node is the first one."""
        self._nobody = False
        """Whether the last try has failed because no bootstrap node was there."""

    @property
    def peer(self) -> bool:
        """Whether the node is a peer."""
        return self.state in ("Peer", "Leaving")

    @property
    def admitted(self) -> bool:
        """Whether the node may be given what it is to be responsible for."""
        return self.state in ("Admitted", "Peer", "Leaving")

    @property
    def asking(self) -> bool:
        """Whether the node has asked to be admitted; others may hear that it is before it does."""
        return self.state == "Asking"

    @property
    def far(self) -> bool:
        """Whether the node is no peer and has not found its place either."""
        return self.state in ("Outside", "Returning", "Pinging", "Seeking", "Finding")

    def gateway(self) -> bytes | None:
        """Whom a node that is no peer sends everything through."""
        return self.admitting or self.bootstrap

    def on(self, event: str, now: Instant, why: Refusal | None = None) -> list[Action]:
        """An event of the table."""
        if self.state in JOIN.ends:
            return []
        if event == "failed":
            self._nobody = self.state in ("Returning", "Seeking")
        if event == "pause" and self._first and self._nobody:
            # = rfc6940:10.7.1/7a silent: where all have lost all, whoever was the first is so again, else nobody ever is a peer
            event = "first"
        self._first |= event == "first"
        step = JOIN.step(self.state, event)
        if step is None:
            return []
        self.state = step.to
        return [action for act in step.actions for action in self._act(act, now, why)]

    def reached(self, node_id: bytes, now: Instant) -> list[Action]:
        """A bootstrap node is connected."""
        self.bootstrap = node_id
        return self.on("bootstrap node", now)

    def pinged(self, node_id: bytes, now: Instant) -> list[Action]:
        """A Ping has found who is responsible for the place behind this node."""
        self.found = node_id
        return self.on("peer found", now)

    def lost(self, node_id: bytes, now: Instant) -> list[Action]:
        """A connection is gone; joining does not go on without the node that it goes through."""
        if self.peer or node_id != self.gateway():
            return []
        return self.on("failed", now, Unroutable("the node is gone that the way into the overlay leads through"))

    def hand_on(self, now: Instant) -> list[Action]:
        """Hand on what a peer that leaves is responsible for; once more where that has not succeeded."""
        room, tables = self._room, self._tables
        if not self._patient:
            return []
        self._given = tables.predecessor, tables.successor
        done, again = SetTimer(room, ("handed on",), now), SetTimer(room, ("hand on",), Instant(now + AGAIN))
        if tables.successor == tables.own:
            # nobody is left who could be given anything
            return [done]
        # = rfc6940:10.9/0 silent: the successor should hold all of it; what it has missed goes there now
        return [Replicate(tables.successor, tables.predecessor, tables.own, 1, None, (done,), (again,))]

    def handed_on(self, now: Instant) -> list[Action]:
        """It is handed on; once more where neighbours have left meanwhile, and so the arc is larger, or another's to have."""
        if self._patient and self._given != (self._tables.predecessor, self._tables.successor):
            return self.hand_on(now)
        return self._part() if self.state == "Gone" else self.on("handed on", now)

    def late(self, now: Instant) -> list[Action]:
        """Handing on takes too long: the peer goes all the same."""
        self._patient = False
        return self._part() if self.state == "Gone" else self.on("handed on", now)

    def left(self, now: Instant) -> list[Action]:
        """A Leave is answered, or never will be."""
        self._leaves -= 1
        # = rfc6940:10.9/0 silent: who was given the data may have left at the same time
        return [] if self._leaves else self.handed_on(now)

    def _part(self) -> list[Action]:
        """The node has left."""
        if self._leaves > 0 or not self._parting:
            return []
        self._parting = self._patient = False
        return [SetTimer(self._room, ("late",), None), Tell(Left())]

    def attached(self, node_id: bytes, now: Instant) -> list[Action]:
        """The Attach to the Admitting Peer has succeeded."""
        self.admitting = node_id
        return self.on("AP attached", now)

    def told(self, named: tuple[bytes, ...], now: Instant) -> list[Action]:
        """The Admitting Peer has told its tables: attach to those that are to be neighbours."""
        admitting = self.admitting
        if self.state != "Learning" or admitting is None:
            return []
        neighbors = self._tables.neighbors
        neighbors.keep((admitting, *named))
        wanted = [each for each in neighbors.members() if each != admitting]
        neighbors.keep((admitting,))
        self._tables.insert(admitting)
        self._connecting = set(wanted)
        actions = self.on("Update of AP", now)
        for each in wanted:
            # = rfc6940:10.6/1
            way = (node_place(admitting), node_place(each))
            actions.append(Connect(self._room, ("join neighbor", each), way))
        return actions + self._all_there(now)

    def neighbor(self, node_id: bytes, reached: bool, now: Instant) -> list[Action]:
        """One of the Attaches to neighbours has ended."""
        if node_id not in self._connecting:
            return []
        self._connecting.discard(node_id)
        if reached:
            # = rfc6940:10.5/4
            self._tables.insert(node_id)
        return self._all_there(now)

    def _all_there(self, now: Instant) -> list[Action]:
        # = rfc6940:10.5/20
        return [] if self._connecting else self.on("neighbours attached", now)

    def _act(self, act: str, now: Instant, why: Refusal | None) -> list[Action]:
        room, tables = self._room, self._tables
        match act:
            case "find bootstrap node":
                self.admitting = self.bootstrap = self.found = None
                # = rfc6940:11.4/1
                return [FindBootstrap(room, ("bootstrap",))]
            case "attach to AP" if self.found is not None:
                return [Connect(room, ("admitting",), (node_place(self.found),), send_update=True)]
            case "attach to AP":
                # = rfc6940:10.5/2
                # = rfc6940:11.4/3
                return [Connect(room, ("admitting",), (self._behind(),), send_update=True)]
            case "ping for AP":
                # = rfc6940:10.7.1/7b
                return [Ask(room, ("rejoin ping",), (self._behind(),), MessageCode.ping_req, PingReq(b""))]
            case "attach to neighbours":
                return []
            case "send Join" if self.admitting is not None:
                to = (node_place(self.admitting),)
                return [Ask(room, ("join", self.admitting), to, MessageCode.join_req, JoinReq(tables.own, b""))]
            case "send Updates":
                return self._updating.to_neighbors(now)
            case "attach to fingers":
                return self._fingers.attach(None)
            case "tell of join":
                return [Tell(Joined(tables.predecessor, tables.successor))]
            case "tell of failure":
                return [Tell(JoinFailed(str(why or "it takes too long")))]
            case "drop tables":
                self.admitting = self.bootstrap = self.found = None
                self._connecting.clear()
                for each in tables.routing.peers():
                    tables.remove(each)
                return []
            case "hand on":
                self._parting = self._patient = True
                return [SetTimer(room, ("late",), Instant(now + HANDING_ON)), *self.hand_on(now)]
            case "send Leaves":
                connected, ready = self._member.connections.nodes(), self._updating.ready
                # = rfc6940:10.9/1
                # = rfc6940:6.4.2.2/1
                peers = [each for each in connected if each in ready or each in tables.neighbors]
                self._leaves = len(peers)
                leaves = leave_requests(peers, tables, room, self._member.overlay.context)
                return leaves or self._part()
            case "tell of leave":
                return [Tell(Left())]
            case "set patience":
                return [SetTimer(room, ("patience",), Instant(now + PATIENCE))]
            case "set pause":
                part = int.from_bytes(self._member.entropy(2), "big") / 0x10000
                return [
                    SetTimer(room, ("patience",), None),
                    SetTimer(room, ("pause",), Instant(now + PAUSE * (0.5 + part))),
                ]
            case "set intervals":
                return [SetTimer(room, ("patience",), None), *self._stabilizing.begin(now)]
            case "stop intervals":
                return self._stabilizing.stop()
            case _:
                raise RuntimeError(f"nothing is known of {act!r} in state {self.state}")

    def _behind(self) -> Destination:
        """The place right behind this node, for which the Admitting Peer is responsible."""
        return resource_place(self._tables.successor_of(self._tables.own)[:CHORD_RESOURCE_ID_LENGTH])
