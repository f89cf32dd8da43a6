"""Tests of what ``disco-ref ring`` shows of the peers that it has met."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

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

PEERS = [
    Peer(bytes(16), 0.25, 0, 3),
    Peer(b"\x40" + bytes(15), 0.25, 5, 2),
    Peer(b"\x80" + bytes(15), 0.5, 500, 1),
]
STORED = [Stored(b"\x20" + bytes(15), (1, 3), PEERS[1].node_id, (PEERS[2].node_id, PEERS[0].node_id))]
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
