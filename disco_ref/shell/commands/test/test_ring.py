"""Tests of what ``disco-ref ring`` shows of the peers that it has met."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.storage.find import FindAns, FindKindData
from disco_ref.reload.topology.chord.arithmetic import Circle
from disco_ref.shell.commands.overlay_picture import (
    HEIGHT,
    LINE,
    MOST_LABELS,
    WIDTH,
    Peer,
    Stored,
    picture,
    spread,
)
from disco_ref.shell.commands.overlay_view import JsonLines
from disco_ref.shell.commands.ring import show
from disco_ref.shell.commands.ring_tour import Search

PEERS = [
    Peer(bytes(16), 0.25, 0, 3),
    Peer(b"\x40" + bytes(15), 0.25, 5, 2),
    Peer(b"\x80" + bytes(15), 0.5, 500, 1),
]
STORED = [Stored(b"\x20" + bytes(15), (1, 3), PEERS[1].node_id, (PEERS[2].node_id, PEERS[0].node_id))]
HELD = {3: [0x05, 0x50, 0x60, 0xF5], 16: [0x60, 0x70, 0x90, 0xA0]}
"""The first octets of resources, by the Kind."""
LEGEND = 3
"""Lines in the middle of the picture."""
_SVG = "{http://www.w3.org/2000/svg}"


class RingTests(SynchronousTestCase):
    """Three peers."""

    def test_json(self) -> None:
        """Each peer is one line, and each resource."""
        out = io.StringIO()
        show(PEERS, STORED, JsonLines(out))
        told = [json.loads(each) for each in out.getvalue().splitlines()]
        self.assertEqual([each["node_id"] for each in told[:3]], [each.node_id.hex() for each in PEERS])
        self.assertEqual((told[3]["responsible"], told[3]["kinds"]), (PEERS[1].node_id.hex(), [1, 3]))
        self.assertEqual((told[2]["share"], told[2]["resources"], told[2]["uptime"]), (0.5, 500, 1))

    def test_picture(self) -> None:
        """The peers stand where their Node-IDs are, 0 at the top and on clockwise; who holds more has the larger dot."""
        root = ElementTree.fromstring(picture(PEERS, STORED))
        circle, *dots = root.findall(f"{_SVG}circle")
        places = [(float(each.get("cx", "")), float(each.get("cy", ""))) for each in dots]
        middle, centre, radius = (float(circle.get(each, "")) for each in ("cx", "cy", "r"))
        self.assertEqual(places, [(middle, centre - radius), (middle + radius, centre), (middle, centre + radius)])
        sizes = [float(each.get("r", "")) for each in dots]
        self.assertEqual(sizes, sorted(sizes))
        self.assertEqual(len(root.findall(f"{_SVG}text")), 3 + LEGEND)
        self.assertEqual(len(root.findall(f"{_SVG}path/{_SVG}title")), 1)

    def test_labels(self) -> None:
        """Labels of peers that stand close lie beneath each other, inside the picture; too many are left out."""
        close = [Peer(b"\x7f" + bytes([each]) + bytes(14), 0.1, each, 1) for each in range(20)]
        texts = ElementTree.fromstring(picture(close)).findall(f"{_SVG}text")[:-LEGEND]
        heights = [float(each.get("y", "")) for each in texts]
        self.assertEqual((len(texts), heights), (20, sorted(heights)))
        self.assertTrue(all(below - above >= LINE - 0.11 for above, below in zip(heights, heights[1:], strict=False)))
        self.assertTrue(all(0 < each < HEIGHT for each in heights))
        width = 6.1 * max(len(each.text or "") for each in texts)
        self.assertTrue(all(float(each.get("x", "")) + width < WIDTH for each in texts))
        self.assertEqual(spread([5.0, 5.0, HEIGHT]), [LINE, 2 * LINE, HEIGHT - LINE])
        many = [Peer(each.to_bytes(2, "big") + bytes(14), 0.1, 0, 1) for each in range(MOST_LABELS + 1)]
        self.assertEqual(len(ElementTree.fromstring(picture(many)).findall(f"{_SVG}text")), 1)


class SearchTests(SynchronousTestCase):
    """What is stored, found by asking for the nearest."""

    def found(self, peers: list[bytes], held: dict[int, list[bytes]]) -> Search:
        """A search among peers of whom each knows everything, as the replicas of a small ring do."""
        search = Search(Circle(16), peers)
        for _ in range(100):
            asked = search.resource
            if asked is None:
                return search
            nearest = {kind: min(places, key=lambda one: (one < asked, one)) for kind, places in held.items()}
            search.take(FindAns(tuple(FindKindData(kind, place) for kind, place in nearest.items())))
        raise AssertionError("it does not come to an end")

    def test_everything(self) -> None:
        """Resources of several Kinds in one arc are all found, once each, whatever a Kind's nearest one round the ring is."""
        # = rfc6940:7.4.4/0 test
        peers = [bytes([each]) + bytes(15) for each in (0x40, 0x80, 0xF0)]
        held = {kind: [bytes([each]) + bytes(14) + b"\1" for each in places] for kind, places in HELD.items()}
        found = self.found(peers, held).stored
        self.assertEqual([each.resource[0] for each in found], [0xF5, 0x05, 0x50, 0x60, 0x70, 0x90, 0xA0])
        self.assertEqual(
            dict(zip((0x60, 0x90), (found[3].kinds, found[5].kinds), strict=True)), {0x60: (3, 16), 0x90: (16,)}
        )
        self.assertEqual([peers.index(each.responsible) for each in found], [0, 0, 1, 1, 1, 2, 2])
        self.assertEqual(found[2].replicas, (peers[2], peers[0]))

    def test_at_the_end(self) -> None:
        """A resource at the very place of a peer is that peer's; one peer has everything; nothing is found where nothing is."""
        end = bytes([0x40]) + bytes(15)
        self.assertEqual(
            [each.responsible for each in self.found([end, b"\x80" + bytes(15)], {3: [end]}).stored], [end]
        )
        alone = self.found([end], {3: [bytes([1]) * 16, bytes([0x90]) * 16]}).stored
        self.assertEqual([(each.resource[0], each.replicas) for each in alone], [(0x90, ()), (1, ())])
        self.assertEqual(self.found([end], {3: [bytes(16)]}).stored, [])
