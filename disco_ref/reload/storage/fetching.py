"""Fetch, Stat and Find, answered (RFC 6940, sections 7.4.2 to 7.4.4)."""

from __future__ import annotations

from collections.abc import Sequence

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
from disco_ref.reload.storage.selecting import Found, remaining, selected
from disco_ref.reload.storage.stat import StatAns, StatKindResponse, StatReq, StoredMetaData
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.storage.storing import NotResponsible, UnknownKind
from disco_ref.reload.topology.plugin import TopologyPlugin

NONE_KNOWN = bytes(CHORD_RESOURCE_ID_LENGTH)
"""The Resource-ID that stands for none (section 7.4.4.2)."""


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
        responses: list[FetchKindResponse] = []
        certificates: dict[bytes, None] = {}
        for each in wanted.specifiers:
            generation, found = self._found(wanted.resource, each)
            for held in found:
                certificates.update(dict.fromkeys(held.certificates if isinstance(held, Held) else ()))
            values = tuple(remaining(one, now) if isinstance(one, Held) else one for one in found)
            # = rfc6940:7.4.2.2/1
            # = rfc6940:7.4.2.2/2
            responses.append(FetchKindResponse(each.kind, generation, values))
        return Reply(request, FetchAns(tuple(responses)), tuple(certificates))

    def stat(self, request: Incoming, wanted: StatReq, now: Instant) -> Reply:
        """What is known about the values that are wanted."""
        self._refuse_unknown(wanted.specifiers)
        responses: list[StatKindResponse] = []
        for each in wanted.specifiers:
            generation, found = self._found(wanted.resource, each)
            values = tuple(_known(one, now) for one in found)
            responses.append(StatKindResponse(each.kind, generation, values))
        return Reply(request, StatAns(tuple(responses)))

    def find(self, request: Incoming, wanted: FindReq) -> Reply:
        """The Resource-ID of each Kind that comes first from the one that is asked about, upwards on the ring."""
        # = rfc6940:7.4.4.2/1
        if not self._topology.responsible(wanted.resource):
            raise NotResponsible("another peer is responsible for it", where="FindReq.resource")
        # = rfc6940:7.4.4.2/2a
        # = rfc6940:7.4.4.2/3
        closest = {kind: self._closest(wanted.resource, kind) for kind in wanted.kinds}
        return Reply(request, FindAns(tuple(FindKindData(*each) for each in closest.items())))

    def _closest(self, resource: bytes, kind: int) -> bytes:
        start, places = int.from_bytes(resource, "big"), 1 << 8 * CHORD_RESOURCE_ID_LENGTH
        held = (each for each in self._holdings.resources() if self._holdings.get(each, kind) is not None)
        return min(held, key=lambda each: (int.from_bytes(each, "big") - start) % places, default=NONE_KNOWN)

    def _found(self, resource: bytes, specifier: StoredDataSpecifier) -> tuple[int, tuple[Found, ...]]:
        """The generation, and the values unless the asker has them."""
        held = self._holdings.get(resource, specifier.kind)
        generation = 0 if held is None else held.generation
        if specifier.generation and specifier.generation == generation:
            return generation, ()
        return generation, selected(specifier, self._member.overlay.kinds[specifier.kind], held)

    def _refuse_unknown(self, specifiers: Sequence[StoredDataSpecifier]) -> None:
        # = rfc6940:7.4.2.1/1
        # = rfc6940:7.4.1.2/6
        unknown = tuple(each.kind for each in specifiers if each.kind not in self._member.overlay.kinds)
        if unknown:
            raise UnknownKind(unknown)


def _known(found: Found, now: Instant) -> StoredMetaData:
    """What Stat tells about a value (section 7.4.3.2)."""
    stored: StoredData = remaining(found, now) if isinstance(found, Held) else found
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
