"""Fetch, Stat and Find, answered (RFC 6940, sections 7.4.2 to 7.4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from disco_ref.clock import Instant
from disco_ref.reload.actions import Incoming, Reply
from disco_ref.reload.ids import CHORD_RESOURCE_ID_LENGTH
from disco_ref.reload.member import Member
from disco_ref.reload.message.signature import HashAlgorithm
from disco_ref.reload.security.algorithms import digest
from disco_ref.reload.storage.data_models import (
    ArrayEntry,
    ArrayEntryMeta,
    DictionaryEntry,
    DictionaryEntryMeta,
    MetaData,
    MetaDataValue,
)
from disco_ref.reload.storage.fetch import FetchAns, FetchKindResponse, FetchReq, StoredDataSpecifier
from disco_ref.reload.storage.find import FindAns, FindKindData, FindReq
from disco_ref.reload.storage.holdings import Held, Holdings, value_of
from disco_ref.reload.storage.refusals import AnswerTooLarge, NotResponsible, UnknownKind
from disco_ref.reload.storage.selecting import Found, remaining, selected
from disco_ref.reload.storage.stat import StatAns, StatKindResponse, StatReq, StoredMetaData
from disco_ref.reload.storage.store import refuse_repeated
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.plugin import TopologyPlugin

NONE_KNOWN = bytes(CHORD_RESOURCE_ID_LENGTH)
"""The Resource-ID that stands for none (section 7.4.4.2)."""


FRAME = 1024
"""Octets of an answer besides its values and certificates: header, Via List, signature; our estimate, on the large side."""

_LEAST = 31
"""Octets of a value that is made up, or of what is told about one, besides its key."""

MOST_CERTIFICATES = 0xFFFF
"""Octets that the certificates of a message may have (section 6.3.4)."""


class _Room:
    """How much an answer may still hold."""

    __slots__ = ("_certificates", "_left", "_seen")

    def __init__(self, member: Member) -> None:
        self._seen: set[bytes] = set()
        self._left = member.overlay.configuration.max_message_size - FRAME
        self._certificates = MOST_CERTIFICATES
        for each in member.identity.certificates:
            self._certificate(each)

    def take(self, octets: int, certificates: tuple[bytes, ...] = ()) -> None:
        """So many octets more, and these certificates; AnswerTooLarge where that is too much."""
        self._left -= octets
        for each in certificates:
            self._certificate(each)
        if self._left < 0 or self._certificates < 0:
            raise AnswerTooLarge("more values than a message can hold; fetch them in parts")

    def _certificate(self, der: bytes) -> None:
        if der not in self._seen:
            self._seen.add(der)
            self._left -= len(der) + 3
            self._certificates -= len(der) + 3


class Reading:
    """Answers what is asked of the holdings of one peer."""

    __slots__ = ("_holdings", "_member", "_topology")

    def __init__(self, member: Member, topology: TopologyPlugin, holdings: Holdings) -> None:
        self._member = member
        self._topology = topology
        self._holdings = holdings

    def fetch(self, request: Incoming, wanted: FetchReq, now: Instant) -> Reply:
        """The values that are wanted, with the certificates their signatures need."""
        self._refuse_unknown(wanted.specifiers)
        room = _Room(self._member)
        responses: list[FetchKindResponse] = []
        certificates: dict[bytes, None] = {}
        for each in wanted.specifiers:
            values: list[StoredData] = []
            for found in self._found(wanted.resource, each):
                if isinstance(found, Held):
                    room.take(4 + len(found.stored.received), found.certificates)
                    certificates.update(dict.fromkeys(found.certificates))
                    values.append(remaining(found, now))
                else:
                    room.take(_least(found))
                    values.append(found)
            # = rfc6940:7.4.2.2/1
            # = rfc6940:7.4.2.2/2
            responses.append(FetchKindResponse(each.kind, self._generation(wanted.resource, each.kind), tuple(values)))
        return Reply(request, FetchAns(tuple(responses)), tuple(certificates))

    def stat(self, request: Incoming, wanted: StatReq, now: Instant) -> Reply:
        """What is known about the values that are wanted."""
        self._refuse_unknown(wanted.specifiers)
        room = _Room(self._member)
        responses: list[StatKindResponse] = []
        for each in wanted.specifiers:
            values: list[StoredMetaData] = []
            for found in self._found(wanted.resource, each):
                stored = remaining(found, now) if isinstance(found, Held) else found
                room.take(_least(stored) + 32)
                values.append(_known(stored))
            # = rfc6940:7.4.3.2/0
            responses.append(StatKindResponse(each.kind, self._generation(wanted.resource, each.kind), tuple(values)))
        return Reply(request, StatAns(tuple(responses)))

    def find(self, request: Incoming, wanted: FindReq) -> Reply:
        """The Resource-ID of each Kind that comes first from the one that is asked about, upwards on the ring."""
        # = rfc6940:7.4.4.2/1
        if not self._topology.responsible(wanted.resource):
            raise NotResponsible("another peer is responsible for it", where="FindReq.resource")
        # = rfc6940:7.4.4.2/2a
        # = rfc6940:7.4.4.2/2b silent: which Kinds are not allowed to be used with Find; none is
        # = rfc6940:7.4.4.2/3
        found = (
            FindKindData(each, self._holdings.closest(wanted.resource, each) or NONE_KNOWN) for each in wanted.kinds
        )
        return Reply(request, FindAns(tuple(found)))

    def _generation(self, resource: bytes, kind: int) -> int:
        held = self._holdings.get(resource, kind)
        return 0 if held is None else held.generation

    def _found(self, resource: bytes, specifier: StoredDataSpecifier) -> Iterator[Found]:
        """The values, unless the asker has them."""
        held = self._holdings.get(resource, specifier.kind)
        # = rfc6940:7.4.2.1/0
        if held is not None and specifier.generation == held.generation:
            return iter(())
        return selected(specifier, self._member.overlay.kinds[specifier.kind], held)

    def _refuse_unknown(self, specifiers: Sequence[StoredDataSpecifier]) -> None:
        # = rfc6940:7.4.2.2/1 silent: a Kind asked for twice cannot have one response; what is wanted of it fits one specifier
        refuse_repeated([each.kind for each in specifiers], "specifiers", 0)
        # = rfc6940:7.4.2.1/1
        # = rfc6940:7.4.1.2/6
        unknown = tuple(each.kind for each in specifiers if each.kind not in self._member.overlay.kinds)
        if unknown:
            raise UnknownKind(unknown)


def _least(stored: StoredData) -> int:
    """Octets of a value without its octets and its signature."""
    return _LEAST + (len(stored.value.key) if isinstance(stored.value, DictionaryEntry) else 0)


def _known(stored: StoredData) -> StoredMetaData:
    """What Stat tells about a value (section 7.4.3.2)."""
    value = value_of(stored)
    octets = len(value.value).to_bytes(4, "big") + value.value
    sha256 = HashAlgorithm.sha256
    meta = MetaData(value.exists, len(value.value), sha256, digest(sha256, octets))
    told: MetaDataValue = meta
    if isinstance(stored.value, ArrayEntry):
        told = ArrayEntryMeta(stored.value.index, meta)
    elif isinstance(stored.value, DictionaryEntry):
        told = DictionaryEntryMeta(stored.value.key, meta)
    return StoredMetaData(len(value.value), stored.storage_time, stored.lifetime, told)
