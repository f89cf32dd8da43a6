"""A request for two phones that its caller sends again (RFC 3261, section 16.1)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene
from conformance.live.stage import Stage
from conformance.live.wants import final, provisional

PROXY = "proxy"


@scenario("proxy/fork-copies", what="An INVITE for two phones is sent again while they ring.", role=PROXY)
def fork_copies(stage: Stage) -> None:
    """Both refuse at last."""
    scene = Scene(stage, 2, caller="udp")
    invite = scene.called()
    arrived = [scene.reached(phone) for phone in scene.phones]
    for phone, message in zip(scene.phones, arrived, strict=True):
        phone.respond(message, 180)
    scene.caller.expect(provisional(180, to=invite))
    stage.wait(0.2)
    scene.caller.put(invite.received, label="call")
    stage.wait(1.0)
    for phone, message in zip(scene.phones, arrived, strict=True):
        phone.respond(message, 486)
        scene.settle()
    scene.caller.expect(final(to=invite))
    scene.done()
