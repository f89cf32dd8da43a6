"""Requests inside dialogs, and those that only look so (RFC 3261, sections 12 and 15)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    ask,
    attempt,
    automatic,
    call,
    description,
    hang_up,
)
from conformance.live.stage import Stage
from conformance.live.wants import final

AGENT = "user-agent"


@scenario("user-agent/stray-requests", what="Requests for calls and dialogs that never were.", role=AGENT)
def stray_requests(stage: Stage) -> None:
    """CANCEL, BYE, INFO, INVITE and ACK of nothing, then a sane request."""
    caller = stage.party("caller")
    to = f"<{stage.subject.uri}>;tag=never-was"
    ask(caller, caller.request("CANCEL", without=["Contact"]))
    ask(caller, caller.request("BYE", to=to, without=["Contact"]))
    ask(caller, caller.request("INFO", to=to))
    answer = ask(caller, caller.request("INVITE", to=to, body=description(caller)))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    caller.send(caller.request("ACK", to=to))
    stage.alive(caller)


@scenario(
    "user-agent/sequence-numbers",
    what="Requests in a dialog with a gap in their numbers, and out of order.",
    role=AGENT,
)
def sequence_numbers(stage: Stage) -> None:
    """INVITE 20; OPTIONS 25, 22, 19 and 26; BYE."""
    automatic(stage)
    caller = stage.party("caller")
    message = caller.request("INVITE", body=description(caller), number=20)
    caller.send(message)
    dialog = caller.ack(message, caller.expect(final(200, to=message), 2 * stage.budget))
    assert dialog is not None
    for number, label in ((25, "gap"), (22, "late"), (19, "below-first"), (26, "next")):
        ask(caller, dialog.request("OPTIONS", number=number), label=label)
    dialog.number = 26
    hang_up(dialog)
    stage.alive(caller)


@scenario("user-agent/no-from-tag", what="A call by a client of RFC 2543, which puts no tag in From.", role=AGENT)
def no_from_tag(stage: Stage) -> None:
    """INVITE, ACK and BYE without the tag."""
    automatic(stage)
    caller = stage.party("caller")
    message = caller.request("INVITE", body=description(caller), from_=f"<{caller.uri}>")
    caller.send(message, malformed=True)
    answer = attempt(caller, final(to=message), 2 * stage.budget)
    if answer is not None and answer.status == 200:
        dialog = caller.ack(message, answer)
        assert dialog is not None
        hang_up(dialog)
    stage.alive(caller)


@scenario(
    "user-agent/record-route",
    what="A call whose INVITE came through record-routing proxies.",
    role=AGENT,
    needs=("trigger",),
)
def record_route(stage: Stage) -> None:
    """Two routes, both loose and both the caller's; the subject hangs up, and its BYE follows them."""
    caller = stage.party("caller")
    host = caller.uri.rpartition("@")[2]
    routes = [("Record-Route", f"<sip:{host};lr;hop=2>, <sip:{host};lr;hop=1>")]
    call(caller, headers=routes)
    stage.trigger("bye")
    _answer_bye(stage)


@scenario("user-agent/strict-route", what="A call whose INVITE came through a proxy that knows only strict routes.", role=AGENT,
          needs=("trigger",))  # fmt: skip
def strict_route(stage: Stage) -> None:
    """One route without lr; the subject's BYE has it as Request-URI and the target as last Route."""
    caller = stage.party("caller")
    call(caller, headers=[("Record-Route", f"<sip:{caller.uri.rpartition('@')[2]}>")])
    stage.trigger("bye")
    _answer_bye(stage)


@scenario(
    "user-agent/target-refresh", what="A re-INVITE moves the target of its sender.", role=AGENT, needs=("trigger",)
)
def target_refresh(stage: Stage) -> None:
    """The new Contact is another party's; the subject hangs up there."""
    caller, moved = stage.party("caller"), stage.party("moved")
    dialog = call(caller)
    message = dialog.request("INVITE", headers=[("Contact", moved.contact)], body=description(caller, version=2))
    ask(caller, message, label="moving")
    stage.trigger("bye")
    _answer_bye(stage, "moved")


@scenario("user-agent/subject-hangs-up", what="The subject ends a call that it took.", role=AGENT, needs=("trigger",))
def subject_hangs_up(stage: Stage) -> None:
    """Its BYE is answered, and nothing more comes."""
    call(stage.party("caller"))
    stage.trigger("bye")
    _answer_bye(stage)
    stage.wait(1.0)


@scenario("user-agent/bye-refused", what="The BYE of the subject is answered with 481.", role=AGENT, needs=("trigger",))
def bye_refused(stage: Stage) -> None:
    """The dialog is over all the same: nothing more comes in it, and a call after it is taken."""
    caller = stage.party("caller")
    call(caller)
    stage.trigger("bye")
    _answer_bye(stage, status=481)
    stage.wait(2.0)
    hang_up(call(stage.party("again")))


def _answer_bye(stage: Stage, name: str = "caller", status: int = 200) -> None:
    from conformance.live.wants import request

    party = stage.party(name)
    bye = party.expect(request("BYE"), 2 * stage.budget)
    party.respond(bye, status)
    for one in stage.parties.values():
        for dialog in one.dialogs:
            dialog.ended = True
