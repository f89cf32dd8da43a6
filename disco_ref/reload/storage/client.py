"""Storing and fetching, for whoever runs a node (RFC 6940, sections 7.4.1 to 7.4.3)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal, Unauthorized
from disco_ref.notation.context import DataModel
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.actions import About, Action, Ask, Incoming, Tell
from disco_ref.reload.forwarding.passing import resource_place
from disco_ref.reload.member import Member
from disco_ref.reload.message.security_block import CertificateType
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.security.value_signature import sign_value, verify_value
from disco_ref.reload.storage.access_control import refuse_writer
from disco_ref.reload.storage.data_models import ArrayEntry, DataValue, DictionaryEntry, StoredDataValue
from disco_ref.reload.storage.fetch import ArrayRange, FetchAns, FetchReq, Indices, Keys, StoredDataSpecifier
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.storage.stat import StatAns, StatReq
from disco_ref.reload.storage.store import StoreAns, StoreKindData, StoreReq
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.plugin import TopologyPlugin

Where = int | bytes | None
"""An index, a key, or None for a single value."""


class Stored(NamedTuple):
    """A Store has succeeded."""

    about: About
    answer: StoreAns
    by: bytes
    """The Node-ID of the responsible peer."""


class Fetched(NamedTuple):
    """Values have come, and hold what they promise."""

    about: About
    generation: int
    values: tuple[StoredData, ...]
    """Signed by who may write them; those that do not exist are among them."""
    discarded: int
    """Values that were left out because their signature or their signer does not hold (section 7.4.2.2)."""
    by: bytes
    """The Node-ID of the peer that answered."""


class Statted(NamedTuple):
    """What is known about values."""

    about: About
    answer: StatAns
    by: bytes


class Failed(NamedTuple):
    """A request came to nothing."""

    about: About
    why: Refusal


class StorageClient:
    """Signs what is stored, and verifies what is fetched."""

    __slots__ = ("_fetching", "_member", "_topology")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._topology = topology
        self._fetching: dict[About, tuple[bytes, int]] = {}

    def store(
        self,
        about: About,
        name: bytes,
        kind: int,
        value: bytes | None,
        now: Instant,
        *,
        where: Where = None,
        lifetime: int = 86400,
        generation: int = 0,
    ) -> list[Action]:
        """Store a value under a Resource Name, or with None remove it; ``lifetime`` in seconds, ``generation`` 0 for any."""
        definition = self._definition(kind)
        # = rfc6940:7.4.1.3/0
        bare = DataValue(value is not None, value or b"")
        resource = self._topology.resource_id(name)
        unsigned = StoredData(int(now * 1000), lifetime, _shaped(definition, where, bare), NOT_SIGNED)
        stored = sign_value(unsigned, resource, kind, self._member.identity.signer, self._member.overlay.context)
        body = StoreReq(resource, 0, (StoreKindData(kind, generation, (stored,)),))
        return [Ask(self, ("store", *about), (resource_place(resource),), MessageCode.store_req, body)]

    def fetch(self, about: About, name: bytes, kind: int, *, where: tuple[Where, ...] = ()) -> list[Action]:
        """Fetch values of a Kind under a Resource Name; all of them where no place is named."""
        resource = self._topology.resource_id(name)
        body = FetchReq(resource, (_specifier(self._definition(kind), where),))
        self._fetching[("fetch", *about)] = resource, kind
        return [Ask(self, ("fetch", *about), (resource_place(resource),), MessageCode.fetch_req, body)]

    def stat(self, about: About, name: bytes, kind: int, *, where: tuple[Where, ...] = ()) -> list[Action]:
        """Ask what is known about values; as :meth:`fetch`."""
        resource = self._topology.resource_id(name)
        body = StatReq(resource, (_specifier(self._definition(kind), where),))
        return [Ask(self, ("stat", *about), (resource_place(resource),), MessageCode.stat_req, body)]

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Nobody asks a client for anything."""
        raise RuntimeError("no request is a storage client's")

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The answer of the peer that is responsible."""
        match answer.body:
            case StoreAns() as stored:
                return [Tell(Stored(about[1:], stored, answer.node_id))]
            case StatAns() as known:
                return [Tell(Statted(about[1:], known, answer.node_id))]
            case FetchAns() as fetched:
                return [Tell(self._verified(about, answer, fetched, now))]
            case _:
                return [Tell(Failed(about[1:], Malformed("this is no answer to what was asked")))]

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """There is no answer, or it is an error."""
        self._fetching.pop(about, None)
        return [Tell(Failed(about[1:], why))]

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """A client of storage wants no connections."""
        raise RuntimeError(f"no connection was wanted about {about}")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """A client of storage sets no timers."""
        raise RuntimeError(f"no timer was set about {about}")

    def _verified(self, about: About, answer: Incoming, fetched: FetchAns, now: Instant) -> Fetched | Failed:
        resource, kind = self._fetching.pop(about)
        found = [each for each in fetched.kind_responses if each.kind == kind]
        if len(found) != 1 or isinstance(found[0].values, Unknown):
            # = rfc6940:7.4.2.2/1
            return Failed(about[1:], Malformed("the answer is not about the Kind that was asked for"))
        kept: list[StoredData] = []
        for each in found[0].values:
            try:
                self._refuse(each, answer, resource, self._definition(kind), now)
                kept.append(each)
            except Unauthorized:
                # = rfc6940:7.4.2.2/4
                continue
        # = rfc6940:7.4.2.2/5a
        # = rfc6940:7.4.2.2/5b
        discarded = len(found[0].values) - len(kept)
        return Fetched(about[1:], found[0].generation, tuple(kept), discarded, answer.node_id)

    def _refuse(
        self, stored: StoredData, answer: Incoming, resource: bytes, definition: KindDefinition, now: Instant
    ) -> None:
        """Unauthorized where a value is not what its signer may have written."""
        overlay = self._member.overlay
        bucket = answer.message.security_block.certificates
        certificates = [each.certificate for each in bucket if each.type is CertificateType.X_509]
        # = rfc6940:7.4.2.2/3
        signer = verify_value(stored, resource, definition.kind, certificates, overlay.trust(now), overlay.context)
        if value_of(stored).exists:
            refuse_writer(signer, definition, resource, stored.value, self._topology.resource_id)

    def _definition(self, kind: int) -> KindDefinition:
        definition = self._member.overlay.kinds.get(kind)
        if definition is None:
            raise ValueError(f"the overlay has no Kind {kind}")
        return definition


def _shaped(definition: KindDefinition, where: Where, value: DataValue) -> StoredDataValue:
    """A value in the form of its Kind's data model; ValueError where the place does not fit it."""
    match definition.data_model, where:
        case DataModel.single_value, None:
            return value
        case DataModel.array, int() as index:
            return ArrayEntry(index, value)
        case DataModel.dictionary, bytes() as key:
            return DictionaryEntry(key, value)
    raise ValueError(f"Kind {definition.kind} is a {definition.data_model.value}: {where!r} is no place in it")


def _specifier(definition: KindDefinition, where: tuple[Where, ...]) -> StoredDataSpecifier:
    match definition.data_model:
        case DataModel.array:
            ranges = tuple(ArrayRange(each, each) for each in where if isinstance(each, int))
            return StoredDataSpecifier(definition.kind, 0, Indices(ranges or (ArrayRange(0, -1),)))
        case DataModel.dictionary:
            return StoredDataSpecifier(
                definition.kind, 0, Keys(tuple(each for each in where if isinstance(each, bytes)))
            )
        case _:
            return StoredDataSpecifier(definition.kind, 0, None)
