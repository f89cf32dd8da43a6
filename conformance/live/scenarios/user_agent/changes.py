"""A call that stands is changed (RFC 3261, section 14; RFC 3264, section 8)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    ask,
    attempt,
    automatic,
    call,
    cancelling,
    description,
    hang_up,
    invite,
    manual,
)
from conformance.live.stage import Stage
from conformance.live.wants import final, provisional, request

AGENT = "user-agent"


@scenario("user-agent/reinvite-same", what="A re-INVITE that changes nothing.", role=AGENT)
def reinvite_same(stage: Stage) -> None:
    """The same description with the same version, then BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    ask(caller, dialog.request("INVITE", body=description(caller)), label="unchanged")
    hang_up(dialog)


@scenario("user-agent/hold", what="The caller holds the call, by sendonly, and resumes it.", role=AGENT)
def hold(stage: Stage) -> None:
    """Two re-INVITEs with growing versions, then BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    ask(caller, dialog.request("INVITE", body=description(caller, version=2, direction="sendonly")), label="hold")
    stage.wait(0.5)
    ask(caller, dialog.request("INVITE", body=description(caller, version=3, direction="sendrecv")), label="resume")
    stage.wait(0.5)
    hang_up(dialog)


@scenario("user-agent/directions", what="The caller offers each direction in turn.", role=AGENT)
def directions(stage: Stage) -> None:
    """recvonly, inactive, sendrecv; BYE."""
    caller = stage.party("caller")
    dialog = call(caller, body=description(caller, direction="recvonly"))
    for version, direction in enumerate(("inactive", "sendonly", "sendrecv"), 2):
        body = description(caller, version=version, direction=direction)
        ask(caller, dialog.request("INVITE", body=body), label=direction)
        stage.wait(0.2)
    hang_up(dialog)


@scenario(
    "user-agent/more-streams",
    what="The caller adds streams that the subject need not take, and removes one.",
    role=AGENT,
)
def more_streams(stage: Stage) -> None:
    """A second stream of an unknown medium, then that stream with port 0, then BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    first = "m=audio 40000 RTP/AVP 0 8"
    added = [first, "m=application 40002 RTP/AVP 99", "a=rtpmap:99 X-NOBODY-KNOWS/90000"]
    ask(caller, dialog.request("INVITE", body=description(caller, version=2, media=added)), label="added")
    gone = [first, "m=application 0 RTP/AVP 99"]
    ask(caller, dialog.request("INVITE", body=description(caller, version=3, media=gone)), label="removed")
    hang_up(dialog)


@scenario(
    "user-agent/streams-from-start",
    what="An offer of several streams, one of them already refused by its offerer.",
    role=AGENT,
)
def streams_from_start(stage: Stage) -> None:
    """Audio, an unknown medium, video with port 0, a second audio stream."""
    caller = stage.party("caller")
    media = [
        "m=audio 40000 RTP/AVP 0 8",
        "m=application 40002 udp wb",
        "m=video 0 RTP/AVP 31",
        "m=audio 40004 RTP/AVP 8 0",
    ]
    hang_up(call(caller, body=description(caller, media=media)))


@scenario("user-agent/other-numbers", what="An offer that gives known codecs unusual payload numbers.", role=AGENT)
def other_numbers(stage: Stage) -> None:
    """PCMA is 100, PCMU 101, an unknown one 102."""
    caller = stage.party("caller")
    media = ["m=audio 40000 RTP/AVP 102 100 101", "a=rtpmap:102 X-NOBODY-KNOWS/8000",
             "a=rtpmap:100 PCMA/8000", "a=rtpmap:101 PCMU/8000"]  # fmt: skip
    answer = ask(caller, caller.request("INVITE", body=description(caller, media=media)))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])


@scenario("user-agent/reinvite-late-offer", what="A re-INVITE without an offer.", role=AGENT)
def reinvite_late_offer(stage: Stage) -> None:
    """The subject offers in its 2xx; the ACK answers; BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    message = dialog.request("INVITE")
    caller.send(message, label="no-offer")
    answer = caller.expect(final(200, to=message))
    caller.ack(message, answer, body=description(caller, version=2), headers=[("Content-Type", "application/sdp")])
    stage.wait(0.3)
    hang_up(dialog)


@scenario("user-agent/reinvite-unusable", what="A re-INVITE with nothing that the subject can use.", role=AGENT)
def reinvite_unusable(stage: Stage) -> None:
    """Codecs that nobody has; then a usable re-INVITE, and BYE: the dialog stands as before."""
    caller = stage.party("caller")
    dialog = call(caller)
    media = ["m=audio 40000 RTP/AVP 96", "a=rtpmap:96 X-NOBODY-KNOWS/8000"]
    ask(caller, dialog.request("INVITE", body=description(caller, version=2, media=media)), label="unusable")
    stage.wait(0.3)
    ask(caller, dialog.request("INVITE", body=description(caller, version=3)), label="usable")
    hang_up(dialog)


@scenario("user-agent/second-reinvite", what="Two re-INVITEs, the second before the first is answered.", role=AGENT)
def second_reinvite(stage: Stage) -> None:
    """Both at once; then BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    first = dialog.request("INVITE", body=description(caller, version=2))
    second = dialog.request("INVITE", body=description(caller, version=3))
    caller.send(first, label="first")
    caller.send(second, label="second")
    for message in (first, second):
        answer = attempt(caller, final(to=message))
        if answer is not None:
            caller.ack(message, answer)
    hang_up(dialog)


@scenario("user-agent/reinvite-ringing", what="An INVITE in the early dialog of one that rings.", role=AGENT)
def reinvite_ringing(stage: Stage) -> None:
    """It gets its answer at once; then the first is cancelled."""
    caller = stage.party("caller")
    manual(stage)
    first = invite(caller, label="ringing")
    early = caller.expect(provisional(180, 183, to=first))
    dialog = caller.dialog(first, early)
    answer = ask(caller, dialog.request("INVITE", body=description(caller, version=2)), label="second")
    if answer is None or (answer.status or 0) >= 300:
        cancelling(caller, first)
        attempt(caller, final(to=first))
    dialog.ended = True
    automatic(stage)


@scenario("user-agent/glare", what="A re-INVITE crosses one of the subject.", role=AGENT, needs=("trigger",))
def glare(stage: Stage) -> None:
    """The subject holds the call and gets a re-INVITE instead of an answer; its own gets 491, and it tries again."""
    caller = stage.party("caller")
    dialog = call(caller)
    stage.trigger("hold")
    theirs = caller.expect(request("INVITE"), 2 * stage.budget)
    ask(caller, dialog.request("INVITE", body=description(caller, version=2)), label="crossing")
    caller.respond(theirs, 491)
    again = attempt(caller, request("INVITE"), 5.0)
    if again is not None:
        caller.respond(again, 200, body=description(caller, version=3, direction="recvonly"))
        attempt(caller, request("ACK"))
    hang_up(dialog)


@scenario("user-agent/subject-holds", what="The subject holds the call and resumes it.", role=AGENT, needs=("trigger",))
def subject_holds(stage: Stage) -> None:
    """Its re-INVITEs are answered; BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    for version, (do, direction) in enumerate((("hold", "recvonly"), ("resume", "sendrecv")), 2):
        stage.trigger(do)
        theirs = caller.expect(request("INVITE"), 2 * stage.budget)
        caller.respond(theirs, 200, body=description(caller, version=version, direction=direction))
        caller.expect(request("ACK"))
        stage.wait(0.3)
    hang_up(dialog)


@scenario("user-agent/hold-refused", what="The subject's own re-INVITE is refused.", role=AGENT, needs=("trigger",))
def hold_refused(stage: Stage) -> None:
    """488 to its hold; the call stands, and BYE ends it."""
    caller = stage.party("caller")
    dialog = call(caller)
    stage.trigger("hold")
    theirs = caller.expect(request("INVITE"), 2 * stage.budget)
    caller.respond(theirs, 488)
    attempt(caller, request("ACK"))
    stage.wait(1.0)
    hang_up(dialog)


@scenario("user-agent/hold-481", what="The subject's re-INVITE is answered with 481.", role=AGENT, needs=("trigger",))
def hold_481(stage: Stage) -> None:
    """The dialog is over then; the subject may say so by BYE."""
    caller = stage.party("caller")
    dialog = call(caller)
    stage.trigger("hold")
    theirs = caller.expect(request("INVITE"), 2 * stage.budget)
    caller.respond(theirs, 481)
    attempt(caller, request("ACK"))
    bye = attempt(caller, request("BYE"), 2.0)
    if bye is not None:
        caller.respond(bye, 481)
        dialog.ended = True
    stage.wait(0.5)


@scenario("user-agent/multicast-offer", what="An offer of an audio stream to a group.", role=AGENT)
def multicast_offer(stage: Stage) -> None:
    """The answer has the same group, or refuses the stream."""
    caller = stage.party("caller")
    group = "FF15::101" if ":" in caller.end[0] else "233.252.0.101/1"
    family = "IP6" if ":" in caller.end[0] else "IP4"
    media = ["m=audio 40010 RTP/AVP 0 8", f"c=IN {family} {group}", "a=recvonly", "a=ptime:20"]
    answer = ask(caller, caller.request("INVITE", body=description(caller, media=media)), label="to-group")
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    stage.alive(caller)
