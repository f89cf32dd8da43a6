"""JSON values and the safe way into them (conformance/SUBJECT.md has the normal form)."""

from __future__ import annotations

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
"""A value as it stands in a line of JSON."""


def pick(value: Json, *path: str | int) -> Json:
    """The member at a path of names and indexes, None where the path leaves the value."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: Json, *path: str | int) -> str | None:
    """The string at a path, None where there is none."""
    found = pick(value, *path)
    return found if isinstance(found, str) else None


def number_at(value: Json, *path: str | int) -> int | None:
    """The whole number at a path, None where there is none."""
    found = pick(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def has(value: Json, *path: str) -> bool:
    """Whether the last name of the path is present, even with the value None."""
    within = pick(value, *path[:-1])
    return isinstance(within, dict) and path[-1] in within
