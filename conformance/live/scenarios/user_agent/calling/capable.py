"""What the subject says that it can do against what it does; credentials in one dialog and the next (RFC 3264, section 9; RFC 3261, section 22.3)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import ask, attempt, automatic, called, description, hang_up
from conformance.live.stage import Stage
from conformance.live.wants import final, request

AGENT = "user-agent"


@scenario(
    "user-agent/capabilities-and-offer",
    what="The capabilities are asked for; then a call lets the subject make the offer.",
    role=AGENT,
)
def capabilities_and_offer(stage: Stage) -> None:
    """OPTIONS; INVITE without a description, an answer in the ACK; BYE."""
    automatic(stage)
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS", headers=[("Accept", "application/sdp")]))
    message = caller.request("INVITE")
    caller.send(message)
    answer = caller.expect(final(200, to=message), 2 * stage.budget)
    dialog = caller.ack(message, answer, body=description(caller), headers=[("Content-Type", "application/sdp")])
    stage.wait(0.3)
    if dialog is not None:
        hang_up(dialog)


@scenario("user-agent/challenged-again", what="A proxy challenges a call of the subject, and then the subject calls again.", role=AGENT,
          needs=("trigger", "credentials"))  # fmt: skip
def challenged_again(stage: Stage) -> None:
    """The second call comes without credentials for the proxy."""
    callee = stage.party("callee")
    asked = called(callee)
    realm = stage.subject.domain or "example.org"
    challenge = f'Digest realm="{realm}", nonce="nonce-of-the-first-call", algorithm=MD5, qop="auth"'
    callee.respond(asked, 407, [("Proxy-Authenticate", challenge)], label="challenge")
    attempt(callee, request("ACK"))
    proved = attempt(callee, request("INVITE"), 2.0)
    if proved is not None:
        callee.respond(proved, 486)
        attempt(callee, request("ACK"))
    stage.trigger("invite", uri=callee.contact_uri)
    later = callee.expect(request("INVITE"), 2 * stage.budget)
    callee.respond(later, 486, label="later")
    attempt(callee, request("ACK"))
