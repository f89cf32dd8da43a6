"""Early: a call that is taken before its PRACK, offers that overtake others, INFO from the callee (RFC 3262, 3311, 6086)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    ask,
    attempt,
    automatic,
    call,
    called,
    cancelling,
    description,
    hang_up,
    invite,
    manual,
    taken,
)
from conformance.live.stage import Stage
from conformance.live.wants import final, provisional, request

AGENT = "user-agent"


def _reliable(caller: Party) -> tuple[Message, Message | None]:
    """An INVITE that requires reliable responses, and the first one, None where there is none."""
    manual(caller.stage)
    message = caller.request("INVITE", headers=[("Require", "100rel")], body=description(caller))
    caller.send(message, label="reliable")
    early = attempt(caller, provisional(180, 183, to=message))
    return message, early if early is not None and early.has("rseq") else None


def _prack(dialog: Dialog, message: Message, early: Message) -> None:
    rack = f"{early.lines('rseq')[0]} {message.lines('cseq')[0]}"
    ask(dialog.party, dialog.request("PRACK", headers=[("RAck", rack)]), label="prack")


@scenario(
    "user-agent/reliable-accepted",
    what="A call is taken before the reliable ringing is acknowledged.",
    role=AGENT,
    needs=("trigger",),
)
def reliable_accepted(stage: Stage) -> None:
    """The user answers; the PRACK comes only then, and BYE last."""
    caller = stage.party("caller")
    message, early = _reliable(caller)
    if early is None:
        cancelling(caller, message)
        return
    stage.trigger("answer")
    dialog = caller.dialog(message, early)
    answer = attempt(caller, final(to=message), 1.0)
    if answer is not None and answer.status == 200:
        caller.ack(message, answer)
        stage.wait(4.0)
    _prack(dialog, message, early)
    if answer is None:
        answer = caller.expect(final(200, to=message))
        caller.ack(message, answer)
    hang_up(dialog)
    dialog.ended = True
    automatic(stage)


@scenario(
    "user-agent/reliable-refused",
    what="A call is refused before the reliable ringing is acknowledged.",
    role=AGENT,
    needs=("trigger",),
)
def reliable_refused(stage: Stage) -> None:
    """The user declines; nothing else comes for four seconds."""
    caller = stage.party("caller")
    message, early = _reliable(caller)
    if early is None:
        cancelling(caller, message)
        return
    dialog = caller.dialog(message, early)
    dialog.ended = True
    stage.trigger("reject")
    attempt(caller, final(to=message), 1.0)
    stage.wait(4.0)
    automatic(stage)
    stage.alive(caller)


@scenario("user-agent/reliable-unheard", what="The PRACK for a reliable response never comes.", role=AGENT, slow=True)
def reliable_unheard(stage: Stage) -> None:
    """After 64*T1 the call is refused."""
    caller = stage.party("caller")
    message, early = _reliable(caller)
    if early is None:
        cancelling(caller, message)
        return
    answer = attempt(caller, final(to=message), 36.0)
    if answer is None:
        cancelling(caller, message)
        attempt(caller, final(to=message))
    automatic(stage)
    stage.alive(caller)


@scenario(
    "user-agent/update-early",
    what="An UPDATE with an offer comes before the offer of the INVITE is answered.",
    role=AGENT,
)
def update_early(stage: Stage) -> None:
    """The subject rings and has said nothing of media; the call is cancelled."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    manual(stage)
    message = invite(caller, label="ringing")
    early = caller.expect(provisional(180, 183, to=message))
    if not early.body:
        dialog = caller.dialog(message, early)
        ask(caller, dialog.request("UPDATE", body=description(caller, version=2)), label="update-early")
        dialog.ended = True
    cancelling(caller, message)
    attempt(caller, final(to=message))
    automatic(stage)
    stage.alive(caller)


@scenario(
    "user-agent/called-info",
    what="The callee sends INFO of an unknown package in a call of the subject.",
    role=AGENT,
    needs=("trigger",),
)
def called_info(stage: Stage) -> None:
    """Then BYE."""
    callee = stage.party("callee")
    _, _, dialog = taken(callee)
    rows = [("Info-Package", "nobody-knows"), ("Content-Type", "text/plain"), ("Content-Disposition", "Info-Package")]
    ask(callee, dialog.request("INFO", headers=rows, body=b"x"), label="info-unknown-package")
    hang_up(dialog)


@scenario(
    "user-agent/info-multipart",
    what="INFO inside a call whose body has several parts, none of which has to be understood.",
    role=AGENT,
)
def info_multipart(stage: Stage) -> None:
    """Then BYE."""
    caller = stage.party("caller")
    dialog = call(caller, headers=[("Recv-Info", "")])
    part = "--part\r\nContent-Type: text/plain\r\nContent-Disposition: render;handling=optional\r\n\r\nx\r\n"
    rows = [("Content-Type", "multipart/mixed;boundary=part"), ("Content-Disposition", "render;handling=optional")]
    ask(caller, dialog.request("INFO", headers=rows, body=f"{part}{part}--part--\r\n".encode()), label="info-parts")
    hang_up(dialog)


@scenario(
    "user-agent/called-forks-inform",
    what="Two forks of a call that the subject sets up send INFO.",
    role=AGENT,
    needs=("trigger",),
)
def called_forks_inform(stage: Stage) -> None:
    """Both ring; the call is refused at last."""
    callee = stage.party("callee")
    asked = called(callee)
    for tag in ("first-fork", "second-fork"):
        early = callee.respond(asked, 180, [("Recv-Info", "")], tag=tag)
        dialog = callee.dialog(asked, early)
        ask(callee, dialog.request("INFO"), label="info-early")
        dialog.ended = True
    callee.respond(asked, 486, tag="first-fork")
    attempt(callee, request("ACK"))
