"""The ring of an overlay as a picture (RFC 6940, section 10.1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.shell.commands.overlay_view import SHORT

WIDTH, HEIGHT, RADIUS = 780, 480, 170
"""Of the picture, and of the ring in its middle."""
LINE = 12.0
"""From one label to the next on the same side."""
AWAY = 24.0
"""From the ring to its labels."""
MOST_LABELS = 2 * int((HEIGHT - 20) / LINE) - 4
"""Peers beyond which only the dots are drawn."""


class Peer(NamedTuple):
    """What a peer says of itself."""

    node_id: bytes
    share: float
    """The part of the ring that it is responsible for, 0 to 1."""
    resources: int
    """Resource-IDs at which it holds something, its own and as replica."""
    uptime: int
    """Seconds."""


class _Dot(NamedTuple):
    x: float
    y: float
    peer: Peer


def picture(peers: Sequence[Peer]) -> str:
    """The ring as SVG: each peer at the place of its Node-ID, 0 at the top, clockwise; its dot grows with what it holds."""
    middle = WIDTH / 2
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="monospace" font-size="10">',
        f"<title>A ring of {len(peers)} peers</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<circle cx="{middle}" cy="{HEIGHT / 2}" r="{RADIUS}" fill="none" stroke="#888888"/>',
    ]
    dots = [_dot(each) for each in peers]
    for x, y, peer in dots:
        size = 3 + min(9.0, 2 * math.log1p(peer.resources))
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#1f6feb"/>')
    if len(dots) <= MOST_LABELS:
        drawn += _labels([each for each in dots if each.x >= middle], middle + RADIUS + AWAY, "start")
        drawn += _labels([each for each in dots if each.x < middle], middle - RADIUS - AWAY, "end")
    return "\n".join([*drawn, "</svg>", ""])


def _dot(peer: Peer) -> _Dot:
    turn = int.from_bytes(peer.node_id, "big") / (1 << 8 * len(peer.node_id)) * 2 * math.pi
    return _Dot(WIDTH / 2 + RADIUS * math.sin(turn), HEIGHT / 2 - RADIUS * math.cos(turn), peer)


def _labels(dots: Sequence[_Dot], x: float, anchor: str) -> list[str]:
    """The labels of one side, beneath each other, each with a line to its dot."""
    drawn: list[str] = []
    ordered = sorted(dots, key=lambda each: each.y)
    for (dot_x, dot_y, peer), y in zip(ordered, spread([each.y for each in ordered]), strict=True):
        words = "resource" if peer.resources == 1 else "resources"
        label = f"{peer.node_id.hex()[:SHORT]} {peer.share:.1%}, {peer.resources} {words}"
        drawn.append(f'<path d="M{dot_x:.1f} {dot_y:.1f}L{x:.1f} {y:.1f}" stroke="#cccccc" fill="none"/>')
        nudge = 4 if anchor == "start" else -4
        drawn.append(f'<text x="{x + nudge:.1f}" y="{y + 3:.1f}" text-anchor="{anchor}">{label}</text>')
    return drawn


def spread(wanted: Sequence[float]) -> list[float]:
    """Places near those that are wanted, which ascend, at least a line from each other and inside the picture."""
    places: list[float] = []
    for each in wanted:
        places.append(max(each, places[-1] + LINE if places else LINE))
    lowest = HEIGHT - LINE
    for index in reversed(range(len(places))):
        places[index] = min(places[index], lowest)
        lowest = places[index] - LINE
    return places
