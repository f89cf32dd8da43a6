"""Methods of extensions: REFER, INFO, UPDATE, PRACK, Replaces (RFC 3515, 6086, 3311, 3262, 3891)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import ask, attempt, call, cancelling, description, hang_up, manual
from conformance.live.stage import Stage
from conformance.live.wants import final, provisional, request

AGENT = "user-agent"


@scenario("user-agent/refer-outside", what="REFER outside of dialogs: sound, without Refer-To, with two.", role=AGENT)
def refer_outside(stage: Stage) -> None:
    """OPTIONS for its Allow, then the three; whoever is called is let down."""
    caller, other = stage.party("caller"), stage.party("other")
    ask(caller, caller.request("OPTIONS"))
    target = f"<{other.contact_uri}>"
    ask(caller, caller.request("REFER"), label="no-target")
    ask(caller, caller.request("REFER", headers=[("Refer-To", target), ("Refer-To", "<sip:more@example.org>")]), malformed=True,
        label="two-targets")  # fmt: skip
    answer = ask(caller, caller.request("REFER", headers=[("Refer-To", target)]), label="refer")
    if answer is not None and (answer.status or 0) < 300:
        _referred(stage)
    stage.alive(caller)


@scenario("user-agent/refer-inside", what="REFER inside a call.", role=AGENT)
def refer_inside(stage: Stage) -> None:
    """202, NOTIFY, INVITE to the target, which refuses; NOTIFY of the end; BYE."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    refer = dialog.request("REFER", headers=[("Refer-To", f"<{other.contact_uri}>")])
    answer = ask(caller, refer, label="refer")
    if answer is not None and (answer.status or 0) < 300:
        _referred(stage)
    hang_up(dialog)


@scenario(
    "user-agent/refer-with-parts",
    what="REFER inside a call to a URI with a method, headers and unknown parameters.",
    role=AGENT,
)
def refer_with_parts(stage: Stage) -> None:
    """The INVITE keeps the parameters, and does not take over what must not be set by a URI."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    parts = "user=ip;keep=me?Via=SIP%2F2.0%2FUDP%20192.0.2.66&Call-ID=chosen-by-uri&Route=%3Csip:192.0.2.66%3Blr%3E&Subject=harmless"
    answer = ask(
        caller, dialog.request("REFER", headers=[("Refer-To", f"<{other.contact_uri};{parts}>")]), label="refer-parts"
    )
    if answer is not None and (answer.status or 0) < 300:
        _referred(stage)
    hang_up(dialog)


@scenario("user-agent/refer-method", what="REFER inside a call to a URI that names another method.", role=AGENT)
def refer_method(stage: Stage) -> None:
    """What the subject sends to the target is OPTIONS."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    answer = ask(
        caller,
        dialog.request("REFER", headers=[("Refer-To", f"<{other.contact_uri};method=OPTIONS>")]),
        label="refer-method",
    )
    if answer is not None and (answer.status or 0) < 300:
        theirs = attempt(other, request(), 3.0)
        if theirs is not None:
            other.answer(theirs, other.response(theirs, 486), malformed=True)
        _notified(stage)
    hang_up(dialog)


@scenario(
    "user-agent/refer-require",
    what="REFER inside a call to a URI that demands an extension which nobody has.",
    role=AGENT,
)
def refer_require(stage: Stage) -> None:
    """No request goes out that demands it."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    headers = [("Refer-To", f"<{other.contact_uri}?Require=nothing-i-support>")]
    answer = ask(caller, dialog.request("REFER", headers=headers), label="refer-require")
    if answer is not None and (answer.status or 0) < 300:
        _referred(stage)
    stage.wait(0.5)
    hang_up(dialog)


@scenario("user-agent/refer-other-scheme", what="REFER inside a call to a web page.", role=AGENT)
def refer_other_scheme(stage: Stage) -> None:
    """Who cannot open it does not accept it."""
    caller = stage.party("caller")
    dialog = call(caller)
    ask(caller, dialog.request("REFER", headers=[("Refer-To", "<http://example.org/>")]), label="refer-http")
    stage.wait(0.5)
    _notified(stage)
    hang_up(dialog)


def _referred(stage: Stage) -> None:
    """Answers NOTIFYs, and refuses the INVITE that the REFER asked for."""
    other = stage.party("other")
    invite = attempt(other, request("INVITE"), 3.0)
    if invite is not None:
        # what the subject wrote into its request goes back as it is, right or wrong
        other.answer(invite, other.response(invite, 486), malformed=True, label="referred-refused")
        attempt(other, request("ACK"))
    _notified(stage)


def _notified(stage: Stage) -> None:
    caller = stage.party("caller")
    for _ in range(5):
        theirs = attempt(caller, request("NOTIFY", "INVITE"), 0.8)
        if theirs is None:
            return
        held = theirs.method == "INVITE" and theirs.body
        caller.respond(theirs, 200, body=description(caller, version=2) if held else b"")
        if theirs.method == "INVITE":
            attempt(caller, request("ACK"), 0.5)


@scenario(
    "user-agent/subscribe-refer", what="SUBSCRIBE for the event refer outside of such a subscription.", role=AGENT
)
def subscribe_refer(stage: Stage) -> None:
    """403 is right; then a sane request."""
    caller = stage.party("caller")
    headers = [("Event", "refer"), ("Expires", "60")]
    ask(caller, caller.request("SUBSCRIBE", headers=headers), label="subscribe-refer")
    ask(
        caller,
        caller.request("SUBSCRIBE", headers=[("Event", "nobody-knows"), ("Expires", "60")]),
        label="subscribe-unknown",
    )
    ask(caller, caller.request("NOTIFY", headers=[("Event", "refer"), ("Subscription-State", "active;expires=60")]),
        label="stray-notify")  # fmt: skip
    stage.alive(caller)


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
    to_tag, from_tag = dialog.remote.rpartition("tag=")[2], dialog.local.rpartition("tag=")[2]
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
