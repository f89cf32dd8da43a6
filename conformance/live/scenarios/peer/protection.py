"""What TLS and DTLS do for a link: seen on real sockets only (RFC 6940, sections 6.4.2.1, 6.5.1.13 and 13.2)."""

from __future__ import annotations

from dataclasses import replace

from conformance.live.overlay.peer import Peer
from conformance.live.overlay.sockets.links import SocketLinks
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import Sealing
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.attaching.steps import asks_to_attach, opened
from conformance.live.wants import NotClaimed, NotSeen

ROLE = "peer"
BARE = {"tls": "tcp", "dtls": "udp"}
"""What carries a link, without its protection."""


@scenario(
    "peer/handshakes",
    what="Nodes with a certificate and without one open links and send a Ping.",
    role=ROLE,
    virtual=False,
)
def handshakes(stage: OverlayStage) -> None:
    """Who shows none says the same as who shows one, signed by somebody else."""
    ann = stage.peer("ann")
    ann.connect()
    ann.ask("PingReq", {"padding": ""}, label="shown")
    nobody = stage.peer("nobody", identity=replace(ann.identity, certificate=b""))
    _tries(nobody, "nothing shown", Sealing(by=ann.identity))
    stage.alive()


@scenario(
    "peer/unprotected", what="A Ping is sent without TLS to where the subject takes links, then over a link.", role=ROLE,
    virtual=False,
)  # fmt: skip
def unprotected(stage: OverlayStage) -> None:
    """Nothing comes back but what TLS itself may say."""
    ann = stage.peer("ann")
    bare = stage.peer("bare", identity=ann.identity, transport=BARE[stage.transport])
    _tries(bare, "bare", Sealing(by=ann.identity))
    ann.connect()
    ann.ask("PingReq", {"padding": ""}, label="protected")
    stage.alive()


@scenario(
    "peer/played-back", what="A record with a Ping is sent once more as it was on the wire.", role=ROLE, virtual=False,
    needs=("dtls",),
)  # fmt: skip
def played_back(stage: OverlayStage) -> None:
    """Who took it twice would acknowledge its frame twice."""
    links = stage.links
    if not isinstance(links, SocketLinks):
        raise NotClaimed("there are no records")
    ann = stage.peer("ann")
    link = ann.connect()
    ann.ask("PingReq", {"padding": ""}, label="before")
    ask = ann.request("PingReq", {"padding": ""})
    ann.send(ask, label="played back")
    stage.until(lambda: link.acked.get(link.sequence) is not None, stage.budget)
    for _ in range(3):
        links.replay(link.number)
        stage.note("the record is sent once more")
        stage.wait(0.3)
    ann.ask("PingReq", {"padding": ""}, label="afterwards")
    stage.alive()


@scenario(
    "peer/tls-sides", what="A node asks the subject for a link, and waits for the handshake.", role=ROLE, virtual=False
)
def tls_sides(stage: OverlayStage) -> None:
    """Who was asked opens the link, and is the client of TLS; it shows a certificate."""
    ann, bob = stage.peer("ann"), stage.peer("bob")
    ann.connect()
    bob.success(asks_to_attach(bob, ann, "attach"))
    link = opened(bob, by_subject=True)
    ask = bob.request("PingReq", {"padding": ""})
    bob.send(ask, link=link, label="over the link")
    bob.success(ask)
    stage.alive()


@scenario(
    "peer/tls-sides-asking", what="The subject asks a node for a link, which the other one opens.", role=ROLE,
    virtual=False, needs=("start",),
)  # fmt: skip
def tls_sides_asking(stage: OverlayStage) -> None:
    """It joins by a party; where it asks another one to attach, that one is the client of TLS."""
    ann = stage.peer("ann", turn=0.3)
    stage.begin(bootstrap=[ann])
    ann.request_of("AttachReq")
    stage.until(lambda: any(one.number > 0 and (one.open or one.closed) for one in ann.links.values()), stage.budget)
    stage.alive()


def _tries(peer: Peer, label: str, sealing: Sealing) -> None:
    """A Ping over a link that must not do; it is not waited for long."""
    stage = peer.stage
    link = peer.dial()
    stage.until(lambda: link.open or link.closed, stage.budget)
    if link.closed:
        return
    try:
        peer.send(peer.request("PingReq", {"padding": ""}, sealing=sealing), link=link, malformed=True, label=label)
    except NotSeen:
        return
    stage.until(lambda: link.closed, stage.budget)
    peer.hang_up()
