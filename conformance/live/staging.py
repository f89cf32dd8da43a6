"""The stage on which a scenario is played with a subject behind an adapter, by the role."""

from __future__ import annotations

from functools import cache

from conformance.live.network.conversation import Conversation
from conformance.live.network.virtual import VirtualNetwork
from conformance.live.overlay import virtual
from conformance.live.overlay.authority import Authority, Overlay, found
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.overlay.virtual import VirtualLinks
from conformance.live.scenario import Scenario
from conformance.live.stage import Stage
from conformance.live.subject import LiveSubject

MIDDLE = bytes([0x80, *range(1, 16)])
"""The Node-ID of a subject in virtual time."""


@cache
def _root() -> Authority:
    """The root of all overlays of virtual time."""
    return found(virtual.START, "virtual time")


def virtual_stage(one: Scenario, subject: LiveSubject, conversation: Conversation) -> Stage | OverlayStage:
    """A stage with a node that is new; raises NotClaimed, WireFault."""
    if one.protocol == "sip":
        return Stage(subject, VirtualNetwork(conversation, subject, one.role))
    overlay = Overlay(virtual.START, root=_root())
    transport = subject.transport if subject.transport in ("tls", "dtls") else "tls"
    identity = overlay.certify("subject@" + overlay.name, [MIDDLE])
    known = OverlaySubject(address=virtual.SUBJECT, transport=transport, roles=(one.role,), identity=identity)
    return OverlayStage(known, VirtualLinks(conversation, one.role), overlay)
