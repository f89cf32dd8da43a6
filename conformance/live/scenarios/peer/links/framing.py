"""Frames that come in another order, twice, broken, or are never acknowledged (RFC 6940, sections 6.6.2, 6.6.3 and 6.6.5)."""

from __future__ import annotations

from conformance.lab import rules
from conformance.live.overlay import courtesy
from conformance.live.overlay.peer import Peer, end_of
from conformance.live.overlay.stage import OverlayStage
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.routing.clients import PING, ROLE
from conformance.live.wants import NotSeen

DTLS, TLS = "dtls", "tls"
LONGEST = 60.0
"""Seconds until every repetition of a message is over, whatever the first wait was."""
COPIES = 3
"""Transmissions of an answer before the first of them is acknowledged."""
NUMBERS = (0, 1, 2, 5, 3, 4, 9, 40, 39, 41, 20, 80, 79)
"""Sequence numbers as a network may bring them: late, with gaps, and beyond the reach of an acknowledgement."""
BROKEN = {
    "another type": b"\x82" + bytes(12),
    "no type": bytes(16),
    "longer than it is": b"\x80" + bytes(4) + b"\x00\x04\x00" + b"short",
    "an empty message": b"\x80" + bytes(7),
    "no message": b"\x80" + bytes(4) + b"\x00\x00\x20" + b"\xd2\x45\x4c\x4f" + bytes(28),
    "half an acknowledgement": b"\x81\x00\x00",
    "an acknowledgement of nothing": b"\x81" + b"\xff" * 8,
    "text": b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
}


def linked(stage: OverlayStage, name: str, transport: str) -> Peer:
    """A party with a link of a transport."""
    peer = stage.peer(name, transport=transport)
    peer.connect()
    return peer


@scenario(
    "peer/frames-in-any-order",
    what="Data frames come with gaps, late, and with numbers far apart, over DTLS.",
    role=ROLE,
)
def frames_in_any_order(stage: OverlayStage) -> None:
    """Each with a request of its own; all are answered."""
    ann = linked(stage, "ann", DTLS)
    for number in NUMBERS:
        request = ann.request("PingReq", PING)
        ann.link.sequence = number - 1
        ann.send(request, label="in-any-order")
        ann.reply(request)
    stage.alive()


@scenario("peer/frames-twice", what="A data frame comes twice, as a network may bring it, over DTLS.", role=ROLE)
def frames_twice(stage: OverlayStage) -> None:
    """The same sequence number, the same message."""
    ann = linked(stage, "ann", DTLS)
    request = ann.request("PingReq", PING)
    frame = ann.link.frame(request.octets, stage.now)
    for _ in range(2):
        ann.put(frame, label="twice")
        stage.wait(stage.budget / 5)
    ann.reply(request)
    stage.alive()


@scenario(
    "peer/many-at-once",
    what="Many requests come at once over DTLS; each answer is acknowledged as it comes.",
    role=ROLE,
)
def many_at_once(stage: OverlayStage) -> None:
    """So that answers have to wait for one another."""
    ann = linked(stage, "ann", DTLS)
    requests = [ann.request("PingReq", PING) for _ in range(8)]
    for one in requests:
        ann.send(one, label="at-once")
    for one in requests:
        ann.reply(one)
    stage.alive()


@scenario(
    "peer/octet-by-octet", what="Frames come over TLS in pieces of an octet, and several in one piece.", role=ROLE
)
def octet_by_octet(stage: OverlayStage) -> None:
    """What a stream does with them; the last is by a link of its own."""
    ann, ben = linked(stage, "ann", TLS), linked(stage, "ben", TLS)
    requests = [ann.request("PingReq", PING) for _ in range(5)]
    ann.put(b"".join(ann.link.frame(one.octets, stage.now) for one in requests), label="in-one-piece")
    frame = ann.link.frame(ann.request("PingReq", PING).octets, stage.now)
    ann.put(frame[:100], label="in-halves")
    ann.put(frame[100:], label="in-halves")
    stage.wait(stage.budget / 5)
    for octet in ben.link.frame(ben.request("PingReq", PING).octets, stage.now):
        ben.put(bytes([octet]), label="octet-by-octet")
    stage.wait(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/unacknowledged",
    what="Answers over DTLS are never acknowledged, on a new link and on one that has worked.",
    role=ROLE,
    slow=True,
)
def unacknowledged(stage: OverlayStage) -> None:
    """Long enough that the subject can have given up."""
    ann, ben = linked(stage, "ann", DTLS), linked(stage, "ben", DTLS)
    for _ in range(10):
        ben.ask("PingReq", PING)
    for peer in (ann, ben):
        stage.wait(1.0)
        peer.link.acknowledges = False
        peer.send(peer.request("PingReq", PING), label="new" if peer is ann else "has-worked")
        stage.wait(LONGEST)
    stage.alive()


@scenario(
    "peer/late-acknowledgement",
    what="Of an answer that has come three times over DTLS the first transmission is acknowledged.",
    role=ROLE,
)
def late_acknowledgement(stage: OverlayStage) -> None:
    """Then another request, whose answer is acknowledged as usual."""
    ann = linked(stage, "ann", DTLS)
    link = ann.link
    link.acknowledges = False
    ann.send(ann.request("PingReq", PING), label="acknowledged-late")
    if not stage.until(lambda: len(link.got) >= COPIES, 10 * stage.budget):
        raise NotSeen(f"an answer without an acknowledgement does not come {COPIES} times")
    ann.put(link.acknowledgement(link.got[0]), label="late")
    stage.wait(6 * stage.budget)
    link.acknowledges = True
    ann.ask("PingReq", PING, label="afterwards")
    stage.alive()


@scenario("peer/broken-frames", what="Links bring what is no frame, or no message.", role=ROLE)
def broken_frames(stage: OverlayStage) -> None:
    """Each over a link of its own, by TLS and by DTLS."""
    for transport in (TLS, DTLS):
        for number, (what, octets) in enumerate(BROKEN.items()):
            peer = linked(stage, f"{transport}{number}", transport)
            stage.note(f"{peer.name}: {what}")
            try:
                peer.ask("PingReq", PING, label="good")
                peer.put(octets, malformed=True, label="broken")
                stage.wait(stage.budget / 5)
            except NotSeen as gone:
                stage.note(str(gone))
            stage.alive()


@scenario(
    "peer/attach-answered",
    what="A node attaches to the subject, and opens a link to each candidate of the answer.",
    role=ROLE,
)
def attach_answered(stage: OverlayStage) -> None:
    """By TLS without ICE."""
    ann = linked(stage, "ann", TLS)
    answer = ann.ask("AttachReq", courtesy.attach(ann), label="attach")
    for one in rules.objects(answer.body.get("candidates")):
        if one["overlay_link"] == "TLS-TCP-FH-NO-ICE":
            link = ann.dial(to=end_of(one["addr_port"]))
            stage.until(lambda link=link: link.open or link.closed, stage.budget)  # type: ignore[misc]
    stage.alive()
