"""Tables drawn: a picture of the arrows as SVG, and a page that lists what no picture shows, the silent cells.

States stand in a column in the order of the table.  An arrow back to its own state is written to the left of it, one to the next
state beneath it, any other to the right of where it begins; ``event / actions`` stands beside each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from typing import Generic, NamedTuple

from disco_ref.machine.table import Act, Event, State, Step, Table

_LINE = 15
"""Height of a line of text, in pixels, as all that follow."""
_CHARACTER = 6.7
_BOX = 120
_GAP = 26
"""Between two states without an arrow from one to the next."""
_LANE = 12
"""Between two lines side by side."""

_STYLE = (
    "text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:#222}.state{font-weight:bold;text-anchor:middle}"
    ".left{text-anchor:end}rect{fill:#eef3fa;stroke:#456}.end{fill:#eee}path{fill:none;stroke:#456}.head{fill:#456}"
)


class _Placed(NamedTuple, Generic[State]):
    """A state with its place in the picture."""

    top: float
    height: float
    loops: list[str]
    down: list[str]
    """What is written beside the arrow to the next state."""
    away: dict[State, list[str]]
    """Other arrows by their target."""
    docks: float
    """Where the first arrow from afar comes in, beneath those that leave."""

    @property
    def bottom(self) -> float:
        return self.top + self.height


def svg(table: Table[State, Event, Act]) -> str:
    """The picture of a table; the same for the same table, byte for byte."""
    placed = _placed(table)
    left = _width(text for each in placed.values() for text in each.loops) + 34
    first, middle, last = left, left + _BOX / 2, left + _BOX
    lane = last + 18 + max(_width(text for texts in each.away.values() for text in texts) for each in placed.values())
    lane = max(
        lane, middle + 18 + _width([_words("", table.entry), *(text for each in placed.values() for text in each.down)])
    )
    out = [_arrow([(middle, 4), (middle, placed[table.start].top)]), _text(middle + 8, 16, _words("", table.entry), "")]
    docks = {state: each.docks for state, each in placed.items()}
    for state, each in placed.items():
        out += _state(table, state, each, first)
        y = each.top
        for target, texts in each.away.items():
            out += [_text(last + 8, y + (n + 1) * _LINE, text, "") for n, text in enumerate(texts)]
            y += len(texts) * _LINE + 5
            out.append(_arrow([(last, y), (lane, y), (lane, docks[target]), (last, docks[target])]))
            docks[target] += _LANE
            lane += _LANE
    width, height = lane + 10, max(each.bottom for each in placed.values()) + 10
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">',
            f"<title>{escape(table.name)}</title><style>{_STYLE}</style>",
            *out,
            "</svg>\n",
        ]
    )


def page(table: Table[State, Event, Act], picture: str) -> str:
    """A section in Markdown: the picture, the silent cells and the refused ones with their reasons, and the clauses."""
    lines = [
        f"## {table.name}",
        "",
        f"![{table.name}]({picture})",
        "",
        "| state | event | silent because |",
        "|---|---|---|",
    ]
    lines += [f"| {state} | {event} | {why} |" for (state, event), why in table.silent.items()]
    if table.refused:
        lines += ["", "| state | event | a mistake of the user because |", "|---|---|---|"]
        lines += [f"| {state} | {event} | {why} |" for (state, event), why in table.refused.items()]
    clauses = " ".join(f"`{clause}`" for clause in dict.fromkeys(table.clauses()))
    return "\n".join([*lines, "", f"Clauses of the arrows: {clauses}", ""])


def _placed(table: Table[State, Event, Act]) -> dict[State, _Placed[State]]:
    """Every state with its place."""
    following = dict(pairwise(table.states))
    placed: dict[State, _Placed[State]] = {}
    top = float(_LINE + 12)
    for state in table.states:
        loops: list[str] = []
        down: list[str] = []
        away: dict[State, list[str]] = {}
        for (old, event), step in table.cells.items():
            if old == state:
                near = loops if step.to == state else down if step.to == following.get(state) else None
                (away.setdefault(step.to, []) if near is None else near).append(_words(event, step))
        right = sum(len(texts) * _LINE + 5 for texts in away.values())
        come = {old for (old, _), step in table.cells.items() if step.to == state} - {state}
        height = max(
            len(loops) * _LINE + 14,
            right + len([old for old in come if following.get(old) != state]) * _LANE + 14,
            30.0,
        )
        placed[state] = _Placed(top, height, loops, down, away, top + right + 12)
        top += height + (len(down) * _LINE + 14 if down else _GAP)
    return placed


def _state(table: Table[State, Event, Act], state: State, each: _Placed[State], first: float) -> list[str]:
    """The box of a state, what leads back to it, and the arrow to the next."""
    middle = first + _BOX / 2
    kind = ' class="end"' if state in table.ends else ""
    out = [f'<rect{kind} x="{first:.0f}" y="{each.top:.0f}" width="{_BOX}" height="{each.height:.0f}" rx="8"/>']
    out.append(_text(middle, each.top + each.height / 2 + 4, state, "state"))
    if each.loops:
        out += [_text(first - 28, each.top + 18 + n * _LINE, text, "left") for n, text in enumerate(each.loops)]
        out.append(
            _arrow(
                [
                    (first, each.top + 8),
                    (first - 22, each.top + 8),
                    (first - 22, each.bottom - 8),
                    (first, each.bottom - 8),
                ]
            )
        )
    if each.down:
        out += [_text(middle + 8, each.bottom + _LINE + n * _LINE, text, "") for n, text in enumerate(each.down)]
        out.append(_arrow([(middle, each.bottom), (middle, each.bottom + len(each.down) * _LINE + 14)]))
    return out


def _words(event: str, step: Step[State, Act]) -> str:
    """``event / actions``."""
    return " / ".join(part for part in (event, ", ".join(step.actions)) if part)


def _width(texts: Iterable[str]) -> float:
    return max((len(text) for text in texts), default=0) * _CHARACTER


def _text(x: float, y: float, words: str, kind: str) -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text{name} x="{x:.0f}" y="{y:.0f}">{escape(words, quote=False)}</text>'


def _arrow(points: Sequence[tuple[float, float]]) -> str:
    """A line through some points, with a head at the last."""
    path = " ".join(f"{'L' if n else 'M'}{x:.0f} {y:.0f}" for n, (x, y) in enumerate(points))
    (x0, y0), (x, y) = points[-2:]
    back = -6 if (x > x0 or y > y0) else 6
    head = f"M{x:.0f} {y:.0f} l{back} -3 v6 z" if y == y0 else f"M{x:.0f} {y:.0f} l-3 {back} h6 z"
    return f'<path d="{path}"/><path class="head" d="{head}"/>'
