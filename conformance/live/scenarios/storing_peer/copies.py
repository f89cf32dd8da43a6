"""Copies that come to the subject, from where they may come and from elsewhere (RFC 6940, sections 7.3, 7.4.1.1 and 10.4)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.joining import join
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import owner, resource_of, signed, specifier
from conformance.live.overlay.writing import Sealing, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.storing_peer.steps import BAD, GOOD, ROLE, sent

TURNS = {"one": 0.1, "two": 0.2, "three": 0.3, "far": 0.5, "third": -0.3, "second": -0.2, "before": -0.1}
"""Peers of the ring: three on either side of the subject, and one that is far away."""
OF_BEFORE, OF_SECOND, OF_FAR = (-0.19, -0.11), (-0.29, -0.21), (0.31, 0.49)
"""Parts of the ring that these peers are responsible for."""


def _ring(stage: OverlayStage) -> dict[str, Peer]:
    """Upwards, so that the subject admits each."""
    found = {name: stage.peer(name, turn=turn) for name, turn in TURNS.items()}
    for one in found.values():
        join(one)
    stage.wait(1)
    return found


def _copy(
    by: Peer, of: Peer, text: bytes, label: str, *, number: int = 1, generation: int = 5, later: float = 0.0,
    sealing: Sealing | None = None, must: bool = False,
) -> None:  # fmt: skip
    """A value of one party, stored at the subject as a copy by another one."""
    at = resource_of(of.identity, SINGLE_USER)
    signer = sealing or Sealing(by=of.identity)
    value = signed(of, SINGLE_USER, single(text), at=at, later=later, sealing=signer)
    shown = [*by.identity.shown, *signer.by.shown]
    sent(
        by, SINGLE_USER, [value], at=at, label=label, generation=generation, certificates=shown, replica=number, must=must,
        to=by.stage.subject.node_id,
    )  # fmt: skip


def _held(by: Peer, of: Peer, label: str) -> None:
    """Ask the subject itself what it holds of a party."""
    at = resource_of(of.identity, SINGLE_USER)
    body: dict[str, Json] = {"resource": at.hex(), "specifiers": [specifier(SINGLE_USER)]}
    by.ask("FetchReq", body, label=label)


@scenario(
    "storing-peer/copies",
    what="Copies come from both predecessors whose replica set the subject is in, again, and with a lower counter.",
    role=ROLE,
)
def copies(stage: OverlayStage) -> None:
    """The subject is asked itself what it holds."""
    ring = _ring(stage)
    ann, bob = owner(stage, "ann", SINGLE_USER, within=OF_BEFORE), owner(stage, "bob", SINGLE_USER, within=OF_SECOND)
    _copy(ring["before"], ann, GOOD, "good", generation=5)
    _held(ring["before"], ann, "fetch: 5")
    _copy(ring["before"], ann, GOOD + b"anew", "good: lower", generation=3, later=1)
    _held(ring["before"], ann, "fetch: 3")
    _copy(ring["before"], ann, BAD + b"older", "bad: older", generation=7, later=-5)
    _copy(ring["second"], bob, GOOD, "good", number=2, generation=8)
    _held(ring["second"], bob, "fetch: 8")
    stage.alive()


@scenario(
    "storing-peer/stray-copies",
    what="Copies come from a peer far away, from a client, and of what the subject should not hold.",
    role=ROLE,
)
def stray_copies(stage: OverlayStage) -> None:
    """The right predecessor then stores a copy of the same."""
    ring = _ring(stage)
    ann, carl = owner(stage, "ann", SINGLE_USER, within=OF_BEFORE), owner(stage, "carl", SINGLE_USER, within=OF_FAR)
    client = stage.peer("client", turn=0.6)
    client.connect()
    _copy(ring["far"], ann, BAD + b"of a far peer", "bad: sender")
    _copy(client, ann, BAD + b"of a client", "bad: sender")
    _copy(ring["before"], carl, BAD + b"of another arc", "bad: resource")
    _copy(ring["before"], ann, GOOD, "good")
    _held(ring["before"], ann, "fetch")
    _held(ring["before"], carl, "fetch: none")
    stage.alive()


@scenario(
    "storing-peer/forged-copies", what="The right predecessor brings copies that their owner has not signed.", role=ROLE
)
def forged_copies(stage: OverlayStage) -> None:
    """Signed by the predecessor itself, by a stranger, and with a signature that does not hold."""
    ring = _ring(stage)
    ann, eve = owner(stage, "ann", SINGLE_USER, within=OF_BEFORE), owner(stage, "eve")
    before = ring["before"]
    _copy(before, ann, GOOD, "good")
    _copy(before, ann, BAD + b"of the peer", "bad", later=1, sealing=Sealing(by=before.identity))
    _copy(before, ann, BAD + b"of a stranger", "bad", later=1, sealing=Sealing(by=eve.identity))
    _copy(before, ann, BAD + b"of a turned bit", "bad", later=1, sealing=Sealing(by=ann.identity, spoilt=True))
    _held(before, ann, "fetch")
    stage.alive()
