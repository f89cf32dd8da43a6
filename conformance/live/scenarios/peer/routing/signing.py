"""Requests whose signature or certificate is not as it should be, over a link that is (RFC 6940, section 6.3.4)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import rsa

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.authority import BARE, EARLY, EXPIRED, FOREIGN, NO_NODE, NODE_ID, OTHER_OVERLAY
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.peer import Peer, Written
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.writing import Sealing, new_transaction, node
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.routing.clients import PING, ROLE
from conformance.live.wants import NotSeen

TRANSACTION = 20
"""Where a message has its transaction ID."""
LENGTHS = (16, 18, 32, 34, 36)
"""Where it has its length and those of its lists."""
STRIDE = 23
"""Octets between the places at which a message is cut short."""


def through(
    peer: Peer, author: Identity, sealing: Sealing | None = None, *, unsigned: bool = False, certificates: Sequence[bytes] | None = None
) -> Written:  # fmt: skip
    """A Ping of somebody behind a party, which passes it on."""
    via: Json = [node(author.node_id)]
    return peer.request(
        "PingReq", PING, via_list=via, sealing=sealing or Sealing(by=author), unsigned=unsigned, certificates=certificates
    )  # fmt: skip


def forged(peer: Peer, label: str, written: Written | bytes) -> None:
    """Send what must not be believed; some time for what may come of it."""
    peer.send(written, malformed=True, label=label)
    peer.silence(peer.stage.budget / 5)


@scenario(
    "peer/forged-requests",
    what="Requests come with signatures that are missing, spoilt, of another key, or of another message.",
    role=ROLE,
)
def forged_requests(stage: OverlayStage) -> None:
    """All by way of a node that is honest."""
    ann = stage.peer("ann")
    ann.connect()
    dora = stage.overlay.certify("dora@" + stage.overlay.name)
    other = stage.overlay.certify("other@" + stage.overlay.name)
    ann.send(good := through(ann, dora), label="good")
    ann.reply(good)
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    by_rsa = through(ann, stage.overlay.certify("rhea@" + stage.overlay.name, key=rsa_key))
    ann.send(by_rsa, label="by-rsa")
    stage.wait(stage.budget / 5)
    forged(ann, "unsigned", through(ann, dora, unsigned=True))
    forged(ann, "spoilt", through(ann, dora, Sealing(by=dora, spoilt=True)))
    forged(ann, "another-key", through(ann, dora, Sealing(by=dora, key=other.key)))
    octets = bytearray(through(ann, dora).octets)
    octets[TRANSACTION : TRANSACTION + 8] = int(new_transaction()).to_bytes(8)
    forged(ann, "another-transaction", bytes(octets))
    stranger = stage.overlay.certify("stranger@" + stage.overlay.name)
    forged(ann, "no-certificate", through(ann, stranger, certificates=[]))
    forged(ann, "another-certificate", through(ann, stranger, certificates=[other.certificate]))
    ann.send(good := through(ann, dora), label="good")
    ann.reply(good)
    stage.alive()


@scenario(
    "peer/wrong-certificates",
    what="Requests come that are signed under certificates of every kind that nobody should believe.",
    role=ROLE,
)
def wrong_certificates(stage: OverlayStage) -> None:
    """Expired, early, foreign, of another overlay, without a Node-ID, self-signed; and identities that do not fit theirs."""
    ann = stage.peer("ann")
    ann.connect()
    dora = stage.overlay.certify("dora@" + stage.overlay.name)
    ann.send(good := through(ann, dora), label="good")
    ann.reply(good)
    for kind in (EXPIRED, EARLY, FOREIGN, OTHER_OVERLAY, NO_NODE, BARE):
        forged(ann, kind, through(ann, stage.overlay.certify("mallory@" + stage.overlay.name, kind=kind)))
    several = stage.overlay.certify("many@" + stage.overlay.name, count=3)
    ann.send(good := through(ann, several), label="good")
    ann.reply(good)
    forged(ann, "several-by-hash", through(ann, several, Sealing(by=several, form="cert_hash")))
    elsewhere = Sealing(by=several, form="cert_hash_node_id", node_id=bytes(NODE_ID - 1) + b"\x07")
    forged(ann, "not-its-node-id", through(ann, several, elsewhere))
    stage.alive()


def calls(stage: OverlayStage, stranger: Peer, sealing: Sealing) -> None:
    """Open a link, and where it comes up send a Ping over it."""
    link = stranger.dial()
    stage.until(lambda: link.open or link.closed, stage.budget)
    if link.closed or not link.open:
        return
    try:
        stranger.send(stranger.request("PingReq", PING, sealing=sealing), link=link, label="of-a-stranger")
        stage.wait(stage.budget / 5)
    except NotSeen:
        stage.note(f"the link of {stranger.name} is closed already")


@scenario(
    "peer/links-of-strangers",
    what="Nodes open links with certificates of every kind that nobody should believe, and send a Ping.",
    role=ROLE,
)
def links_of_strangers(stage: OverlayStage) -> None:
    """The Ping is signed under a good certificate; only the link is not."""
    ann = stage.peer("ann")
    ann.connect()
    ann.ask("PingReq", PING, label="good")
    for kind in (EXPIRED, EARLY, FOREIGN, OTHER_OVERLAY, NO_NODE, BARE):
        for transport in ("tls", "dtls"):
            calls(stage, stage.peer(f"{kind} {transport}", kind=kind, transport=transport), Sealing(by=ann.identity))
    stage.alive()


@scenario(
    "peer/garbled-requests",
    what="A request comes cut short at many places, with other lengths, and with single bits turned.",
    role=ROLE,
)
def garbled_requests(stage: OverlayStage) -> None:
    """What is signed and turned is not believed; nothing of it is the end of the subject."""
    ann = stage.peer("ann")
    ann.connect()
    ann.ask("PingReq", PING, label="good")
    octets = ann.request("PingReq", {"padding": "00" * 64}).octets
    for end in range(0, len(octets), STRIDE):
        garbled(ann, "cut-short", octets[:end])
    for place in LENGTHS:
        for value in (b"\x00\x00", b"\x00\x01", b"\xff\xff"):
            if octets[place : place + 2] != value:
                garbled(ann, "other-lengths", octets[:place] + value + octets[place + 2 :])
    body = octets.index(bytes(64))
    for place in range(body, body + 64, 8):
        again = bytearray(ann.request("PingReq", {"padding": "00" * 64}).octets)
        again[place] ^= 1
        garbled(ann, "signed-bit", bytes(again))
    stage.alive()


def garbled(peer: Peer, label: str, octets: bytes) -> None:
    """Send it, over a new link where the subject has closed the last one."""
    try:
        link = peer.link
    except NotSeen:
        link = peer.connect()
    peer.send(octets, link=link, malformed=True, label=label)
    peer.silence(peer.stage.budget / 50)
