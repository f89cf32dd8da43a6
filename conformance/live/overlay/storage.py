"""Storing and fetching as a party does it (RFC 6940, section 7)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import writing
from conformance.live.overlay.authority import NODE_ID
from conformance.live.overlay.document import Kind
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.writing import Object, Sealing
from conformance.live.wants import HarnessFault

if TYPE_CHECKING:
    from conformance.live.overlay.stage import OverlayStage

LATEST = -1
"""``last`` of an ArrayRange: up to the end (section 7.4.2.1)."""
MOST_TRIES = 10_000
"""Names that are tried until one lies where it is wanted."""
_NOBODY = ec.generate_private_key(ec.SECP256R1())


def resource_of(identity: Identity, kind: Kind, number: int = 1) -> bytes:
    """Where an identity may write a Kind (section 7.3); ``number`` is that of NODE-MULTIPLE, one octet behind the Node-ID."""
    if kind.access in ("USER-MATCH", "USER-NODE-MATCH"):
        return writing.resource_id(identity.user)
    return writing.resource_id(identity.node_id + (bytes([number]) if kind.access == "NODE-MULTIPLE" else b""))


def owner(
    stage: OverlayStage, name: str, kind: Kind | None = None, *, within: tuple[float, float] = (0.0, 1.0), number: int = 1,
    count: int = 1, **how: Json,
) -> Peer:  # fmt: skip
    """A party whose user and Node-IDs nobody has had before; what it may write of a Kind lies in a part of the ring.

    ``within`` are turns behind the subject (see :meth:`OverlayStage.place`): from -0.2 to 0 is the fifth before it.
    """
    for _ in range(MOST_TRIES):
        user = f"{name}-{os.urandom(6).hex()}@{stage.overlay.name}"
        nodes = [os.urandom(NODE_ID) for _ in range(count)]
        identity = Identity(node_ids=tuple(nodes), user=user, key=_NOBODY, certificate=b"")
        if kind is None or lies_within(stage, resource_of(identity, kind, number), within):
            return stage.peer(name, user=user, node_ids=nodes, **how)  # type: ignore[arg-type]
    raise HarnessFault(
        f"no user was found whose values lie between {within[0]} and {within[1]} turns behind the subject"
    )


def lies_within(stage: OverlayStage, at: bytes, within: tuple[float, float]) -> bool:
    """Whether a Resource-ID lies in a part of the ring."""
    behind = (int.from_bytes(at) - int.from_bytes(stage.subject.node_id)) % (1 << 8 * len(at))
    return 0 <= (behind / (1 << 8 * len(at)) - within[0]) % 1 < within[1] - within[0]


def signed(
    peer: Peer, kind: Kind, value: Object, *, at: bytes | None = None, later: float = 0.0, lifetime: int = 86400,
    sealing: Sealing | None = None,
) -> Object:  # fmt: skip
    """A StoredData of a party: stored now, or ``later`` by so many seconds."""
    peer.stage.overlay.demand(kind)
    return writing.stored(
        value, sealing or Sealing(by=peer.identity), at=resource_of(peer.identity, kind) if at is None else at,
        kind=kind.id, model=kind.model, storage_time=peer.stage.storage_time(later), lifetime=lifetime,
    )  # fmt: skip


def store_request(
    peer: Peer, kinds: Sequence[tuple[Kind | int, Sequence[Json] | str, int]], at: bytes, *, replica: int = 0,
    to: bytes | Sequence[Object] | None = None, sealing: Sealing | None = None, unsigned: bool = False,
    certificates: Sequence[bytes] | None = None,
) -> Written:  # fmt: skip
    """A StoreReq of several Kinds, each with its values and the generation counter that is expected; to the resource, unless ``to`` says otherwise.

    ``certificates`` are those of the bucket, where the values need others than the request.
    """
    data: list[Json] = [
        {
            "kind": kind if isinstance(kind, int) else kind.id, "generation_counter": str(generation),
            "values": values if isinstance(values, str) else list(values),
        }
        for kind, values, generation in kinds
    ]  # fmt: skip
    body: dict[str, Json] = {"resource": at.hex(), "replica_number": replica, "kind_data": data}
    return peer.request(
        "StoreReq", body, to=to or [writing.resource(at)], sealing=sealing, unsigned=unsigned, certificates=certificates
    )


def store(
    peer: Peer, kind: Kind, values: Sequence[Json], *, at: bytes | None = None, generation: int = 0, label: str = ""
) -> Heard:
    """Store, and wait for the answer, whatever it says."""
    request = store_request(peer, [(kind, values, generation)], resource_of(peer.identity, kind) if at is None else at)
    peer.send(request, label=label)
    return peer.reply(request)


def stored(peer: Peer, kind: Kind, values: Sequence[Json], **how: Json) -> Heard:
    """Store what must be taken; raises NotSeen where it is refused."""
    heard = store(peer, kind, values, **how)  # type: ignore[arg-type]
    return peer.granted(heard)


def specifier(kind: Kind | int, generation: int = 0, model: Mapping[str, Json] | None = None) -> Json:
    """A StoredDataSpecifier: everything of a Kind, unless ``model`` says which part."""
    everything: dict[str, dict[str, Json]] = {
        "SINGLE": {}, "ARRAY": {"indices": [{"first": 0, "last": LATEST}]}, "DICTIONARY": {"keys": []},
    }  # fmt: skip
    known = kind if isinstance(kind, Kind) else None
    chosen = dict(model) if model is not None else everything[known.model] if known else {}
    number = known.id if known else kind
    assert isinstance(number, int)
    return {"kind": number, "generation": str(generation), "model_specifier": chosen}


def fetch_request(peer: Peer, specifiers: Sequence[Json], at: bytes, *, name: str = "FetchReq") -> Written:
    """A FetchReq, or a StatReq, to the resource."""
    return peer.request(name, {"resource": at.hex(), "specifiers": list(specifiers)}, to=[writing.resource(at)])


def fetch(
    peer: Peer, kind: Kind, *, at: bytes | None = None, generation: int = 0, name: str = "FetchReq", label: str = "",
    model: Mapping[str, Json] | None = None,
) -> Heard:  # fmt: skip
    """Fetch (or ``StatReq``), and wait for the answer, whatever it says."""
    where = resource_of(peer.identity, kind) if at is None else at
    request = fetch_request(peer, [specifier(kind, generation, model)], where, name=name)
    peer.send(request, label=label)
    return peer.reply(request)


def find(peer: Peer, kinds: Sequence[int], at: bytes, *, label: str = "") -> Heard:
    """Find, and wait for the answer, whatever it says."""
    request = peer.request("FindReq", {"resource": at.hex(), "kinds": list(kinds)}, to=[writing.resource(at)])
    peer.send(request, label=label)
    return peer.reply(request)
