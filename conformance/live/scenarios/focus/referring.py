"""REFER to a conference: who is invited, who is removed, who is told (RFC 4579, sections 5.5 and 5.11, from memory; RFC 3515)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.focus.steps import (
    FOCUS,
    called,
    conference,
    follow,
    join,
    leave,
    progress,
    referring,
    take,
    watch,
)
from conformance.live.scenarios.user_agent.steps import ask, attempt
from conformance.live.stage import Stage
from conformance.live.wants import request


@scenario(
    "focus/dial-out", what="A participant has the focus call somebody, who comes in and leaves again.", role=FOCUS
)
def dial_out(stage: Stage) -> None:
    """REFER to the conference; NOTIFYs tell how it goes; the roster shows who was called."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    other = stage.party("other")
    rows = [("Referred-By", f"<{first.party.uri}>")]
    referring(first.party, uri, other.contact_uri, headers=rows)
    invite = called(other)
    other.respond(invite, 180)
    stage.wait(1.5)
    dialog = take(other, invite)
    progress(first.party, 3.0)
    follow(made)
    leave(dialog)
    follow(made)
    made.end()
    leave(first)


@scenario("focus/dial-out-refused", what="Who is called by the focus does not want to come.", role=FOCUS)
def dial_out_refused(stage: Stage) -> None:
    """486; who asked is told so, and the conference goes on."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    other = stage.party("other")
    referring(first.party, uri, other.contact_uri)
    invite = called(other)
    other.respond(invite, 180)
    progress(first.party, 1.5)
    follow(made)
    other.respond(invite, 486, label="declined")
    attempt(other, request("ACK"))
    progress(first.party, 3.0)
    follow(made)
    made.end()
    leave(first)


@scenario("focus/dial-out-unheard", what="Who is called by the focus never answers.", role=FOCUS, slow=True)
def dial_out_unheard(stage: Stage) -> None:
    """The INVITE is sent again until Timer B; who asked is told that nobody answered."""
    first, uri = conference(stage)
    other = stage.party("other", transport="udp")
    other.absorbs = False
    referring(first.party, uri, other.contact_uri)
    called(other)
    progress(first.party, 40.0)
    other.queue.clear()
    stage.alive(first.party)
    leave(first)


@scenario("focus/refer-unsubscribed", what="Who had somebody called does not want to hear of it any more.", role=FOCUS)
def refer_unsubscribed(stage: Stage) -> None:
    """Its subscription is ended while the other one rings; the call goes on."""
    first, uri = conference(stage)
    asker, other = stage.party("asker"), stage.party("other")
    message, answer = referring(asker, uri, other.contact_uri)
    invite = called(other)
    other.respond(invite, 180)
    theirs = asker.expect(request("NOTIFY"))
    asker.respond(theirs, 200)
    if answer is not None and (answer.status or 0) < 300:
        dialog = asker.dialog(message, answer)
        dialog.ended = True
        rows = [("Event", theirs.lines("event")[0]), ("Expires", "0")]
        ask(asker, dialog.request("SUBSCRIBE", headers=rows), label="unsubscribe-refer")
        progress(asker, 1.5)
    other.silence(3.0, unless=request("CANCEL"))
    cancel = attempt(other, request("CANCEL"), 0.1)
    if cancel is not None:
        other.respond(cancel, 200)
        other.respond(invite, 487)
        attempt(other, request("ACK"))
    else:
        stage.wait(0.5)
        leave(take(other, invite))
    leave(first)


@scenario("focus/refer-inside", what="A participant has two others called from inside its own call.", role=FOCUS)
def refer_inside(stage: Stage) -> None:
    """Two REFERs in one dialog; each is told by itself; the participant stays in."""
    first, uri = conference(stage)
    for name in ("other", "another"):
        party = stage.party(name)
        rows = [("Refer-To", f"<{party.contact_uri}>")]
        ask(first.party, first.request("REFER", headers=rows), label="refer")
        dialog = take(party, called(party))
        progress(first.party, 3.0)
        leave(dialog)
    leave(first)


@scenario("focus/remove", what="A participant has another one removed.", role=FOCUS)
def remove(stage: Stage) -> None:
    """REFER with the method BYE; BYE comes to the other, who asked is told, the roster shows it."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    second = join(stage.party("second"), uri)
    follow(made)
    referring(first.party, uri, f"{second.party.uri};method=BYE", label="remove")
    bye = attempt(second.party, request("BYE"))
    if bye is not None:
        second.party.respond(bye, 200, label="removed")
        second.ended = True
    progress(first.party, 3.0)
    follow(made)
    made.end()
    leave(first)


@scenario("focus/remove-nobody", what="Somebody is to be removed who does not take part.", role=FOCUS)
def remove_nobody(stage: Stage) -> None:
    """A refusal, or a NOTIFY that says so; everybody else stays in."""
    first, uri = conference(stage)
    referring(first.party, uri, "sip:nobody@example.org;method=BYE", label="remove-nobody")
    progress(first.party, 2.0)
    ask(first.party, first.request("OPTIONS"), label="still-in")
    leave(first)


@scenario(
    "focus/refer-wrong",
    what="REFERs that nobody can follow: no target, two, another scheme, a conference that is not there.",
    role=FOCUS,
)
def refer_wrong(stage: Stage) -> None:
    """Each is refused; a sound one is followed."""
    first, uri = conference(stage)
    asker, other = stage.party("asker"), stage.party("other")
    target = ("Refer-To", f"<{other.contact_uri}>")
    ask(asker, asker.request("REFER", uri), malformed=True, label="no-target")
    rows = [target, ("Refer-To", "<sip:more@example.org>")]
    ask(asker, asker.request("REFER", uri, headers=rows), malformed=True, label="two-targets")
    ask(asker, asker.request("REFER", uri, headers=[("Refer-To", f"<{other.contact_uri}>, <sip:more@example.org>")]),
        malformed=True, label="two-targets")  # fmt: skip
    ask(asker, asker.request("REFER", uri, headers=[("Refer-To", "<http://example.org/>")]), label="refer-http")
    nowhere = uri.replace("sip:", "sip:not-there-" if "@" in uri else "sip:not-there@", 1)
    ask(asker, asker.request("REFER", nowhere, headers=[target]), label="refer-nowhere")
    refer = asker.request("REFER", uri, headers=[("Refer-To", "<" + uri + ">")])
    ask(asker, refer, label="refer-to-itself")
    progress(asker, 1.0)
    stage.alive(asker)
    leave(first)


@scenario("focus/refer-subscribe", what="SUBSCRIBE for the event refer outside of such a subscription.", role=FOCUS)
def refer_subscribe(stage: Stage) -> None:
    """403."""
    first, uri = conference(stage)
    asker = stage.party("asker")
    rows = [("Event", "refer"), ("Expires", "60")]
    ask(asker, asker.request("SUBSCRIBE", uri, headers=rows), label="subscribe-refer")
    stage.alive(asker)
    leave(first)


@scenario("focus/refer-overtaken", what="The conference is over before the one called has answered.", role=FOCUS)
def refer_overtaken(stage: Stage) -> None:
    """The last participant leaves while the other rings; taken or cancelled, both are calls that end."""
    first, uri = conference(stage)
    asker, other = stage.party("asker"), stage.party("other")
    referring(asker, uri, other.contact_uri)
    invite = called(other)
    other.respond(invite, 180)
    leave(first)
    cancel = attempt(other, request("CANCEL"), 1.0)
    if cancel is not None:
        other.respond(cancel, 200)
        other.respond(invite, 487)
        attempt(other, request("ACK"))
    else:
        leave(take(other, invite))
    progress(asker, 3.0)
    stage.alive(asker)
