"""The subject calls: what it makes of answers (RFC 3261, sections 8.1.3, 9.1, 13.2.2 and 17.1)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    attempt,
    called,
    description,
    hang_up,
    settle,
    taken,
)
from conformance.live.stage import Stage
from conformance.live.wants import request

AGENT = "user-agent"
TOLD = ("trigger",)


@scenario("user-agent/called", what="The subject calls, and the callee ends the call.", role=AGENT, needs=TOLD)
def called_simply(stage: Stage) -> None:
    """INVITE, 180, 200, ACK, BYE."""
    callee = stage.party("callee")
    _, _, dialog = taken(callee)
    hang_up(dialog)


@scenario(
    "user-agent/called-copies", what="The 2xx to the subject's INVITE is sent three times.", role=AGENT, needs=TOLD
)
def called_copies(stage: Stage) -> None:
    """Each copy gets an ACK; the calls ends."""
    callee = stage.party("callee")
    asked = called(callee)
    answer = callee.response(asked, 200, body=description(callee))
    for _ in range(3):
        callee.answer(asked, answer, once=True, label="accepted")
        stage.wait(0.4)
    hang_up(callee.dialog(asked, answer))


@scenario("user-agent/called-forked", what="Two callees of one INVITE accept.", role=AGENT, needs=TOLD)
def called_forked(stage: Stage) -> None:
    """Both 2xx get their ACK; the call that the subject does not want is ended by it."""
    callee = stage.party("callee")
    asked = called(callee)
    callee.respond(asked, 180, tag="one")
    callee.respond(asked, 180, tag="two")
    first = callee.respond(asked, 200, body=description(callee), tag="one", label="accepted")
    stage.wait(0.3)
    second = callee.respond(asked, 200, body=description(callee), tag="two", label="accepted")
    bye = attempt(callee, request("BYE"), 2.0)
    if bye is not None:
        callee.respond(bye, 200)
    settle(callee, asked, *(answer for answer in (first, second) if bye is None or bye.to_tag != answer.to_tag))


@scenario("user-agent/called-provisional", what="Provisional answers that nobody knows, and then the call is taken.", role=AGENT,
          needs=TOLD)  # fmt: skip
def called_provisional(stage: Stage) -> None:
    """100, 183, 199, 200."""
    callee = stage.party("callee")
    asked = called(callee)
    for status in (100, 183, 199):
        callee.respond(asked, status, label=f"status-{status}")
        stage.wait(0.2)
    answer = callee.respond(asked, 200, body=description(callee), label="accepted")
    attempt(callee, request("ACK"))
    hang_up(callee.dialog(asked, answer))


@scenario(
    "user-agent/called-unknown-finals",
    what="Final answers that nobody knows, each to a call of its own.",
    role=AGENT,
    needs=TOLD,
)
def called_unknown_finals(stage: Stage) -> None:
    """499, 599 and 699 count as 400, 500 and 600; afterwards a call is taken."""
    callee = stage.party("callee")
    for status in (499, 599, 699, 400, 500, 600):
        asked = called(callee)
        callee.respond(asked, status, label="unknown-final")
        attempt(callee, request("ACK"))
        stage.wait(0.6)
    _, _, dialog = taken(callee)
    hang_up(dialog)


@scenario("user-agent/called-two-vias", what="An answer with two Vias went astray.", role=AGENT, needs=TOLD)
def called_two_vias(stage: Stage) -> None:
    """It is thrown away; the right one comes after it."""
    callee = stage.party("callee")
    asked = called(callee)
    own = asked.lines("via")[0]
    foreign = "SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKforeign"
    wrong = callee.response(
        asked, 200, headers=[("Via", own), ("Via", foreign)], body=description(callee), tag="astray"
    )
    callee.answer(asked, wrong, malformed=True, label="two-vias", once=True)
    callee.silence(1.0)
    answer = callee.respond(asked, 200, body=description(callee), tag="right", label="accepted")
    settle(callee, asked, answer, wrong)


@scenario("user-agent/called-foreign-via", what="An answer whose Via is of somebody else.", role=AGENT, needs=TOLD)
def called_foreign_via(stage: Stage) -> None:
    """It vanishes; the right one comes after it."""
    callee = stage.party("callee")
    asked = called(callee)
    branch = asked.branch or ""
    foreign = f"SIP/2.0/{callee.transport.upper()} 192.0.2.77:5060;branch={branch}"
    wrong = callee.response(asked, 200, headers=[("Via", foreign)], body=description(callee), tag="astray")
    callee.answer(asked, wrong, malformed=True, label="foreign-via", once=True)
    callee.silence(1.0)
    answer = callee.respond(asked, 200, body=description(callee), tag="right", label="accepted")
    settle(callee, asked, answer, wrong)


@scenario(
    "user-agent/called-late-route",
    what="The 2xx has other Record-Routes than the 180 before it.",
    role=AGENT,
    needs=TOLD,
)
def called_late_route(stage: Stage) -> None:
    """The ACK goes by those of the 2xx."""
    callee = stage.party("callee")
    asked = called(callee)
    host = callee.uri.rpartition("@")[2]
    callee.respond(asked, 180, [("Record-Route", f"<sip:{host};lr;from=early>")])
    stage.wait(0.2)
    route = [("Record-Route", f"<sip:{host};lr;from=final>")]
    answer = callee.respond(asked, 200, route, body=description(callee), label="accepted")
    attempt(callee, request("ACK"))
    dialog = callee.dialog(asked, answer)
    dialog.routes = []
    hang_up(dialog)


@scenario("user-agent/called-no-to-tag", what="A callee of RFC 2543 answers without tag in To.", role=AGENT, needs=TOLD)
def called_no_to_tag(stage: Stage) -> None:
    """The ACK has none either."""
    callee = stage.party("callee")
    asked = called(callee)
    rows = [("To", asked.lines("to")[0])]
    answer = callee.response(asked, 200, headers=rows, body=description(callee))
    callee.answer(asked, answer, malformed=True, label="no-tag")
    attempt(callee, request("ACK"))
    hang_up(callee.dialog(asked, answer))


@scenario(
    "user-agent/called-odd-headers",
    what="The 2xx has headers that do not belong into responses.",
    role=AGENT,
    needs=TOLD,
)
def called_odd_headers(stage: Stage) -> None:
    """Max-Forwards and an unknown one; they are passed over."""
    callee = stage.party("callee")
    asked = called(callee)
    rows = [("Max-Forwards", "3"), ("X-Nobody-Knows", "1")]
    answer = callee.respond(asked, 200, rows, body=description(callee), label="accepted")
    attempt(callee, request("ACK"))
    hang_up(callee.dialog(asked, answer))


@scenario("user-agent/called-refused", what="A refusal is sent three times.", role=AGENT, needs=TOLD)
def called_refused(stage: Stage) -> None:
    """Each copy of the 486 gets an ACK; the subject does not call again by itself."""
    callee = stage.party("callee")
    asked = called(callee)
    answer = callee.response(asked, 486)
    for _ in range(3):
        callee.answer(asked, answer, once=True, label="refused")
        stage.wait(0.4)
    stage.wait(1.0)


@scenario("user-agent/called-forbidden", what="The call is forbidden.", role=AGENT, needs=TOLD)
def called_forbidden(stage: Stage) -> None:
    """After 403 nothing more comes."""
    callee = stage.party("callee")
    callee.respond(called(callee), 403, label="refused")
    attempt(callee, request("ACK"))
    stage.wait(2.0)


@scenario(
    "user-agent/called-silence", what="Nobody answers the subject's INVITE for some seconds.", role=AGENT, needs=TOLD
)
def called_silence(stage: Stage) -> None:
    """Over UDP it is repeated after T1 and at doubling intervals; then it is refused."""
    callee = stage.party("callee")
    asked = called(callee)
    stage.wait(4.0)
    callee.respond(asked, 486)
    attempt(callee, request("ACK"))


@scenario(
    "user-agent/called-never", what="Nobody ever answers the subject's INVITE.", role=AGENT, needs=TOLD, slow=True
)
def called_never(stage: Stage) -> None:
    """After 64*T1 it gives up; no ACK, no more copies."""
    callee = stage.party("callee")
    called(callee)
    stage.wait(66.0)
    stage.alive(stage.party("caller"))


def _cancelled(callee: Party) -> tuple[Message, Message]:
    """The subject cancels its call while the callee rings: its INVITE and its CANCEL."""
    asked = called(callee)
    callee.respond(asked, 180)
    callee.stage.wait(0.3)
    callee.stage.trigger("cancel")
    return asked, callee.expect(request("CANCEL"))


@scenario(
    "user-agent/called-cancels", what="The subject cancels its call while the callee rings.", role=AGENT, needs=TOLD
)
def called_cancels(stage: Stage) -> None:
    """CANCEL, 200, 487, ACK."""
    callee = stage.party("callee")
    asked, cancel = _cancelled(callee)
    callee.respond(cancel, 200)
    callee.respond(asked, 487)
    attempt(callee, request("ACK"))


@scenario(
    "user-agent/called-cancels-early",
    what="The subject cancels its call before any response came.",
    role=AGENT,
    needs=TOLD,
)
def called_cancels_early(stage: Stage) -> None:
    """The CANCEL waits for the 180."""
    callee = stage.party("callee")
    asked = called(callee)
    stage.trigger("cancel")
    stage.wait(0.7)
    callee.respond(asked, 180)
    cancel = attempt(callee, request("CANCEL"))
    if cancel is not None:
        callee.respond(cancel, 200)
    callee.respond(asked, 487)
    attempt(callee, request("ACK"))


@scenario(
    "user-agent/called-answer-overtakes",
    what="The subject cancels its call, but the callee accepts.",
    role=AGENT,
    needs=TOLD,
)
def called_answer_overtakes(stage: Stage) -> None:
    """The 2xx crosses the CANCEL: ACK, then BYE of the subject."""
    callee = stage.party("callee")
    asked, cancel = _cancelled(callee)
    callee.respond(asked, 200, body=description(callee), label="accepted")
    callee.respond(cancel, 481)
    attempt(callee, request("ACK"))
    bye = attempt(callee, request("BYE"), 2.0)
    if bye is not None:
        callee.respond(bye, 200)
    else:
        callee.resending.accepted.clear()


@scenario("user-agent/called-trying-100rel", what="A 100 that claims to be reliable.", role=AGENT, needs=TOLD)
def called_trying_100rel(stage: Stage) -> None:
    """There is no PRACK for a 100, whatever it says; the call is taken."""
    callee = stage.party("callee")
    asked = called(callee)
    trying = callee.response(asked, 100, headers=[("Require", "100rel"), ("RSeq", "1")])
    callee.answer(asked, trying, malformed=True, label="trying")
    stage.wait(0.5)
    answer = callee.respond(asked, 200, body=description(callee), label="accepted")
    attempt(callee, request("ACK"))
    hang_up(callee.dialog(asked, answer))
