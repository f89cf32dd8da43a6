"""A subject that runs on keeps what an earlier scenario, or run, made it work by: here it is brought back to the overlay's own document."""

from __future__ import annotations

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.live.network.wire import WireFault
from conformance.live.overlay import writing
from conformance.live.overlay.document import Document
from conformance.live.overlay.stage import OverlayStage
from conformance.live.wants import HarnessFault, NotSeen

UPDATES = 65535
"""The sequence with which a ConfigUpdate is taken whatever the receiver works by; sequences are counted modulo it (section 6.3.2.1)."""
CALM, AGAIN = 40.0, 1.5
"""Seconds that a subject is given for finding back to itself, and after which it is asked again."""


def settled(stage: OverlayStage) -> Document | None:
    """The overlay's document with the sequence that the subject works by; None where that cannot be found out.

    The stage is of no more use.  A subject whose document is another one gets the overlay's own, one newer.
    """
    document = stage.overlay.document
    try:
        probe = stage.peer("settler")
        probe.connect()
        _calm(stage)
        sequence = _sequence(stage)
        if sequence == document.sequence:
            return document
        following = document.changed(sequence=(sequence + 1) % UPDATES, bootstrap=[stage.subject.address])
        body: dict[str, Json] = {"type": "config", "config_data": following.octets().hex()}
        update = probe.request("ConfigUpdateReq", body, configuration_sequence=UPDATES)
        probe.send(update)
        probe.success(update)
        return following
    except (NotSeen, HarnessFault, WireFault):
        return None
    finally:
        stage.tidy()
        stage.close()


def _calm(stage: OverlayStage) -> None:
    """Let a subject whose neighbours of the scenario before have gone find out that it is alone: then it answers for its own place."""
    probe, place = stage.peer("settler"), stage.subject.node_id
    limit = stage.now + CALM * stage.scale
    while stage.now < limit:
        ask = probe.request("FindReq", {"resource": place.hex(), "kinds": []}, to=[writing.resource(place)])
        probe.send(ask)
        try:
            probe.reply(ask, AGAIN)
        except NotSeen:
            continue
        return


def _sequence(stage: OverlayStage) -> int:
    """What the subject writes into an answer, be it an error."""
    probe = stage.peer("settler")
    ask = probe.request("PingReq", {"padding": ""})
    probe.send(ask)
    return rules.number(probe.reply(ask).message.header["configuration_sequence"])
