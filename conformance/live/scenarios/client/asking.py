"""What a client sends when its user wants something (RFC 6940, sections 6.2.1, 6.3.4, 7.4.1 and 7.4.2)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.document import ARRAY_USER, DICTIONARY_USER_NODE, SINGLE_USER, Kind
from conformance.live.overlay.peer import Heard
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import resource_of, signed
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.overlay.writing import Sealing, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.client.steps import ROLE, sane, visited
from conformance.live.wants import NotClaimed

IDLE = 60.0
REPEATS = 5
KEY, INDEX, VALUE = b"where", 1, b"a value of the client's"


def own_place(stage: OverlayStage, kind: Kind) -> bytes:
    """Where the subject may write; raises NotClaimed where the harness has not certified it."""
    if stage.subject.identity is None:
        raise NotClaimed("it is not known under what name the subject may store")
    return resource_of(stage.subject.identity, kind)


def where(kind: Kind) -> dict[str, Json]:
    """Which value of a Kind is meant."""
    return {"SINGLE": {}, "ARRAY": {"index": INDEX}, "DICTIONARY": {"key": KEY.hex()}}[kind.model]  # type: ignore[return-value]


def asked_for(ring: Surrounding, code: str, at: bytes) -> Heard:
    """A request of the subject as it comes to the party that is responsible for the place; raises NotSeen."""
    responsible = ring.responsible(at)
    assert responsible is not None
    return responsible.request_of(code)


@scenario(
    "client/idle", what="A client is connected, and nobody wants anything.", role=ROLE, needs=("start", "trigger")
)
def idle(stage: OverlayStage) -> None:
    """It is asked for something afterwards."""
    _, boot = visited(stage)
    stage.wait(IDLE)
    sane(stage, boot)
    stage.wait(IDLE)
    sane(stage, boot)


@scenario(
    "client/stores",
    what="A client stores a value of each data model under its user's name.",
    role=ROLE,
    needs=("start", "trigger"),
)
def stores(stage: OverlayStage) -> None:
    """All are answered."""
    ring, boot = visited(stage)
    for kind in (SINGLE_USER, ARRAY_USER, DICTIONARY_USER_NODE):
        at = own_place(stage, kind)
        place = where(kind)
        if kind is DICTIONARY_USER_NODE:
            place = {"key": stage.subject.node_id.hex()}
        stage.note(f"store of {kind.id}")
        stage.trigger("store", kind=kind.id, resource=at.hex(), value=VALUE.hex(), **place)
        asked_for(ring, "StoreReq", at)
        stage.wait(stage.budget)
    sane(stage, boot)


@scenario("client/fetches", what="A client fetches, and asks what is known, of each data model; it looks for a resource.", role=ROLE,
          needs=("start", "trigger"))  # fmt: skip
def fetches(stage: OverlayStage) -> None:
    """There is nothing."""
    ring, boot = visited(stage)
    for kind in (SINGLE_USER, ARRAY_USER, DICTIONARY_USER_NODE):
        at = stage.place(0.7)
        for do, code in (("fetch", "FetchReq"), ("stat", "StatReq")):
            stage.trigger(do, kind=kind.id, resource=at.hex(), **where(kind))
            asked_for(ring, code, at)
            stage.wait(stage.budget)
    at = stage.place(0.5)
    stage.trigger("find", kind=SINGLE_USER.id, resource=at.hex())
    asked_for(ring, "FindReq", at)
    stage.wait(stage.budget)
    sane(stage, boot)


@scenario(
    "client/unanswered",
    what="A Fetch of a client is answered by nobody; a Ping is.",
    role=ROLE,
    slow=True,
    needs=("start", "trigger"),
)
def unanswered(stage: OverlayStage) -> None:
    """Long enough that every repetition is seen."""
    ring, boot = visited(stage)
    at = stage.place(0.7)
    responsible = ring.responsible(at)
    assert responsible is not None
    responsible.leaves.add(courtesy.FETCH)
    stage.trigger("fetch", kind=SINGLE_USER.id, resource=at.hex())
    responsible.request_of("FetchReq")
    stage.wait((REPEATS + 2) * stage.overlay.document.reliability / 1000)
    sane(stage, boot)


@scenario("client/refused", what="Requests of a client are answered by errors.", role=ROLE, needs=("start", "trigger"))
def refused(stage: OverlayStage) -> None:
    """Each is over with it."""
    ring, boot = visited(stage)
    at = stage.place(0.7)
    responsible = ring.responsible(at)
    assert responsible is not None
    responsible.leaves |= {courtesy.FETCH, courtesy.FIND}
    for do, code, error in (("fetch", "FetchReq", 3), ("find", "FindReq", 2), ("fetch", "FetchReq", 11)):
        stage.trigger(do, kind=SINGLE_USER.id, resource=at.hex())
        asked = responsible.request_of(code)
        stage.says(responsible, responsible.error(asked, error), asked)
        stage.wait(2 * stage.overlay.document.reliability / 1000)
        responsible.heard.clear()
    sane(stage, boot)


@scenario("client/answered-by-others", what="A client asks a node, and is answered under signatures that are not of that node.",
          role=ROLE, needs=("start", "trigger"))  # fmt: skip
def answered_by_others(stage: OverlayStage) -> None:
    """Each time it is to ask again; then comes the right answer."""
    _, boot = visited(stage)
    dora, ben = stage.peer("dora"), stage.peer("ben")
    dora.leaves.add(courtesy.PING)
    timer = stage.overlay.document.reliability / 1000
    cases: dict[str, Sealing | None] = {
        "another-node": Sealing(by=ben.identity), "spoilt": Sealing(by=dora.identity, spoilt=True),
        "another-key": Sealing(by=dora.identity, key=ben.identity.key), "unsigned": None,
    }  # fmt: skip
    for sealing in cases.values():
        stage.trigger("ping", node_id=dora.node_id.hex())
        asked = dora.request_of("PingReq")
        body: dict[str, Json] = {"response_id": "77", "time": str(stage.storage_time())}
        link = boot.links[asked.link]
        forged = dora.answer(asked, body, sealing=sealing, unsigned=sealing is None)
        boot.send(forged, link=link, malformed=True, label="forged")
        stage.wait(timer + stage.budget / 5)
        if dora.heard:
            boot.send(dora.answer(asked, body), link=link, label="genuine")
            stage.wait(timer + stage.budget / 5)
        dora.heard.clear()
    sane(stage, boot)


@scenario("client/asked-as-peer", what="A client is asked what only a peer can do, by whom it is connected to.", role=ROLE,
          needs=("start", "trigger"))  # fmt: skip
def asked_as_peer(stage: OverlayStage) -> None:
    """To keep a value, and to admit a peer; and then a Ping, which everybody answers."""
    _, boot = visited(stage)
    at = resource_of(boot.identity, SINGLE_USER)
    kept: list[Json] = [signed(boot, SINGLE_USER, single(VALUE))]
    data: list[Json] = [{"kind": SINGLE_USER.id, "generation_counter": "0", "values": kept}]
    wanted: dict[str, Json] = {"resource": at.hex(), "replica_number": 0, "kind_data": data}
    boot.send(boot.request("StoreReq", wanted), label="store")
    stage.wait(stage.budget)
    body: dict[str, Json] = {"joining_peer_id": boot.node_id.hex(), "overlay_specific_data": ""}
    boot.send(boot.request("JoinReq", body), label="join")
    stage.wait(stage.budget)
    boot.ask("PingReq", {"padding": ""}, label="ping")
    sane(stage, boot)
