"""Forwarding: how many messages a second pass through one peer's core, from frame to frame, headers only read.

A Store on its way through a ring is caught at a peer that passes it on, and given to that peer again and again.  Counted is
all that the peer does for it: the frame and its acknowledgement, header, Destination List, next hop, the frame that leaves,
and the acknowledgement that comes back for that.  The best of many turns is taken, because other programs only slow it down.
"""

from __future__ import annotations

import time

from bench.overlay_pump import Pump
from disco_ref.peer.overlay.effects import Send
from disco_ref.peer.overlay.test.members import SINGLE, user
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.link.framing import DATA_HEADER
from disco_ref.reload.storage.client import StorageClient

PEERS = 8
TURNS = 40
PER_TURN = 500
_SMALLEST = 100


def measure() -> list[dict[str, object]]:
    """The row of the benchmark; see ``bench.__main__`` for its shape."""
    passage = Passage()
    passage.seconds(PER_TURN)
    best = min(passage.seconds(PER_TURN) for _ in range(TURNS))
    return [
        {
            "name": f"messages of {len(passage.message)} bytes forwarded by one peer's core, frames and acknowledgements included",
            "value": PER_TURN / best,
            "unit": "1/s",
            "target": ">= 40,000",
            "ratio_to": f"best of {TURNS} turns",
        }
    ]


class Passage:
    """A peer that passes a message on, and the ends of the two links that it uses for that."""

    def __init__(self) -> None:
        ring = Ring(PEERS)
        pump = Pump(ring)
        for which, (peer, place) in enumerate(zip(ring.peers, ring.places, strict=True)):
            client = StorageClient(peer.member, peer.chord)
            pump.order(place, client.store((which,), user(which).encode(), SINGLE, b"value", pump.now))
        self.now = pump.now
        for place, link, octets in pump.carried:
            sent = [each for each in pump.give(place, link, octets) if isinstance(each, Send)]
            onward = [each for each in sent if each.link != link and len(each.octets) >= len(octets)]
            if len(octets) > _SMALLEST and len(sent) == 2 and len(onward) == 1:
                break
        else:
            raise RuntimeError("no message was passed on")
        self.node, self.link, self.out = place.node, link, onward[0].link
        self.message = octets[DATA_HEADER:]
        context = self.node.member.overlay.context
        for each in (self.link, self.out):
            connection = self.node.member.connections.by_link(each)
            assert connection is not None
            connection.carrier = FramedStream(context)
        self.before, self.behind = FramedStream(context), FramedStream(context)

    def seconds(self, count: int) -> float:
        """What the peer takes for so many messages."""
        taken = 0.0
        node, now = self.node, self.now
        for _ in range(count):
            (frame,) = self.before.send(self.message, now)
            start = time.perf_counter()
            effects = node.received(self.link, frame, now)
            taken += time.perf_counter() - start
            acknowledgement, onward = effects
            assert isinstance(acknowledgement, Send) and isinstance(onward, Send) and onward.link == self.out
            self.before.receive(acknowledgement.octets, now)
            (reply,) = self.behind.receive(onward.octets, now).replies
            start = time.perf_counter()
            node.received(self.out, reply, now)
            taken += time.perf_counter() - start
        return taken
