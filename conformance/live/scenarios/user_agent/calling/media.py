"""Where the subject's RTP goes, in which format, and that its ports are open (RFC 3264, sections 5.1, 6.1, 7 and 8.3)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt, automatic, called, description, hang_up, invite
from conformance.live.stage import Stage
from conformance.live.wants import final, request

AGENT = "user-agent"
TALK = 1.5
"""Seconds in which a stream shows."""


def _talk(party: Party, body: bytes) -> None:
    """Silence to where a description of the subject wants it, and time to hear what comes."""
    party.speak(body)
    party.stage.wait(TALK)


def _call(caller: Party, body: bytes) -> tuple[Message, Dialog]:
    """A call with this offer: the 2xx and the dialog; the subject's port is tried behind its answer."""
    automatic(caller.stage)
    message = invite(caller, body=body)
    answer = caller.expect(final(200, to=message), 2 * caller.stage.budget)
    caller.probe_media(answer.body, "behind the answer")
    dialog = caller.ack(message, answer)
    assert dialog is not None
    return answer, dialog


@scenario("user-agent/media-answered", what="The subject takes a call, and both sides speak.", role=AGENT)
def media_answered(stage: Stage) -> None:
    """An offer of PCMA and PCMU; BYE."""
    caller = stage.party("caller")
    answer, dialog = _call(caller, description(caller, port=caller.media_port, formats="8 0"))
    _talk(caller, answer.body)
    hang_up(dialog)


@scenario("user-agent/media-one-format", what="The caller speaks PCMA only.", role=AGENT)
def media_one_format(stage: Stage) -> None:
    """An offer with that and a format nobody knows; BYE."""
    caller = stage.party("caller")
    media = [f"m=audio {caller.media_port} RTP/AVP 102 8", "a=rtpmap:102 X-NOBODY-KNOWS/8000", "a=rtpmap:8 PCMA/8000"]
    answer, dialog = _call(caller, description(caller, media=media))
    _talk(caller, answer.body)
    hang_up(dialog)


@scenario("user-agent/media-refused-stream", what="A stream of the offer is refused.", role=AGENT)
def media_refused_stream(stage: Stage) -> None:
    """Audio, and a medium that nobody knows at another port: nothing comes there."""
    caller, other = stage.party("caller"), stage.party("other", beside="caller")
    media = [f"m=audio {caller.media_port} RTP/AVP 0 8", f"m=application {other.media_port} RTP/AVP 99",
             "a=rtpmap:99 X-NOBODY-KNOWS/90000"]  # fmt: skip
    answer, dialog = _call(caller, description(caller, media=media))
    _talk(caller, answer.body)
    hang_up(dialog)


@scenario(
    "user-agent/media-moved",
    what="The caller moves its media to another port, where it takes one format only.",
    role=AGENT,
)
def media_moved(stage: Stage) -> None:
    """From PCMU and PCMA to PCMA by re-INVITE; BYE."""
    caller, other = stage.party("caller"), stage.party("other", beside="caller")
    answer, dialog = _call(caller, description(caller, port=caller.media_port, formats="0 8"))
    _talk(caller, answer.body)
    message = dialog.request("INVITE", body=description(caller, version=2, port=other.media_port, formats="8"))
    caller.send(message, label="moved")
    again = caller.expect(final(200, to=message))
    caller.probe_media(again.body, "behind the answer")
    caller.ack(message, again)
    _talk(other, again.body)
    hang_up(dialog)


@scenario("user-agent/media-ended", what="The caller ends the stream, and the call stands.", role=AGENT)
def media_ended(stage: Stage) -> None:
    """A re-INVITE with port 0; BYE."""
    caller = stage.party("caller")
    answer, dialog = _call(caller, description(caller, port=caller.media_port))
    _talk(caller, answer.body)
    caller.hearken("ahead of the end")
    message = dialog.request("INVITE", body=description(caller, version=2, port=0))
    caller.send(message, label="ended")
    caller.ack(message, caller.expect(final(200, to=message)))
    stage.wait(0.2)
    caller.hearken("on the way")
    stage.wait(TALK)
    caller.hearken("behind the end")
    hang_up(dialog)


@scenario(
    "user-agent/media-parameters",
    what="The caller changes the order of its formats, and how much it wants in a packet.",
    role=AGENT,
)
def media_parameters(stage: Stage) -> None:
    """PCMU and 40 ms at first, PCMA and 60 ms behind a re-INVITE; BYE."""
    caller = stage.party("caller")
    lines = [f"m=audio {caller.media_port} RTP/AVP 0 8", "a=ptime:40"]
    answer, dialog = _call(caller, description(caller, media=lines))
    _talk(caller, answer.body)
    caller.hearken("ahead of the change")
    lines = [f"m=audio {caller.media_port} RTP/AVP 8 0", "a=ptime:60"]
    message = dialog.request("INVITE", body=description(caller, media=lines, version=2))
    caller.send(message, label="changed")
    caller.ack(message, caller.expect(final(200, to=message)))
    stage.wait(0.2)
    caller.hearken("on the way")
    stage.wait(TALK)
    caller.hearken("behind the change")
    hang_up(dialog)


@scenario("user-agent/media-offered", what="The subject calls, and the callee takes one of the formats that it offers.", role=AGENT,
          needs=("trigger",))  # fmt: skip
def media_offered(stage: Stage) -> None:
    """Its port is open before the answer; BYE."""
    callee = stage.party("callee")
    asked = called(callee)
    callee.probe_media(asked.body, "ahead of the answer")
    answer = callee.respond(asked, 200, body=description(callee, port=callee.media_port, formats="0"))
    attempt(callee, request("ACK"))
    _talk(callee, asked.body)
    hang_up(callee.dialog(asked, answer))


@scenario("user-agent/media-first-answer", what="The 183 and the 200 to the subject's call describe different places.", role=AGENT,
          needs=("trigger",))  # fmt: skip
def media_first_answer(stage: Stage) -> None:
    """The first counts; BYE."""
    callee, other = stage.party("callee"), stage.party("other", beside="callee")
    asked = called(callee)
    callee.respond(asked, 183, body=description(callee, port=callee.media_port, formats="0"))
    stage.wait(0.3)
    answer = callee.respond(asked, 200, body=description(callee, port=other.media_port, formats="0"))
    attempt(callee, request("ACK"))
    _talk(callee, asked.body)
    hang_up(callee.dialog(asked, answer))


@scenario("user-agent/media-listened", what="The caller speaks, and does not want to hear.", role=AGENT)
def media_listened(stage: Stage) -> None:
    """An offer with sendonly; BYE."""
    caller = stage.party("caller")
    answer, dialog = _call(caller, description(caller, port=caller.media_port, direction="sendonly"))
    _talk(caller, answer.body)
    hang_up(dialog)


@scenario("user-agent/media-other-number", what="The answer to the subject's offer gives PCMU a number of its own.", role=AGENT,
          needs=("trigger",))  # fmt: skip
def media_other_number(stage: Stage) -> None:
    """101; BYE."""
    callee = stage.party("callee")
    asked = called(callee)
    media = [f"m=audio {callee.media_port} RTP/AVP 101", "a=rtpmap:101 PCMU/8000"]
    answer = callee.respond(asked, 200, body=description(callee, media=media))
    attempt(callee, request("ACK"))
    _talk(callee, asked.body)
    hang_up(callee.dialog(asked, answer))
