"""INFO, UPDATE, PRACK and Replaces (RFC 6086, 3311, 3262, 3891)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import ask, attempt, call, cancelling, description, hang_up, manual
from conformance.live.stage import Stage
from conformance.live.wants import NotSeen, final, provisional, request

AGENT = "user-agent"


@scenario(
    "user-agent/info",
    what="INFO inside a call: without package, of an unknown package, of an unknown type.",
    role=AGENT,
)
def info(stage: Stage) -> None:
    """Then BYE, which shows that the call stands."""
    caller = stage.party("caller")
    dialog = call(caller, headers=[("Recv-Info", "")])
    ask(caller, dialog.request("INFO"), label="info-plain")
    rows = [("Info-Package", "nobody-knows"), ("Content-Type", "text/plain"), ("Content-Disposition", "Info-Package")]
    ask(caller, dialog.request("INFO", headers=rows, body=b"x"), label="info-unknown-package")
    ask(
        caller,
        dialog.request("INFO", headers=[("Content-Type", "application/x-nobody-knows")], body=b"x"),
        label="info-type",
    )
    hang_up(dialog)


@scenario("user-agent/update", what="UPDATE inside a call: unchanged, changed, unusable, without an offer.", role=AGENT)
def update(stage: Stage) -> None:
    """OPTIONS for its Allow; then BYE."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    dialog = call(caller)
    ask(caller, dialog.request("UPDATE"), label="update-empty")
    ask(
        caller, dialog.request("UPDATE", body=description(caller, version=2, direction="sendonly")), label="update-hold"
    )
    media = ["m=audio 40000 RTP/AVP 96", "a=rtpmap:96 X-NOBODY-KNOWS/8000"]
    ask(caller, dialog.request("UPDATE", body=description(caller, version=3, media=media)), label="update-unusable")
    ask(caller, dialog.request("UPDATE", body=description(caller, version=4)), label="update-usable")
    hang_up(dialog)


@scenario("user-agent/update-crossing", what="Two UPDATEs with offers at once; an UPDATE while the subject's re-INVITE is open.", role=AGENT,
          needs=("trigger",))  # fmt: skip
def update_crossing(stage: Stage) -> None:
    """The subject's own offer is answered at last; BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    stage.trigger("hold")
    theirs = caller.expect(request("INVITE"), 2 * stage.budget)
    ask(caller, dialog.request("UPDATE", body=description(caller, version=2)), label="update-crossing")
    caller.respond(theirs, 200, body=description(caller, version=3, direction="recvonly"))
    attempt(caller, request("ACK"))
    hang_up(dialog)


@scenario("user-agent/reliable-required", what="An INVITE that requires reliable provisional responses.", role=AGENT)
def reliable_required(stage: Stage) -> None:
    """420, or a reliable 18x, whose PRACK is answered; the call is cancelled."""
    caller = stage.party("caller")
    manual(stage)
    message = caller.request("INVITE", headers=[("Require", "100rel")], body=description(caller))
    caller.send(message, label="reliable")
    early = attempt(caller, provisional(180, 183, to=message))
    if early is not None and early.has("rseq"):
        dialog = caller.dialog(message, early)
        rack = f"{early.lines('rseq')[0]} {message.lines('cseq')[0]}"
        wrong = f"{int(early.lines('rseq')[0]) + 7} {message.lines('cseq')[0]}"
        ask(caller, dialog.request("PRACK", headers=[("RAck", wrong)]), label="prack-wrong")
        ask(caller, dialog.request("PRACK", headers=[("RAck", rack)]), label="prack")
        stage.wait(1.5)
        dialog.ended = True
    cancelling(caller, message)
    attempt(caller, final(to=message))
    stage.alive(caller)


@scenario("user-agent/stray-prack", what="A PRACK in a call without any reliable response.", role=AGENT)
def stray_prack(stage: Stage) -> None:
    """481 where PRACK is known."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    dialog = call(caller)
    ask(caller, dialog.request("PRACK", headers=[("RAck", "1 1 INVITE")]), label="stray-prack")
    hang_up(dialog)


@scenario("user-agent/replaces", what="An INVITE that takes the place of a call.", role=AGENT)
def replaces(stage: Stage) -> None:
    """The new call stands, and the old one is ended by the subject; or the INVITE is refused."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    to_tag, from_tag = dialog.remote.partition(";tag=")[2], dialog.local.partition(";tag=")[2]
    if not to_tag:
        raise NotSeen("the call has no tag of the subject, so that no INVITE can name it")
    value = f"{dialog.call_id};to-tag={to_tag};from-tag={from_tag}"
    rows = [("Require", "replaces"), ("Replaces", value)]
    answer = ask(other, other.request("INVITE", headers=rows, body=description(other)), label="replaces")
    bye = attempt(caller, request("BYE"), 2.0)
    if bye is not None:
        caller.respond(bye, 200)
        dialog.ended = True
    else:
        hang_up(dialog)
    if answer is not None and answer.status == 200:
        hang_up(other.dialogs[-1])


@scenario(
    "user-agent/replaces-nothing", what="An INVITE that would take the place of a call which is not there.", role=AGENT
)
def replaces_nothing(stage: Stage) -> None:
    """481 where Replaces is known; two Replaces are 400."""
    caller = stage.party("caller")
    value = ("Replaces", "nothing-like-it@example.org;to-tag=a1;from-tag=b2")
    for rows, label in (([value], "replaces-nothing"), ([value, value], "replaces-twice")):
        message = caller.request("INVITE", headers=[("Require", "replaces"), *rows], body=description(caller))
        answer = ask(caller, message, label=label, malformed=len(rows) > 1)
        if answer is not None and answer.status == 200:
            hang_up(caller.dialogs[-1])
    stage.alive(caller)
