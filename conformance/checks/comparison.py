"""Comparing what a subject read with what a vector names (SUBJECT.md, "Formats and their values")."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from conformance.run.model import Json

SHOWN = 300
"""How many characters of a value a report shows in a line."""


def differences(expected: Json, seen: Json, path: str = "value") -> Iterator[tuple[str, str, str]]:
    """Every place where ``seen`` is not what ``expected`` names: (path, expected, seen).

    Members of an object that ``expected`` does not name are free; arrays have equal length; numbers
    are equal as numbers, and a Boolean is not a number.
    """
    if isinstance(expected, Mapping) and isinstance(seen, Mapping):
        for name, value in expected.items():
            if name in seen:
                yield from differences(value, seen[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}", shown(value), "no such member"
    elif isinstance(expected, list) and isinstance(seen, list):
        if len(expected) != len(seen):
            yield path, f"{len(expected)} items: {shown(expected)}", f"{len(seen)} items: {shown(seen)}"
            return
        for index, (left, right) in enumerate(zip(expected, seen, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif not _same(expected, seen):
        yield path, shown(expected), shown(seen)


def whole(expected: Json, seen: Json) -> bool:
    """Whether the vector names everything that the subject read: the value can be encoded as it stands."""
    if isinstance(expected, Mapping) and isinstance(seen, Mapping):
        return expected.keys() == seen.keys() and all(whole(expected[name], seen[name]) for name in expected)
    if isinstance(expected, list) and isinstance(seen, list):
        return len(expected) == len(seen) and all(map(whole, expected, seen))
    return _same(expected, seen)


def _same(expected: Json, seen: Json) -> bool:
    if isinstance(expected, bool) or isinstance(seen, bool):
        return expected is seen
    return bool(expected == seen) and not isinstance(seen, (Mapping, list))


def shown(value: Json) -> str:
    """A value on one line, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ... ({len(text)} characters)"


def where_bytes_differ(expected: str, seen: str) -> tuple[str, str, str]:
    """The first octet at which two hexadecimal strings differ: (place, expected, seen), with what is around it."""
    at = next(
        (i for i, (a, b) in enumerate(zip(expected, seen, strict=False)) if a != b), min(len(expected), len(seen))
    )
    at //= 2

    def around(text: str) -> str:
        start = max(0, at - 8)
        piece = text[2 * start : 2 * (at + 24)]
        octets = bytes.fromhex(piece) if len(piece) % 2 == 0 else b""
        readable = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in octets)
        return f"{'... ' if start else ''}{piece} |{readable}| ({len(text) // 2} octets)"

    return f"octet {at}", around(expected), around(seen)
