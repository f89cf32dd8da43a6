"""Ladder pictures: who said what to whom, from top to bottom, the offending message marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from conformance.run.model import Event

STEP = 34
"""Pixels from one message to the next."""
COLUMN = 240
"""Pixels from one party to the next."""
MARGIN = 66
"""Pixels from the edge to the first party, and behind the last."""
CLOCK = 56
"""Pixels of the column with the times."""
SMALLEST = 75
"""Per cent of its size down to which a picture shrinks where there is little room; then it is scrolled."""
SHOWN = 60
"""The most messages that a picture shows."""
LABEL = 34
"""The longest label, in characters, for a distance of one column."""


def ladder(events: Sequence[Event], offenders: Collection[int] = ()) -> str:
    """An SVG of a conversation; events of the numbers in ``offenders`` are marked.  Empty without events.

    Messages have the seconds since the first one at their left, since the first of their scenario where a note begins one.
    Where there are more than can be shown, those around the offender are.
    """
    if not events:
        return ""
    shown = _around(events, offenders)
    ends: dict[str, str] = {}
    for event in shown if all(one.kind == "note" for one in shown) else [one for one in shown if one.kind != "note"]:
        for end in (event.source, event.destination):
            name, _, address = end.partition(" ")
            ends.setdefault(name, address)
    clock = CLOCK if any(_timed(event) for event in shown) else 0
    columns = {name: clock + MARGIN + COLUMN * index for index, name in enumerate(ends)}
    top = 52 if any(ends.values()) else 40
    width = max(columns.values()) + MARGIN + (60 if len(ends) == 1 else 0)
    height = top + STEP * len(shown) + 14
    lines = [_life(name, ends[name], x, top, height) for name, x in columns.items()]
    start = 0.0
    for row, event in enumerate(shown):
        y = top + STEP * row + 16
        if event.kind == "note" or not start:
            start = event.time
        if clock and _timed(event):
            lines.append(f'<text class="at" x="2" y="{y + 3}">{event.time - start:+.3f}</text>')
        lines.append(_arrow(event, columns, y, event.number in offenders))
    title = f"{len(events)} messages" if len(shown) == len(events) else f"{len(shown)} of {len(events)} messages"
    return (
        f'<svg class="ladder" viewBox="0 0 {width} {height}" width="{width}" style="min-width:{width * SMALLEST // 100}px" '
        f'role="img" aria-label="{title}">'
        f"{''.join(lines)}</svg>"
    )


def _timed(event: Event) -> bool:
    """Whether the time of an event says something: that of a message on a network."""
    return event.kind in ("message", "garbage") and event.time > 0


def _life(name: str, address: str, x: int, top: int, height: int) -> str:
    below = f'<text class="address" x="{x}" y="30">{escape(_cut(address, 30))}</text>' if address else ""
    return (
        f'<line class="life" x1="{x}" y1="{top - 14}" x2="{x}" y2="{height - 6}"/>'
        f'<text class="party" x="{x}" y="16">{escape(_cut(name, 26))}</text>{below}'
    )


def _around(events: Sequence[Event], offenders: Collection[int]) -> Sequence[Event]:
    if len(events) <= SHOWN:
        return events
    at = next((index for index, event in enumerate(events) if event.number in offenders), 0)
    start = max(0, min(at - SHOWN // 2, len(events) - SHOWN))
    return events[start : start + SHOWN]


def _arrow(event: Event, columns: dict[str, int], y: int, bad: bool) -> str:
    if event.kind == "note":
        return f'<text class="heading" x="2" y="{y}">{escape(event.summary)}</text>'
    start, end = columns[event.source.partition(" ")[0]], columns[event.destination.partition(" ")[0]]
    kind = f"m{' bad' if bad else ''}{' ill' if event.malformed else ''}"
    number = event.frame if event.protocol != "adapter" and event.frame is not None else event.number
    if start == end:
        label = escape(_cut(f"{number} {event.summary}", LABEL))
        return (
            f'<g class="{kind}"><circle cx="{start}" cy="{y - 4}" r="4"/>'
            f'<text class="note" x="{start - 8}" y="{y}" text-anchor="end">{label}</text>{_title(event)}</g>'
        )
    room = LABEL * abs(end - start) // COLUMN
    label = escape(_cut(f"{number} {event.summary}", room))
    tip = 7 if end > start else -7
    return (
        f'<g class="{kind}"><path d="M{start} {y}H{end}M{end - tip} {y - 4}L{end} {y}L{end - tip} {y + 4}"/>'
        f'<text x="{(start + end) // 2}" y="{y - 5}">{label}</text>{_title(event)}</g>'
    )


def _title(event: Event) -> str:
    return f"<title>{escape(event.summary)}{' (deliberately malformed)' if event.malformed else ''}</title>"


def _cut(text: str, room: int) -> str:
    text = "".join(one if one.isprintable() else "\N{MIDDLE DOT}" for one in text)
    return text if len(text) <= room else text[: room - 1] + "\N{HORIZONTAL ELLIPSIS}"
