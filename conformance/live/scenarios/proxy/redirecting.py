"""A redirect server: it says where to go, and goes nowhere itself (RFC 3261, section 8.3)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt, offer
from conformance.live.scenarios.user_agent.steps import cancelling
from conformance.live.stage import Stage
from conformance.live.wants import final

PROXY = "proxy"


@scenario("proxy/redirects", what="A redirect server is asked in ways that it does not know.", role=PROXY)
def redirects(stage: Stage) -> None:
    """A plain request, one that requires what nobody knows, one with a header and one of a method that nobody knows."""
    stage.configure(redirects=True)
    scene = Scene(stage)
    strange = [("Require", "nobody-knows"), ("X-Nobody-Knows", 'a;b="c,d"')]
    for method, headers in (
        ("OPTIONS", []),
        ("OPTIONS", strange[:1]),
        ("OPTIONS", strange[1:]),
        ("NEWMETHOD", strange),
    ):
        ask = scene.asked(method, headers=headers, label="redirected")
        attempt(scene.caller, final(to=ask))
    scene.done()


@scenario("proxy/redirect-cancelled", what="A request to a redirect server is cancelled.", role=PROXY)
def redirect_cancelled(stage: Stage) -> None:
    """INVITE, and CANCEL with it."""
    stage.configure(redirects=True)
    scene = Scene(stage)
    scene.caller.acknowledges = False
    call = scene.caller.request("INVITE", scene.record, body=offer(scene.caller))
    scene.caller.send(call, label="redirected", once=True)
    cancelling(scene.caller, call, label="cancelled")
    for answer in [one for one in scene.caller.queue if (one.status or 0) >= 300]:
        scene.caller.ack_refusal(call, answer)
    scene.done()
