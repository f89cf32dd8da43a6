"""Documents that are newer, older, wrongly signed; who is behind (RFC 6940, sections 6.5.4 and 11.1)."""

from __future__ import annotations

from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.stage import OverlayStage
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.configuring.updating import (
    FRESH,
    adopted,
    config_update,
    looked_up,
    update,
    with_fresh,
)

ROLE = "peer"


@scenario("peer/config-behind", what="A node asks by an older configuration, and is told of the newer one.", role=ROLE)
def config_behind(stage: OverlayStage) -> None:
    """The node is sent the document that the subject works by."""
    ann = stage.peer("ann")
    ann.connect()
    older = stage.overlay.document.sequence - 1
    ask = ann.request("PingReq", {"padding": ""}, configuration_sequence=older)
    ann.send(ask, label="behind")
    ann.request_of("ConfigUpdateReq")
    stage.alive()


@scenario("peer/config-newer", what="A newer document comes, with one Kind more.", role=ROLE)
def config_newer(stage: OverlayStage) -> None:
    """What is asked for then is that Kind."""
    ann = stage.peer("ann")
    ann.connect()
    looked_up(ann, FRESH, "before")
    adopted(ann, with_fresh(stage.overlay.document), "newer")
    looked_up(ann, FRESH, "after")
    looked_up(ann, SINGLE_USER, "after")
    stage.alive()


@scenario(
    "peer/config-refused",
    what="Documents come that are not newer, or wrongly signed, and at last a good one.",
    role=ROLE,
)
def config_refused(stage: OverlayStage) -> None:
    """After each the subject is asked for the Kind that it would have brought."""
    ann = stage.peer("ann")
    ann.connect()
    known = stage.overlay.document
    newer = with_fresh(known)
    stranger = stage.overlay.certify("stranger@" + stage.overlay.name)
    signature = newer.octets(by=stranger).partition(b"<signature>")[2].partition(b"</signature>")[0]
    cases = {
        "older": with_fresh(known, sequence=known.sequence - 1).octets(),
        "of the same number": with_fresh(known, sequence=known.sequence).octets(),
        "of another signer": newer.octets(by=stranger),
        "unsigned": newer.octets().replace(b"<signature>", b"<!--").replace(b"</signature>", b"-->"),
        "changed": newer.octets().replace(b"2090-01-01", b"2091-01-01"),
        "of another overlay": newer.octets().replace(
            f'instance-name="{known.name}"'.encode(), b'instance-name="elsewhere.example.net"'
        ),
        "no document": b"<overlay/>" + signature,
    }
    for label, octets in cases.items():
        update(ann, config_update(ann, octets), label)
        looked_up(ann, FRESH, "still")
    adopted(ann, newer, "good")
    looked_up(ann, FRESH, "after")
    stage.alive()
