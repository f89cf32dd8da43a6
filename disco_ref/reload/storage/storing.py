"""Store, judged and carried out (RFC 6940, sections 7.4.1.1 to 7.4.1.3)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Conflict, Refusal, Unauthorized
from disco_ref.notation.codec import encode
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.actions import Incoming
from disco_ref.reload.member import Member
from disco_ref.reload.message.security_block import CertificateType
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.security.value_signature import verify_value
from disco_ref.reload.storage.access_control import refuse_writer
from disco_ref.reload.storage.data_models import APPEND, ArrayEntry
from disco_ref.reload.storage.fetch import FetchAns
from disco_ref.reload.storage.holdings import Held, Holdings, Place, Resource, place_of, value_of
from disco_ref.reload.storage.kinds import UnknownKinds
from disco_ref.reload.storage.store import StoreAns, StoreKindData, StoreKindResponse, StoreReq
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.plugin import TopologyPlugin


class NotResponsible(Refusal):
    """Another peer is responsible for the Resource-ID (Error_Not_Found)."""

    error_code = 3


class NoReplicaHere(Unauthorized):
    """No replica of the resource is to be held here, or not from that sender (Error_Forbidden)."""

    error_code = 2


class UnknownKind(Refusal):
    """A request names Kinds that nobody here knows (Error_Unknown_Kind)."""

    error_code = 12

    def __init__(self, kinds: tuple[int, ...]) -> None:
        super().__init__(f"unknown Kinds: {', '.join(map(str, kinds))}")
        # = rfc6940:7.4.1.2/6
        self.error_info = encode(UnknownKinds(kinds))


class GenerationTooLow(Conflict):
    """The generation counter is not the one that is held (Error_Generation_Counter_Too_Low)."""

    error_code = 5

    def __init__(self, why: str, held: StoreAns, error_info: bytes) -> None:
        super().__init__(why, where="StoreReq.kind_data.generation_counter")
        self.held = held
        # = rfc6940:7.4.1.2/3
        self.error_info = error_info


class DataTooOld(Conflict):
    """A value is not newer than the one it would replace (Error_Data_Too_Old)."""

    error_code = 9


class DataTooLarge(Refusal):
    """A value, or the number of values, is beyond what the Kind admits (Error_Data_Too_Large)."""

    error_code = 8


class Outcome(NamedTuple):
    """What a Store would leave behind; nothing is changed yet."""

    kind: int
    resource: Resource
    changed: bool
    """Whether it is another than before."""


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
            self._refuse_other_generation(store)
        return tuple(self._kind(request, store, each, now) for each in store.kind_data)

    def merge(self, answer: Incoming, resource: bytes, fetched: FetchAns, now: Instant) -> tuple[Outcome, ...]:
        """What values fetched from another peer lead to: each that is newer than the one held takes its place (section 7.4.1.1)."""
        outcomes: list[Outcome] = []
        bucket = _bucket(answer)
        for part in fetched.kind_responses:
            definition = self._member.overlay.kinds.get(part.kind)
            if definition is None or isinstance(part.values, Unknown):
                continue
            held = self._holdings.get(resource, part.kind)
            values: dict[Place, Held] = {} if held is None else dict(held.values)
            changed = False
            for stored in part.values:
                try:
                    used = self._refuse_unsigned(None, resource, stored, definition, bucket, now)
                    # = rfc6940:7.4.1.1/22
                    changed |= _put(values, Held(stored, now, used))
                except (Unauthorized, DataTooOld):
                    continue
            generation = max(part.generation, self._generation(resource, part.kind))
            outcomes.append(Outcome(part.kind, Resource(generation, values, now), changed))
        return tuple(outcomes)

    def _refuse_unknown(self, store: StoreReq) -> None:
        kinds = self._member.overlay.kinds
        # = rfc6940:7.4.1.1/6
        unknown = tuple(each.kind for each in store.kind_data if each.kind not in kinds)
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
            raise NoReplicaHere("no replica of it is expected from there", where="StoreReq.replica_number")

    def _refuse_other_generation(self, store: StoreReq) -> None:
        held = [self._generation(store.resource, each.kind) for each in store.kind_data]
        asked = [each.generation_counter for each in store.kind_data]
        # = rfc6940:7.4.1.1/13
        # = rfc6940:7.4.1.2/2
        if any(wanted and wanted != found for wanted, found in zip(asked, held, strict=True)):
            answers = zip(store.kind_data, held, strict=True)
            answer = StoreAns(tuple(StoreKindResponse(each.kind, found, ()) for each, found in answers))
            octets = encode(answer, self._member.overlay.context)
            raise GenerationTooLow(f"the generation counters are {held}, not {asked}", answer, octets)

    def _generation(self, resource: bytes, kind: int) -> int:
        held = self._holdings.get(resource, kind)
        return 0 if held is None else held.generation

    def _kind(self, request: Incoming, store: StoreReq, part: StoreKindData, now: Instant) -> Outcome:
        definition = self._member.overlay.kinds[part.kind]
        if isinstance(part.values, Unknown):
            raise UnknownKind((part.kind,))
        held = self._holdings.get(store.resource, part.kind)
        values: dict[Place, Held] = {} if held is None else dict(held.values)
        certificates = _bucket(request)
        original = None if store.replica_number else request
        changed = False
        for stored in part.values:
            used = self._refuse_unsigned(original, store.resource, stored, definition, certificates, now)
            placed = _placed(stored, values)
            changed |= _put(values, Held(placed, now, used))
        _refuse_too_much(values, definition)
        generation = part.generation_counter
        if not store.replica_number:
            # = rfc6940:7.4.1.1/18
            # = rfc6940:7.4.1.1/19
            generation = max(1, self._generation(store.resource, part.kind) + changed)
        # = rfc6940:7.4.1.1/14a
        return Outcome(part.kind, Resource(generation, values, now), changed)

    def _refuse_unsigned(
        self,
        original: Incoming | None,
        resource: bytes,
        stored: StoredData,
        definition: KindDefinition,
        certificates: tuple[bytes, ...],
        now: Instant,
    ) -> tuple[bytes, ...]:
        """The certificates that a value's signature needs; Unauthorized where it, or who stores it, may not write it."""
        overlay, hashed = self._member.overlay, self._topology.resource_id
        trust, context = overlay.trust(now), overlay.context
        # = rfc6940:7.4.1.1/8
        signer = verify_value(stored, resource, definition.kind, certificates, trust, context)
        if signer.certificate is None:
            raise NoReplicaHere("a value that nobody signed is no value to keep", where="StoredData.signature")
        # = rfc6940:7.4.1.1/9
        refuse_writer(signer, definition, resource, stored.value, hashed)
        if original is not None:
            # = rfc6940:7.4.1.1/10
            # = rfc6940:7.3/2
            refuse_writer(original.signer, definition, resource, stored.value, hashed)
        return (signer.certificate.der, *signer.chain)


def _bucket(message: Incoming) -> tuple[bytes, ...]:
    certificates = message.message.security_block.certificates
    return tuple(each.certificate for each in certificates if each.type is CertificateType.X_509)


def _placed(stored: StoredData, values: dict[Place, Held]) -> StoredData:
    """The value with the index it is to have: behind the last one where it is appended (section 7.4.1.1)."""
    value = stored.value
    if not isinstance(value, ArrayEntry) or value.index != APPEND:
        return stored
    last = max((each for each in values if isinstance(each, int)), default=-1)
    # the index counts as zero in the signature, so the octets stay verifiable with the new one in them
    index = (last + 1).to_bytes(4, "big")
    received = stored.received[:12] + index + stored.received[16:]
    return stored._replace(value=value._replace(index=last + 1), received=received)


def _put(values: dict[Place, Held], new: Held) -> bool:
    """Put a value where it belongs; whether that changes anything; DataTooOld where an equal or newer one stands there."""
    place = place_of(new.stored)
    old = values.get(place)
    if old is not None and old.stored.storage_time >= new.stored.storage_time:
        # the very same value again, from a peer that replicates, is no second store
        if old.stored[:1] == new.stored[:1] and old.stored[2:4] == new.stored[2:4]:
            return False
        # = rfc6940:7/1
        why = f"stored at {old.stored.storage_time}, not before {new.stored.storage_time}"
        raise DataTooOld(why, where="StoreReq.kind_data.values.storage_time")
    values[place] = new
    return True


def _refuse_too_much(values: dict[Place, Held], definition: KindDefinition) -> None:
    where = "StoreReq.kind_data.values"
    # = rfc6940:7.4.1.2/5
    if any(len(value_of(each.stored).value) > definition.max_size for each in values.values()):
        raise DataTooLarge(f"a value has more than {definition.max_size} bytes", where=where)
    existing = sum(value_of(each.stored).exists for each in values.values())
    farthest = max((each for each in values if isinstance(each, int)), default=-1)
    # an array of which an element is beyond max-count has more than max-count elements
    if existing > definition.max_count or farthest >= definition.max_count:
        raise DataTooLarge(f"more than {definition.max_count} values", where=where)
