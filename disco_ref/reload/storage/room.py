"""Storage, as a room of a node (RFC 6940, section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.context import DataModel
from disco_ref.reload.actions import (
    About,
    Action,
    AnsweredWithError,
    Ask,
    Change,
    Discard,
    Forget,
    Incoming,
    Persist,
    Remark,
    Replicate,
    Reply,
    SetTimer,
)
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.member import Member
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.explaining import explained
from disco_ref.reload.storage.fetch import ArrayRange, FetchAns, FetchReq, Indices, Keys, StoredDataSpecifier
from disco_ref.reload.storage.fetching import Reading
from disco_ref.reload.storage.find import FindReq
from disco_ref.reload.storage.holdings import Holdings
from disco_ref.reload.storage.replicating import Replicating, Sending
from disco_ref.reload.storage.stat import StatReq
from disco_ref.reload.storage.store import StoreAns, StoreKindResponse, StoreReq
from disco_ref.reload.storage.storing import Outcome, Store
from disco_ref.reload.topology.plugin import TopologyPlugin

RETRY = Duration(2.0)
"""Seconds until values that another peer has not taken are stored there again, each further time thrice as many; our choice."""

MOST_TRIES = 7
"""How often that is tried: altogether for longer than a peer may believe in neighbours that are gone (section 10.7.4.1)."""

_NEWER = (ErrorCode.Error_Generation_Counter_Too_Low, ErrorCode.Error_Data_Too_Old)

_ALL = {
    DataModel.single_value: None,
    DataModel.array: Indices((ArrayRange(0, -1),)),
    DataModel.dictionary: Keys(()),
}
"""The specifier that means every value of a Kind, by data model."""


class NotRestored(NamedTuple):
    """A row that was written and cannot be held again."""

    change: Change
    why: Refusal


class Storage:
    """Takes in, keeps, gives out, passes on."""

    __slots__ = ("_member", "_reading", "_replicating", "_returned", "_store", "_topology", "holdings")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._topology = topology
        self.holdings = Holdings(lambda: member.overlay.context)
        self._store = Store(member, topology, self.holdings)
        self._reading = Reading(member, topology, self.holdings)
        self._replicating = Replicating(member, self.holdings, self)
        self._returned: set[bytes] = set()
        """Where something stands that this node held before it went down; its replicas may know nothing of it."""

    def restore(self, changes: Iterable[Change], now: Instant) -> tuple[list[Action], list[NotRestored]]:
        """Hold again what was written before the node went down; what is no row, or of an unknown Kind, is told.

        Once the node is a peer again, what it is responsible for is stored at its replicas.
        """
        refused: list[NotRestored] = []
        gone: list[Change] = []
        for change in changes:
            definition = self._member.overlay.kinds.get(change.kind)
            try:
                if definition is None:
                    raise Malformed(f"Kind {change.kind} is not known")
                expired = self.holdings.restore(change, definition.data_model, now)
                gone += [] if expired is None else [expired]
                self._returned |= {change.resource} if expired is None else set()
            except Refusal as refusal:
                refused.append(NotRestored(change, refusal))
        returned = SetTimer(self, ("returned",), Instant(now + RETRY) if self._returned else None)
        return [*([Persist(tuple(gone), ())] if gone else []), self._expiry(), returned], refused

    def _return(self, now: Instant) -> list[Action]:
        """What stands here since before, and is this peer's, goes to its replicas."""
        if not self._topology.joined:
            return [SetTimer(self, ("returned",), Instant(now + RETRY))]
        own = sorted(filter(self._topology.responsible, self._returned))
        self._returned.clear()
        actions: list[Action] = []
        # = rfc6940:10.7.3/5
        for number, each in enumerate(self._topology.replicas(own[0]) if own else (), 1):
            actions += self._replicating.these(own, each, number, now)
        return actions

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
        # = rfc6940:10.4/1
        # = rfc6940:10.4/4
        changes = self._put(store.resource, outcomes)
        # what a replica brings to the responsible peer has come to it late, by way of a peer that was responsible before
        replicas = self._topology.replicas(store.resource)
        if store.replica_number:
            replicas = tuple(each for each in replicas if each != request.node_id) if self._topology.joined else ()
        # = rfc6940:7.4.1.2/1
        answer = StoreAns(tuple(StoreKindResponse(each.kind, each.resource.generation, replicas) for each in outcomes))
        then: list[Action] = [Reply(request, answer)]
        places = {each.kind: each.fresh for each in outcomes if each.fresh}
        if places and replicas:
            # = rfc6940:10.4/2
            then += self._replicating.copies(store.resource, replicas, now, places)
        # also where nothing has changed: an earlier request that stored the same may still wait for its write
        return [Persist(changes, tuple(then)), self._expiry()]

    def _put(self, resource: bytes, outcomes: Iterable[Outcome]) -> tuple[Change, ...]:
        return tuple(self.holdings.put(resource, each.kind, each.resource) for each in outcomes if each.changed)

    # --- what the topology wants

    def replicate(self, wanted: Replicate, now: Instant) -> list[Action]:
        """Store what is held in an arc at another peer."""
        return self._replicating.begin(wanted, now)

    def forget(self, wanted: Forget, now: Instant) -> list[Action]:
        """Drop what is held outside an arc."""
        if wanted.after == wanted.until:
            return []
        outside = self.holdings.within(wanted.until, wanted.after)
        changes = [self.holdings.drop(each, kind) for each in outside for kind in self.holdings.kinds(each)]
        return [Persist(tuple(changes), ()), self._expiry()] if changes else []

    def discard(self, wanted: Discard) -> list[Action]:
        """Drop everything of some Kinds."""
        everywhere = self.holdings.within(b"", b"")
        changes = [
            self.holdings.drop(each, kind)
            for each in everywhere
            for kind in self.holdings.kinds(each)
            if kind in wanted.kinds
        ]
        return [Persist(tuple(changes), ()), self._expiry()] if changes else []

    # --- what comes of it

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """Another peer has stored what it was given, or has told what it holds."""
        match about:
            case ("replica", *_):
                return self._replicating.ended(_sending(about).task, now)
            case ("newer", *_):
                return self._caught_up(_sending(about), answer, now)
            case _:
                return []

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """Another peer did not store what it was given; where it holds something newer, that is fetched."""
        if about[0] not in ("replica", "newer"):
            return []
        sending = _sending(about)
        actions = self._replicating.ended(sending.task, now, True) if about[0] == "replica" else []
        again = sending._replace(tries=sending.tries + 1, task=0)
        gone = again.tries > MOST_TRIES or not self.holdings.kinds(sending.resource)
        if not gone and about[0] == "replica" and isinstance(why, AnsweredWithError) and why.error_code in _NEWER:
            # = rfc6940:7.4.1.1/22
            return [*actions, self._catch_up(again)]
        # while an arc is handed over this peer is still responsible, and the other one no replica yet
        if gone or not (sending.task or self._owed(again)):
            return [*actions, Remark("info", f"not replicated: {why}", (("node", sending.to.hex()),))]
        actions += explained(self, why, self._member.overlay)
        return [*actions, SetTimer(self, ("again", *again), Instant(now + RETRY * 3**sending.tries))]

    def _owed(self, sending: Sending) -> bool:
        """Whether another peer is still to have what is held at a Resource-ID."""
        own = self._topology.responsible(sending.resource)
        return not own or sending.to in self._topology.replicas(sending.resource)

    def _catch_up(self, sending: Sending) -> Ask:
        """Fetch all that a peer holds where it has refused a Store."""
        kinds = self._member.overlay.kinds
        specifiers = tuple(
            StoredDataSpecifier(kind, 0, _ALL[kinds[kind].data_model])
            for kind in self.holdings.kinds(sending.resource)
            if kind in kinds
        )
        to = (node_place(sending.to) if sending.to else resource_place(sending.resource),)
        return Ask(self, ("newer", *sending), to, MessageCode.fetch_req, FetchReq(sending.resource, specifiers))

    def _caught_up(self, sending: Sending, answer: Incoming, now: Instant) -> list[Action]:
        """What is newer there stands here now; what is newer here is stored there, and what has changed at the replicas."""
        if not isinstance(answer.body, FetchAns):
            return []
        resource = sending.resource
        try:
            merged = self._store.merge(answer, resource, answer.body, now)
        except Refusal as refusal:
            return [Remark("warning", f"newer values are not taken: {refusal}", (("node", sending.to.hex()),))]
        changes = self._put(resource, merged.outcomes)
        own = self._topology.responsible(resource)
        then: list[Action] = []
        if merged.ahead or (changes and own):
            then += self._replicating.send(sending, now)
        if changes and own:
            for number, each in enumerate(self._topology.replicas(resource), 1):
                if each != sending.to:
                    then += self._replicating.send(Sending(resource, each, number, sending.tries), now)
        return [Persist(changes, tuple(then)), self._expiry()]

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """Storage wants no connections."""
        raise RuntimeError(f"storage wanted no connection, and has one about {about}")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """Values have lived their time, or are to be stored elsewhere."""
        if about[0] == "again":
            sending = _sending(about)
            return self._replicating.send(sending, now) if self._owed(sending) else []
        if about[0] == "returned":
            return self._return(now)
        changes = self.holdings.expire(now)
        return [*([Persist(changes, ())] if changes else []), self._expiry()]

    def _expiry(self) -> SetTimer:
        return SetTimer(self, ("expiry",), self.holdings.deadline)


def _sending(about: About) -> Sending:
    """What a Store at another peer was about."""
    match about[1:]:
        case (bytes() as resource, bytes() as to, int() as number, int() as tries, int() as task):
            return Sending(resource, to, number, tries, task)
    raise RuntimeError(f"storage asked nothing about {about}")
