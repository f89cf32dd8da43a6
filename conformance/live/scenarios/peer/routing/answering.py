"""The subject asks, and is answered by whom it should not believe, late, or not at all (RFC 6940, sections 6.2.1 and 6.3.4)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.authority import KINDS
from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.overlay.writing import Sealing
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import NINE
from conformance.live.scenarios.peer.routing.clients import ROLE

REPEATS = 5


def repeated(stage: OverlayStage) -> float:
    """Seconds after which a request without an answer is sent again; written down for the checks."""
    timer = stage.overlay.document.reliability / 1000
    facts: dict[str, Json] = {
        "what": "timer",
        "link": 0,
        "party": "",
        "milliseconds": stage.overlay.document.reliability,
    }
    stage.record.note(stage.now, f"the overlay-reliability-timer is {timer:g} seconds", facts=facts)
    return timer


def pinged(peer: Peer) -> dict[str, Json]:
    """The body of an answer to a Ping."""
    return {"response_id": "77", "time": str(int(peer.stage.now * 1000))}


def silent_client(stage: OverlayStage, name: str) -> Peer:
    """A client that leaves Pings to the scenario."""
    peer = stage.peer(name)
    peer.leaves.add(courtesy.PING)
    peer.connect()
    return peer


@scenario(
    "peer/asks-in-vain", what="The subject asks a node that never answers, and one that does.", role=ROLE, slow=True,
    needs=("trigger",),
)  # fmt: skip
def asks_in_vain(stage: OverlayStage) -> None:
    """Long enough that every repetition is seen."""
    ann, ben = silent_client(stage, "ann"), silent_client(stage, "ben")
    timer = repeated(stage)
    stage.trigger("ping", node_id=ann.node_id.hex())
    ann.request_of("PingReq")
    stage.trigger("ping", node_id=ben.node_id.hex())
    asked = ben.request_of("PingReq")
    ben.send(ben.answer(asked, pinged(ben)), label="genuine")
    stage.wait((REPEATS + 2) * timer)
    stage.alive()


@scenario(
    "peer/answered-by-others",
    what="The subject asks a node, and is answered under signatures that are not of that node.",
    role=ROLE,
    slow=True,
    needs=("trigger",),
)
def answered_by_others(stage: OverlayStage) -> None:
    """Each time it is to ask again; then comes the right answer."""
    ann, ben = silent_client(stage, "ann"), stage.peer("ben")
    timer = repeated(stage)
    certify, name = stage.overlay.certify, "ann@" + stage.overlay.name
    own = ann.identity
    cases: dict[str, Sealing | None] = {
        "genuine": Sealing(by=own),
        "another-node": Sealing(by=ben.identity),
        "spoilt": Sealing(by=own, spoilt=True),
        "another-key": Sealing(by=own, key=ben.identity.key),
        "unsigned": None,
        **{kind: Sealing(by=certify(name, own.node_ids, kind=kind)) for kind in KINDS if kind},
    }
    for case, sealing in cases.items():
        stage.trigger("ping", node_id=ann.node_id.hex())
        asked = ann.request_of("PingReq")
        answer = ann.answer(asked, pinged(ann), sealing=sealing, unsigned=sealing is None)
        ann.send(answer, malformed=True, label=case if case in ("genuine", "another-node") else "forged")
        stage.wait(timer + stage.budget / 5)
        if case != "genuine" and ann.heard:
            ann.send(ann.answer(asked, pinged(ann)), label="genuine")
            stage.wait(timer + stage.budget / 5)
        ann.heard.clear()
    stage.alive()


@scenario(
    "peer/answered-from-afar",
    what="The subject looks for a value, and is answered by a node that is far from where it lies.",
    role=ROLE,
    needs=("trigger",),
)
def answered_from_afar(stage: OverlayStage) -> None:
    """Then by the peer that is responsible for it."""
    ring = Surrounding(stage, NINE)
    ring.join()
    timer = repeated(stage)
    at = stage.place(0.5)
    finn, afar = stage.peer("finn"), stage.overlay.certify("afar@" + stage.overlay.name, [stage.place(0.02)])
    finn.leaves.add(courtesy.FETCH)
    for author, label in ((afar, "from-afar"), (finn.identity, "genuine")):
        finn.heard.clear()
        stage.trigger("fetch", kind=SINGLE_USER.id, resource=at.hex())
        asked = finn.request_of("FetchReq")
        body: dict[str, Json] = {"kind_responses": [{"kind": SINGLE_USER.id, "generation": "0", "values": []}]}
        finn.send(finn.answer(asked, body, sealing=Sealing(by=author)), label=label, link=finn.links.get(asked.link))
        stage.wait(timer + stage.budget / 5)
    stage.alive()
