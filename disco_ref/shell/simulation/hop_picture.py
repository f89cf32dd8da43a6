"""Hops against the number of peers, as a picture in SVG, beside half the logarithm (RFC 6940, section 10.3)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from html import escape

from disco_ref.shell.simulation.standing import Hops

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 620, 340, 60, 56, 56, 44
_MEASURED, _EXPECTED, _TARGET, _TEXT, _FAINT = "#0b5fa5", "#b3541e", "#4d4d4d", "#1a1a1a", "#d9d9d9"


def svg(title: str, rows: Sequence[Hops], targets: Mapping[int, float] | None = None) -> str:
    """The picture; ``targets`` are hops that are not to be exceeded, by the number of peers."""
    targets = targets or {}
    peers = [each.peers for each in rows]
    least, most = math.log2(min(peers, default=2)), math.log2(max(peers, default=4))
    least, most = math.floor(least - 0.4), math.ceil(most)
    highest = math.ceil(max([1.0, *targets.values(), *(each.mean for each in rows), 0.5 * most]) + 0.25)

    def x(count: float) -> float:
        return LEFT + WIDTH * (math.log2(count) - least) / (most - least)

    def y(hops: float) -> float:
        return TOP + HEIGHT * (1 - hops / highest)

    full_width, full_height = LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full_width} {full_height}" width="{full_width}" '
        f'height="{full_height}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" fill="{_TEXT}">{escape(title)}</text>',
    ]
    for hops in range(highest + 1):
        parts.append(f'<path d="M{LEFT} {y(hops):.1f}H{LEFT + WIDTH}" stroke="{_FAINT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(hops) + 4:.1f}" fill="{_TEXT}" text-anchor="end">{hops}</text>')
    for power in range(least, most + 1):
        at = x(2**power)
        parts.append(f'<path d="M{at:.1f} {TOP + HEIGHT}v5" stroke="{_TEXT}"/>')
        parts.append(
            f'<text x="{at:.1f}" y="{TOP + HEIGHT + 20}" fill="{_TEXT}" text-anchor="middle">{2**power:,}</text>'
        )
    parts.append(f'<path d="M{LEFT} {TOP}V{TOP + HEIGHT}H{LEFT + WIDTH}" fill="none" stroke="{_TEXT}"/>')
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 42}" fill="{_TEXT}" text-anchor="middle">peers (logarithmic)</text>'
    )
    parts.append(
        f'<path d="M{x(2**least):.1f} {y(0.5 * least):.1f}L{x(2**most):.1f} {y(0.5 * most):.1f}" fill="none" '
        f'stroke="{_EXPECTED}" stroke-width="2" stroke-dasharray="7 5"/>'
    )
    line = " ".join(f"{x(each.peers):.1f},{y(each.mean):.1f}" for each in sorted(rows))
    parts.append(f'<polyline points="{line}" fill="none" stroke="{_MEASURED}" stroke-width="2"/>')
    for each in rows:
        parts.append(f'<circle cx="{x(each.peers):.1f}" cy="{y(each.mean):.1f}" r="4" fill="{_MEASURED}"/>')
        parts.append(
            f'<text x="{x(each.peers) - 10:.1f}" y="{y(each.mean) - 10:.1f}" fill="{_MEASURED}" text-anchor="end">{each.mean:.2f}</text>'
        )
    for count, allowed in targets.items():
        parts.append(f'<path d="M{x(count) - 12:.1f} {y(allowed):.1f}h24" stroke="{_TARGET}" stroke-width="3"/>')
    return "\n".join([*parts, *_legend(bool(targets)), "</svg>", ""])


def _legend(targets: bool) -> list[str]:
    entries = [
        (_MEASURED, "", "mean hops, the last one counted"),
        (_EXPECTED, ' stroke-dasharray="7 5"', "0.5 · log2 N"),
    ]
    entries += [(_TARGET, "", "not to be exceeded")] if targets else []
    parts = []
    left = LEFT
    for colour, dashes, text in entries:
        parts.append(f'<path d="M{left} 40h26" stroke="{colour}" stroke-width="3"{dashes}/>')
        parts.append(f'<text x="{left + 32}" y="44" fill="{_TEXT}">{text}</text>')
        left += 60 + 7 * len(text)
    return parts


def rows(found: Sequence[Hops]) -> str:
    """The same as CSV, with a line of names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*Hops._fields, "half of log2"))
    writer.writerows((*each[:2], round(each.mean, 4), *each[3:], round(each.expected, 4)) for each in found)
    return text.getvalue()
