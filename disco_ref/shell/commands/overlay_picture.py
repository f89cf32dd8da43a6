"""The ring of an overlay as a picture (RFC 6940, section 10.1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.shell.commands.overlay_view import SHORT

WIDTH, HEIGHT, RADIUS = 640, 560, 135
"""Of the picture, and of the ring in its middle."""
LINE = 17.0
"""From one label to the next on the same side."""
AWAY = 20.0
"""From the ring to its labels."""
TICK = 7.0
"""Half the length of the mark of a resource."""
SHADES = ("#b6c7dd", "#dde5ef")
"""Arcs take turns."""
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


class Stored(NamedTuple):
    """A resource, and who holds it."""

    resource: bytes
    kinds: tuple[int, ...]
    responsible: bytes
    """The Node-ID of the peer in whose arc it lies."""
    replicas: tuple[bytes, ...]
    """Those of the peers behind it, which hold copies."""


class _Dot(NamedTuple):
    x: float
    y: float
    peer: Peer


def picture(peers: Sequence[Peer], stored: Sequence[Stored] = ()) -> str:
    """The ring as SVG: each peer at the place of its Node-ID, 0 at the top, clockwise, at the end of the arc that it is responsible for.

    Its dot grows with what it holds; resources are marks across the ring.
    """
    middle = WIDTH / 2
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="monospace" font-size="15">',
        f"<title>A ring of {len(peers)} peers</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<circle cx="{middle}" cy="{HEIGHT / 2}" r="{RADIUS}" fill="none" stroke="#888888"/>',
        *_arcs(peers),
    ]
    for each in stored:
        (x, y), (u, v) = _at(each.resource, RADIUS - TICK), _at(each.resource, RADIUS + TICK)
        title = f"<title>{each.resource.hex()}</title>"
        drawn.append(f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" stroke="#b35900" stroke-width="2">{title}</path>')
    dots = [_Dot(*_at(each.node_id, RADIUS), each) for each in peers]
    for x, y, peer in dots:
        size = 3 + min(9.0, 2 * math.log1p(peer.resources))
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#1f6feb"/>')
    if len(dots) <= MOST_LABELS:
        drawn += _labels([each for each in dots if each.x >= middle], middle + RADIUS + AWAY, "start")
        drawn += _labels([each for each in dots if each.x < middle], middle - RADIUS - AWAY, "end")
    says = ["Node-ID, its arc,", "resources held"] if len(dots) <= MOST_LABELS else []
    for number, line in enumerate([f"{len(peers)} peers", *says]):
        y = HEIGHT / 2 - 20 + 20 * number
        drawn.append(f'<text x="{middle}" y="{y}" text-anchor="middle" fill="#555555">{line}</text>')
    return "\n".join([*drawn, "</svg>", ""])


def _at(place: bytes, radius: float) -> tuple[float, float]:
    """Where a Node-ID or Resource-ID lies, so far from the middle."""
    turn = int.from_bytes(place, "big") / (1 << 8 * len(place)) * 2 * math.pi
    return WIDTH / 2 + radius * math.sin(turn), HEIGHT / 2 - radius * math.cos(turn)


def _arcs(peers: Sequence[Peer]) -> list[str]:
    """What each peer is responsible for: from the one before it on."""
    drawn = []
    for index, peer in enumerate(peers):
        before = peers[index - 1].node_id
        (x, y), (u, v) = _at(before, RADIUS), _at(peer.node_id, RADIUS)
        size = 1 << 8 * len(before)
        wide = (int.from_bytes(peer.node_id, "big") - int.from_bytes(before, "big")) % size > size // 2
        shade = SHADES[index % 2]
        path = f"M{x:.1f} {y:.1f}A{RADIUS} {RADIUS} 0 {int(wide)} 1 {u:.1f} {v:.1f}"
        drawn.append(f'<path d="{path}" fill="none" stroke="{shade}" stroke-width="10"/>')
    return drawn if len(peers) > 1 else []


def _labels(dots: Sequence[_Dot], x: float, anchor: str) -> list[str]:
    """The labels of one side, beneath each other, each with a line to its dot."""
    drawn: list[str] = []
    ordered = sorted(dots, key=lambda each: each.y)
    for (dot_x, dot_y, peer), y in zip(ordered, spread([each.y for each in ordered]), strict=True):
        label = f"{peer.node_id.hex()[:SHORT]} {peer.share:.0%}, {peer.resources}"
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
