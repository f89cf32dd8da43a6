"""The subject refers the harness to somebody, and asks who it is (RFC 3515; RFC 3261, section 11)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import ask, attempt, automatic, call, description, hang_up, invite
from conformance.live.stage import Stage
from conformance.live.wants import final, request
from conformance.live.writing import Row

AGENT = "user-agent"
TOLD = ("trigger",)
ELSEWHERE = "sip:carol@192.0.2.88"
SIPFRAG: list[Row] = [("Content-Type", "message/sipfrag;version=2.0")]


@scenario(
    "user-agent/refers-outside",
    what="The subject refers the harness to somebody outside of a call.",
    role=AGENT,
    needs=TOLD,
)
def refers_outside(stage: Stage) -> None:
    """202, NOTIFY of 100, NOTIFY of the end."""
    party = stage.party("party")
    stage.trigger("refer", uri=ELSEWHERE, target=party.contact_uri)
    refer = party.expect(request("REFER"), 2 * stage.budget)
    answer = party.respond(refer, 202, label="taken-on")
    dialog = party.dialog(refer, answer)
    for state, body in (
        ("active;expires=60", b"SIP/2.0 100 Trying\r\n"),
        ("terminated;reason=noresource", b"SIP/2.0 200 OK\r\n"),
    ):
        message = dialog.request(
            "NOTIFY", headers=[("Event", "refer"), ("Subscription-State", state), *SIPFRAG], body=body
        )
        ask(party, message, label="progress")
    dialog.ended = True
    stage.wait(0.5)


@scenario("user-agent/refers-in-vain", what="The subject's REFER is declined.", role=AGENT, needs=TOLD)
def refers_in_vain(stage: Stage) -> None:
    """603; a NOTIFY that comes all the same has no subscription."""
    party = stage.party("party")
    stage.trigger("refer", uri=ELSEWHERE, target=party.contact_uri)
    refer = party.expect(request("REFER"), 2 * stage.budget)
    answer = party.respond(refer, 603, label="declined")
    stage.wait(0.2)
    dialog = party.dialog(refer, answer)
    dialog.ended = True
    rows = [("Event", "refer"), ("Subscription-State", "active;expires=60"), *SIPFRAG]
    ask(party, dialog.request("NOTIFY", headers=rows, body=b"SIP/2.0 100 Trying\r\n"), label="unwanted")
    stage.alive(party)


@scenario("user-agent/refers-beside", what="The subject refers a peer whose Contact is a GRUU, from within their call.", role=AGENT, needs=TOLD)  # fmt: skip
def refers_beside(stage: Stage) -> None:
    """The REFER is taken on and done at once; BYE."""
    party = stage.party("party")
    contact = f"<{party.contact_uri};gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"
    dialog = call(party, headers=[("Contact", contact)])
    stage.trigger("refer", uri=ELSEWHERE)
    refer = party.expect(request("REFER"), 2 * stage.budget)
    answer = party.respond(refer, 202, [("Contact", contact)], label="taken-on")
    made = party.dialog(refer, answer)
    rows = [("Event", "refer"), ("Subscription-State", "terminated;reason=noresource"), *SIPFRAG]
    ask(party, made.request("NOTIFY", headers=rows, body=b"SIP/2.0 200 OK\r\n"), label="progress")
    made.ended = True
    hang_up(dialog)


@scenario("user-agent/refreshes-refer", what="The subject refers its peer twice within a call, and refreshes what the second has made.", role=AGENT, needs=TOLD)  # fmt: skip
def refreshes_refer(stage: Stage) -> None:
    """Both are taken on; then they end; BYE."""
    party = stage.party("party")
    dialog = call(party)
    events = []
    for _ in range(2):
        stage.trigger("refer", uri=ELSEWHERE)
        refer = party.expect(request("REFER"), 2 * stage.budget)
        party.respond(refer, 202, label="taken-on")
        events.append(f"refer;id={refer.cseq[0] if refer.cseq else 0}")
        rows = [("Event", events[-1]), ("Subscription-State", "active;expires=60"), *SIPFRAG]
        ask(party, dialog.request("NOTIFY", headers=rows, body=b"SIP/2.0 100 Trying\r\n"), label="progress")
    stage.trigger("refresh")
    party.respond(party.expect(request("SUBSCRIBE"), 2 * stage.budget), 200, [("Expires", "60")], label="refreshed")
    for event in events:
        rows = [("Event", event), ("Subscription-State", "terminated;reason=noresource"), *SIPFRAG]
        ask(party, dialog.request("NOTIFY", headers=rows, body=b"SIP/2.0 200 OK\r\n"), label="progress")
    hang_up(dialog)


@scenario("user-agent/asks-capabilities", what="The subject asks the harness what it can do.", role=AGENT, needs=TOLD)
def asks_capabilities(stage: Stage) -> None:
    """Its OPTIONS is answered."""
    party = stage.party("party")
    stage.trigger("options", uri=party.contact_uri)
    party.respond(party.expect(request("OPTIONS"), 2 * stage.budget), 200)
    stage.wait(0.3)


@scenario("user-agent/sends-info", what="The subject sends INFO in its call, which is refused.", role=AGENT, needs=TOLD)
def sends_info(stage: Stage) -> None:
    """469; the call stands."""
    caller = stage.party("caller")
    dialog = call(caller)
    stage.trigger("info")
    caller.respond(caller.expect(request("INFO"), 2 * stage.budget), 469, [("Recv-Info", "")], label="info-refused")
    stage.wait(0.5)
    hang_up(dialog)


@scenario("user-agent/updates", what="The subject sends UPDATE in its call.", role=AGENT, needs=TOLD)
def updates(stage: Stage) -> None:
    """200, then BYE."""
    caller = stage.party("caller")
    dialog = call(caller, headers=[("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE")])
    stage.trigger("update")
    theirs = caller.expect(request("UPDATE", "INVITE"), 2 * stage.budget)
    caller.respond(theirs, 200, body=description(caller, version=2) if theirs.body else b"", label="updated")
    if theirs.method == "INVITE":
        attempt(caller, request("ACK"))
    stage.wait(0.3)
    hang_up(dialog)


@scenario("user-agent/hangs-up-by-route", what="The subject ends a call that came by a proxy.", role=AGENT, needs=TOLD)
def hangs_up_by_route(stage: Stage) -> None:
    """Its BYE goes to the proxy."""
    caller, proxy = stage.party("caller"), stage.party("proxy")
    dialog = call(caller, headers=[("Record-Route", f"<sip:{proxy.uri.rpartition('@')[2]};lr>")])
    stage.trigger("bye")
    for party in (proxy, caller):
        bye = attempt(party, request("BYE"), 1.0)
        if bye is not None:
            party.respond(bye, 200)
            dialog.ended = True
            return


@scenario(
    "user-agent/hangs-up-early",
    what="The subject ends a call before the ACK of its 2xx has come.",
    role=AGENT,
    needs=TOLD,
)
def hangs_up_early(stage: Stage) -> None:
    """The BYE waits for the ACK."""
    automatic(stage)
    caller = stage.party("caller")
    caller.absorbs = False
    message = invite(caller)
    answer = caller.expect(final(200, to=message), 2 * stage.budget)
    stage.trigger("bye")
    early = attempt(caller, request("BYE"), 1.0)
    dialog = caller.ack(message, answer)
    bye = early or attempt(caller, request("BYE"), 2.0)
    if bye is not None and dialog is not None:
        caller.respond(bye, 200)
        dialog.ended = True


@scenario(
    "user-agent/hold-refused-by-route",
    what="The subject's re-INVITE goes by a route and is refused.",
    role=AGENT,
    needs=TOLD,
)
def hold_refused_by_route(stage: Stage) -> None:
    """The ACK of the 488 has the same Route."""
    caller = stage.party("caller")
    host = caller.uri.rpartition("@")[2]
    dialog = call(caller, headers=[("Record-Route", f"<sip:{host};lr>")])
    dialog.routes = []
    stage.trigger("hold")
    theirs = caller.expect(request("INVITE"), 2 * stage.budget)
    caller.respond(theirs, 488, label="refused")
    attempt(caller, request("ACK"))
    stage.wait(0.3)
    hang_up(dialog)
