"""What the subject stores itself, and what it does where that is refused (RFC 6940, sections 7.4.1.2, 7.4.1.3 and 13.5.3)."""

from __future__ import annotations

from cryptography import x509

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.joining import join
from conformance.live.overlay.peer import Heard, Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import resource_id
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import ROLE
from conformance.live.wants import NotSeen

TOO_LOW, UNKNOWN_KIND = 5, 12
CONFIG_UPDATE = 33
NEEDS = ("trigger",)


def named(stage: OverlayStage) -> str:
    """The user that the subject's certificate names."""
    looker = stage.peer("looker")
    link = looker.connect()
    names = x509.load_der_x509_certificate(link.certificates[0]).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    users = names.value.get_values_for_type(x509.RFC822Name)
    looker.hang_up(link)
    if not users:
        raise NotSeen("the certificate of the subject names no user")
    return users[0]


def _keeper(stage: OverlayStage) -> tuple[Peer, bytes]:
    """A peer that is responsible for where the subject may write, and that place."""
    at = resource_id(named(stage))
    behind = (int.from_bytes(at) + 1) % (1 << 8 * len(at))
    keeper = stage.peer("keeper", node_ids=[behind.to_bytes(len(at))])
    join(keeper)
    stage.wait(1)
    return keeper, at


def _stores(stage: OverlayStage, keeper: Peer, at: bytes, value: bytes | None) -> Heard:
    """The subject is told to store a value, or without one to remove it; the Store that comes."""
    given: dict[str, Json] = {} if value is None else {"value": value.hex()}
    stage.trigger("store", kind=SINGLE_USER.id, resource=at.hex(), **given)
    return keeper.request_of("StoreReq", None, lambda heard: _about(heard, at))


def _about(heard: Heard, at: bytes) -> bool:
    """Whether it is an original Store, or a Fetch, of that Kind at that place."""
    parts = [*rules.objects(heard.body.get("kind_data")), *rules.objects(heard.body.get("specifiers"))]
    kinds = [rules.number(one["kind"]) for one in parts]
    return heard.body.get("resource") == at.hex() and SINGLE_USER.id in kinds and not heard.body.get("replica_number")


@scenario(
    "storing-peer/own-stores",
    what="The subject stores a value twice in the same moment, once more later, and removes it.",
    role=ROLE,
    needs=NEEDS,
)
def own_stores(stage: OverlayStage) -> None:
    """At a peer that takes everything."""
    keeper, at = _keeper(stage)
    for value in (b"good one", b"good two"):
        _stores(stage, keeper, at, value)
    stage.wait(10)
    _stores(stage, keeper, at, b"good three")
    stage.wait(20)
    _stores(stage, keeper, at, None)
    stage.alive()


def _refused(stage: OverlayStage, code: int, told: bytes) -> tuple[Peer, bytes]:
    """The subject stores a value, and is refused once with an error."""
    keeper, at = _keeper(stage)
    keeper.leaves = {courtesy.STORE}
    copy = _stores(stage, keeper, at, b"good")
    stage.says(keeper, keeper.answer(copy, {"error_code": code, "error_info": told.hex()}, code=rules.ERROR), copy)
    keeper.leaves = set()
    return keeper, at


@scenario(
    "storing-peer/own-unknown-kind",
    what="A Store of the subject is refused with Error_Unknown_Kind.",
    role=ROLE,
    needs=NEEDS,
)
def own_unknown_kind(stage: OverlayStage) -> None:
    """The configuration document defines the Kind."""
    _refused(stage, UNKNOWN_KIND, b"\x04" + SINGLE_USER.id.to_bytes(4))
    stage.wait(2 * stage.budget)
    stage.alive()


@scenario(
    "storing-peer/own-too-low",
    what="A Store of the subject is refused with Error_Generation_Counter_Too_Low.",
    role=ROLE,
    needs=NEEDS,
)
def own_too_low(stage: OverlayStage) -> None:
    """Nothing is there when it is fetched."""
    response = SINGLE_USER.id.to_bytes(4) + (9).to_bytes(8) + bytes(2)
    _refused(stage, TOO_LOW, len(response).to_bytes(2) + response)
    stage.wait(2 * stage.budget)
    stage.alive()
