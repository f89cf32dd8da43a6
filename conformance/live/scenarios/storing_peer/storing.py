"""A value is stored, fetched and changed (RFC 6940, section 7.4.1)."""

from __future__ import annotations

from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch, signed, stored
from conformance.live.overlay.writing import single
from conformance.live.scenario import scenario

ROLE = "storing-peer"


@scenario("storing-peer/single-value", what="A value is stored by its user, fetched, and stored anew.", role=ROLE)
def single_value(stage: OverlayStage) -> None:
    """The generation and what is fetched can be seen."""
    ann = stage.peer("ann")
    ann.connect()
    stored(ann, SINGLE_USER, [signed(ann, SINGLE_USER, single(b"one"))], label="first")
    fetch(ann, SINGLE_USER, label="fetch")
    stored(ann, SINGLE_USER, [signed(ann, SINGLE_USER, single(b"two"), later=1.0)], label="second")
    fetch(ann, SINGLE_USER, label="fetch again")
