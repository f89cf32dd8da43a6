"""Conferences are created, joined and left (RFC 4579, sections 3.1, 4.1, 5.1 and 5.4; from memory)."""

from __future__ import annotations

from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.focus.steps import FOCUS, conference, create, dial, follow, join, joined, leave, watch
from conformance.live.scenarios.user_agent.steps import ask, description
from conformance.live.stage import Stage
from conformance.live.writing import token


@scenario("focus/create", what="Two conferences are created, one after the other.", role=FOCUS)
def create_(stage: Stage) -> None:
    """INVITE to the factory, twice; each is told a URI; BYE."""
    first, _ = create(stage.party("first"))
    second, _ = create(stage.party("second"))
    stage.wait(0.5)
    leave(first)
    leave(second)
    stage.alive()


@scenario("focus/join", what="A second and a third participant call the conference; all leave.", role=FOCUS)
def join_(stage: Stage) -> None:
    """Each sees the conference URI; the one who created it leaves first, the others stay in."""
    first, uri = conference(stage)
    second = join(stage.party("second"), uri)
    third = join(stage.party("third"), uri)
    stage.wait(0.5)
    leave(first)
    stage.wait(1.0)
    ask(second.party, second.request("INVITE", body=description(second.party, version=2)), label="still-in")
    leave(second)
    leave(third)
    stage.alive()


@scenario(
    "focus/unaware",
    what="A participant that knows nothing of conferences, of extensions, or of anything newer than RFC 2543.",
    role=FOCUS,
)
def unaware(stage: Stage) -> None:
    """An INVITE without Allow, Supported and Accept; one without an offer; both are calls like any other, with re-INVITE and BYE."""
    first, uri = conference(stage)
    plain = stage.party("plain")
    dialog = join(plain, uri, label="unaware")
    stage.wait(0.3)
    ask(plain, dialog.request("INVITE", body=description(plain, version=2)), label="unaware-again")
    late = stage.party("late")
    answer = dial(late, uri, body=b"", label="no-offer")
    message = late.last
    assert message is not None
    if (answer.status or 0) < 300:
        other = late.ack(message, answer, body=description(late), headers=[("Content-Type", "application/sdp")])
        assert other is not None
        stage.wait(0.5)
        leave(other)
    leave(dialog)
    leave(first)


@scenario("focus/join-with-video", what="A second participant offers video in H264, in two configurations.", role=FOCUS)
def join_with_video(stage: Stage) -> None:
    """Both modes of RFC 6184 with a profile that is not the first to come to mind; all leave."""
    first, uri = conference(stage)
    second = stage.party("second")
    media = ["m=audio 40000 RTP/AVP 0", "m=video 40002 RTP/AVP 97 98", "a=rtpmap:97 H264/90000",
             "a=fmtp:97 profile-level-id=640c1f;packetization-mode=1", "a=rtpmap:98 H264/90000",
             "a=fmtp:98 profile-level-id=4d001f"]  # fmt: skip
    dialog = join(second, uri, body=description(second, media=media), label="with-video")
    leave(dialog)
    leave(first)


@scenario("focus/no-common-codec", what="Somebody offers codecs that nobody has.", role=FOCUS)
def no_common_codec(stage: Stage) -> None:
    """Refused, and never shown as a participant; the conference goes on."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    odd = stage.party("odd")
    body = description(odd, media=["m=audio 40000 RTP/AVP 96", "a=rtpmap:96 X-NOBODY-KNOWS/8000"])
    answer = dial(odd, uri, body=body, label="no-codec")
    if (answer.status or 0) < 300:
        assert odd.last is not None
        leave(joined(odd, odd.last, answer))
    follow(made)
    made.end()
    leave(first)


@scenario("focus/options", what="OPTIONS to the factory, to a conference, and to one that is not there.", role=FOCUS)
def options(stage: Stage) -> None:
    """Each is answered; only a conference says isfocus."""
    first, uri = conference(stage)
    asker = stage.party("asker")
    ask(asker, asker.request("OPTIONS", uri), label="options")
    ask(asker, asker.request("OPTIONS"), label="options-factory")
    leave(first)
    stage.alive(asker)


@scenario("focus/same-caller", what="One user calls a conference from two devices.", role=FOCUS)
def same_caller(stage: Stage) -> None:
    """One user with two endpoints; one of them leaves, the other stays."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    desk, cell = stage.party("desk"), stage.party("cell")
    calls = [_from_someone(party, uri) for party in (desk, cell)]
    follow(made)
    leave(calls[0])
    follow(made)
    leave(calls[1])
    follow(made)
    made.end()
    leave(first)


def _from_someone(party: Party, uri: str) -> Dialog:
    """A call of one and the same user."""
    rows = [("From", f"<sip:someone@example.org>;tag={token()}")]
    return join(party, uri, headers=rows)


@scenario("focus/hold", what="A participant holds its call, and takes it up again.", role=FOCUS)
def hold(stage: Stage) -> None:
    """Two re-INVITEs; whoever watches sees the streams change."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    second = stage.party("second")
    dialog = join(second, uri)
    follow(made)
    ask(second, dialog.request("INVITE", body=description(second, version=2, direction="sendonly")), label="hold")
    follow(made)
    ask(second, dialog.request("INVITE", body=description(second, version=3)), label="resume")
    follow(made)
    made.end()
    leave(dialog)
    leave(first)
