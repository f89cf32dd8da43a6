"""The subject is a peer of a ring for a while (RFC 6940, section 10.7.4)."""

from __future__ import annotations

from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import FOUR

ROLE = "peer"
UPDATE, PING = 60, 120
"""chord-update-interval and chord-ping-interval, in seconds."""
GAP = {"ada": 0.04, "bob": 0.1, "cleo": 0.2, "gwen": 0.6, "hugo": 0.8, "ines": 0.95}
"""Nobody is a quarter of the ring away: one finger is invalid."""
WHILE = 1800.0
"""Fifteen of the longer intervals."""
LONG = 21600.0
"""Six of the intervals of a peer that is not told of others, as they are by default."""


@scenario(
    "peer/intervals",
    what="Nothing happens for half an hour, in a ring in which one finger is nobody.",
    role=ROLE,
    slow=True,
    needs=("start",),
)
def intervals(stage: OverlayStage) -> None:
    """Then a peer is there that could be the finger; nobody tells the subject of it."""
    ring = Surrounding(stage, GAP)
    ring.join([stage.peer("gwen")], document=stage.overlay.document.changed(update=UPDATE, ping=PING))  # type: ignore[arg-type]
    ring.tells = False
    stage.wait(WHILE)
    ring.add("dora", 0.49)
    ring.tells = True
    stage.wait(WHILE)
    stage.alive()


@scenario("peer/divided", what="The bootstrap node is a part of another ring, whose peer behind the subject's place is not the subject's.",
          role=ROLE, slow=True, needs=("start",))  # fmt: skip
def divided(stage: OverlayStage) -> None:
    """It was not so when the subject joined; six hours pass."""
    ring = Surrounding(stage, FOUR)
    boot, sue = stage.peer("boot", turn=0.5), stage.peer("sue", turn=0.1)
    ring.join([boot], document=stage.overlay.document.changed(update=600, ping=3600))  # type: ignore[arg-type]
    ring.divide(boot, sue)
    stage.wait(LONG)
    stage.alive()
