"""CHORD-RELOAD, the overlay algorithm that every implementation offers (RFC 6940, section 10)."""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.reload.actions import About, Action, Connect, Disconnect, Incoming, Reply, RequestTimeout, SetTimer
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.ids import resource_id
from disco_ref.reload.member import Member
from disco_ref.reload.topology.chord.admitting import Admitting, NotAdjacent, NotAdmitting
from disco_ref.reload.topology.chord.changing import handed_over
from disco_ref.reload.topology.chord.finding import Fingers
from disco_ref.reload.topology.chord.following import SETTLING, Following
from disco_ref.reload.topology.chord.joining import Joining
from disco_ref.reload.topology.chord.leaving import leave_requests, left_behind
from disco_ref.reload.topology.chord.route_query import ChordRouteQueryAns
from disco_ref.reload.topology.chord.stabilizing import Stabilizing
from disco_ref.reload.topology.chord.tables import Neighborhood, Tables
from disco_ref.reload.topology.chord.update import ChordUpdate
from disco_ref.reload.topology.chord.updating import Updating
from disco_ref.reload.topology.join import JoinReq
from disco_ref.reload.topology.leave import LeaveAns, LeaveReq
from disco_ref.reload.topology.route_query import RouteQueryReq
from disco_ref.reload.topology.update import UpdateAns

MOST_EARLY = 16
"""Nodes whose Updates are kept until the Admitting Peer is known; our choice."""


class Chord:
    """One peer's part of the ring: a room, and the answers to what routing and storage ask."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self.tables = Tables(member.node_id)
        self._updating = Updating(member, self.tables, self)
        self._fingers = Fingers(self.tables, member.entropy, self)
        self._stabilizing = Stabilizing(member, self.tables, self._updating, self._fingers, self)
        self._joining = Joining(member, self.tables, self._updating, self._fingers, self._stabilizing, self)
        self._admissions = Admitting(member, self.tables, self)
        self._following = Following(member, self.tables, self._updating, self)
        self._early: dict[bytes, ChordUpdate] = {}
        """Updates of nodes that are connected before it is known that one of them is the Admitting Peer."""

    # --- what routing and storage ask

    @property
    def joined(self) -> bool:
        """Whether the node is a peer."""
        return self._joining.peer

    def responsible(self, place: bytes) -> bool:
        """Whether this node is the responsible peer for a place; who is no peer is responsible for nothing."""
        return self._joining.admitted and self.tables.responsible(place)

    def next_hop(self, place: bytes) -> bytes | None:
        """The peer to route to; before joining, the Admitting Peer or the bootstrap node."""
        return self.tables.routing.next_hop(place) if self.joined else self._joining.gateway()

    def closer(self, node_id: bytes, resource: bytes) -> bool:
        """Whether a node may answer for a resource (section 6.3.4)."""
        return not self.joined or self.tables.closer(node_id, resource)

    def resource_id(self, name: bytes) -> bytes:
        """The first 128 bits of SHA-1 (section 10.2)."""
        return resource_id(name)

    def replicas(self, resource: bytes) -> tuple[bytes, ...]:
        """The next two peers, if this one is responsible."""
        return self.tables.replicas() if self.responsible(resource) else ()

    def may_replicate(self, node_id: bytes, resource: bytes) -> bool:
        """Whether a Store of a replica may come from a node (section 7.4.1.1)."""
        near = self._joining.admitted or self._joining.asking
        return near and self.tables.may_replicate(node_id, resource)

    def routing_table(self) -> tuple[bytes, ...]:
        """The peers that messages are sent through."""
        return self.tables.routing.peers()

    def share(self) -> float:
        """The part of the ring that this node is responsible for."""
        return self.tables.share() if self.joined else 0.0

    # --- what the node tells

    def begin(self, first: bool, now: Instant) -> list[Action]:
        """Join, or take the whole overlay."""
        # = rfc6940:6.4.2.1/10
        return self._joining.on("first" if first else "begin", now)

    def stand(self, peers: Iterable[bytes]) -> None:
        """Take nodes that are connected for peers, as if each had said that it is one: for rings that begin whole."""
        for each in peers:
            self._updating.ready.add(each)
            self.tables.insert(each)
        self._following.stand()

    def linked(self, node_id: bytes, now: Instant) -> list[Action]:
        """A connection is up; nothing is routed through it until its other end says that it is a peer (section 6.5.1)."""
        return []

    def lost(self, node_id: bytes, now: Instant) -> list[Action]:
        """A node is gone: out of the tables, and what follows (sections 10.7.1 and 10.7.2)."""
        self._updating.ready.discard(node_id)
        # a link that fails is kept for a while, and others may still name who was at its end
        self._updating.shun(node_id, now)
        actions = self._joining.lost(node_id, now) + self._admissions.lost(node_id, now)
        return actions + self._without(node_id, now)

    def _without(self, node_id: bytes, now: Instant) -> list[Action]:
        """A peer is none, or none that can be reached."""
        before, finger = self.tables.now, self.tables.fingers.number(node_id)
        was_finger = finger is not None and self.tables.fingers.entries.get(finger) == node_id
        changed = self.tables.remove(node_id)
        actions: list[Action] = []
        reactive = self._member.overlay.configuration.chord_reactive
        if was_finger and finger is not None and reactive and self.joined:
            # = rfc6940:10.7.2/2
            actions += self._fingers.ping(finger)
        if was_finger and not self.tables.fingers.entries and self.joined:
            # = rfc6940:10.7.1/8b
            actions.append(SetTimer(self, ("partition",), Instant(now + SETTLING)))
        if changed and self.joined:
            if not self.tables.neighbors.successors and before.successors:
                # = rfc6940:10.7.1/7a
                return actions + self._apart() + self._joining.on("all successors lost", now)
            actions += self._following.lost(before, now)
        return actions

    def _apart(self) -> list[Action]:
        """The ring is lost, and this node no peer; whoever is still connected would take it for one, and route through it."""
        self._following.apart()
        peers = [each for each in self._member.connections.nodes() if each in self._updating.ready]
        # = rfc6940:10.7.1/7a silent: what those are told that are still connected
        leaves = self._no_peer(peers)
        for each in peers:
            self._updating.ready.discard(each)
            self.tables.remove(each)
        return leaves

    def _no_peer(self, tellers: Iterable[bytes]) -> list[Action]:
        """Whoever takes this node for a peer, which it is no more, hears of it by a Leave."""
        return leave_requests(tellers, self.tables, self, self._member.overlay.context, "apart")

    def restored(self, node_id: bytes, now: Instant) -> list[Action]:
        """A peer that was taken for lost answers again: it takes its place again (sections 6.6.3.1 and 10.7.1)."""
        # = rfc6940:10.7.1/6
        return self._took(node_id, now)

    def update(self, node_id: bytes, now: Instant) -> list[Action]:
        """Somebody wants to know all the tables."""
        return [self._updating.update(node_id, now, full=True)] if self.joined else []

    def leave(self, now: Instant) -> list[Action]:
        """Say goodbye to every neighbour."""
        return self._joining.on("leave", now)

    # --- requests

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Join, Leave, Update or RouteQuery."""
        match request.body:
            case JoinReq():
                return self._join(request, now)
            case LeaveReq() as leave:
                return self._leave(request, leave, now)
            case ChordUpdate() as update:
                return [Reply(request, UpdateAns()), *self._told(update, request.node_id, now)]
            case RouteQueryReq() as query:
                return self._route_query(request, query, now)
            case _:
                raise Malformed("this is no request of CHORD-RELOAD")

    def _join(self, request: Incoming, now: Instant) -> list[Action]:
        if not self.joined:
            raise NotAdmitting("this node is no peer")
        self._updating.ready.discard(request.node_id)
        return self._admissions.asked(request, now)

    def _admit(self, about: About, now: Instant) -> list[Action]:
        """The node that joins has its data: it is the predecessor now, and is told first."""
        known = self._admissions.handed_over(about)
        if known is None:
            return []
        joining, since = known
        if not self._admissions.responsible(joining):
            # = rfc6940:10.5/8 silent: who has found a better predecessor meanwhile has nothing to give to the node any more
            return [Disconnect(joining, "another peer has come between"), *self._admissions.next(now)]
        before = self.tables.now
        self._updating.ready.add(joining)
        self.tables.insert(joining)
        # = rfc6940:10.5/8
        actions: list[Action] = [self._updating.update(joining, now), *handed_over(before, self.tables, since)]
        # = rfc6940:10.5/11
        return actions + self._following.changed(before, now, immediate=True) + self._admissions.next(now)

    def _leave(self, request: Incoming, leave: LeaveReq, now: Instant) -> list[Action]:
        leaving = request.node_id
        if request.neighbor != leaving:
            # = rfc6940:6.4.2.2/4
            raise NotAdjacent("a Leave has to come by the link of the node that leaves")
        named = left_behind(leave, self._member.overlay.context)
        self._updating.shun(leaving, now)
        held = self._following.held_down
        # = rfc6940:10.9/3
        # = rfc6940:6.4.2.2/5
        actions: list[Action] = [Reply(request, LeaveAns()), *self.lost(leaving, now)]
        if not self.joined:
            return actions
        if not held:
            # = rfc6940:10.7.1/3 exception: the Leave itself says who follows, and the next to leave may hold the last copy
            actions += self._following.not_held_down()
        before = self.tables.now
        for each in named:
            if each in self._updating.ready:
                self.tables.insert(each)
        return actions + self._updating.better(named, leaving, now) + self._following.changed(before, now)

    def _route_query(self, request: Incoming, query: RouteQueryReq, now: Instant) -> list[Action]:
        place = query.destination.destination_data
        if not isinstance(place, bytes):
            raise Malformed("nobody can route there", where="RouteQueryReq.destination")
        connected = self._member.connections.to(place) is not None
        # = rfc6940:10.8/0
        hop = place if connected else self.tables.routing.next_hop(place)
        here = self.responsible(place) or hop is None
        answer: list[Action] = [Reply(request, ChordRouteQueryAns(self.tables.own if here or hop is None else hop))]
        # = rfc6940:10.8/1
        return answer + (self.update(request.node_id, now) if query.send_update else [])

    def _told(self, update: ChordUpdate, teller: bytes, now: Instant) -> list[Action]:
        """What an Update changes here (section 10.7.3)."""
        named = self._updating.named(update)
        if not self.joined:
            if self._joining.far and self.tables.own in named:
                return self._no_peer((teller,))
            if teller != self._joining.admitting:
                if len(self._early) < MOST_EARLY:
                    self._early[teller] = update
                return []
            actions = self._joining.told(named, now)
            if self.tables.own in named:
                actions += self._joining.on("Update that names this node", now)
            if not self.joined:
                return actions
            actions += self._following.back(now) + self._following.admitted(now)
            return actions + self._updating.better(named, teller, now)
        if self._member.connections.to(teller) is None:
            return []
        # = rfc6940:6.5.1/1b
        before = self.tables.now
        self._updating.ready.add(teller)
        self.tables.insert(teller)
        doubts: list[Action] = []
        if update.tables is not None:
            told = Neighborhood(update.tables.predecessors, update.tables.successors)
            self.tables.tell(teller, told)
            doubts = self._updating.doubt(told, teller, now)
        for each in named:
            if each in self._updating.ready:
                self.tables.insert(each)
        return doubts + self._updating.better(named, teller, now) + self._following.changed(before, now)

    # --- what comes of requests, connections and timers

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """An answer to one of this room's requests."""
        match about:
            case ("join", bytes() as admitting) if admitting == self._joining.admitting:
                # = rfc6940:6.4.2.1/7
                return self._joining.on("JoinAns", now)
            case ("rejoin ping",):
                return self._joining.pinged(answer.node_id, now)
            case ("update", bytes() as node_id):
                self._updating.doubted.discard(node_id)
                return []
            case ("leave", _):
                return self._joining.left(now)
            case ("finger ping", _):
                return self._fingers.pinged(answer.node_id)
            case ("partition ping", bytes() as bootstrap):
                other = answer.node_id
                if other in (self.tables.own, self.tables.successor):
                    return []
                # = rfc6940:10.7.4.4/1c
                return [Connect(self, ("healing", other), (node_place(bootstrap), node_place(other)))]
            case _:
                return []

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """A request or a connection of this room came to nothing."""
        match about:
            case ("update", bytes() as node_id):
                self._updating.doubted.discard(node_id)
                # = rfc6940:10.7.1/1
                return self.lost(node_id, now) if isinstance(why, RequestTimeout) else []
            case ("leave", _):
                return self._joining.left(now)
            case ("bootstrap",) | ("admitting",) | ("rejoin ping",) | ("join", _):
                return self._joining.on("failed", now, why)
            case ("join neighbor", bytes() as node_id):
                return self._joining.neighbor(node_id, False, now)
            case ("neighbor", bytes() as node_id):
                self._updating.wanted.pop(node_id, None)
                self._updating.shun(node_id, now)
                return []
            case _:
                return []

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """A connection that this room wanted is up."""
        match about:
            case ("bootstrap",):
                return self._joining.reached(node_id, now)
            case ("admitting",):
                return self._admitting(node_id, now)
            case ("join neighbor", _):
                return self._joining.neighbor(node_id, True, now)
            case ("partition",):
                self._joining.bootstrap = node_id
                return self._stabilizing.look(node_id)
            case ("healing", _):
                # = rfc6940:10.7.4.4/1c
                return [self._updating.update(node_id, now)]
            case ("neighbor", _):
                self._updating.wanted.pop(node_id, None)
                return self._took(node_id, now)
            case ("finger", _):
                return [*self._took(node_id, now), *self._fingers.attach(node_id)]
            case _:
                raise RuntimeError(f"a connection about {about} was never wanted")

    def _admitting(self, node_id: bytes, now: Instant) -> list[Action]:
        """The Admitting Peer is attached; its Update may have been faster than its answer to the Attach."""
        early, self._early = self._early.get(node_id), {}
        actions = self._joining.attached(node_id, now)
        return actions if early is None else actions + self._told(early, node_id, now)

    def _took(self, node_id: bytes, now: Instant) -> list[Action]:
        """A peer that was looked for is connected: it takes its place, and learns that this one is a peer."""
        if not self.joined:
            return []
        before = self.tables.now
        self._updating.ready.add(node_id)
        self.tables.insert(node_id)
        return [self._updating.ready_to(node_id, now), *self._following.changed(before, now)]

    def passed(self, about: About, now: Instant) -> list[Action]:
        """One of this room's timers has come due."""
        match about:
            case ("patience",):
                return self._joining.on("failed", now)
            case ("pause",):
                actions = self._joining.on("pause", now)
                return actions + self._following.back(now) if self.joined else actions
            case ("admit", *_):
                return self._admit(about, now)
            case ("hand over",):
                return self._admissions.next(now)
            case ("handed on",):
                return self._joining.handed_on(now)
            case ("hand on",):
                return self._joining.hand_on(now)
            case ("late",):
                return self._joining.late(now)
            case ("update",):
                return [*self._let_go(), *self._stabilizing.passed(about, now)]
            case ("tell", bytes() as node_id):
                return self._stabilizing.tell(node_id, now) if self.joined else []
            case ("settle" | "replicas" | "owed" | "forget",):
                return self._following.passed(about, now) if self.joined else []
            case _:
                return self._stabilizing.passed(about, now)

    def _let_go(self) -> list[Action]:
        """A bootstrap node that this peer has no use for any more is spared the link: it would have one to everybody."""
        bootstrap = self._joining.bootstrap
        if bootstrap is None or bootstrap in self.tables.routing:
            return []
        self._joining.bootstrap = None
        self._updating.ready.discard(bootstrap)
        return [Disconnect(bootstrap, "it was only the way into the overlay")]
