"""Peers that store, without a network: an overlay algorithm that knows what it is told, requests as they would arrive."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable
from itertools import count

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.test.members import ARRAY, DICTIONARY, SINGLE, configuration, identity, user
from disco_ref.reload.actions import Action, AnsweredWithError, Ask, Change, Incoming, Persist, Reply, SetTimer, Tell
from disco_ref.reload.enrollment.configuration import Configuration, Kind, KindBlock, RequiredKinds, Signature
from disco_ref.reload.forwarding.passing import launched
from disco_ref.reload.identity import Identity
from disco_ref.reload.ids import resource_id
from disco_ref.reload.member import Member
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.envelope import decode_message
from disco_ref.reload.message.error_response import error_response
from disco_ref.reload.message.forwarding_header import RELO_TOKEN, VERSION, WHOLE, ForwardingHeader
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.overlay import overlay_of
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.security.message_signature import verify_message
from disco_ref.reload.security.sealing import sealed
from disco_ref.reload.security.value_signature import sign_value
from disco_ref.reload.storage.data_models import ArrayEntry, DataValue, DictionaryEntry, StoredDataValue
from disco_ref.reload.storage.holdings import Place, value_of
from disco_ref.reload.storage.room import Storage
from disco_ref.reload.storage.store import StoreAns, StoreKindData, StoreReq
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.reload.topology.chord.ring import Chord

BY_NODE, MULTIPLE, BY_KEY, LARGE = 0xF0000004, 0xF0000005, 0xF0000006, 0xF0000007
"""Kinds besides those of the members' overlay: NODE-MATCH, NODE-MULTIPLE, a dictionary of a user, one with long values."""

NOW = Instant(1_800_000_000.0)
ALICE, BOB = 1, 2
NAME = user(ALICE).encode()
HERE = resource_id(NAME)
"""Where Alice may write."""

_transactions = count(1)


def kinds_of(max_message_size: int = 65536) -> Configuration:
    """The members' configuration with more Kinds."""
    more = (
        Kind(id=BY_NODE, max_count=1, max_size=500, data_model="SINGLE", access_control="NODE-MATCH"),
        Kind(
            id=MULTIPLE,
            max_count=1,
            max_size=500,
            max_node_multiple=3,
            data_model="SINGLE",
            access_control="NODE-MULTIPLE",
        ),
        Kind(id=BY_KEY, max_count=2, max_size=20, data_model="DICTIONARY", access_control="USER-MATCH"),
        Kind(id=LARGE, max_count=100, max_size=4000, data_model="DICTIONARY", access_control="USER-MATCH"),
    )
    found = configuration()
    unsigned = Signature(security_block=b"")
    blocks = (*found.kind_blocks, *(KindBlock(kind=each, kind_signature=unsigned) for each in more))
    kinds = RequiredKinds(kind_block=blocks)
    return dataclasses.replace(found, required_kinds=kinds, max_message_size=max_message_size)


OVERLAY = overlay_of(kinds_of())
CONTEXT = OVERLAY.context


class Algorithm(Chord):
    """CHORD-RELOAD that is told who is responsible, and who replicates."""

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self.peer = True
        self.own = True
        self.next: tuple[bytes, ...] = ()
        self.expected: frozenset[bytes] | None = None
        """Who may store replicas; None for everybody."""

    @property
    def joined(self) -> bool:
        """As told."""
        return self.peer

    def responsible(self, place: bytes) -> bool:
        """As told."""
        return self.own

    def replicas(self, resource: bytes) -> tuple[bytes, ...]:
        """As told, where the peer is responsible."""
        return self.next if self.own else ()

    def may_replicate(self, node_id: bytes, resource: bytes) -> bool:
        """As told."""
        return self.expected is None or node_id in self.expected


class StoringPeer:
    """A peer with storage; what it is asked is judged as if it had come over links."""

    def __init__(self, which: int = 90, settings: Configuration | None = None) -> None:
        overlay = OVERLAY if settings is None else overlay_of(settings)
        self.member = Member(overlay, identity(which), bytes, NOW)
        self.algorithm = Algorithm(self.member)
        self.storage = Storage(self.member, self.algorithm)
        self.written: dict[tuple[bytes, int], Change] = {}
        self.timers: dict[tuple[str | bytes | int, ...], Instant] = {}

    @property
    def node_id(self) -> bytes:
        """Its Node-ID."""
        return self.member.node_id

    def ask(self, request: Incoming, now: Instant = NOW) -> Reply:
        """The answer to a request, after its write; raises the refusal."""
        replies = [each for each in self.done(self.storage.asked(request, now)) if isinstance(each, Reply)]
        assert len(replies) == 1
        return replies[0]

    def done(self, actions: Iterable[Action]) -> list[Action]:
        """What is left of actions when writes are done and timers are set."""
        left: list[Action] = []
        waiting = deque(actions)
        while waiting:
            match waiting.popleft():
                case Persist(changes, then):
                    self.written |= {(each.resource, each.kind): each for each in changes}
                    waiting.extendleft(reversed(then))
                case SetTimer(_, about, at):
                    self.timers.pop(about, None)
                    if at is not None:
                        self.timers[about] = at
                case other:
                    left.append(other)
        return left

    def values(self, kind: int = SINGLE, resource: bytes = HERE) -> dict[Place, bytes | None]:
        """What stands at a Resource-ID; None for what is removed."""
        held = self.storage.holdings.get(resource, kind)
        found = {} if held is None else {place: value_of(each.stored) for place, each in held.values.items()}
        return {place: each.value if each.exists else None for place, each in found.items()}

    def generation(self, kind: int = SINGLE, resource: bytes = HERE) -> int:
        """The generation counter, 0 where nothing stands."""
        held = self.storage.holdings.get(resource, kind)
        return 0 if held is None else held.generation


def incoming(
    body: Body, code: MessageCode, by: Identity, certificates: tuple[bytes, ...] = (), now: Instant = NOW
) -> Incoming:
    """A message as it arrives: signed, on the wire, read and verified."""
    transaction = next(_transactions)
    octets = sealed(code, body, transaction, by.signer, (*by.certificates, *certificates), CONTEXT)
    to = (Destination(DestinationType.node, bytes(16)),)
    header = ForwardingHeader(RELO_TOKEN, OVERLAY.hash, 1, VERSION, 100, WHOLE, 0, transaction, 0, (), to, ())
    message = decode_message(launched(header, octets, CONTEXT), CONTEXT)
    signer = verify_message(message, OVERLAY.trust(now), CONTEXT)
    return Incoming(message, signer, by.node_id, by.node_id, 1)


def value(
    octets: bytes | None,
    at: int = 1,
    *,
    place: Place = None,
    by: int = ALICE,
    kind: int = SINGLE,
    resource: bytes = HERE,
    lifetime: int = 3600,
) -> StoredData:
    """A value with its signature; ``octets`` None for a removed one."""
    bare = DataValue(octets is not None, octets or b"")
    shaped: StoredDataValue = bare
    if isinstance(place, int):
        shaped = ArrayEntry(place, bare)
    elif isinstance(place, bytes):
        shaped = DictionaryEntry(place, bare)
    unsigned = StoredData(at, lifetime, shaped, NOT_SIGNED)
    return sign_value(unsigned, resource, kind, identity(by).signer, CONTEXT)


def part(kind: int, *values: StoredData, generation: int = 0) -> StoreKindData:
    """Values of a Kind."""
    return StoreKindData(kind, generation, values)


def store(
    *parts: StoreKindData, by: int = ALICE, replica: int = 0, resource: bytes = HERE, bucket: tuple[int, ...] = ()
) -> Incoming:
    """A Store, and the certificates of others."""
    certificates = tuple(each for which in bucket for each in identity(which).certificates)
    return incoming(StoreReq(resource, replica, parts), MessageCode.store_req, identity(by), certificates)


def stored(answer: Reply) -> StoreAns:
    """What a Store is answered."""
    assert isinstance(answer.body, StoreAns)
    return answer.body


class Few:
    """Some peers, and Stores and Fetches between them that arrive at once."""

    def __init__(self, *peers: StoringPeer) -> None:
        self.peers = {each.node_id: each for each in peers}
        self.cut: set[bytes] = set()
        """Peers that cannot be reached."""
        self.asked = 0
        self.told: list[object] = []

    def carry(self, peer: StoringPeer, actions: Iterable[Action], now: Instant = NOW) -> list[Reply]:
        """Carry actions of a peer out, and all that they lead to; the answers to requests from outside are left."""
        outside: list[Reply] = []
        waiting = deque((peer, each) for each in peer.done(actions))
        while waiting:
            here, action = waiting.popleft()
            match action:
                case Ask():
                    self.asked += 1
                    assert self.asked < 1000
                    waiting.extend((here, each) for each in here.done(self._asked(here, action, now)))
                case Reply():
                    outside.append(action)
                case Tell(event):
                    self.told.append(event)
                case _:
                    pass
        return outside

    def _asked(self, here: StoringPeer, ask: Ask, now: Instant) -> list[Action]:
        to = ask.to[-1].destination_data
        if ask.to[-1].type is DestinationType.resource:
            to = next(each.node_id for each in self.peers.values() if each.algorithm.own)
        assert isinstance(to, bytes)
        if to in self.cut or to not in self.peers:
            return ask.room.failed(ask.about, Refusal("nobody answers"), now)
        there = self.peers[to]
        try:
            request = incoming(ask.body, ask.code, here.member.identity, ask.certificates)
            answer = there.ask(request, now)
        except Refusal as refusal:
            body = error_response(refusal)
            assert body is not None
            why = AnsweredWithError(body.error_code, body.error_info, to)
            return ask.room.failed(ask.about, why, now)
        code = MessageCode(ask.code + 1)
        return ask.room.answered(
            ask.about, incoming(answer.body, code, there.member.identity, answer.certificates), now
        )


__all__ = ["ARRAY", "DICTIONARY", "SINGLE"]
