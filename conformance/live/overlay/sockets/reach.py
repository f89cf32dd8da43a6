"""Whether a node is there at all, and one of this overlay, found out before the first scenario."""

from __future__ import annotations

from conformance.lab.certificates import read_certificate
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import LabRefusal
from conformance.live.overlay.framing import FramedLink
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.wire import CLOSED
from conformance.live.subject import shown
from conformance.live.wants import NotSeen

LOOKS = 0.5
"""Seconds for which a link is watched: who does not like a certificate closes it behind the handshake."""


def unreachable(stage: OverlayStage) -> str:
    """Why nothing can be played with the subject; the stage is of no more use."""
    try:
        probe = stage.peer("probe")
        link = probe.dial()
        stage.until(lambda: link.open or link.closed, stage.budget)
        if link.open:
            stage.until(lambda: link.closed, LOOKS)
        if link.open and not link.closed:
            return _stranger(stage, link) or _unknown(stage, link)
        return _why(stage, probe)
    except NotSeen as fault:
        return str(fault)
    finally:
        stage.close()


def _unknown(stage: OverlayStage, link: FramedLink) -> str:
    """Who it is, where only its certificate tells; why it is nobody of the overlay."""
    if stage.subject.identity is not None:
        return ""
    place = shown(stage.subject.address)
    try:
        read = read_certificate(
            link.certificates[0] if link.certificates else b"", Context(overlay_name=stage.overlay.name)
        )
    except LabRefusal as refusal:
        return f"{place} shows no certificate of {stage.overlay.name}: {refusal}"
    if not read.node_ids:
        return f"{place} shows a certificate without a Node-ID"
    stage.subject.known_as = read.node_ids[0]
    return ""


def _why(stage: OverlayStage, probe: Peer) -> str:
    """What is known of a link that has come to nothing."""
    place = shown(stage.subject.address)
    told = [one.facts for one in stage.record.notes if one.facts and one.facts.get("what") == CLOSED]
    why = str(told[-1].get("remark", "")) if told else ""
    transport = stage.transport.upper()
    if "refused" in why:
        return f"nothing listens for {transport} at {place}: is the subject running, and is this its address?"
    opened = any(one.open for one in probe.links.values())
    if opened:
        return (
            f"{place} closes the link behind the handshake ({why or 'no reason'}): does it trust root.pem of the overlay, "
            "and has it configuration.xml?"
        )
    return f"no {transport} handshake with {place}: {why or 'it says nothing'}"


def _stranger(stage: OverlayStage, link: FramedLink) -> str:
    """Who shows another certificate than the overlay's."""
    identity = stage.subject.identity
    if identity is None or identity.certificate in link.certificates[:1]:
        return ""
    place, wanted = shown(stage.subject.address), identity.node_id.hex()
    if not link.certificates:
        return f"{place} shows no certificate"
    try:
        read = read_certificate(link.certificates[0], Context(overlay_name=stage.overlay.name))
        seen = ", ".join(one.hex() for one in read.node_ids) or "nobody"
    except LabRefusal as refusal:
        seen = f"no node of {stage.overlay.name} ({refusal})"
    return f"{place} shows a certificate of {seen}; that of the overlay's subject, {wanted}, stands in subject.pem"
