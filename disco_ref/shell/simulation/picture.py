"""A run as a picture: lines over time, one panel for each quantity, in SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, TOP, GAP = 720, 110, 70, 40, 36


class Panel(NamedTuple):
    """One quantity."""

    title: str
    values: Sequence[float]
    least: float | None = None
    """Where the axis begins; None for 0."""


def svg(title: str, times: Sequence[float], panels: Sequence[Panel]) -> str:
    """The picture; ``times`` in minutes."""
    total = TOP + len(panels) * (HEIGHT + GAP) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 20} {total}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" fill="#1a1a1a">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, times, TOP + number * (HEIGHT + GAP))
    if times:
        bottom = total - 12
        parts.append(f'<text x="{LEFT}" y="{bottom}" fill="#555555">minute {times[0]:g}</text>')
        parts.append(f'<text x="{LEFT + WIDTH}" y="{bottom}" fill="#555555" text-anchor="end">{times[-1]:g}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, times: Sequence[float], top: float) -> list[str]:
    least = panel.least if panel.least is not None else 0.0
    most = max(panel.values, default=least)
    if most == least:
        most = least + 1.0
    base = top + 14 + HEIGHT
    parts = [
        f'<text x="{LEFT}" y="{top + 8}" fill="#1a1a1a">{escape(panel.title)}</text>',
        f'<path d="M{LEFT} {top + 14}V{base}H{LEFT + WIDTH}" fill="none" stroke="#999999"/>',
        f'<text x="{LEFT - 6}" y="{top + 22}" fill="#555555" text-anchor="end">{most:g}</text>',
        f'<text x="{LEFT - 6}" y="{base}" fill="#555555" text-anchor="end">{least:g}</text>',
    ]
    if times:
        span = max(times[-1] - times[0], 1e-9)
        points = [
            f"{LEFT + WIDTH * (at - times[0]) / span:.1f},{base - HEIGHT * (value - least) / (most - least):.1f}"
            for at, value in zip(times, panel.values, strict=True)
        ]
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="#0b5fa5" stroke-width="2"/>')
    return parts
