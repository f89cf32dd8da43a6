"""Calls by TCP and by TLS, of both sides (RFC 3261, sections 12.1.1, 17 and 18)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt, automatic, description, hang_up, refused_late
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import final, request

AGENT = "user-agent"


@scenario(
    "user-agent/called-on-stream",
    what="The subject calls by TCP, and nobody answers for some seconds.",
    role=AGENT,
    needs=("trigger",),
)
def called_on_stream(stage: Stage) -> None:
    """One INVITE and no copy; it is refused at last."""
    callee = stage.party("callee", transport="tcp")
    stage.trigger("invite", uri=callee.contact_uri)
    asked = callee.expect(request("INVITE"), 2 * stage.budget)
    stage.wait(4.0)
    callee.respond(asked, 486)
    attempt(callee, request("ACK"))


@scenario("user-agent/refused-on-stream", what="An INVITE by TCP is refused, and the ACK comes late.", role=AGENT)
def refused_on_stream(stage: Stage) -> None:
    """No copy of the refusal."""
    automatic(stage)
    caller = stage.party("caller", transport="tcp")
    refused_late(caller)
    stage.wait(0.5)


@scenario("user-agent/called-secure", what="The subject calls a SIPS URI.", role=AGENT, needs=("trigger",))
def called_secure(stage: Stage) -> None:
    """By TLS; its Contact is a SIPS URI, and BYE ends the call."""
    callee = stage.party("callee", transport="tls")
    stage.trigger("invite", uri=f"sips:callee@{hostport(callee.end)}")
    asked = callee.expect(request("INVITE"), 2 * stage.budget)
    contact = [("Contact", f"<sips:callee@{hostport(callee.end)}>")]
    answer = callee.respond(asked, 200, contact, body=description(callee), label="accepted")
    attempt(callee, request("ACK"))
    dialog = callee.dialog(asked, answer)
    stage.wait(0.3)
    hang_up(dialog)


@scenario("user-agent/call-secure", what="A call to the subject's SIPS URI.", role=AGENT)
def call_secure(stage: Stage) -> None:
    """By TLS; the Contact of the 2xx is a SIPS URI."""
    automatic(stage)
    caller = stage.party("caller", transport="tls")
    uri = f"sips:{stage.subject.uri.partition(':')[2].partition(';')[0]}"
    rows = [("Contact", f"<sips:caller@{hostport(caller.end)}>")]
    message = caller.request("INVITE", uri, headers=rows, body=description(caller))
    caller.send(message)
    dialog = caller.ack(message, caller.expect(final(200, to=message), 2 * stage.budget))
    assert dialog is not None
    stage.wait(0.3)
    hang_up(dialog)
