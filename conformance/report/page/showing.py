"""Octets and values as a reader can take them in, cut where they are long."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from conformance.run.model import Event, Json

OCTETS = 256
"""How many octets are shown."""
CHARACTERS = 700
"""How many characters of a value are shown; the evidence has all of them."""


def octets_shown(octets: bytes) -> str:
    """Text with visible line ends where it is mostly text, else rows of hexadecimal digits."""
    head = octets[:OCTETS]
    more = f"\n... {len(octets)} octets in all" if len(octets) > OCTETS else ""
    readable = sum(32 <= one < 127 or one in (9, 10, 13) for one in head)
    if head and readable >= 0.9 * len(head):
        return "".join(_visible(chr(one)) for one in head) + more
    rows = (head[at : at + 16] for at in range(0, len(head), 16))
    lines = (f"{at * 16:04x}  {row.hex(' '):<47}  {_plain(row)}" for at, row in enumerate(rows))
    return "\n".join(lines) + more


def octets_brief(octets: bytes) -> str:
    """The beginning on one line: text in quotes where it is all text, else hexadecimal digits."""
    head = octets[:40]
    more = f" ... {len(octets)} octets" if len(octets) > 40 else ""
    readable = bool(head) and all(32 <= one < 127 or one in (9, 10, 13) for one in head)
    return (json.dumps(head.decode("ascii")) if readable else head.hex()) + more


def _visible(one: str) -> str:
    """A character as it is; a control character as it is written in a program, a line end with the break it makes."""
    written = {"\r": r"\r", "\n": "\\n\n", "\t": r"\t"}.get(one)
    return written or (one if 32 <= ord(one) < 127 else "\N{MIDDLE DOT}")


def printable(text: str) -> str:
    """A text on one line without control characters, as it may go to a terminal."""
    return "".join(one if one.isprintable() else "\N{MIDDLE DOT}" for one in text)


def _plain(row: bytes) -> str:
    return "".join(chr(one) if 32 <= one < 127 else "." for one in row)


def events_shown(events: Iterable[Event]) -> Iterator[tuple[Event, str]]:
    """Each event in words; an input that has been shown is not shown again."""
    before: set[str] = set()
    for event in events:
        params = event.value.get("params") if isinstance(event.value, Mapping) else None
        octets = params.get("bytes") if isinstance(params, Mapping) else None
        if isinstance(octets, str) and octets in before and isinstance(event.value, Mapping):
            yield event, f"{event.value.get('command')}, the same input"
        else:
            yield event, event_shown(event)
        if isinstance(octets, str):
            before.add(octets)


def event_shown(event: Event) -> str:
    """What was said: octets as octets, a reply as JSON, a request with its input as octets."""
    if event.octets:
        return octets_shown(event.octets)
    value = event.value
    if event.kind == "request" and isinstance(value, Mapping):
        return _request(value)
    text = json.dumps(value, ensure_ascii=False) if value is not None else ""
    return _cut(text)


def _request(value: Mapping[str, Json]) -> str:
    params = value.get("params")
    shown = dict(params) if isinstance(params, Mapping) else {}
    octets = shown.pop("bytes", None)
    lines = f"{value.get('command')} {json.dumps(shown, ensure_ascii=False)}"
    if isinstance(octets, str):
        try:
            return f"{_cut(lines)}\n{octets_shown(bytes.fromhex(octets))}"
        except ValueError:
            pass
    return _cut(lines)


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}\n... {len(text)} characters in all"
