"""Octets and values as a reader can take them in, cut where they are long."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from conformance.run.model import Event, Json

OCTETS = 256
"""How many octets of an event are shown."""
OFFENDING = 2048
"""How many octets of an event that is at fault."""
MESSAGE = 1500
"""How many octets of a SIP message that is plain text."""
CHARACTERS = 700
"""How many characters of a value are shown; the evidence has all of them."""
BRIEF = 40
"""How many octets are shown where there is one line for them."""
LINE = 160
"""How many octets or characters of an input are shown on a line of its own."""


def octets_shown(octets: bytes, most: int = OCTETS) -> str:
    """Text with visible line ends where it is mostly text, else rows of hexadecimal digits."""
    head = octets[:most]
    more = f"\n... {len(octets)} octets in all" if len(octets) > most else ""
    readable = sum(32 <= one < 127 or one in (9, 10, 13) for one in head)
    if head and readable >= 0.9 * len(head):
        return "".join(_visible(chr(one)) for one in head) + more
    rows = (head[at : at + 16] for at in range(0, len(head), 16))
    lines = (f"{at * 16:04x}  {row.hex(' '):<47}  {_plain(row)}" for at, row in enumerate(rows))
    return "\n".join(lines) + more


def message_shown(octets: bytes, most: int = OCTETS) -> str:
    """A message of text lines as text, where every line ends as it should; else its octets, with each line end visible."""
    ends = octets.count(b"\r\n")
    if octets.count(b"\r") != ends or octets.count(b"\n") != ends:
        return octets_shown(octets, most)
    most = max(most, MESSAGE)
    text = octets[:most].decode("utf-8", "replace").replace("\r\n", "\n")
    if not all(one.isprintable() or one in "\n\t" for one in text):
        return octets_shown(octets, most)
    return text.rstrip("\n") + (f"\n... {len(octets)} octets in all" if len(octets) > most else "")


def octets_brief(octets: bytes, most: int = BRIEF) -> str:
    """The beginning on one line: text in quotes where it is all text, else hexadecimal digits."""
    head = octets if len(octets) <= most + 16 else octets[:most]
    more = f" ... {len(octets)} octets" if len(octets) > len(head) else ""
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


def events_shown(events: Iterable[Event], marked: Collection[int] = ()) -> Iterator[tuple[Event, str]]:
    """Each event in words, more of the marked ones; an input that has been shown is not shown again."""
    before: set[str] = set()
    for event in events:
        params = event.value.get("params") if isinstance(event.value, Mapping) else None
        octets = params.get("bytes") if isinstance(params, Mapping) else None
        if isinstance(octets, str) and octets in before and isinstance(event.value, Mapping):
            yield event, f"{event.value.get('command')}, the same input"
        else:
            yield event, event_shown(event, OFFENDING if event.number in marked else OCTETS)
        if isinstance(octets, str):
            before.add(octets)


def event_shown(event: Event, most: int = OCTETS) -> str:
    """What was said: octets as octets, a reply as JSON, a request with its input as octets."""
    if event.octets:
        return message_shown(event.octets, most) if event.protocol == "sip" else octets_shown(event.octets, most)
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


def asked_brief(events: Sequence[Event], numbers: Sequence[int]) -> str:
    """What led to the events of these numbers, on one line: the request before the last of them, or the message itself."""
    last = numbers[-1] if numbers else events[0].number if events else 0
    before = [event for event in events if event.number <= last]
    if before and before[-1].kind == "message" and before[-1].protocol != "document":
        one = before[-1]
        return f"{one.source} to {one.destination}: {one.summary}"
    request = next((event for event in reversed(before) if event.kind == "request"), None)
    value = request.value if request else None
    params = value.get("params") if isinstance(value, Mapping) else None
    if request is None or not isinstance(params, Mapping):
        return ""
    octets = params.get("bytes")
    if isinstance(octets, str):
        try:
            return f"{request.summary}: {octets_brief(bytes.fromhex(octets), LINE)}"
        except ValueError:
            return request.summary
    rest = next((params[name] for name in ("value", "parts") if name in params), None)
    text = json.dumps(rest, ensure_ascii=False) if rest is not None else ""
    cut = text if len(text) <= LINE else f"{text[:LINE]} ... {len(text)} characters"
    return f"{request.summary}: {cut}" if text else request.summary


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}\n... {len(text)} characters in all"
