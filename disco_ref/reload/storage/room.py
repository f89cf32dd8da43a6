"""Storage, as a room of a node (RFC 6940, section 7)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.context import DataModel
from disco_ref.reload.actions import (
    About,
    Action,
    AnsweredWithError,
    Ask,
    Forget,
    Incoming,
    Persist,
    Replicate,
    Reply,
    SetTimer,
)
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.member import Member
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.fetch import ArrayRange, FetchAns, FetchReq, Indices, Keys, StoredDataSpecifier
from disco_ref.reload.storage.fetching import Reading
from disco_ref.reload.storage.find import FindReq
from disco_ref.reload.storage.holdings import Holdings
from disco_ref.reload.storage.replicating import Replicating
from disco_ref.reload.storage.stat import StatReq
from disco_ref.reload.storage.store import StoreAns, StoreKindResponse, StoreReq
from disco_ref.reload.storage.storing import Store
from disco_ref.reload.topology.chord.arithmetic import Circle
from disco_ref.reload.topology.plugin import TopologyPlugin

_ALL = {
    DataModel.single_value: None,
    DataModel.array: Indices((ArrayRange(0, -1),)),
    DataModel.dictionary: Keys(()),
}
"""The specifier that means every value of a Kind, by data model."""


class Storage:
    """Takes in, keeps, gives out, passes on."""

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._topology = topology
        self.holdings = Holdings(lambda: member.overlay.context)
        self._store = Store(member, topology, self.holdings)
        self._reading = Reading(member, topology, self.holdings)
        self._circle = Circle(member.overlay.node_id_length)
        self._replicating = Replicating(self.holdings, self._circle, self)

    # --- requests

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Store, Fetch, Stat or Find."""
        match request.body:
            case StoreReq() as store:
                return self._stored(request, store, now)
            case FetchReq() as fetch:
                return [self._reading.fetch(request, fetch, now)]
            case StatReq() as stat:
                return [self._reading.stat(request, stat, now)]
            case FindReq() as find:
                return [self._reading.find(request, find)]
            case _:
                raise Malformed("this is no request of storage")

    def _stored(self, request: Incoming, store: StoreReq, now: Instant) -> list[Action]:
        outcomes = self._store.judge(request, store, now)
        # = rfc6940:7.4.1.1/17
        changes = tuple(
            self.holdings.put(store.resource, each.kind, each.resource) for each in outcomes if each.changed
        )
        replicas = () if store.replica_number else self._topology.replicas(store.resource)
        # = rfc6940:7.4.1.2/1
        answer = StoreAns(tuple(StoreKindResponse(each.kind, each.resource.generation, replicas) for each in outcomes))
        then: list[Action] = [Reply(request, answer)]
        if changes:
            # = rfc6940:10.4/2
            for number, each in enumerate(replicas, 1):
                then += self._replicating.one(store.resource, each, number, now)
        return [Persist(changes, tuple(then)), self._expiry()]

    # --- what the topology wants

    def replicate(self, wanted: Replicate, now: Instant) -> list[Action]:
        """Store what is held in an arc at another peer."""
        return self._replicating.begin(wanted, now)

    def forget(self, wanted: Forget, now: Instant) -> list[Action]:
        """Drop what is held outside an arc."""
        circle = self._circle
        after, until = circle.place(wanted.after), circle.place(wanted.until)
        outside = [each for each in self.holdings.resources() if not circle.within(circle.place(each), after, until)]
        changes = [self.holdings.drop(each, kind) for each in outside for kind in self.holdings.kinds(each)]
        return [Persist(tuple(changes), ()), self._expiry()] if changes else []

    # --- what comes of it

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """Another peer has stored what it was given."""
        match about:
            case ("newer", bytes() as resource, _):
                return self._caught_up(resource, answer, now)
            case _:
                return self._ended(about, now)

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """Another peer did not store what it was given; where it holds something newer, that is fetched."""
        newer = (ErrorCode.Error_Generation_Counter_Too_Low, ErrorCode.Error_Data_Too_Old)
        actions = self._ended(about, now)
        if about[0] != "newer" and isinstance(why, AnsweredWithError) and why.error_code in newer:
            resource = about[1] if isinstance(about[1], bytes) else about[2]
            if isinstance(resource, bytes):
                # = rfc6940:7.4.1.1/22
                actions += self._catch_up(resource, why.by)
        return actions

    def _catch_up(self, resource: bytes, peer: bytes) -> list[Action]:
        """Fetch all that a peer holds where it has refused a Store."""
        specifiers = tuple(
            StoredDataSpecifier(kind, 0, _ALL[self._member.overlay.kinds[kind].data_model])
            for kind in self.holdings.kinds(resource)
            if kind in self._member.overlay.kinds
        )
        body = FetchReq(resource, specifiers)
        return [Ask(self, ("newer", resource, peer), (node_place(peer),), MessageCode.fetch_req, body)]

    def _caught_up(self, resource: bytes, answer: Incoming, now: Instant) -> list[Action]:
        if not isinstance(answer.body, FetchAns):
            return []
        outcomes = self._store.merge(answer, resource, answer.body, now)
        changes = tuple(self.holdings.put(resource, each.kind, each.resource) for each in outcomes if each.changed)
        return [Persist(changes, ()), self._expiry()] if changes else []

    def _ended(self, about: About, now: Instant) -> list[Action]:
        return self._replicating.ended(about[1], now) if isinstance(about[1], int) else []

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """Storage wants no connections."""
        raise RuntimeError(f"storage wanted no connection, and has one about {about}")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """Values have lived their time."""
        changes = self.holdings.expire(now)
        return [*([Persist(changes, ())] if changes else []), self._expiry()]

    def _expiry(self) -> SetTimer:
        return SetTimer(self, ("expiry",), self.holdings.deadline)
