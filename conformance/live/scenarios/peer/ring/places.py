"""Rings that several scenarios have: peers by their names, and how far each is behind the subject, in turns."""

from __future__ import annotations

from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.joining import distance
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import signed, stored
from conformance.live.overlay.writing import resource_id, single
from conformance.live.wants import HarnessFault

MOST_NAMES = 10_000
"""Names that are tried until one belongs where it is wanted."""
NINE = {
    "ada": 0.04, "bob": 0.1, "cleo": 0.2, "dora": 0.3, "emil": 0.45, "finn": 0.6, "gwen": 0.7, "hugo": 0.8, "ines": 0.95,
}  # fmt: skip
"""Three successors, three peers that are no neighbours of the subject, three predecessors."""
FOUR = {"ada": 0.2, "bob": 0.4, "cleo": 0.6, "dora": 0.8}


def somebody(stage: OverlayStage, name: str, low: float, high: float) -> Peer:
    """A client whose user's Resource-ID lies between two places, in turns behind the subject."""
    least, most = (distance(stage.subject.node_id, stage.place(turn)) for turn in (low, high))
    for number in range(MOST_NAMES):
        user = f"{name}{number}@{stage.overlay.name}"
        if least < distance(stage.subject.node_id, resource_id(user)) < most:
            return stage.peer(name, user=user)
    raise HarnessFault(f"no user of {MOST_NAMES} belongs between {low} and {high}")


def keeps(client: Peer, label: str) -> None:
    """Connect a client, and store a value of its user."""
    client.connect()
    stored(client, SINGLE_USER, [signed(client, SINGLE_USER, single(client.name.encode()))], label=label)
