"""Tests of what ``disco-ref ring`` shows of the peers that it has met."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.commands.overlay_view import JsonLines
from disco_ref.shell.commands.ring import Peer, picture, show

PEERS = [
    Peer(bytes(16), 0.25, 0, 3),
    Peer(b"\x40" + bytes(15), 0.25, 5, 2),
    Peer(b"\x80" + bytes(15), 0.5, 500, 1),
]
_SVG = "{http://www.w3.org/2000/svg}"


class RingTests(SynchronousTestCase):
    """Three peers."""

    def test_json(self) -> None:
        """Each peer is one line."""
        out = io.StringIO()
        show(PEERS, JsonLines(out))
        told = [json.loads(each) for each in out.getvalue().splitlines()]
        self.assertEqual([each["node_id"] for each in told], [each.node_id.hex() for each in PEERS])
        self.assertEqual((told[2]["share"], told[2]["resources"], told[2]["uptime"]), (0.5, 500, 1))

    def test_picture(self) -> None:
        """The peers stand where their Node-IDs are, 0 at the top and on clockwise; who holds more has the larger dot."""
        root = ElementTree.fromstring(picture(PEERS))
        circle, *dots = root.findall(f"{_SVG}circle")
        places = [(float(each.get("cx", "")), float(each.get("cy", ""))) for each in dots]
        middle, radius = float(circle.get("cx", "")), float(circle.get("r", ""))
        self.assertEqual(places, [(middle, middle - radius), (middle + radius, middle), (middle, middle + radius)])
        sizes = [float(each.get("r", "")) for each in dots]
        self.assertEqual(sizes, sorted(sizes))
        self.assertEqual(len(root.findall(f"{_SVG}text")), 3)
