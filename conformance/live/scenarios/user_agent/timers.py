"""What is sent again, how often, and when it ends: long timers (RFC 3261, sections 17.1.2 and 17.2.1)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import description, taken
from conformance.live.stage import Stage
from conformance.live.wants import final, request

AGENT = "user-agent"
LASTING = 40.0
"""Seconds: more than 64*T1."""


@scenario("user-agent/refusal-never-acknowledged", what="The ACK of a refusal never comes.", role=AGENT, slow=True)
def refusal_never_acknowledged(stage: Stage) -> None:
    """The refusal comes again and again, and then no more."""
    caller = stage.party("caller", transport="udp")
    caller.acknowledges = caller.absorbs = False
    message = caller.request("INVITE", headers=[("Require", "nothing-i-support")], body=description(caller))
    caller.send(message, label="refused")
    answer = caller.expect(final(to=message), 2 * stage.budget)
    if (answer.status or 0) < 300:
        caller.ack(message, answer)
        return
    caller.silence(LASTING)
    stage.alive(caller)


@scenario(
    "user-agent/bye-unanswered", what="The subject's BYE is never answered.", role=AGENT, slow=True, needs=("trigger",)
)
def bye_unanswered(stage: Stage) -> None:
    """It is sent again and again, and then no more."""
    callee = stage.party("callee", transport="udp")
    callee.absorbs = False
    taken(callee)[2].ended = True
    stage.trigger("bye")
    callee.expect(request("BYE"))
    callee.silence(LASTING)
    stage.alive(callee)


@scenario(
    "user-agent/bye-proceeding", what="The subject's BYE gets a provisional answer, and a final one late.", role=AGENT, slow=True,
    needs=("trigger",),
)  # fmt: skip
def bye_proceeding(stage: Stage) -> None:
    """It is sent again every T2, until the final answer."""
    callee = stage.party("callee", transport="udp")
    callee.absorbs = False
    taken(callee)[2].ended = True
    stage.trigger("bye")
    bye = callee.expect(request("BYE"))
    callee.respond(bye, 100)
    callee.silence(14.0)
    callee.respond(bye, 200)
    callee.silence(6.0)
    stage.alive(callee)
