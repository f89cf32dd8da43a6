"""The subject changes the media of its call, and RTP goes both ways meanwhile (RFC 3264, sections 5.1 and 8.3; RFC 3311, section 5.3)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.live.dialog import Dialog
from conformance.live.network.speech import place_of
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt, automatic, called, description, hang_up, invite
from conformance.live.stage import Stage
from conformance.live.wants import NotSeen, final, request

AGENT = "user-agent"
TOLD = ("trigger",)
TALK = 1.5
"""Seconds in which a stream shows."""
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"


def _standing(callee: Party, formats: str = "0") -> tuple[Message, Dialog]:
    """The subject calls, and both speak: its INVITE, the dialog."""
    asked = called(callee)
    body = description(callee, port=callee.media_port, formats=formats)
    answer = callee.respond(asked, 200, headers=[("Allow", ALLOW)], body=body)
    callee.expect(request("ACK"))
    callee.speak(asked.body)
    callee.stage.wait(TALK)
    return asked, callee.dialog(asked, answer)


def _answered(callee: Party, theirs: Message, formats: str = "0", direction: str = "") -> None:
    body = description(callee, port=callee.media_port, formats=formats, version=2, direction=direction)
    callee.respond(theirs, 200, body=body, label="changed")
    if theirs.method == "INVITE":
        callee.expect(request("ACK"))


def _moved(before: bytes, after: bytes) -> None:
    """Raises NotSeen where the subject's audio is where it was."""
    if place_of(after) in (None, place_of(before)):
        raise NotSeen("the subject's media stays at its port")


@scenario("user-agent/listens-only", what="The subject goes on to listen only.", role=AGENT, needs=TOLD)
def listens_only(stage: Stage) -> None:
    """Its re-INVITE is accepted; BYE."""
    callee = stage.party("callee")
    _, dialog = _standing(callee)
    stage.trigger("listen")
    theirs = callee.expect(request("INVITE"), 2 * stage.budget)
    _answered(callee, theirs, direction="sendonly")
    stage.wait(0.3)
    hang_up(dialog)


@scenario("user-agent/moves-port", what="The subject moves its media to another port.", role=AGENT, needs=TOLD)
def moves_port(stage: Stage) -> None:
    """Both ports are tried ahead of the answer to its re-INVITE; BYE."""
    callee = stage.party("callee")
    asked, dialog = _standing(callee)
    stage.trigger("move")
    theirs = callee.expect(request("INVITE"), 2 * stage.budget)
    _moved(asked.body, theirs.body)
    callee.probe_media(asked.body, "at the old place of the offerer ahead of the answer")
    callee.probe_media(theirs.body, "at the new place of the offerer ahead of the answer")
    _answered(callee, theirs)
    hang_up(dialog)


@scenario("user-agent/moved-port", what="The subject has moved its media, and nothing has come to the new port yet.", role=AGENT, needs=TOLD)  # fmt: skip
def moved_port(stage: Stage) -> None:
    """The old port is tried behind the answer; BYE."""
    callee = stage.party("callee")
    asked, dialog = _standing(callee)
    stage.trigger("move")
    theirs = callee.expect(request("INVITE"), 2 * stage.budget)
    _moved(asked.body, theirs.body)
    _answered(callee, theirs)
    stage.wait(0.3)
    callee.probe_media(asked.body, "at the old place of the offerer ahead of media at the new one")
    hang_up(dialog)


@scenario("user-agent/answers-from-elsewhere", what="The subject answers a re-INVITE with another port than before.", role=AGENT, needs=TOLD)  # fmt: skip
def answers_from_elsewhere(stage: Stage) -> None:
    """The old port is tried behind the answer, and then the new one; BYE."""
    automatic(stage)
    caller = stage.party("caller")
    message = invite(caller, body=description(caller, port=caller.media_port))
    answer = caller.expect(final(200, to=message), 2 * stage.budget)
    dialog = caller.ack(message, answer)
    assert dialog is not None
    caller.speak(answer.body)
    stage.wait(TALK)
    stage.trigger("move", when="answer")
    again = dialog.request("INVITE", body=description(caller, port=caller.media_port, version=2))
    caller.send(again, label="again")
    moved = caller.expect(final(200, to=again))
    _moved(answer.body, moved.body)
    caller.ack(again, moved)
    caller.probe_media(answer.body, "at the old place of the answerer ahead of media at the new one")
    caller.probe_media(moved.body, "at the new place of the answerer behind the answer")
    hang_up(dialog)


@scenario("user-agent/changes-formats", what="The subject offers other formats than before, and the answer has one that it did not send.", role=AGENT, needs=TOLD)  # fmt: skip
def changes_formats(stage: Stage) -> None:
    """PCMU at first, PCMA behind its re-INVITE; BYE."""
    callee = stage.party("callee")
    _, dialog = _standing(callee)
    callee.hearken("ahead of the change")
    stage.trigger("formats", formats="8")
    theirs = callee.expect(request("INVITE"), 2 * stage.budget)
    _answered(callee, theirs, formats="8")
    stage.wait(TALK)
    callee.hearken("behind the change")
    hang_up(dialog)


@scenario("user-agent/prefers-answered", what="The answer to the subject's offers puts PCMA first, and wants 40 ms in a packet.", role=AGENT, needs=TOLD)  # fmt: skip
def prefers_answered(stage: Stage) -> None:
    """The answer to its INVITE, and one to a re-INVITE that has PCMU first; BYE."""
    callee = stage.party("callee")
    asked = called(callee)
    media = [f"m=audio {callee.media_port} RTP/AVP 8 0", "a=ptime:40"]
    answer = callee.respond(asked, 200, body=description(callee, media=media))
    callee.expect(request("ACK"))
    dialog = callee.dialog(asked, answer)
    callee.speak(asked.body)
    stage.wait(TALK)
    callee.hearken("behind the answer")
    stage.trigger("formats", formats="0 8")
    theirs = callee.expect(request("INVITE"), 2 * stage.budget)
    callee.respond(theirs, 200, body=description(callee, media=media, version=2))
    callee.expect(request("ACK"))
    stage.wait(TALK)
    callee.hearken("behind the change")
    hang_up(dialog)


@scenario("user-agent/changes-medium", what="The subject makes another medium of its stream.", role=AGENT, needs=TOLD)
def changes_medium(stage: Stage) -> None:
    """The ports of both are tried ahead of the answer, which refuses the stream; BYE."""
    callee = stage.party("callee")
    asked, dialog = _standing(callee)
    stage.trigger("medium")
    theirs = callee.expect(request("INVITE"), 2 * stage.budget)
    if place_of(theirs.body) is not None or place_of(theirs.body, "video") is None:
        raise NotSeen("the subject's stream stays audio")
    callee.probe_media(asked.body, "at the old place of the offerer ahead of the answer")
    callee.probe_media(theirs.body, "at the new place of the offerer ahead of the answer", "video")
    callee.respond(theirs, 488)
    attempt(callee, request("ACK"))
    hang_up(dialog)


@scenario("user-agent/update-refused-talking", what="The subject's UPDATE wants to listen only, and is refused.", role=AGENT, needs=TOLD)  # fmt: skip
def update_refused(stage: Stage) -> None:
    """488; what was heard ahead of it and behind; BYE."""
    callee = stage.party("callee")
    _, dialog = _standing(callee)
    stage.trigger("update", direction="recvonly")
    theirs = callee.expect(request("UPDATE"), 2 * stage.budget)
    if not theirs.body:
        raise NotSeen("the subject's UPDATE has no offer")
    callee.hearken("ahead of the refusal")
    callee.respond(theirs, 488, label="refused")
    stage.wait(TALK)
    callee.hearken("behind the refusal")
    hang_up(dialog)


@scenario(
    "user-agent/update-met", what="The subject's UPDATE with an offer is answered with 491.", role=AGENT, needs=TOLD
)
def update_met(stage: Stage) -> None:
    """The next one comes after a while, and is accepted; BYE."""
    callee = stage.party("callee")
    _, dialog = _standing(callee)
    stage.trigger("update", direction="recvonly")
    theirs = callee.expect(request("UPDATE"), 2 * stage.budget)
    if not theirs.body:
        raise NotSeen("the subject's UPDATE has no offer")
    callee.respond(theirs, 491, label="met")
    again = attempt(callee, request("UPDATE", "INVITE"), 6.0)
    if again is not None:
        _answered(callee, again, direction="sendonly")
    stage.wait(0.3)
    stage.alive(callee)
    hang_up(dialog)
