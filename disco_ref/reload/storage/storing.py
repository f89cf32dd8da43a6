"""Store, judged (RFC 6940, sections 7.4.1.1 to 7.4.1.3): all of a request, before anything changes.

What is cheap to see is looked at first: whose request it is, sizes, numbers, times.  Signatures of values are verified last,
and only of values that would take a place.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.notation.codec import encode
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.actions import Incoming
from disco_ref.reload.member import Member
from disco_ref.reload.message.security_block import CertificateType
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.security.value_signature import verify_value
from disco_ref.reload.storage.access_control import refuse_writer
from disco_ref.reload.storage.fetch import FetchAns, FetchKindResponse
from disco_ref.reload.storage.holdings import Held, Holdings, Place, Resource, cost, place_of
from disco_ref.reload.storage.placing import Placing, most_values, refuse_large, refuse_too_many
from disco_ref.reload.storage.refusals import (
    DataTooLarge,
    GenerationTooLow,
    NobodySigned,
    NoReplicaHere,
    NotResponsible,
    UnknownKind,
)
from disco_ref.reload.storage.store import StoreAns, StoreKindData, StoreKindResponse, StoreReq
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.plugin import TopologyPlugin

MOST_OCTETS = 256 << 20
"""What all values of a peer may cost; our bound."""

# = rfc6940:7.4.1.1/18 silent: what follows the last number; a peer that brings it must not end the counting of others
HIGHEST = (1 << 64) - 1
"""The highest generation counter, which stays."""


_REMEMBERED = 1 << 14
"""Certificates of which is kept when they expire."""


class Outcome(NamedTuple):
    """What a Store would leave behind; nothing is changed yet."""

    kind: int
    resource: Resource
    fresh: tuple[Place, ...]
    """Where the values stand that are new."""
    changed: bool
    """Whether it is another than before."""


class Merged(NamedTuple):
    """What values of another peer would leave behind."""

    outcomes: tuple[Outcome, ...]
    ahead: bool
    """Whether something stands here that the other peer does not have, or has older."""


class Store:
    """Judges Stores of one peer."""

    __slots__ = ("_holdings", "_member", "_topology")

    def __init__(self, member: Member, topology: TopologyPlugin, holdings: Holdings) -> None:
        self._member = member
        self._topology = topology
        self._holdings = holdings

    def judge(self, request: Incoming, store: StoreReq, now: Instant) -> tuple[Outcome, ...]:
        """What all of a Store leads to, or the refusal of all of it: one part that fails fails the whole."""
        # = rfc6940:7.4.1.1/2
        # = rfc6940:7.4.1.1/3
        # = rfc6940:7.4.1.1/7
        self._refuse_unknown(store)
        self._refuse_misplaced(request, store)
        if not store.replica_number:
            self._refuse_other_writer(request, store)
            self._refuse_other_generation(store)
        placed = [self._placed(store.resource, each) for each in store.kind_data]
        outcomes = tuple(
            self._outcome(request, store, each, placing, now)
            for each, placing in zip(store.kind_data, placed, strict=True)
        )
        self._refuse_full(store.resource, outcomes)
        return outcomes

    def merge(self, answer: Incoming, resource: bytes, fetched: FetchAns, now: Instant) -> Merged:
        """What values fetched from another peer lead to: each that is newer than the one held takes its place.

        As if all were stored in the order of their storage times (section 7.4.1.1).  What may not be held is left out.
        """
        outcomes: list[Outcome] = []
        ahead = False
        for part in fetched.kind_responses:
            definition = self._member.overlay.kinds.get(part.kind)
            held = self._holdings.get(resource, part.kind)
            if definition is None or held is None or isinstance(part.values, Unknown):
                continue
            theirs = {place_of(each): each.storage_time for each in part.values if each.signature.signature_value}
            ahead |= any(theirs.get(place, -1) < own.stored.storage_time for place, own in held.values.items())
            outcomes.append(self._merged(answer, resource, part, definition, held, now))
        self._refuse_full(resource, outcomes)
        return Merged(tuple(outcomes), ahead)

    def _merged(
        self,
        answer: Incoming,
        resource: bytes,
        part: FetchKindResponse,
        definition: KindDefinition,
        held: Resource,
        now: Instant,
    ) -> Outcome:
        assert not isinstance(part.values, Unknown)
        bucket, placing = _bucket(answer), Placing(held.values)
        values, fresh = dict(held.values), dict[Place, None]()
        for stored in sorted(part.values[: most_values(definition)], key=lambda each: each.storage_time):
            place = place_of(stored)
            old = placing.values.get(place)
            if not placing.merge(stored):
                continue
            try:
                refuse_large(stored, definition)
                placing.refuse_crowd(definition)
                # = rfc6940:7.4.2.2/3
                values[place] = self._verified(resource, stored, definition, bucket, now)
                fresh[place] = None
            except Refusal:
                # = rfc6940:7.4.2.2/4
                placing.take_away(place)
                if old is not None:
                    placing.put(old)
        generation = max(part.generation, held.generation)
        if fresh and self._topology.responsible(resource):
            # = rfc6940:7.4.1.1/18
            generation = min(generation + 1, HIGHEST)
        changed = bool(fresh) or generation != held.generation
        return Outcome(part.kind, Resource(generation, values, now), tuple(fresh), changed)

    # --- cheap

    def _refuse_unknown(self, store: StoreReq) -> None:
        kinds = self._member.overlay.kinds
        # = rfc6940:7.4.1.1/6
        unknown = tuple(
            each.kind for each in store.kind_data if each.kind not in kinds or isinstance(each.values, Unknown)
        )
        if unknown:
            raise UnknownKind(unknown)

    def _refuse_misplaced(self, request: Incoming, store: StoreReq) -> None:
        if not store.replica_number:
            # = rfc6940:7.4.1.1/4
            if not self._topology.responsible(store.resource):
                raise NotResponsible("another peer is responsible for it", where="StoreReq.resource")
        elif not self._topology.may_replicate(request.node_id, store.resource):
            # = rfc6940:7.4.1.1/5
            # = rfc6940:7.4.1.1/12
            # = rfc6940:7.3/3b
            # = rfc6940:10.4/3
            raise NoReplicaHere("no replica of it is expected from there", where="StoreReq.replica_number")

    def _refuse_other_writer(self, request: Incoming, store: StoreReq) -> None:
        """NotAllowed where who signed the request may not write one of the values."""
        for part in store.kind_data:
            definition = self._member.overlay.kinds[part.kind]
            refuse_too_many(_values(part), definition)
            for stored in _values(part):
                # = rfc6940:7.4.1.1/10
                # = rfc6940:7.3/2
                refuse_writer(request.signer, definition, store.resource, stored.value, self._topology.resource_id)

    def _refuse_other_generation(self, store: StoreReq) -> None:
        held = [self._generation(store.resource, each.kind) for each in store.kind_data]
        asked = [each.generation_counter for each in store.kind_data]
        # = rfc6940:7.4.1.1/13
        # = rfc6940:7.4.1.2/2
        if any(wanted and wanted != found for wanted, found in zip(asked, held, strict=True)):
            answers = zip(store.kind_data, held, strict=True)
            answer = StoreAns(tuple(StoreKindResponse(each.kind, found, ()) for each, found in answers))
            octets = encode(answer, self._member.overlay.context)
            raise GenerationTooLow(f"the generation counters are {held}, not {asked}", octets)

    def _placed(self, resource: bytes, part: StoreKindData) -> Placing:
        definition, held = self._member.overlay.kinds[part.kind], self._holdings.get(resource, part.kind)
        refuse_too_many(_values(part), definition)
        placing = Placing({} if held is None else held.values)
        for stored in _values(part):
            placing.take(stored)
        for stored in placing.fresh:
            refuse_large(stored, definition)
        placing.refuse_crowd(definition)
        return placing

    def _refuse_full(self, resource: bytes, outcomes: Iterable[Outcome]) -> None:
        growth = 0
        for each in outcomes:
            old = self._holdings.get(resource, each.kind)
            for place in each.fresh:
                replaced = None if old is None else old.values.get(place)
                growth += cost(each.resource.values[place]) - (0 if replaced is None else cost(replaced))
        if growth > 0 and self._holdings.octets + growth > MOST_OCTETS:
            raise DataTooLarge("this peer holds as much as it can")

    def _generation(self, resource: bytes, kind: int) -> int:
        held = self._holdings.get(resource, kind)
        return 0 if held is None else held.generation

    # --- dear

    def _outcome(
        self, request: Incoming, store: StoreReq, part: StoreKindData, placing: Placing, now: Instant
    ) -> Outcome:
        definition, held = self._member.overlay.kinds[part.kind], self._holdings.get(store.resource, part.kind)
        values: dict[Place, Held] = {} if held is None else dict(held.values)
        bucket = _bucket(request)
        for stored in placing.fresh:
            values[place_of(stored)] = self._verified(store.resource, stored, definition, bucket, now)
        before = self._generation(store.resource, part.kind)
        # = rfc6940:7.4.1.1/18
        # = rfc6940:7.4.1.1/19
        generation = min(before + bool(placing.fresh), HIGHEST)
        if store.replica_number:
            # = rfc6940:7.4.1.1/14a
            # = rfc6940:7.4.1.1/14b
            generation = part.generation_counter
        changed = bool(values) and (bool(placing.fresh) or generation != before)
        return Outcome(
            part.kind, Resource(generation, values, now), tuple(dict.fromkeys(map(place_of, placing.fresh))), changed
        )

    def _verified(
        self, resource: bytes, stored: StoredData, definition: KindDefinition, bucket: tuple[bytes, ...], now: Instant
    ) -> Held:
        """The value with the certificates that its signature needs; Unauthorized where its signer may not write it."""
        overlay = self._member.overlay
        # = rfc6940:7.4.1.1/8
        signer = verify_value(stored, resource, definition.kind, bucket, overlay.trust(now), overlay.context)
        if signer.certificate is None:
            # = rfc6940:7.4.1.1/16
            raise NobodySigned("nobody signed it", where="StoredData.signature")
        # = rfc6940:7.4.1.1/9
        # = rfc6940:7.3/3a
        refuse_writer(signer, definition, resource, stored.value, self._topology.resource_id)
        certificates = tuple(dict.fromkeys((signer.certificate.der, *signer.chain)))
        # = rfc6940:7.1/2
        until = min(now + stored.lifetime, *map(_valid_until, certificates))
        return Held(stored, now, Instant(until), certificates)


def _values(part: StoreKindData) -> tuple[StoredData, ...]:
    """The values of a Kind that is known."""
    return () if isinstance(part.values, Unknown) else part.values


@lru_cache(_REMEMBERED)
def _valid_until(der: bytes) -> float:
    """When a certificate that has been verified expires."""
    return x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp()


def _bucket(message: Incoming) -> tuple[bytes, ...]:
    certificates = message.message.security_block.certificates
    return tuple(each.certificate for each in certificates if each.type is CertificateType.X_509)
