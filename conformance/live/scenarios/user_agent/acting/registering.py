"""The subject registers with the harness (RFC 3261, section 10.2)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.acting.steps import bindings, challenge, registering, time_asked
from conformance.live.scenarios.user_agent.steps import attempt
from conformance.live.stage import Stage
from conformance.live.wants import request

AGENT = "user-agent"
TOLD = ("trigger",)


@scenario(
    "user-agent/registers",
    what="The subject registers for a minute, and takes its registration back.",
    role=AGENT,
    needs=TOLD,
)
def registers(stage: Stage) -> None:
    """200 with 120 seconds; the refresh before they are over; then the removal."""
    registrar = stage.party("registrar")
    asked = registering(registrar)
    registrar.respond(asked, 200, bindings(asked, 120), label="bound")
    again = attempt(registrar, request("REGISTER"), 121.0) if stage.virtual else None
    if again is not None:
        registrar.respond(again, 200, bindings(again, 120), label="bound")
    stage.trigger("unregister")
    last = attempt(registrar, request("REGISTER"))
    if last is not None:
        registrar.respond(last, 200, label="removed")
    stage.wait(1.0)


@scenario("user-agent/registers-proving", what="The registrar asks the subject who it is, and asks again because the nonce is old.", role=AGENT,
          needs=("trigger", "credentials"))  # fmt: skip
def registers_proving(stage: Stage) -> None:
    """401, 401 with stale, 200; then the removal."""
    registrar = stage.party("registrar")
    domain = stage.subject.domain
    asked = registering(registrar)
    for number, more in ((1, ""), (2, ", stale=true")):
        value = challenge(domain, f"{number}-nonce-of-the-harness", parts=f'algorithm=MD5, qop="auth"{more}')
        registrar.respond(asked, 401, [("WWW-Authenticate", value)], label=f"asked-{number}")
        again = attempt(registrar, request("REGISTER"), 3.0)
        if again is None:
            return
        asked = again
    registrar.respond(asked, 200, bindings(asked, time_asked(asked)), label="bound")
    stage.trigger("unregister")
    last = attempt(registrar, request("REGISTER"))
    if last is not None:
        registrar.respond(last, 200, label="removed")


@scenario("user-agent/registers-in-vain", what="The registrar does not take the subject's password.", role=AGENT,
          needs=("trigger", "credentials"))  # fmt: skip
def registers_in_vain(stage: Stage) -> None:
    """401 to everything; the same credentials must not come again."""
    registrar = stage.party("registrar")
    asked = registering(registrar)
    for number in range(1, 5):
        value = challenge(stage.subject.domain, f"{number}-nonce-of-the-harness")
        registrar.respond(asked, 401, [("WWW-Authenticate", value)], label="rejected")
        again = attempt(registrar, request("REGISTER"), 3.0)
        if again is None:
            break
        asked = again
    stage.wait(1.0)
    stage.alive(stage.party("caller"))


@scenario("user-agent/registers-too-briefly", what="The registrar wants longer registrations.", role=AGENT, needs=TOLD)
def registers_too_briefly(stage: Stage) -> None:
    """423 with ten times of what was asked for, then 200."""
    registrar = stage.party("registrar")
    asked = registering(registrar)
    least = 10 * time_asked(asked)
    registrar.respond(asked, 423, [("Min-Expires", str(least))], label="too-brief")
    again = attempt(registrar, request("REGISTER"), 3.0)
    if again is not None:
        registrar.respond(again, 200, bindings(again, least), label="bound")
    stage.trigger("unregister")
    last = attempt(registrar, request("REGISTER"), 1.0)
    if last is not None:
        registrar.respond(last, 200, label="removed")


@scenario(
    "user-agent/registers-nowhere", what="Nobody answers the subject's REGISTER.", role=AGENT, needs=TOLD, slow=True
)
def registers_nowhere(stage: Stage) -> None:
    """After 64*T1 it is over, and not tried again at once."""
    registrar = stage.party("registrar")
    registering(registrar)
    stage.wait(40.0)
    stage.alive(stage.party("caller"))


@scenario(
    "user-agent/registers-by-route",
    what="The answer to the subject's REGISTER has Record-Route.",
    role=AGENT,
    needs=TOLD,
)
def registers_by_route(stage: Stage) -> None:
    """It has no meaning there; the removal goes without Route."""
    registrar = stage.party("registrar")
    asked = registering(registrar)
    rows = [*bindings(asked, 600), ("Record-Route", "<sip:192.0.2.99;lr>")]
    registrar.respond(asked, 200, rows, label="bound")
    stage.wait(0.2)
    stage.trigger("unregister")
    last = attempt(registrar, request("REGISTER"), 2.0)
    if last is not None:
        registrar.respond(last, 200, label="removed")
    stage.wait(0.5)
    stage.alive(stage.party("caller"))


@scenario("user-agent/proves-by", what="Challenges of several kinds: another scheme, a new algorithm before an old one, none named, without qop.",
          role=AGENT, needs=("trigger", "credentials"))  # fmt: skip
def proves_by(stage: Stage) -> None:
    """Each is answered by a registration of its own with what the challenge asks for; stale, should there be credentials before."""
    registrar = stage.party("registrar")
    domain = stage.subject.domain
    kinds = {
        "first-known": [
            'Other realm="elsewhere", thing="x"',
            challenge(domain, "kind-1", parts='algorithm=X-NOBODY-KNOWS, qop="auth"'),
            challenge(domain, "kind-1", parts='algorithm=MD5, qop="auth"'),
        ],
        "without-qop": [challenge(domain, "kind-2", parts="algorithm=MD5, stale=true")],
        "without-algorithm": [challenge(domain, "kind-3", parts='opaque="a1b2c3", qop="auth,auth-int", stale=true')],
    }
    for label, values in kinds.items():
        asked = registering(registrar)
        registrar.respond(asked, 401, [("WWW-Authenticate", value) for value in values], label=label)
        again = attempt(registrar, request("REGISTER"), 3.0)
        if again is not None:
            registrar.respond(again, 403)
        stage.wait(0.5)
    stage.alive(stage.party("caller"))
