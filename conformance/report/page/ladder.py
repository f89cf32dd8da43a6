"""Ladder pictures: who said what to whom, from top to bottom, the offending message marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from conformance.run.model import Event

STEP = 34
"""Pixels from one message to the next."""
COLUMN = 230
"""Pixels from one party to the next."""
SHOWN = 60
"""The most messages that a picture shows."""
LABEL = 34
"""The longest label, in characters, for a distance of one column."""


def ladder(events: Sequence[Event], offenders: Collection[int] = ()) -> str:
    """An SVG of a conversation; events of the numbers in ``offenders`` are marked.  Empty without events.

    Where there are more than can be shown, those around the offender are.
    """
    if not events:
        return ""
    shown = _around(events, offenders)
    parties = list(dict.fromkeys(party for event in shown for party in (event.source, event.destination)))
    columns = {party: 90 + COLUMN * index for index, party in enumerate(parties)}
    width = max(columns.values()) + 90 + (60 if len(parties) == 1 else 0)
    height = 40 + STEP * len(shown) + 14
    lines = [
        f'<line class="life" x1="{x}" y1="26" x2="{x}" y2="{height - 6}"/>'
        f'<text class="party" x="{x}" y="16">{escape(_cut(party, 26))}</text>'
        for party, x in columns.items()
    ]
    for row, event in enumerate(shown):
        lines.append(_arrow(event, columns, 40 + STEP * row + 16, event.number in offenders))
    title = f"{len(events)} messages" if len(shown) == len(events) else f"{len(shown)} of {len(events)} messages"
    return (
        f'<svg class="ladder" viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{title}">'
        f"{''.join(lines)}</svg>"
    )


def _around(events: Sequence[Event], offenders: Collection[int]) -> Sequence[Event]:
    if len(events) <= SHOWN:
        return events
    at = next((index for index, event in enumerate(events) if event.number in offenders), 0)
    start = max(0, min(at - SHOWN // 2, len(events) - SHOWN))
    return events[start : start + SHOWN]


def _arrow(event: Event, columns: dict[str, int], y: int, bad: bool) -> str:
    start, end = columns[event.source], columns[event.destination]
    kind = f"m{' bad' if bad else ''}{' ill' if event.malformed else ''}"
    number = event.frame if event.protocol != "adapter" and event.frame is not None else event.number
    if event.kind == "note":
        return f'<g class="m"><text class="note" x="4" y="{y}" style="text-anchor:start">{escape(event.summary)}</text></g>'
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
