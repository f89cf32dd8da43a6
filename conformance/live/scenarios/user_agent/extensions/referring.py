"""REFER in and out of calls, and the subscription that it makes (RFC 3515)."""

from __future__ import annotations

from conformance.live.dialog import Dialog
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import ask, attempt, call, description, hang_up
from conformance.live.stage import Stage
from conformance.live.wants import HarnessFault, NotSeen, request

AGENT = "user-agent"
DEVICE = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


@scenario("user-agent/refer-outside", what="REFER outside of dialogs: without Refer-To, and sound.", role=AGENT)
def refer_outside(stage: Stage) -> None:
    """OPTIONS for its Allow, then both; whoever is called is let down."""
    caller, other = stage.party("caller"), stage.party("other")
    ask(caller, caller.request("OPTIONS"))
    target = f"<{other.contact_uri}>"
    ask(caller, caller.request("REFER"), label="no-target")
    answer = ask(caller, caller.request("REFER", headers=[("Refer-To", target)]), label="refer")
    if answer is not None and (answer.status or 0) < 300:
        _referred(stage)
    stage.alive(caller)


@scenario(
    "user-agent/refer-by-gruu",
    what="REFER to a subject whose registrar has given it a GRUU.",
    role=AGENT,
    needs=("trigger",),
)
def refer_by_gruu(stage: Stage) -> None:
    """Registered as a device, the subject gets a URI with gr; then REFER, and whoever is called is let down."""
    registrar, caller, other = stage.party("registrar"), stage.party("caller"), stage.party("other")
    place = registrar.uri.rpartition("@")[2]
    stage.trigger("register", uri=f"sip:{place}", instance=DEVICE)
    asked = registrar.expect(request("REGISTER"), 2 * stage.budget)
    own = asked.lines("contact")[0] if asked.lines("contact") else ""
    if "+sip.instance" in own:
        own = f'{own};pub-gruu="{stage.subject.aor};gr={DEVICE}"'
    registrar.respond(asked, 200, [("Contact", f"{own};expires=3600")], label="bound")
    stage.wait(0.3)
    answer = ask(caller, caller.request("REFER", headers=[("Refer-To", f"<{other.contact_uri}>")]), label="refer")
    if answer is None or (answer.status or 0) >= 300:
        raise NotSeen("the REFER is not accepted")
    _referred(stage)
    stage.alive(caller)


@scenario("user-agent/refer-two-targets", what="REFER outside of dialogs with two Refer-To.", role=AGENT)
def refer_two_targets(stage: Stage) -> None:
    """OPTIONS for its Allow, REFER, and a sane request."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    rows = [("Refer-To", "<sip:one@192.0.2.88>"), ("Refer-To", "<sip:two@192.0.2.88>")]
    ask(caller, caller.request("REFER", headers=rows), malformed=True, label="two-targets")
    stage.alive(caller)


@scenario("user-agent/refer-twice", what="Two REFERs in one call.", role=AGENT)
def refer_twice(stage: Stage) -> None:
    """Whoever is called refuses; BYE."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    for _ in range(2):
        _refer(stage, dialog, other.contact_uri, "refer")
        stage.wait(1.2)
    hang_up(dialog)


@scenario("user-agent/refer-inside", what="REFER inside a call.", role=AGENT)
def refer_inside(stage: Stage) -> None:
    """202, NOTIFY, INVITE to the target, which refuses; NOTIFY of the end; BYE."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    _refer(stage, dialog, other.contact_uri, "refer")
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
    _refer(stage, dialog, f"{other.contact_uri};{parts}", "refer-parts")
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
    _refer(stage, dialog, f"{other.contact_uri}?Require=nothing-i-support", "refer-require")
    stage.wait(0.5)
    hang_up(dialog)


@scenario(
    "user-agent/refer-replaces",
    what="REFER inside a call to a URI with Replaces, as transfers with consultation have it.",
    role=AGENT,
)
def refer_replaces(stage: Stage) -> None:
    """The INVITE has it, unescaped."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    parts = "Replaces=one%40example.org%3Bto-tag%3Dtwo%3Bfrom-tag%3Dthree"
    _refer(stage, dialog, f"{other.contact_uri}?{parts}", "refer-replaces")
    hang_up(dialog)


@scenario(
    "user-agent/refer-injection",
    what="REFER inside a call to a URI whose header part has escaped line ends.",
    role=AGENT,
)
def refer_injection(stage: Stage) -> None:
    """They end no header."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    for name in ("Subject", "Replaces"):
        value = "a%3Bto-tag%3D1%3Bfrom-tag%3D2%0D%0AX-Injected%3A%20yes"
        _refer(stage, dialog, f"{other.contact_uri}?{name}={value}", "refer-injection")
        stage.wait(1.2)
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


def _refer(stage: Stage, dialog: Dialog, uri: str, label: str) -> None:
    """REFER in a call to a URI; whoever is called then is let down."""
    refer = dialog.request("REFER", headers=[("Refer-To", f"<{uri}>")])
    answer = ask(dialog.party, refer, label=label)
    if answer is not None and (answer.status or 0) < 300:
        _referred(stage)


def _referred(stage: Stage) -> None:
    """Answers NOTIFYs, and refuses the INVITE that the REFER asked for."""
    other = stage.party("other")
    invite = attempt(other, request("INVITE"), 3.0)
    if invite is not None:
        answer = other.response(invite, 486)
        try:
            other.answer(invite, answer, label="referred-refused")
        except HarnessFault:
            # what the subject wrote into its request goes back as it is, right or wrong
            other.answer(invite, answer, malformed=True, label="referred-refused")
        attempt(other, request("ACK"))
    _notified(stage)


def _notified(stage: Stage) -> None:
    caller = stage.party("caller")
    for _ in range(5):
        theirs = attempt(caller, request("NOTIFY", "INVITE"), 1.2)
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
    ask(caller, caller.request("OPTIONS"))
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
