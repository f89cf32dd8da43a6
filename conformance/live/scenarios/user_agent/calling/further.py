"""Further ladders of a subject that calls: numbers, redirections, reliable responses, transfers (RFC 3261, 3262, 3515)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import ask, attempt, call, called, description, hang_up, settle, taken
from conformance.live.stage import Stage
from conformance.live.wants import request

AGENT = "user-agent"
TOLD = ("trigger",)


@scenario("user-agent/called-first-number", what="The callee's first request in a call of the subject has a high number, the second a lower one.",
          role=AGENT, needs=TOLD)  # fmt: skip
def called_first_number(stage: Stage) -> None:
    """INVITE 7000 in the dialog, then INVITE 6000, then BYE 7001."""
    callee = stage.party("callee")
    _, _, dialog = taken(callee)
    for number, label in ((7000, "first-number"), (6000, "late")):
        ask(callee, dialog.request("INVITE", number=number, body=description(callee, version=number)), label=label)
    dialog.number = 7000
    hang_up(dialog)


@scenario(
    "user-agent/contact-outside",
    what="The Contact that the subject gives in a call is asked outside of it.",
    role=AGENT,
)
def contact_outside(stage: Stage) -> None:
    """OPTIONS to the address of the 2xx, by another party; BYE."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    ask(other, other.request("OPTIONS", dialog.target), label="to-contact")
    hang_up(dialog)


@scenario("user-agent/redirected-once", what="A redirection without expiry, and then another call to the same address.", role=AGENT,
          needs=TOLD)  # fmt: skip
def redirected_once(stage: Stage) -> None:
    """The second call goes to the old address first."""
    callee, other = stage.party("callee"), stage.party("other")
    asked = called(callee)
    callee.respond(asked, 302, [("Contact", other.contact)], label="moved")
    attempt(callee, request("ACK"))
    again = attempt(other, request("INVITE"), 2.0)
    if again is not None:
        other.respond(again, 486)
        attempt(other, request("ACK"))
    stage.wait(0.5)
    stage.trigger("invite", uri=callee.contact_uri)
    later = attempt(callee, request("INVITE"), 3.0)
    if later is not None:
        callee.respond(later, 486, label="called-again")
        attempt(callee, request("ACK"))


@scenario(
    "user-agent/called-rseq-gap", what="Reliable provisional responses of which one is missing.", role=AGENT, needs=TOLD
)
def called_rseq_gap(stage: Stage) -> None:
    """180 with RSeq 1, then 183 with RSeq 3; the call is taken. A subject without the extension never says it supports it."""
    callee = stage.party("callee")
    asked = called(callee)
    if "100rel" in "".join(asked.lines("supported") + asked.lines("require")):
        for status, number in ((180, 1), (183, 3)):
            callee.respond(asked, status, [("Require", "100rel"), ("RSeq", str(number))], label=f"rseq-{number}")
            prack = attempt(callee, request("PRACK"), 1.0)
            if prack is not None:
                callee.respond(prack, 200)
    answer = callee.respond(asked, 200, body=description(callee), label="accepted")
    settle(callee, asked, answer)


@scenario(
    "user-agent/subject-refers", what="The subject transfers a call that came by a route.", role=AGENT, needs=TOLD
)
def subject_refers(stage: Stage) -> None:
    """Its REFER goes by the route; a NOTIFY comes before the 202 to it; BYE."""
    caller = stage.party("caller")
    dialog = call(caller, headers=[("Record-Route", f"<sip:{caller.uri.rpartition('@')[2]};lr>")])
    dialog.routes = []
    stage.trigger("refer", uri="sip:carol@192.0.2.88")
    for _ in range(3):
        theirs = caller.expect(request("REFER", "INVITE"), 2 * stage.budget)
        if theirs.method == "REFER":
            break
        caller.respond(theirs, 200, body=description(caller, version=2))
        caller.expect(request("ACK"))
    rows = [
        ("Event", "refer"),
        ("Subscription-State", "active;expires=60"),
        ("Content-Type", "message/sipfrag;version=2.0"),
    ]
    notify = dialog.request("NOTIFY", headers=rows, body=b"SIP/2.0 100 Trying\r\n")
    caller.send(notify, label="early-notify")
    stage.wait(0.3)
    caller.respond(theirs, 202)
    stage.wait(0.5)
    rows[1] = ("Subscription-State", "terminated;reason=noresource")
    ask(caller, dialog.request("NOTIFY", headers=rows, body=b"SIP/2.0 486 Busy Here\r\n"), label="last-notify")
    stage.wait(0.5)
    bye = attempt(caller, request("BYE"), 0.5)
    if bye is not None:
        caller.respond(bye, 200)
        dialog.ended = True
    else:
        hang_up(dialog)
