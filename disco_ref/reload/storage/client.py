"""Storing and fetching, for whoever runs a node (RFC 6940, sections 7.4.1 to 7.4.3)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.context import DataModel
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.actions import About, Action, AnsweredWithError, Ask, Incoming, Tell
from disco_ref.reload.forwarding.passing import resource_place
from disco_ref.reload.member import Member
from disco_ref.reload.message.security_block import CertificateType
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.security.value_signature import sign_value, verify_value
from disco_ref.reload.storage.access_control import refuse_writer
from disco_ref.reload.storage.data_models import APPEND, ArrayEntry, DataValue, DictionaryEntry, StoredDataValue
from disco_ref.reload.storage.explaining import EXPLAINED, explained
from disco_ref.reload.storage.fetch import ArrayRange, FetchAns, FetchReq, Indices, Keys, StoredDataSpecifier
from disco_ref.reload.storage.find import FindAns, FindReq
from disco_ref.reload.storage.holdings import place_of
from disco_ref.reload.storage.stat import StatAns, StatReq
from disco_ref.reload.storage.store import StoreAns, StoreKindData, StoreReq
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.plugin import TopologyPlugin

_LATEST = (1 << 64) - 1
"""The last storage time that there is."""

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
    """Values that were left out because their signature or their signer does not hold (section 7.4.2.2), or unasked."""
    by: bytes
    """The Node-ID of the peer that answered."""


class Statted(NamedTuple):
    """What is known about values."""

    about: About
    answer: StatAns
    by: bytes


class Found(NamedTuple):
    """The nearest Resource-ID with values is known, as far as one peer knows it."""

    about: About
    answer: FindAns
    by: bytes


class Failed(NamedTuple):
    """A request came to nothing."""

    about: About
    why: Refusal
    newer: Fetched | None = None
    """What stands in the place, where a Store was refused for its generation counter or its storage time."""


class _Wanted(NamedTuple):
    """A request, until it is answered."""

    about: About
    resource: bytes
    kind: int
    where: tuple[Where, ...]
    refused: Refusal | None = None
    """Why a Store was refused that this Fetch follows."""


class StorageClient:
    """Signs what is stored, and verifies what is fetched."""

    __slots__ = ("_last", "_newest", "_member", "_topology", "_under_way")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._topology = topology
        self._under_way: dict[int, _Wanted] = {}
        self._last = 0
        self._newest = 0
        """The time of the last Store, in milliseconds; the next one has a later one, however soon it follows."""

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
        after: int = 0,
    ) -> list[Action]:
        """Store a value under a Resource Name, or with None remove it.

        ``lifetime`` in seconds, for a removal at least what is left of the value's; ``generation`` 0 for any; ``after`` is a
        storage time that is to be exceeded, whatever the clock says (section 7), in milliseconds.
        """
        resource = self._topology.resource_id(name)
        return self.store_at(
            about, resource, kind, value, now, where=where, lifetime=lifetime, generation=generation, after=after
        )

    def store_at(
        self,
        about: About,
        resource: bytes,
        kind: int,
        value: bytes | None,
        now: Instant,
        *,
        where: Where = None,
        lifetime: int = 86400,
        generation: int = 0,
        after: int = 0,
    ) -> list[Action]:
        """The same at a Resource-ID, whatever name it comes of."""
        definition = self._definition(kind)
        # = rfc6940:7.4.1.3/0
        # = rfc6940:7.4.1.3/1
        bare = DataValue(value is not None, value or b"")
        # = rfc6940:7/2
        # = rfc6940:7/3
        # = rfc6940:13.5.3/1
        self._newest = max(int(now * 1000), self._newest + 1)
        time = min(max(self._newest, after + 1), _LATEST)
        unsigned = StoredData(time, lifetime, _shaped(definition, where, bare), NOT_SIGNED)
        stored = sign_value(unsigned, resource, kind, self._member.identity.signer, self._member.overlay.context)
        body = StoreReq(resource, 0, (StoreKindData(kind, generation, (stored,)),))
        places = () if where in (None, APPEND) else (where,)
        return [self._ask("store", _Wanted(about, resource, kind, places), MessageCode.store_req, body)]

    def fetch(
        self, about: About, name: bytes, kind: int, *, where: tuple[Where, ...] = (), seen: int = 0
    ) -> list[Action]:
        """Fetch values of a Kind under a Resource Name; all where no place is named, none where generation ``seen`` still holds."""
        wanted = _Wanted(about, self._topology.resource_id(name), kind, where)
        return [self._fetch(wanted, seen)]

    def stat(self, about: About, name: bytes, kind: int, *, where: tuple[Where, ...] = ()) -> list[Action]:
        """Ask what is known about values; as :meth:`fetch`."""
        return self.stat_at(about, self._topology.resource_id(name), kind, where=where)

    def stat_at(self, about: About, resource: bytes, kind: int, *, where: tuple[Where, ...] = ()) -> list[Action]:
        """The same at a Resource-ID."""
        wanted = _Wanted(about, resource, kind, where)
        body = StatReq(resource, (_specifier(self._definition(kind), where, 0),))
        return [self._ask("stat", wanted, MessageCode.stat_req, body)]

    def fetch_at(self, about: About, resource: bytes, kind: int, *, where: tuple[Where, ...] = ()) -> list[Action]:
        """Fetch values of a Kind at a Resource-ID, such as a Find has named; all where no place is named."""
        return [self._fetch(_Wanted(about, resource, kind, where), 0)]

    def find(self, about: About, resource: bytes, kind: int) -> list[Action]:
        """Ask the peer that is responsible for a Resource-ID for the nearest one where it holds values of a Kind (section 7.4.4)."""
        self._definition(kind)
        wanted = _Wanted(about, resource, kind, ())
        return [self._ask("find", wanted, MessageCode.find_req, FindReq(resource, (kind,)))]

    def _fetch(self, wanted: _Wanted, seen: int) -> Ask:
        specifier = _specifier(self._definition(wanted.kind), wanted.where, seen)
        return self._ask("fetch", wanted, MessageCode.fetch_req, FetchReq(wanted.resource, (specifier,)))

    def _ask(
        self, method: str, wanted: _Wanted, code: MessageCode, body: StoreReq | FetchReq | StatReq | FindReq
    ) -> Ask:
        self._last += 1
        self._under_way[self._last] = wanted
        return Ask(self, (method, self._last), (resource_place(wanted.resource),), code, body)

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Nobody asks a client for anything."""
        raise RuntimeError("no request is a storage client's")

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The answer of the peer that is responsible."""
        wanted = self._taken(about)
        if wanted is None:
            return []
        match answer.body:
            case StoreAns() as stored:
                return [Tell(Stored(wanted.about, stored, answer.node_id))]
            case StatAns() as known:
                return [Tell(Statted(wanted.about, known, answer.node_id))]
            case FindAns() as nearest:
                return [Tell(Found(wanted.about, nearest, answer.node_id))]
            case FetchAns() as fetched:
                found = self._verified(wanted, answer, fetched, now)
                if wanted.refused is None:
                    return [Tell(found)]
                return [Tell(Failed(wanted.about, wanted.refused, found if isinstance(found, Fetched) else None))]
            case _:
                return [Tell(Failed(wanted.about, Malformed("this is no answer to what was asked")))]

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """There is no answer, or it is an error; after a Store that came too late, what stands there is fetched."""
        wanted = self._taken(about)
        if wanted is None:
            return []
        newer = (ErrorCode.Error_Generation_Counter_Too_Low, ErrorCode.Error_Data_Too_Old)
        if about[0] == "store" and isinstance(why, AnsweredWithError) and why.error_code in newer:
            # = rfc6940:7.4.1.2/4
            return [self._fetch(wanted._replace(refused=why), 0)]
        told = Tell(Failed(wanted.about, wanted.refused or why))
        return [*explained(self, why, self._member.overlay), told]

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """A client of storage wants no connections."""
        raise RuntimeError(f"no connection was wanted about {about}")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """A client of storage sets no timers."""
        raise RuntimeError(f"no timer was set about {about}")

    def _taken(self, about: About) -> _Wanted | None:
        """What was wanted, and is no more; None for a ConfigUpdate."""
        if about[0] == EXPLAINED or not isinstance(about[1], int):
            return None
        return self._under_way.pop(about[1])

    def _verified(self, wanted: _Wanted, answer: Incoming, fetched: FetchAns, now: Instant) -> Fetched | Failed:
        found = [each for each in fetched.kind_responses if each.kind == wanted.kind]
        if len(found) != 1 or isinstance(found[0].values, Unknown):
            # = rfc6940:7.4.2.2/1
            return Failed(wanted.about, Malformed("the answer is not about the Kind that was asked for"))
        kept: list[StoredData] = []
        for each in found[0].values:
            if wanted.where and place_of(each) not in wanted.where:
                continue
            try:
                self._refuse(each, answer, wanted.resource, self._definition(wanted.kind), now)
                kept.append(each)
            except Refusal:
                # = rfc6940:7.4.2.2/4
                continue
        # = rfc6940:7.4.2.2/5a
        # = rfc6940:7.4.2.2/5b
        discarded = len(found[0].values) - len(kept)
        return Fetched(wanted.about, found[0].generation, tuple(kept), discarded, answer.node_id)

    def _refuse(
        self, stored: StoredData, answer: Incoming, resource: bytes, definition: KindDefinition, now: Instant
    ) -> None:
        """Unauthorized where a value is not what its signer may have written."""
        overlay = self._member.overlay
        bucket = answer.message.security_block.certificates
        certificates = [each.certificate for each in bucket if each.type is CertificateType.X_509]
        # = rfc6940:7.4.2.2/3
        signer = verify_value(stored, resource, definition.kind, certificates, overlay.trust(now), overlay.context)
        if signer.certificate is not None:
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


def _specifier(definition: KindDefinition, where: tuple[Where, ...], seen: int) -> StoredDataSpecifier:
    match definition.data_model:
        case DataModel.array:
            # on the wire an end of a range is an int32 that is read as an index
            indices = ((each ^ 1 << 31) - (1 << 31) for each in where if isinstance(each, int))
            ranges = tuple(ArrayRange(each, each) for each in indices)
            return StoredDataSpecifier(definition.kind, seen, Indices(ranges or (ArrayRange(0, -1),)))
        case DataModel.dictionary:
            return StoredDataSpecifier(
                definition.kind, seen, Keys(tuple(each for each in where if isinstance(each, bytes)))
            )
        case _:
            return StoredDataSpecifier(definition.kind, seen, None)
