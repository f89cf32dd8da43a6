"""Links in a ring that fall silent or fail, while there is another way (RFC 6940, sections 6.6, 6.6.3.1 and 6.6.5)."""

from __future__ import annotations

from conformance.live.overlay import courtesy
from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import specifier
from conformance.live.overlay.surrounding import Surrounding
from conformance.live.overlay.writing import resource
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.ring.places import NINE
from conformance.live.scenarios.peer.routing.clients import PING, ROLE

BEHIND = 0.65
"""A place whose next hop is the silent peer."""
SILENT = "finn"
RETAINED = 30.0
"""Seconds for which a stream without acknowledgements had better be kept (section 6.6.5)."""
SHORT = 0.5
"""Seconds before the end of that time at which the link is looked at."""
LATER = 10.0
"""Seconds after which a link without acknowledgements cannot be relied on: the waits of four transmissions from half a second on."""


def around(stage: OverlayStage, transport: str) -> tuple[Peer, Peer]:
    """The subject in a ring, one of whose peers has a link of this transport; and a client of the subject."""
    silent = stage.peer(SILENT, turn=NINE[SILENT], transport=transport)
    Surrounding(stage, NINE).join()
    zoe = stage.peer("zoe", turn=0.52)
    zoe.connect()
    asks(zoe, "before")
    return silent, zoe


def asks(zoe: Peer, label: str) -> None:
    """A Fetch for the place, whose answer nobody waits for longer than a moment."""
    at = zoe.stage.place(BEHIND)
    body = {"resource": at.hex(), "specifiers": [specifier(SINGLE_USER)]}
    zoe.send(zoe.request("FetchReq", body, to=[resource(at)]), label=label)  # type: ignore[arg-type]
    zoe.stage.wait(zoe.stage.budget / 5)


def falls_silent(peer: Peer) -> None:
    """It neither acknowledges nor answers anything any more; what is sent to it arrives."""
    peer.polite = False
    peer.attaches = False
    for link in peer.links.values():
        link.acknowledges = False


@scenario(
    "peer/silent-datagrams",
    what="A peer of the ring does not acknowledge anything any more, over DTLS.",
    role=ROLE,
    slow=True,
)
def silent_datagrams(stage: OverlayStage) -> None:
    """A client asks for its place, and once more when the subject can have found out."""
    silent, zoe = around(stage, "dtls")
    falls_silent(silent)
    asks(zoe, "into-silence")
    stage.wait(LATER)
    asks(zoe, "later")
    stage.alive()


@scenario(
    "peer/silent-stream",
    what="A peer of the ring does not acknowledge anything any more, over TLS.",
    role=ROLE,
    slow=True,
)
def silent_stream(stage: OverlayStage) -> None:
    """A client asks for its place, and once more when the subject can have found out; then the link has time to be given up."""
    silent, zoe = around(stage, "tls")
    falls_silent(silent)
    since = stage.now
    asks(zoe, "into-silence")
    stage.wait(LATER)
    asks(zoe, "later")
    stage.wait(max(0.0, since + RETAINED - SHORT - stage.now))
    zoe.ask("PingReq", PING, label="retained")
    stage.wait(2 * RETAINED)
    stage.alive()


@scenario("peer/lost-link", what="A peer of the ring closes its link, and takes no other.", role=ROLE)
def lost_link(stage: OverlayStage) -> None:
    """A client asks for its place at once."""
    silent, zoe = around(stage, "tls")
    silent.leaves.add(courtesy.ATTACH)
    stage.links.deaf(silent.name, deaf=True)
    silent.hang_up()
    stage.wait(0.0 if stage.virtual else 0.5)  # the end of a connection is on its way
    asks(zoe, "at-once")
    stage.alive()
